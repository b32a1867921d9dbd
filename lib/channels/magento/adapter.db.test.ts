/** The adapter against a sandbox store over HTTP. The store's own truth comes from the sandbox. */
import { describe, expect, test } from "vitest";
import { cancelOrder, invoiceOrder, refundOrder, shipOrder } from "@/lib/sandbox/magento/orders";
import { deleteProduct, editProduct } from "@/lib/sandbox/magento/seed";
import {
	cancelOrder as cancelByHand,
	refundOrder as refundByHand,
	setKnobs,
	setQuantity,
	setStoreSettings,
} from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { many } from "@/lib/sandbox/testing/seeds";
import { effectOf, type OrderStep } from "../platform-facts";
import { readAll } from "../testing/read-all";
import { magento } from ".";
import { type Options, openShop as open } from "./testing/open-shop";

const sandbox = sandboxForTests();

const openShop = (options: Options = {}) => open(sandbox, options);

describe("listings", () => {
	test("what holds stock is listed once, a configurable product by its children", async () => {
		const shop = await openShop();
		expect(shop.listings.map(({ sku, isManaged, quantity, refs }) => [sku, isManaged, quantity, refs.length])).toEqual([
			["CUP", true, 20, 1],
			["LOOSE", false, null, 1],
			["TEE-S", true, 5, 1],
			["TEE-M", true, 7, 1],
			["MUG", true, 0, 1],
		]);
		expect(shop.listing("CUP")).toMatchObject({ gtin: "04006381333931", price: "9.5", title: "Cup" });
	});

	test("hundreds of products come in pages, each once, while others are made and deleted", async () => {
		const shop = await openShop({ products: many(230, (index) => index + 1) });
		expect(shop.listings).toHaveLength(230);
		const first = await magento.listListings(shop.connection, null, null);
		expect(first.total).toBe(230);
		await deleteProduct(sandbox.ctx, shop.store, "P3");
		const rest = await readAll((page) => magento.listListings(shop.connection, null, page ?? first.next));
		const keys = [...first.items, ...rest].map(({ sku }) => sku);
		expect(new Set(keys).size).toBe(230);
	});

	test("a product that was saved is found by its stamp; a change of stock moves none", async () => {
		const shop = await openShop();
		sandbox.putForward(10_000);
		const since = sandbox.now();
		await setQuantity(sandbox.ctx, shop.store.id, "CUP", 3);
		await editProduct(sandbox.ctx, shop.store, "TEE-M", { name: "Tee, medium" });
		const changed = await readAll((page) => magento.listListings(shop.connection, since, page));
		expect(changed.map(({ sku, title }) => [sku, title])).toEqual([["TEE-M", "Tee, medium"]]);
	});

	test("one product is read by its id, and none when it is gone", async () => {
		const shop = await openShop();
		const { productId = "" } = shop.listing("CUP").ids;
		expect(await magento.readProduct(shop.connection, productId)).toEqual([shop.listing("CUP")]);
		await deleteProduct(sandbox.ctx, shop.store, "CUP");
		expect(await magento.readProduct(shop.connection, productId)).toEqual([]);
	});
});

describe("levels", () => {
	test("are what can be sold, with what open orders have to ship of what lies there", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		expect(await shop.level("CUP")).toEqual({ quantity: 17, source: 20, open: 3 });
		await shipOrder(sandbox.ctx, shop.store, orderId);
		expect(await shop.level("CUP")).toEqual({ quantity: 17, source: 17, open: 0 });
		expect(await shop.level("LOOSE")).toEqual({ quantity: null });
	});

	test("of what is sold out come from the list of orders, and fall below zero where less lies there than was sold", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("TEE-S", 5);
		expect(await shop.level("TEE-S")).toEqual({ quantity: 0, source: 5, open: 5 });
		await setQuantity(sandbox.ctx, shop.store.id, "TEE-S", 2);
		expect(await shop.level("TEE-S")).toEqual({ quantity: -3, source: 2, open: 5 });
		await cancelOrder(sandbox.ctx, shop.store, orderId);
		expect((await shop.level("TEE-S"))?.open).toBe(5);
	});

	test("of what is sold out leave out the orders of websites that another stock sells to", async () => {
		const shop = await openShop();
		await shop.buy("TEE-S", 5);
		const [own] = (shop.connection.facts.topology as Record<string, { storeIds: number[] }[]>).default ?? [];
		const elsewhere = { ...shop.connection.facts, topology: { default: [{ ...own, storeIds: [2] }] } };
		const [level] = await magento.readLevels({ ...shop.connection, facts: elsewhere }, [shop.listing("TEE-S")]);
		expect(own?.storeIds).toEqual([1]);
		expect(level?.reservations).toEqual({ source: 5, open: 0 });
	});

	test("keep the threshold of a product back, whether it can be sold or not", async () => {
		const shop = await openShop({ settings: { minQty: 2 } });
		expect(await shop.level("CUP")).toEqual({ quantity: 18, source: 20, open: 2 });
		await setQuantity(sandbox.ctx, shop.store.id, "CUP", 2);
		expect(await shop.level("CUP")).toEqual({ quantity: 0, source: 2, open: 2 });
	});

	test("what is gone or renamed is absent", async () => {
		const shop = await openShop();
		await deleteProduct(sandbox.ctx, shop.store, "CUP");
		await editProduct(sandbox.ctx, shop.store, "TEE-M", { sku: "TEE-MEDIUM" });
		const levels = await magento.readLevels(shop.connection, shop.listings);
		expect(levels.map(({ externalKey }) => externalKey).sort()).toEqual(
			["LOOSE", "TEE-S", "MUG"].map((sku) => shop.listing(sku).externalKey).sort(),
		);
	});
});

