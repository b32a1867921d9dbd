import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "@/lib/stock/order";
import { type Order, order } from "./api-types";
import { openByProduct, snapshotOf } from "./mapper";

type Item = Record<string, unknown>;
const orderOf = (items: Item[], more: Record<string, unknown> = {}): Order =>
	order.parse({
		entity_id: 7,
		increment_id: "000000007",
		state: "processing",
		created_at: "2026-11-20 10:00:00",
		updated_at: "2026-11-20 10:05:00",
		items,
		...more,
	});

const simple: Item = { item_id: 1, sku: "A", product_id: 42, product_type: "simple", qty_ordered: 3 };
const configurable = (progress: Item): Item[] => [
	{ item_id: 10, sku: "WS12-M-Blue", product_type: "configurable", product_id: 40, qty_ordered: 2, ...progress },
	{ item_id: 11, parent_item_id: 10, sku: "WS12-M-Blue", product_type: "simple", product_id: 42, qty_ordered: 2 },
];

describe("an order", () => {
	test("is one line of a configurable product's two, with the parent's progress", () => {
		const shipped = orderOf(configurable({ qty_shipped: 1, qty_canceled: 1 }));
		expect(snapshotOf(shipped).lines).toEqual([
			{ lineRef: "11", listingRef: "product:42", sku: "WS12-M-Blue", title: "", taken: 1 },
		]);
		expect([...openByProduct(shipped)]).toEqual([]);
		expect([...openByProduct(orderOf(configurable({ qty_shipped: 1 })))]).toEqual([["42", 1]]);
	});

	test("counts a bundle's parts by themselves, and what is shipped of the whole", () => {
		const bundle = orderOf([
			{ item_id: 1, sku: "SET", product_type: "bundle", product_id: 9, qty_ordered: 2, qty_shipped: 1 },
			{ item_id: 2, parent_item_id: 1, sku: "A", product_type: "simple", product_id: 42, qty_ordered: 4 },
			{ item_id: 3, parent_item_id: 1, sku: "B", product_type: "simple", product_id: 43, qty_ordered: 2 },
		]);
		expect(snapshotOf(bundle).lines.map(({ listingRef, taken }) => [listingRef, taken])).toEqual([
			["product:42", 4],
			["product:43", 2],
		]);
		expect([...openByProduct(bundle)]).toEqual([
			["42", 2],
			["43", 1],
		]);
	});

	test("names its product, whatever its SKU says", () => {
		const line = { ...simple, sku: "A-with-engraving" };
		expect(snapshotOf(orderOf([line])).lines[0]).toMatchObject({ listingRef: "product:42", sku: "A-with-engraving" });
		expect(snapshotOf(orderOf([{ ...simple, product_id: undefined }])).lines[0]?.listingRef).toBeNull();
	});

	test("takes what was ordered until it is cancelled, shipped or not, refunded or not", () => {
		const taken = (progress: Item, state = "processing") =>
			snapshotOf(orderOf([{ ...simple, ...progress }], { state })).lines[0]?.taken;
		expect(taken({})).toBe(3);
		expect(taken({ qty_invoiced: 3, qty_shipped: 3 }, "complete")).toBe(3);
		expect(taken({ qty_invoiced: 3, qty_refunded: 3 }, "closed")).toBe(3);
		expect(taken({ qty_canceled: 2 })).toBe(1);
		expect(taken({ qty_canceled: 3 }, "canceled")).toBe(0);
		// A module that sets the state alone.
		expect(taken({}, "canceled")).toBe(0);
		expect(taken({ qty_invoiced: 1 }, "canceled")).toBe(1);
	});

	test("counts decimals up: half a metre sold can't be sold again", () => {
		expect(snapshotOf(orderOf([{ ...simple, qty_ordered: "2.5000" }])).lines[0]?.taken).toBe(3);
		expect(snapshotOf(orderOf([{ ...simple, qty_ordered: 0.3, qty_canceled: 0.3 }])).lines[0]?.taken).toBe(0);
		expect([...openByProduct(orderOf([{ ...simple, qty_ordered: 2.5, qty_shipped: 1 }]))]).toEqual([["42", 1.5]]);
	});

	test("keeps ids beyond 2^53 exact", () => {
		const big = orderOf([{ ...simple, item_id: "9007199254740993", product_id: "9007199254740995" }]);
		expect(snapshotOf(big).lines[0]).toMatchObject({
			lineRef: "9007199254740993",
			listingRef: "product:9007199254740995",
		});
	});

	test("is newer when a part of it was shipped without moving its stamp", () => {
		const before = snapshotOf(orderOf([simple]));
		const after = snapshotOf(orderOf([{ ...simple, qty_shipped: 1 }]));
		expect(after.version.at).toBe(before.version.at);
		expect(after.version.step).toBeGreaterThan(before.version.step);
	});

	test("is no longer to be shipped where it is a download that is paid for", () => {
		const download = { ...simple, is_virtual: 1, product_type: "downloadable" };
		expect([...openByProduct(orderOf([download]))]).toEqual([["42", 3]]);
		expect([...openByProduct(orderOf([{ ...download, qty_invoiced: 3 }]))]).toEqual([]);
	});

	test("R1 the same snapshot again moves nothing, and an older one nothing either", () => {
		const few = fc.nat(5);
		fc.assert(
			fc.property(few, few, few, (ordered, canceled, shipped) => {
				const line = {
					...simple,
					qty_ordered: ordered,
					qty_canceled: Math.min(canceled, ordered),
					qty_shipped: shipped,
				};
				const snapshot = snapshotOf(orderOf([line]));
				const known = {
					version: snapshot.version,
					taken: new Map(snapshot.lines.map(({ lineRef, taken }) => [lineRef, taken])),
				};
				expect(differences(known, snapshot)).toEqual([]);
			}),
		);
	});
});
