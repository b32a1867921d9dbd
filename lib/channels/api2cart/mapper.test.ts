import { describe, expect, test } from "vitest";
import { sortOut } from "../odd-rows";
import { child, children, order, orders, product } from "./api-types";
import { childKey, childShown, listingsOf, productShown, snapshotOf } from "./mapper";
import recorded from "./testing/recorded.json";

const anything = { quantity: null, inventory: [] };
const productOf = (more: object) => product.parse({ id: "1", ...anything, ...more });
const childOf = (more: object) =>
	child.parse({ id: "c", parent_id: "1", inventory_level: null, inventory: [], ...more });
const facts = { cartId: "", overrides: {} };

describe("what an item shows", () => {
	test.each<[string, object, { isManaged: boolean; quantity: number | null }]>([
		["counted by its own flag", { quantity: 5, is_stock_managed: true }, { isManaged: true, quantity: 5 }],
		["counted by the text", { quantity: 5, manage_stock: "true" }, { isManaged: true, quantity: 5 }],
		[
			"not counted by the text, whatever number stands there",
			{ quantity: 5, manage_stock: "0" },
			{ isManaged: false, quantity: null },
		],
		[
			"the flag over the text",
			{ quantity: 5, manage_stock: "0", is_stock_managed: true },
			{ isManaged: true, quantity: 5 },
		],
		["nothing said but a number", { quantity: 5 }, { isManaged: true, quantity: 5 }],
		["nothing said at all", {}, { isManaged: false, quantity: null }],
		["zero and nothing else: unknown", { quantity: 0 }, { isManaged: true, quantity: null }],
		["zero that a flag stands by", { quantity: 0, in_stock: false }, { isManaged: true, quantity: 0 }],
		["pieces by weight: down", { quantity: 2.7, manage_stock: "true" }, { isManaged: true, quantity: 2 }],
		["below zero", { quantity: -1.5, manage_stock: "true" }, { isManaged: true, quantity: -2 }],
	])("%s", (_, more, shown) => {
		expect(productShown(productOf(more), "")).toEqual(shown);
	});

	test("the warehouse's own number where the store keeps them apart, and none there is zero", () => {
		const inventory = [
			{ warehouse_id: "A", quantity: 3 },
			{ warehouse_id: "B", quantity: 4 },
		];
		const row = childOf({ inventory_level: 7, inventory, manage_stock: true });
		expect(["", "A", "C"].map((at) => childShown(row, at).quantity)).toEqual([7, 3, 0]);
		expect(childShown(childOf({ inventory_level: 7, manage_stock: true }), "A").quantity).toBe(7);
	});

	test("a reply without the number is no reply", () => {
		expect(product.safeParse({ id: "1", inventory: [] }).success).toBe(false);
		expect(child.safeParse({ id: "1", parent_id: "2", inventory: [] }).success).toBe(false);
	});
});

describe("listings", () => {
	test("of a recorded product the child items hold the stock, not its sum nor its inventory", () => {
		const parent = product.parse(recorded.tiktokProduct.result);
		const { whole: items } = sortOut(children.parse(recorded.tiktokChildren.result).children, ({ id }) => id);
		const [listing, ...others] = listingsOf(parent, items, "7381927049415739168");
		expect(others).toEqual([]);
		expect(listing).toMatchObject({
			externalKey: "variant:1729421158695407496/1729421251089436552",
			ids: { productId: "1729421158695407496", childId: "1729421251089436552" },
			isManaged: true,
			quantity: 37,
			gtin: "04006381333931",
			options: "Red / L",
			price: "97.18",
		});
	});

	test("variants that don't count themselves sell from their product's stock", () => {
		const parent = productOf({ name: "Poster", quantity: 20, is_stock_managed: true });
		const parts = ["a", "b"].map((id) => childOf({ id, name: `Poster - ${id}`, manage_stock: false }));
		const [listing, ...others] = listingsOf(parent, parts, "");
		expect(others).toEqual([]);
		expect(listing).toMatchObject({ externalKey: "product:1", quantity: 20, options: "a, b" });
		expect(listing?.refs).toContain(childKey("1", "b"));
	});

	test("parts of a bundle have their stock elsewhere", () => {
		const parts = [childOf({ id: "x", default_qty_in_pack: 2, inventory_level: 5 })];
		expect(listingsOf(productOf({ quantity: 3 }), parts, "")).toMatchObject([
			{ externalKey: "product:1", leftOutReason: expect.stringContaining("bundle") },
		]);
	});

	test("ids with slashes can't be taken for two", () => {
		expect(childKey("a/b", "c")).not.toBe(childKey("a", "b/c"));
	});
});