describe("writing", () => {
	test("puts the number on top of what open orders have to ship, so that it is what can be sold", async () => {
		const shop = await openShop();
		await shop.buy("CUP", 3);
		const result = await magento.writeQuantities(shop.connection, [shop.row("CUP", 7, 3), shop.row("TEE-M", 2)], "key");
		expect(result.rows).toEqual([
			{ externalKey: shop.listing("CUP").externalKey, result: "applied", shown: null },
			{ externalKey: shop.listing("TEE-M").externalKey, result: "applied", shown: null },
		]);
		expect(await shop.lies("CUP")).toEqual({ quantity: 10, status: 1 });
		expect(await shop.shows("CUP")).toBe(7);
		expect(await shop.level("CUP")).toEqual({ quantity: 7, source: 10, open: 3 });
		expect(await shop.shows("TEE-M")).toBe(2);
	});

	test("zero closes the listing and leaves what open orders have to ship; a raise opens it again", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		await magento.writeQuantities(shop.connection, [shop.row("CUP", 0, 20)], "key");
		expect(await shop.lies("CUP")).toEqual({ quantity: 20, status: 0 });
		expect(await shop.shows("CUP")).toBe(0);
		expect(await shop.level("CUP")).toEqual({ quantity: 0, source: 20, open: 3 });
		await shipOrder(sandbox.ctx, shop.store, orderId, null);
		expect(await shop.level("CUP")).toEqual({ quantity: 0, source: 17, open: 0 });
		await magento.writeQuantities(shop.connection, [shop.row("CUP", 6, 0)], "key-2");
		expect(await shop.lies("CUP")).toEqual({ quantity: 6, status: 1 });
		expect(await shop.shows("CUP")).toBe(6);
	});
});

describe("orders", () => {
	test("a configurable product's two lines are one, by its child and the progress of its parent", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("TEE-S", 2);
		const [order] = await shop.orders();
		expect(order).toMatchObject({ orderRef: orderId, status: "open" });
		expect(order?.lines).toMatchObject([{ listingRef: shop.listing("TEE-S").externalKey, sku: "TEE-S", taken: 2 }]);
		expect(await magento.readOrder(shop.connection, orderId)).toEqual(order);
		expect(await magento.readOrder(shop.connection, "999999")).toBeNull();
	});

	test("what is neither paid nor shipped is given back by a cancellation, and what is paid can't be cancelled", async () => {
		const shop = await openShop({ settings: { paysAtOnce: false } });
		const open = await shop.buy("CUP", 2);
		expect(await magento.cancelOrder?.(shop.connection, open)).toEqual({ result: "cancelled" });
		expect(await magento.readOrder(shop.connection, open)).toMatchObject({
			status: "cancelled",
			lines: [{ taken: 0 }],
		});
		expect(await shop.shows("CUP")).toBe(20);
		const paid = await shop.buy("CUP", 2);
		await invoiceOrder(sandbox.ctx, shop.store, paid);
		expect(await magento.cancelOrder?.(shop.connection, paid)).toMatchObject({
			result: "refused",
			error: { code: "NOT_CANCELLED" },
		});
	});

	test("a refund gives nothing back by itself; what was returned to stock is found in the level", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		await refundOrder(sandbox.ctx, shop.store, orderId, null, () => true);
		expect(await magento.readOrder(shop.connection, orderId)).toMatchObject({
			status: "closed",
			lines: [{ taken: 3 }],
		});
		expect(await shop.level("CUP")).toEqual({ quantity: 20, source: 20, open: 0 });
	});
});

