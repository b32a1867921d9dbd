import { describe, expect, test } from "vitest";
import { compareVersions } from "@/lib/stock/order";
import { effectOf } from "../platform-facts";
import { inventoryItems, order, product } from "./api-types";
import { levelsAt, linesWithin, listingsOf, snapshotOf } from "./mapper";
import { carefulRules, momentsFor, orderStatus, rulesOf, type StockRules } from "./moments";

const atOnce: StockRules = { takesWhen: "order_placed", editsMoveStock: true, cancellationsGiveBack: true };
const late: StockRules = { ...atOnce, takesWhen: "order_completed_or_shipped" };

const line = {
	id: 65,
	product_id: 77,
	variant_id: 99,
	name: "Tee",
	sku: "S-ORAN",
	quantity: 3,
	quantity_refunded: 0,
	quantity_shipped: 0,
};
const orderAs = (change: object = {}) =>
	order.parse({
		id: 149,
		status_id: 11,
		date_created: "Wed, 05 Dec 2018 20:16:55 +0000",
		date_modified: "Wed, 05 Dec 2018 20:20:00 +0000",
		date_shipped: "",
		...change,
	});
const linesAs = (...changes: object[]) => {
	const parsed = orderAs({
		consignments: { shipping: [{ line_items: changes.map((change) => ({ ...line, ...change })) }] },
	});
	return linesWithin(parsed) ?? [];
};
const takenAs = (rules: StockRules, change: object, lineChange: object = {}) =>
	snapshotOf(orderAs(change), linesAs(lineChange), rules).lines[0]?.taken;

describe("what an order has taken", () => {
	test("follows the table of stock moments in every status, for every store's settings", () => {
		for (const takesWhen of ["order_placed", "order_completed_or_shipped"] as const)
			for (const cancellationsGiveBack of [true, false]) {
				const rules = { takesWhen, cancellationsGiveBack, editsMoveStock: true };
				const moments = momentsFor(rules);
				for (const status_id of Object.values(orderStatus)) {
					// The statuses in which an order that took stands by its own table: what it took before stays.
					const before = takesWhen === "order_placed" && status_id !== orderStatus.incomplete ? 3 : 0;
					const effect = effectOf(moments, String(status_id));
					const isShipped = status_id === orderStatus.shipped || status_id === orderStatus.completed;
					const expected = isShipped || effect === "takes" ? 3 : effect === "gives_back" ? 0 : before;
					expect([status_id, takenAs(rules, { status_id })]).toEqual([status_id, expected]);
				}
			}
	});

	test("late stores took what was shipped, whatever became of the order then", () => {
		const date_shipped = "Thu, 06 Dec 2018 08:00:00 +0000";
		expect(takenAs(late, { status_id: 11 })).toBe(0);
		expect(takenAs(late, { status_id: 4 })).toBe(0);
		expect(takenAs(late, { status_id: 4, date_shipped })).toBe(3);
		expect(takenAs(late, { status_id: 5, date_shipped })).toBe(0);
		expect(takenAs({ ...late, cancellationsGiveBack: false }, { status_id: 5, date_shipped })).toBe(3);
		expect(takenAs({ ...late, cancellationsGiveBack: false }, { status_id: 5 })).toBe(0);
	});

	test("a refund gives nothing back, of a part or of all", () => {
		expect(takenAs(atOnce, { status_id: 14 }, { quantity_refunded: 2 })).toBe(3);
		expect(takenAs(atOnce, { status_id: 4 }, { quantity_refunded: 3 })).toBe(3);
	});

	test("what a store did not say is read as what lowers the count most", () => {
		expect(rulesOf({ facts: {} })).toEqual(carefulRules);
		expect(rulesOf({ facts: { stockRules: { takesWhen: "sometimes", cancellationsGiveBack: true } } })).toEqual({
			...carefulRules,
			cancellationsGiveBack: true,
		});
	});
});