describe("orders", () => {
	test("as recorded on Amazon, with a SKU for an id", () => {
		expect(snapshotOf(order.parse(recorded.amazonOrder.result), facts)).toEqual({
			orderRef: "111-2392565-0194613",
			number: "#111-2392565-0194613",
			status: "closed",
			placedAt: "2024-08-01T02:18:42.000Z",
			version: { at: Date.parse("2024-08-01T14:19:54Z"), step: 40 },
			lines: [
				{
					lineRef: "106151335804001",
					listingRef: "product:HUUUGE",
					sku: "HUUUGE",
					title: "Compact Gadget 322",
					taken: 1,
				},
			],
		});
	});

	test("as recorded on eBay, wrapped in lists and without an id", () => {
		expect(snapshotOf(order.parse(recorded.ebayOrder.result), facts)).toMatchObject({
			orderRef: "02-00000-38996",
			placedAt: "2026-01-08T17:41:22.000Z",
			lines: [{ lineRef: "10000003981910", listingRef: "product:110588641097", sku: null, taken: 1 }],
		});
	});

	const orderOf = (status: string, lines: object[], more: object = {}) =>
		snapshotOf(
			order.parse({
				order_id: "7",
				create_at: "2026-01-01 00:00:00",
				modified_at: null,
				status: { id: status, name: status },
				order_products: lines,
				...more,
			}),
			facts,
		);

	test("a line is found by variant, else by product, else by SKU", () => {
		const refs = [
			{ order_product_id: "1", product_id: "p", variant_id: "v", model: "m", quantity: 1 },
			{ order_product_id: "2", product_id: "p", variant_id: null, model: "m", quantity: 1 },
			{ order_product_id: "3", product_id: null, variant_id: null, model: "m", quantity: 1 },
			{ order_product_id: "4", product_id: "", variant_id: "v", model: "", quantity: 1 },
			{ order_product_id: "5", product_id: null, variant_id: null, model: null, quantity: 1 },
		];
		expect(orderOf("paid", refs).lines.map(({ listingRef }) => listingRef)).toEqual([
			"variant:p/v",
			"product:p",
			"sku:m",
			"variant:v",
			null,
		]);
	});

	test("a bundle's line and those of its parts count once, at the parts", () => {
		const lines = [
			{ order_product_id: "1", product_id: "bundle", quantity: 1 },
			{ order_product_id: "2", product_id: "a", quantity: 2, parent_order_product_id: "1" },
			{ order_product_id: "3", product_id: "b", quantity: 1, parent_order_product_id: "1" },
		];
		expect(orderOf("paid", lines).lines.map(({ listingRef, taken }) => [listingRef, taken])).toEqual([
			["product:a", 2],
			["product:b", 1],
		]);
	});

	test.each(["", " ", "0", null, undefined])("lines whose ids are %j are each counted, and part of nothing", (none) => {
		const line = (product_id: string, quantity: number) => ({
			order_product_id: none,
			product_id,
			quantity,
			parent_order_product_id: none,
		});
		expect(orderOf("paid", [line("a", 2), line("b", 3)]).lines).toMatchObject([
			{ lineRef: "line 1", listingRef: "product:a", taken: 2 },
			{ lineRef: "line 2", listingRef: "product:b", taken: 3 },
		]);
		const own = { order_product_id: "1", product_id: "a", quantity: 2 };
		expect(orderOf("paid", [{ ...own, parent_order_product_id: none }, line("b", 1)]).lines).toHaveLength(2);
		expect(orderOf("paid", [{ ...own, parent_order_product_id: "1" }]).lines).toMatchObject([{ taken: 2 }]);
	});

	test.each<[string, object]>([
		["a line that does not say how many", { order_products: [{ product_id: "a", quantity: null }] }],
		["no list of lines", { order_products: null }],
		["no lines at all", {}],
	])("with %s is odd: nothing of it is taken to be none", (_, more) => {
		const raw = { order_id: "7", status: { id: "paid" }, ...more };
		const whole = { order_id: "8", status: { id: "paid" }, order_products: [] };
		expect(order.safeParse(raw).success).toBe(false);
		expect(orders.parse({ order: [raw, whole] }).order).toMatchObject([
			{ order_id: "7", odd: raw },
			{ order_id: "8", order_products: [] },
		]);
	});

	test("a refund makes a newer version and moves no stock", () => {
		const lines = [{ order_product_id: "1", product_id: "a", quantity: 2 }];
		const before = orderOf("paid", lines);
		const after = orderOf("paid", lines, { refunds: [{ id: "9", items: [{ order_product_id: "1", qty: 1 }] }] });
		expect(after.lines).toEqual(before.lines);
		expect(after.version.step).toBeGreaterThan(before.version.step);
	});

	test("the same order read twice is the same snapshot", () => {
		expect(snapshotOf(order.parse(recorded.ebayOrder.result), facts)).toEqual(
			snapshotOf(order.parse(structuredClone(recorded.ebayOrder.result)), facts),
		);
	});
});
