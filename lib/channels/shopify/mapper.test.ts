import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { normaliseGtin } from "../gtin";
import { orderReply, productReply } from "./api-types";
import { listingOf, orderFromNode } from "./mapper";
import { parseWebhook } from "./webhook";

/** An order as it happened, from which both of Shopify's forms are told. */
type Story = {
	id: bigint;
	placedAt: number;
	changedAfterS: number;
	isCancelled: boolean;
	isClosed: boolean;
	lines: { variant: bigint | null; sku: string | null; quantity: number; refunds: Refunded[]; editedAway: number }[];
};
type Refunded = {
	quantity: number;
	type: "cancel" | "return" | "legacy_restock" | "no_restock";
	location?: bigint | null;
};

const bigId = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
const refunded = fc.record({
	quantity: fc.integer({ min: 1, max: 2 }),
	type: fc.constantFrom<Refunded["type"][]>("cancel", "return", "legacy_restock", "no_restock"),
	location: fc.option(fc.constantFrom(7n, 8n)),
});
const story: fc.Arbitrary<Story> = fc.record({
	id: bigId,
	placedAt: fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }),
	changedAfterS: fc.integer({ min: 0, max: 10_000_000 }),
	isCancelled: fc.boolean(),
	isClosed: fc.boolean(),
	lines: fc.array(
		fc.record({
			variant: fc.option(bigId),
			sku: fc.option(fc.constantFrom("", "MUG-1", "Ä/ß 3")),
			quantity: fc.integer({ min: 7, max: 20 }),
			refunds: fc.array(refunded, { maxLength: 3 }),
			editedAway: fc.integer({ min: 0, max: 1 }),
		}),
		{ minLength: 1, maxLength: 5 },
	),
});

const lineId = (at: Story, index: number) => (at.id % 2n ** 62n) + BigInt(index) + 10n ** 12n;
const current = (line: Story["lines"][number]) =>
	line.quantity - line.editedAway - line.refunds.reduce((sum, one) => sum + one.quantity, 0);
/** All n-th refunds of the lines were made together. */
const refundsOf = (at: Story) =>
	[0, 1, 2]
		.map((n) => at.lines.flatMap((line, index) => (line.refunds[n] ? [{ index, ...line.refunds[n] }] : [])))
		.filter((lines) => lines.length > 0);

/** Shopify's REST JSON, in New York's winter time, with bare 64-bit numbers. */
function asMail(at: Story): Buffer {
	const local = (seconds: number) => `${new Date((seconds - 5 * 3600) * 1000).toISOString().slice(0, 19)}-05:00`;
	const changed = at.placedAt + at.changedAfterS;
	const lines = at.lines.map(
		(line, index) =>
			`{"id":${lineId(at, index)},"variant_id":${line.variant},"sku":${JSON.stringify(line.sku)},"name":"Line ${index}","price":"9.90","quantity":${line.quantity},"current_quantity":${current(line)}}`,
	);
	const refunds = refundsOf(at).map(
		(refund) =>
			`{"id":1,"refund_line_items":[${refund.map((one) => `{"line_item_id":${lineId(at, one.index)},"quantity":${one.quantity},"restock_type":"${one.type}","location_id":${one.location ?? null}}`).join()}]}`,
	);
	return Buffer.from(
		`{"id":${at.id},"name":"#1001","created_at":"${local(at.placedAt)}","updated_at":"${local(changed)}","cancelled_at":${at.isCancelled ? `"${local(changed)}"` : null},"closed_at":${at.isClosed ? `"${local(changed)}"` : null},"line_items":[${lines}],"refunds":[${refunds}]}`,
	);
}