describe("an order's life", () => {
	const at = async (shop: Awaited<ReturnType<typeof openShop>>, orderId: string) => {
		const level = await shop.level("CUP");
		const order = await magento.readOrder(shop.connection, orderId);
		return [level?.quantity, level?.open, order?.lines[0]?.taken, order?.status];
	};
	const unpaid: Options = { settings: { paysAtOnce: false } };

	test("placed and paid it takes what it ordered; shipped in parts it leaves what can be sold alone", async () => {
		const shop = await openShop(unpaid);
		const orderId = await shop.buy("CUP", 3);
		expect(await at(shop, orderId)).toEqual([17, 3, 3, "open"]);
		await invoiceOrder(sandbox.ctx, shop.store, orderId);
		expect(await at(shop, orderId)).toEqual([17, 3, 3, "open"]);
		const [line] = (await magento.readOrder(shop.connection, orderId))?.lines ?? [];
		await shipOrder(sandbox.ctx, shop.store, orderId, [{ order_item_id: Number(line?.lineRef), qty: 1 }]);
		expect(await at(shop, orderId)).toEqual([17, 2, 3, "open"]);
		await shipOrder(sandbox.ctx, shop.store, orderId);
		expect(await at(shop, orderId)).toEqual([17, 0, 3, "closed"]);
	});

	test("a part that is shipped leaves the stamp alone, and is found by its shipment", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		const before = await magento.readOrder(shop.connection, orderId);
		sandbox.putForward(60_000);
		const since = sandbox.now();
		await shipOrder(sandbox.ctx, shop.store, orderId, [{ order_item_id: Number(before?.lines[0]?.lineRef), qty: 1 }]);
		const found = await readAll((page) => magento.listOrders(shop.connection, since, page));
		expect(found.map(({ orderRef }) => orderRef)).toEqual([orderId]);
		expect(found[0]?.version.at).toBe(before?.version.at);
		expect(found[0]?.version.step).toBeGreaterThan(before?.version.step ?? 0);
		const blind = { ...shop.connection, facts: { ...shop.connection.facts, scopes: ["Magento_Sales::actions_view"] } };
		expect(await readAll((page) => magento.listOrders(blind, since, page))).toEqual([]);
	});

	test("cancelled in part it gives back the rest, and refunded whatever is returned to stock", async () => {
		const shop = await openShop(unpaid);
		const part = await shop.buy("CUP", 3);
		const [line] = (await magento.readOrder(shop.connection, part))?.lines ?? [];
		await shipOrder(sandbox.ctx, shop.store, part, [{ order_item_id: Number(line?.lineRef), qty: 1 }]);
		await cancelOrder(sandbox.ctx, shop.store, part);
		expect(await at(shop, part)).toEqual([19, 0, 1, "open"]);
		const kept = await shop.buy("CUP", 2);
		await invoiceOrder(sandbox.ctx, shop.store, kept);
		await refundOrder(sandbox.ctx, shop.store, kept, null, () => false);
		expect(await at(shop, kept)).toEqual([17, 0, 2, "closed"]);
		const returned = await shop.buy("CUP", 2);
		await invoiceOrder(sandbox.ctx, shop.store, returned);
		await shipOrder(sandbox.ctx, shop.store, returned);
		await refundOrder(sandbox.ctx, shop.store, returned, null, () => true);
		expect(await at(shop, returned)).toEqual([17, 0, 2, "closed"]);
	});

	test("by a shopkeeper's hand: cancelled it gives back, refunded and kept it does not", async () => {
		const shop = await openShop();
		await cancelByHand(sandbox.ctx, shop.store.id, await shop.buy("CUP", 3), true);
		expect(await shop.shows("CUP")).toBe(20);
		await cancelByHand(sandbox.ctx, shop.store.id, await shop.buy("CUP", 3), false);
		expect(await shop.shows("CUP")).toBe(17);
		await refundByHand(sandbox.ctx, shop.store.id, await shop.buy("CUP", 2), [{ sku: "CUP", quantity: 1 }], true);
		expect(await shop.shows("CUP")).toBe(16);
	});

	test.each<[OrderStep, string]>([
		["placed_unpaid", "new"],
		["payment_awaited", "holded"],
		["paid", "processing"],
		["shipped", "complete"],
		["cancelled", "canceled"],
	])("the table says of %s what the store does in the state %s", (step, state) => {
		expect(magento.facts.stockMoments[step]?.words).toContain(state);
		expect(effectOf(magento.facts.stockMoments, state)).toBe(magento.facts.stockMoments[step]?.effect);
	});
});

