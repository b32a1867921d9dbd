import { describe, expect, test } from "vitest";
import { type Order, order, product, variation } from "./api-types";
import { listingsOf, ownQuantity, snapshotOf } from "./mapper";
import { recorded } from "./testing/recorded";

const orderOf = (name: string) => order.parse(recorded(name).response.body);
const simple = product.parse(recorded("product_get_simple").response.body);
const variations = variation.array().parse(recorded("variations_list_managed_parent_false").response.body);
const variable = product.parse({
	...(recorded("product_get_simple").response.body as object),
	id: 15,
	name: "Salt &amp; Pepper",
	type: "variable",
	sku: "",
	stock_quantity: 30,
	variations: [16, 17, 18],
	images: [{ src: "https://shop.example.com/p.png" }],
});

describe("listings", () => {
	test("a simple product is one listing, and orders name it by its id", () => {
		expect(listingsOf(simple, [])).toEqual([
			{
				externalKey: "product:10",
				ids: { productId: "10" },
				refs: ["product:10"],
				sku: "SKU-A",
				gtin: null,
				title: "Simple A",
				options: null,
				price: "10.00",
				imageUrl: null,
				url: "https://shop.example.com/product/simple-a/",
				isManaged: true,
				quantity: 20,
				leftOutReason: null,
			},
		]);
	});

	test("variations that share their product's stock are one listing, and those with their own are their own", () => {
		expect(variations.map(({ manage_stock }) => manage_stock)).toEqual(["parent", "parent", true]);
		const [pool, own, ...more] = listingsOf(variable, variations);
		expect(more).toEqual([]);
		expect(pool).toMatchObject({
			externalKey: "product:15",
			ids: { productId: "15" },
			refs: ["product:15", "variation:17", "variation:18"],
			title: "Salt & Pepper",
			options: "M, L",
			isManaged: true,
			quantity: 30,
		});
		expect(own).toMatchObject({
			externalKey: "variation:16",
			ids: { productId: "15", variationId: "16" },
			refs: ["variation:16"],
			sku: "SKU-V-S",
			options: "S",
			imageUrl: "https://shop.example.com/p.png",
		});
	});

	test("no id names two listings", () => {
		const refs = listingsOf(variable, variations).flatMap((listing) => listing.refs);
		expect(new Set(refs).size).toBe(refs.length);
	});

	test("what the shop does not count has no quantity", () => {
		const unmanaged = product.parse(recorded("unmanaged_put_stock_quantity").response.body);
		expect(listingsOf(unmanaged, [])[0]).toMatchObject({ isManaged: false, quantity: null });
		const loose = variations.map((one) => ({ ...one, manage_stock: false as const, stock_quantity: null }));
		expect(listingsOf({ ...variable, manage_stock: false }, loose)).toMatchObject([
			{ externalKey: "variation:16", isManaged: false, quantity: null },
			{ externalKey: "variation:17", isManaged: false, quantity: null },
			{ externalKey: "variation:18", isManaged: false, quantity: null },
		]);
	});

	test("a barcode is normalised, and a wrong one is none", () => {
		const gtinOf = (global_unique_id: string) => listingsOf({ ...simple, global_unique_id }, [])[0]?.gtin;
		expect(gtinOf("4006381333931")).toBe("04006381333931");
		expect(gtinOf("4006381333932")).toBeNull();
	});

	test("kinds of products without stock say why they are left out", () => {
		for (const type of ["grouped", "external"])
			expect(listingsOf({ ...simple, type, manage_stock: false }, [])[0]?.leftOutReason).toMatch(/stock/);
	});

	test.each([
		[true, 7, 7],
		[true, -3, -3],
		[true, 2.7, 2],
		[true, -0.5, -1],
		[true, null, 0],
		[false, null, null],
		["parent", 30, null],
	] as const)("management %s with %s is %s", (manage_stock, stock_quantity, quantity) => {
		expect(ownQuantity({ manage_stock, stock_quantity })).toBe(quantity);
	});
});