/** The Admin API's JSON, in UTC, with gids; lines newest first, which Shopify does not promise otherwise. */
function asNode(at: Story): unknown {
	const utc = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
	const changed = at.placedAt + at.changedAfterS;
	const pageInfo = { hasNextPage: false, endCursor: null };
	return {
		id: `gid://shopify/Order/${at.id}`,
		name: "#1001",
		createdAt: utc(at.placedAt),
		updatedAt: utc(changed),
		cancelledAt: at.isCancelled ? utc(changed) : null,
		closedAt: at.isClosed ? utc(changed) : null,
		lineItems: {
			nodes: at.lines
				.map((line, index) => ({
					id: `gid://shopify/LineItem/${lineId(at, index)}`,
					sku: line.sku,
					name: `Line ${index}`,
					quantity: line.quantity,
					currentQuantity: current(line),
					variant: line.variant === null ? null : { id: `gid://shopify/ProductVariant/${line.variant}` },
				}))
				.reverse(),
			pageInfo,
		},
		refunds: refundsOf(at).map((refund, n) => ({
			id: `gid://shopify/Refund/${n + 1}`,
			refundLineItems: {
				nodes: refund.map((one) => ({
					quantity: one.quantity,
					restockType: one.type.toUpperCase(),
					location: one.location ? { id: `gid://shopify/Location/${one.location}` } : null,
					lineItem: { id: `gid://shopify/LineItem/${lineId(at, one.index)}` },
				})),
				pageInfo,
			},
		})),
	};
}

function fromMail(at: Story) {
	const [signal] = parseWebhook("orders/updated", asMail(at));
	if (signal?.kind !== "order") throw new Error("no order");
	return signal.order;
}
function fromNode(at: Story) {
	const { order } = orderReply.parse({ order: asNode(at) });
	if (!order) throw new Error("no order");
	return orderFromNode(order);
}

const example: Story = {
	id: 820982911946154508n,
	placedAt: 1_795_000_000,
	changedAfterS: 60,
	isCancelled: false,
	isClosed: false,
	lines: [{ variant: 642667041472713922n, sku: "MUG-1", quantity: 10, refunds: [], editedAway: 0 }],
};
const line = (change: Partial<Story["lines"][number]>, order: Partial<Story> = {}): Story => ({
	...example,
	...order,
	lines: example.lines.map((one) => ({ ...one, ...change })),
});
const takenOf = (at: Story) => fromMail(at).lines[0]?.taken;

describe("an order", () => {
	test("is the same snapshot whether a webhook or the Admin API told it", () => {
		fc.assert(
			fc.property(story, (at) => {
				expect(fromMail(at)).toEqual(fromNode(at));
			}),
		);
	});

	test("holds what was ordered, less what was restocked and what was edited away", () => {
		fc.assert(
			fc.property(story, (at) => {
				const hasRefund = at.lines.some((one) => one.refunds.length > 0);
				const taken = new Map(fromNode(at).lines.map((one) => [one.lineRef, one.taken]));
				at.lines.forEach((one, index) => {
					const restocked = one.refunds.filter((r) => r.type !== "no_restock").reduce((n, r) => n + r.quantity, 0);
					const edited = at.isCancelled && !hasRefund ? 0 : one.editedAway;
					expect(taken.get(String(lineId(at, index)))).toBe(one.quantity - restocked - edited);
				});
			}),
		);
	});

	test.each([
		["as placed", line({}), 10],
		["restocked on cancelling a part", line({ refunds: [{ quantity: 2, type: "cancel" }] }), 8],
		["returned to the shelf", line({ refunds: [{ quantity: 2, type: "return" }] }), 8],
		["refunded and not restocked: the unit is gone", line({ refunds: [{ quantity: 2, type: "no_restock" }] }), 10],
		["one unit removed by an edit", line({ editedAway: 1 }), 9],
		["cancelled, with nothing said about restocking", line({}, { isCancelled: true }), 10],
		[
			"cancelled, its quantity zeroed without a refund: nothing came back",
			line({ editedAway: 10 }, { isCancelled: true }),
			10,
		],
	])("takes from stock: %s", (_, at, taken) => {
		expect(takenOf(at)).toBe(taken);
	});

	test("names the locations at which units were restocked, and none for those that were kept", () => {
		const refunds: Refunded[] = [
			{ quantity: 2, type: "return", location: 8n },
			{ quantity: 1, type: "cancel", location: 7n },
			{ quantity: 1, type: "return", location: 8n },
			{ quantity: 1, type: "no_restock", location: 8n },
			{ quantity: 1, type: "return" },
		];
		const [one] = fromMail(line({ quantity: 10, refunds: refunds.slice(0, 3) })).lines;
		expect(one?.givenBackAt).toEqual({ "gid://shopify/Location/8": 3, "gid://shopify/Location/7": 1 });
		expect(fromMail(line({ refunds: refunds.slice(3) })).lines[0]).not.toHaveProperty("givenBackAt");
	});

	test("names a variant in one form, and a variant that is gone not at all", () => {
		expect(fromMail(example).lines[0]?.listingRef).toBe("variant:642667041472713922");
		expect(fromMail(line({ variant: null })).lines[0]?.listingRef).toBeNull();
	});

	test("grows newer within one second with every refund, edit and cancellation", () => {
		const lives = [
			line({}),
			line({ editedAway: 1 }),
			line({ editedAway: 1, refunds: [{ quantity: 1, type: "no_restock" }] }),
			line({ editedAway: 1, refunds: [{ quantity: 1, type: "no_restock" }] }, { isCancelled: true }),
		];
		const steps = lives.map((at) => fromNode(at).version.step);
		expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
		expect(new Set(lives.map((at) => fromNode(at).version.at)).size).toBe(1);
	});
});