describe("an order", () => {
	test("is read from RFC 2822 dates, and its lines name what they sold", () => {
		const snapshot = snapshotOf(
			orderAs(),
			linesAs({ id: 70, variant_id: 0 }, { id: 9 }, { id: 80, product_id: 0, variant_id: 0, sku: " " }),
			atOnce,
		);
		expect(snapshot).toMatchObject({
			orderRef: "149",
			number: "#149",
			status: "open",
			placedAt: "2018-12-05T20:16:55.000Z",
			version: { at: Date.UTC(2018, 11, 5, 20, 20) },
		});
		expect(snapshot.lines.map(({ lineRef, listingRef, sku }) => [lineRef, listingRef, sku])).toEqual([
			["9", "variant:99", "S-ORAN"],
			["70", "product:77", "S-ORAN"],
			["80", null, null],
		]);
	});

	test("of one second is the newer the further its life has come", () => {
		const stages = [
			snapshotOf(orderAs({ status_id: 7 }), linesAs({}), atOnce),
			snapshotOf(orderAs({ status_id: 11 }), linesAs({}), atOnce),
			snapshotOf(orderAs({ status_id: 3 }), linesAs({ quantity_shipped: 1 }), atOnce),
			snapshotOf(orderAs({ status_id: 3 }), linesAs({ quantity_shipped: 2 }), atOnce),
			snapshotOf(orderAs({ status_id: 2 }), linesAs({ quantity_shipped: 3 }), atOnce),
			snapshotOf(orderAs({ status_id: 14 }), linesAs({ quantity_shipped: 3, quantity_refunded: 1 }), atOnce),
			snapshotOf(orderAs({ status_id: 5 }), linesAs({}), atOnce),
			snapshotOf(orderAs({ status_id: 5, is_deleted: true }), linesAs({}), atOnce),
		];
		for (const [index, stage] of stages.slice(1).entries())
			expect(compareVersions(stage.version, stages[index]?.version ?? stage.version)).toBeGreaterThan(0);
	});

	test("gives its lines of all kinds of consignments, and none where only a link came", () => {
		const group = (id: number) => [{ line_items: [{ ...line, id }] }];
		const consignments = {
			pickups: group(1),
			shipping: group(2),
			downloads: group(3),
			email: { gift_certificates: group(4) },
		};
		expect(linesWithin(orderAs({ consignments }))?.map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
		for (const none of [
			{ url: "https://…", resource: "/orders/149/consignments" },
			{ shipping: [{ line_items: [{ url: "x", resource: "y" }] }] },
			null,
			[],
			undefined,
		])
			expect(linesWithin(orderAs({ consignments: none }))).toBeNull();
	});
});

describe("levels", () => {
	const items = (...data: object[]) => inventoryItems.parse({ data }).data;
	const at = (location_id: number, available_to_sell: number) => ({
		location_id,
		available_to_sell,
		total_inventory_onhand: 99,
	});

	test("are those of the location, by product or by variant; unset is told from unknown", () => {
		const levels = levelsAt(
			items(
				{ identity: { sku: "A", variant_id: 509, product_id: 206, sku_id: 461 }, locations: [at(1, 12), at(2, 5)] },
				{ identity: { sku: "B", variant_id: 7, product_id: 3, sku_id: null }, locations: [at(1, -2)] },
				{ identity: { sku: "C", variant_id: 8, product_id: 4, sku_id: 9 }, locations: [at(2, 4)] },
			),
			"1",
		);
		expect([...levels]).toEqual([
			["variant:509", 12],
			["variant:7", -2],
			["product:3", -2],
			["variant:8", null],
		]);
	});
});

describe("listings", () => {
	const context = { levels: new Map([["variant:2", 4]]), storefrontUrl: "https://shop.example" };
	const variant = (id: number, label: string | null) => ({
		id,
		sku: `V${id}`,
		sku_id: id,
		option_values: label === null ? [] : [{ label }],
	});
	const parse = (change: object) =>
		product.parse({
			id: 1,
			name: " Tee ",
			sku: "P",
			price: 9.5,
			inventory_tracking: "variant",
			variants: [],
			...change,
		});

	test("a variant's own level, price and picture, else its product's", () => {
		const listed = listingsOf(
			parse({
				custom_url: { url: "/tee/" },
				primary_image: { url_thumbnail: "https://img/1" },
				variants: [
					{ ...variant(10, "L"), price: 12 },
					{ ...variant(2, "S"), image_url: "https://img/2" },
				],
			}),
			context,
		);
		expect(
			listed.map(({ externalKey, quantity, price, imageUrl, url }) => [externalKey, quantity, price, imageUrl, url]),
		).toEqual([
			["variant:2", 4, "9.50", "https://img/2", "https://shop.example/tee/"],
			["variant:10", null, "12.00", "https://img/1", "https://shop.example/tee/"],
		]);
	});

	test("a base variant tracked by variant is the product's one listing, under both names", () => {
		const [listed, ...rest] = listingsOf(
			parse({ variants: [{ ...variant(2, null), sku_id: null, sku: "" }] }),
			context,
		);
		expect(rest).toEqual([]);
		expect(listed).toMatchObject({
			externalKey: "variant:2",
			refs: ["variant:2", "product:1"],
			sku: "P",
			options: null,
		});
	});

	test("a way of tracking that nobody knows yet counts nothing", () => {
		const [listed] = listingsOf(parse({ inventory_tracking: "by_moon" }), context);
		expect(listed).toMatchObject({ externalKey: "product:1", isManaged: false, quantity: null });
	});

	test("ids beyond 2^53 stay exact", () => {
		const [listed] = listingsOf(parse({ id: "9007199254740993", inventory_tracking: "product" }), context);
		expect(listed?.ids).toEqual({ productId: "9007199254740993" });
	});
});