describe("what an order has taken", () => {
	const base = orderOf("order_create_set_paid");
	const [line] = base.line_items;
	if (!line) throw new Error("the recorded order has a line");
	const taken = (changes: Partial<Order>, meta: Record<string, unknown> | null, quantity = 2) => {
		const meta_data = Object.entries(meta ?? {}).map(([key, value]) => ({ key, value }));
		return snapshotOf({ ...base, ...changes, line_items: [{ ...line, quantity, meta_data }] }).lines[0]?.taken;
	};

	test("a paid order took its units", () => {
		expect(snapshotOf(base)).toEqual({
			orderRef: "22",
			number: "#22",
			status: "open",
			placedAt: "2026-11-23T13:53:34.000Z",
			version: { at: Date.parse("2026-11-23T13:53:34Z"), step: 8 },
			lines: [{ lineRef: "1", listingRef: "product:10", sku: "SKU-A", title: "Simple A", taken: 2 }],
		});
	});

	test("a variation is named by its own id", () => {
		expect(snapshotOf(orderOf("order_create_variation")).lines[0]).toMatchObject({
			listingRef: "variation:16",
			taken: 1,
		});
	});

	test("a line of a product that does not exist names none", () => {
		expect(snapshotOf(orderOf("err_order_unknown_product")).lines[0]?.listingRef).toBeNull();
	});

	test("after refunds only what was not restocked is still taken: the shop keeps the count itself", () => {
		// Five were bought; four refunds of a unit each or more restocked four, one said that it restocks nothing.
		const refunded = snapshotOf(orderOf("order_get_refunded"));
		expect(refunded.lines[0]?.taken).toBe(1);
		expect(refunded.status).toBe("closed");
	});

	test.each([
		["pending", 0],
		["failed", 0],
		["cancelled", 0],
		["processing", 2],
		["on-hold", 2],
		["completed", 2],
		["refunded", 0],
		["trash", 0],
		["in-transit", 2],
	])(
		"without a mark, %s has taken %d: a product that the shop does not count leaves the shelf all the same",
		(status, units) => {
			expect(taken({ status }, null)).toBe(units);
		},
	);

	test("a plugin's status, unpaid and without a mark, has taken nothing", () => {
		expect(taken({ status: "quote-sent", date_paid_gmt: null }, null)).toBe(0);
	});

	test.each(["failed", "refunded", "trash", "cancelled", "pending"])(
		"the mark counts even in %s: nothing was given back yet",
		(status) => {
			expect(taken({ status }, { _reduced_stock: "2" })).toBe(2);
		},
	);

	test.each([
		[{ _reduced_stock: "0" }, 0],
		[{ _reduced_stock: 1 }, 1],
		[{ _reduced_stock: "-1" }, 0],
		[{ _reduced_stock: "0.4" }, 1],
		[{ _reduced_stock: "" }, 2],
		[{ _restock_refunded_items: "2" }, 0],
	])("marks %o say %d", (meta, units) => {
		expect(taken({}, meta)).toBe(units);
	});

	test("stamps of one second are told apart by how far the order has come", () => {
		const step = (changes: Partial<Order>, meta: Record<string, unknown> = { _reduced_stock: "2" }) =>
			snapshotOf({
				...base,
				...changes,
				line_items: [{ ...line, meta_data: Object.entries(meta).map(([key, value]) => ({ key, value })) }],
			}).version.step;
		const life = [
			step({ status: "pending" }, {}),
			step({ status: "on-hold" }),
			step({ status: "processing" }),
			// A refund is written first and restocks then.
			step({ status: "processing", refunds: [{ id: 1 }] }),
			step({ status: "processing", refunds: [{ id: 1 }] }, { _reduced_stock: "1", _restock_refunded_items: "1" }),
		];
		expect(life).toEqual([...new Set(life)].sort((a, b) => a - b));
		// A cancellation is saved first and gives back then.
		expect(step({ status: "cancelled" }, {})).toBeGreaterThan(step({ status: "cancelled" }));
	});
});