describe("a listing", () => {
	const variant = {
		id: "gid://shopify/ProductVariant/51364592877874",
		sku: "MUG-1",
		barcode: "4006381333931",
		price: "12.00",
		requiresComponents: false,
		selectedOptions: [
			{ name: "Colour", value: "Blue" },
			{ name: "Size", value: "L" },
		],
		inventoryItem: {
			id: "gid://shopify/InventoryItem/53469430055218",
			tracked: true,
			inventoryLevel: { quantities: [{ name: "available", quantity: 5 }] },
		},
	};
	const product = {
		id: "gid://shopify/Product/10220854182194",
		title: "Mug",
		updatedAt: "2026-11-20T01:33:55Z",
		isGiftCard: false,
		hasOnlyDefaultVariant: false,
		onlineStoreUrl: "https://nordlicht.example/products/mug",
		featuredMedia: { preview: { image: { url: "https://cdn.example/mug.jpg" } } },
		variants: { nodes: [variant], pageInfo: { hasNextPage: false, endCursor: null } },
	};
	const location = "gid://shopify/Location/1";
	type Change = { product?: object; variant?: object; item?: object; location?: string };
	function listing(change: Change = {}) {
		const inventoryItem = { ...variant.inventoryItem, ...change.item };
		const nodes = [{ ...variant, inventoryItem, ...change.variant }];
		const whole = { ...product, ...change.product, variants: { ...product.variants, nodes } };
		const read: z.output<typeof productReply> = productReply.parse({ product: whole });
		const [first] = read.product?.variants.nodes ?? [];
		if (!read.product || !first) throw new Error("no variant");
		return listingOf(read.product, first, change.location ?? location);
	}

	test("carries every id that orders and level news may name it by", () => {
		expect(listing()).toEqual({
			externalKey: "gid://shopify/InventoryItem/53469430055218",
			ids: {
				inventoryItemId: "gid://shopify/InventoryItem/53469430055218",
				variantId: "gid://shopify/ProductVariant/51364592877874",
				productId: "gid://shopify/Product/10220854182194",
			},
			refs: ["variant:51364592877874", "item:53469430055218"],
			sku: "MUG-1",
			gtin: normaliseGtin("4006381333931"),
			title: "Mug",
			options: "Blue / L",
			price: "12.00",
			imageUrl: "https://cdn.example/mug.jpg",
			url: "https://nordlicht.example/products/mug",
			isManaged: true,
			quantity: 5,
			leftOutReason: null,
		});
	});

	test("has no options where the product comes in one form", () => {
		expect(listing({ product: { hasOnlyDefaultVariant: true } }).options).toBeNull();
	});

	test("that Shopify doesn't track has no number, even where a level of 0 lies about", () => {
		const untracked = { tracked: false, inventoryLevel: { quantities: [{ name: "available", quantity: 0 }] } };
		expect(listing({ item: untracked })).toMatchObject({ isManaged: false, quantity: null });
	});

	test("that was never stocked at the location shows none there", () => {
		expect(listing({ item: { inventoryLevel: null } }).quantity).toBe(0);
	});

	test("has no number before a location was chosen", () => {
		expect(listing({ location: "" }).quantity).toBeNull();
	});

	test("without SKU or with a mistyped barcode has none", () => {
		expect(listing({ variant: { sku: "", barcode: "4006381333932" } })).toMatchObject({ sku: null, gtin: null });
	});

	test("that can't hold stock is left out, with the reason", () => {
		expect(listing({ product: { isGiftCard: true } }).leftOutReason).toContain("gift card");
		expect(listing({ variant: { requiresComponents: true } }).leftOutReason).toContain("bundle");
	});
});