describe("hostile catalogues", () => {
	const skus = [
		"A/B C+D%20E",
		"Ä-日本-🧤",
		"with,comma",
		"quote\"'&=?#",
		"x".repeat(200),
		"",
		"Twin",
		"twin",
		"  spaced  ",
	];
	const products = skus.map((sku, index) => ({
		title: `Odd ${index}`,
		variants: [{ sku, gtin: null, options: null, price: "1.00", quantity: index }],
	}));

	test.each([true, false])(
		"every SKU is listed, read and written, whether slashes may be in an address: %s",
		async (takesEncodedSlashes) => {
			const shop = await openShop({ products, settings: { takesEncodedSlashes } });
			expect(shop.listings.map(({ sku }) => sku)).toEqual([
				"A/B C+D%20E",
				"Ä-日本-🧤",
				"with,comma",
				"quote\"'&=?#",
				"x".repeat(64),
				"Odd 5",
				"Twin",
				"twin-1",
				"spaced",
			]);
			expect(shop.listings.map(({ quantity }) => quantity)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
			const rows = shop.listings.map(({ externalKey, ids, quantity }) => ({
				externalKey,
				ids,
				quantity: 9,
				expected: quantity ?? 0,
			}));
			const { rows: outcomes } = await magento.writeQuantities(shop.connection, rows, "key");
			expect(new Set(outcomes.map(({ result }) => result))).toEqual(new Set(["applied"]));
			const levels = await magento.readLevels(shop.connection, shop.listings);
			expect(levels.map(({ quantity }) => quantity)).toEqual(Array.from({ length: 9 }, () => 9));
		},
	);
});

describe("trouble while reading", () => {
	test.each([
		["an outage", { outage: true }, "unreachable"],
		["throttling by a page", { throttleRate: 1 }, "throttled"],
		["trouble", { errorRate: 1 }, "unreachable"],
		["silence", { timeoutRate: 1 }, "timeout"],
	] as const)("%s is thrown by name", async (_, knobs, reason) => {
		const shop = await openShop();
		await setKnobs(sandbox.ctx, shop.store.id, knobs);
		await expect(magento.readLevels(shop.connection, [shop.listing("CUP")])).rejects.toMatchObject({ reason });
	});

	test("a source that sells nothing any more is named, with what to do", async () => {
		const shop = await openShop();
		const elsewhere = { ...shop.connection, locationRef: "nowhere" };
		await expect(magento.readLevels(elsewhere, [shop.listing("CUP")])).rejects.toMatchObject({
			code: "SOURCE_SELLS_NOTHING",
		});
	});

	test("access that is taken away is no outage, and a right no access", async () => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, { isRevoked: true });
		await expect(shop.orders()).rejects.toMatchObject({ reason: "access_revoked" });
		await setStoreSettings(sandbox.ctx, shop.store.id, { isRevoked: false, resources: [] });
		await expect(shop.orders()).rejects.toMatchObject({ reason: "missing_scope", code: "Magento_Sales::actions_view" });
	});

	test("the index may be late: what it hides is not yet sold again", async () => {
		const shop = await openShop({ settings: { paysAtOnce: false, salabilityLagMs: 60_000 } });
		const orderId = await shop.buy("TEE-S", 5);
		sandbox.putForward(120_000);
		expect(await shop.level("TEE-S")).toEqual({ quantity: 0, source: 5, open: 5 });
		await cancelOrder(sandbox.ctx, shop.store, orderId);
		expect(await shop.level("TEE-S")).toEqual({ quantity: 0, source: 5, open: 0 });
		sandbox.putForward(120_000);
		expect(await shop.level("TEE-S")).toEqual({ quantity: 5, source: 5, open: 0 });
	});
});

test("it has no news: nothing is registered, nothing that arrives is genuine, and there is no queue", async () => {
	const shop = await openShop();
	expect(await magento.registerWebhooks(shop.connection, "https://onecount.example/x", "secret")).toEqual({
		state: "unreachable",
		missing: [],
	});
	await magento.removeWebhooks(shop.connection, "https://onecount.example/x");
	expect(
		magento.verifyWebhook({ headers: { "x-signature": "y" }, rawBody: Buffer.from("{}") }, ["secret"]),
	).toMatchObject({ verdict: "rejected" });
	expect(magento.parseWebhook("order", Buffer.from("{}"))).toEqual([]);
	expect([magento.collectMail, magento.refreshAccess]).toEqual([null, null]);
	for (const signal of Object.values(magento.facts.coverage)) expect(signal.webhooks).toBe("none");
});
