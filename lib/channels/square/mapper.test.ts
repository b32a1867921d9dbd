import { describe, expect, test } from "vitest";
import { item, order, variation } from "./api-types";
import { isHeldBack, listingOf, shelfOf, shownOf, snapshotOf } from "./mapper";

const mug = (data: object = {}, more: object = {}) =>
	variation.parse({
		type: "ITEM_VARIATION",
		id: "V1",
		...more,
		item_variation_data: { item_id: "I1", name: "Blue", sku: "MUG-B", track_inventory: true, ...data },
	});
const counted = (quantity: string) => ({
	catalog_object_id: "V1",
	state: "IN_STOCK",
	location_id: "L1",
	quantity: Number(quantity),
	calculated_at: null,
});

describe("what is shown", () => {
	test("a location's own tracking overrides the variation's, and nothing said is not tracked", () => {
		const off = mug({ location_overrides: [{ location_id: "L1", track_inventory: false }] });
		expect(shelfOf(off, "L1", counted("5")).isTracked).toBe(false);
		expect(shelfOf(off, "L2", counted("5")).isTracked).toBe(true);
		expect(shelfOf(mug({ track_inventory: undefined }), "L1", counted("5")).isTracked).toBe(false);
	});

	test("what was never counted is unknown, which is not zero", () => {
		expect(shownOf(shelfOf(mug(), "L1", undefined))).toBeNull();
		expect(shownOf(shelfOf(mug(), "L1", counted("0")))).toBe(0);
	});

	test("what is marked as sold out sells none, and a shortage stays one", () => {
		const soldOut = mug({ location_overrides: [{ location_id: "L1", sold_out: true }] });
		expect(shownOf(shelfOf(soldOut, "L1", counted("5")))).toBe(0);
		expect(shownOf(shelfOf(soldOut, "L1", counted("-2")))).toBe(-2);
		expect(shownOf(shelfOf(soldOut, "L2", counted("5")))).toBe(5);
		expect(isHeldBack(shelfOf(soldOut, "L1", counted("5")))).toBe(true);
		expect(isHeldBack(shelfOf(soldOut, "L1", counted("0")))).toBe(false);
	});

	test("of decimals whole units are sold, and half a unit short is one short", () => {
		expect(shownOf(shelfOf(mug(), "L1", counted("2.7")))).toBe(2);
		expect(shownOf(shelfOf(mug(), "L1", counted("-0.5")))).toBe(-1);
	});
});

describe("listings", () => {
	const cup = item.parse({ type: "ITEM", id: "I1", item_data: { name: "Mug" } });
	const listed = (one = mug()) => listingOf(cup, one, "L1", shelfOf(one, "L1", counted("5")));

	test("what is sold out of another variation's stock is left out", () => {
		const glass = mug({ stockable: false, stockable_conversion: { stockable_item_variation_id: "V9" } });
		expect(listed(glass).leftOutReason).toContain("another variation");
		expect(listed().leftOutReason).toBeNull();
	});

	test("what this location does not sell is left out", () => {
		const here = { present_at_all_locations: false, present_at_location_ids: ["L1"] };
		expect(listed(mug({}, here)).leftOutReason).toBeNull();
		expect(listed(mug({}, { ...here, present_at_location_ids: ["L2"] })).leftOutReason).toContain("location");
		const absent = { present_at_all_locations: true, absent_at_location_ids: ["L1"] };
		expect(listed(mug({}, absent)).leftOutReason).toContain("location");
	});

	test("money is counted in the currency's smallest part, and a location may have a price of its own", () => {
		expect(listed(mug({ price_money: { amount: 1250, currency: "USD" } })).price).toBe("12.50");
		expect(listed(mug({ price_money: { amount: 1250, currency: "JPY" } })).price).toBe("1250");
		const own = { location_id: "L1", price_money: { amount: 900, currency: "USD" } };
		expect(listed(mug({ price_money: { amount: 1250, currency: "USD" }, location_overrides: [own] })).price).toBe(
			"9.00",
		);
	});
});

describe("orders", () => {
	const sold = (more: object = {}) =>
		order.parse({
			id: "ORDER-123456",
			location_id: "L1",
			state: "OPEN",
			version: 3,
			created_at: "2026-11-20T08:00:00Z",
			updated_at: "2026-11-23T10:00:00Z",
			line_items: [
				{ uid: "a", name: "Mug", variation_name: "Blue", catalog_object_id: "V1", quantity: "2" },
				{ uid: "b", name: "Custom amount", quantity: "1" },
				{ uid: "c", name: "Cloth", catalog_object_id: "V2", quantity: "1.5" },
			],
			...more,
		});
	const taken = (more: object, at = "L1") => snapshotOf(sold(more), at).lines.map((line) => line.taken);

	test("nothing is taken before the payment; then items are, and typed amounts never", () => {
		expect(taken({})).toEqual([0, 0, 0]);
		expect(taken({ tenders: [{ id: "T" }], net_amount_due_money: { amount: 700, currency: "USD" } })).toEqual([
			0, 0, 0,
		]);
		expect(taken({ tenders: [{ id: "T" }], net_amount_due_money: { amount: 0, currency: "USD" } })).toEqual([2, 0, 2]);
		expect(taken({ state: "COMPLETED" })).toEqual([2, 0, 2]);
		expect(taken({ state: "CANCELED" })).toEqual([0, 0, 0]);
	});

	test("another location's order takes nothing here", () => {
		expect(taken({ state: "COMPLETED" }, "L2")).toEqual([0, 0, 0]);
	});

	test("a late order is placed when the till made it, and is as new as Square's stamp", () => {
		expect(snapshotOf(sold(), "L1")).toMatchObject({
			number: "#123456",
			placedAt: "2026-11-20T08:00:00.000Z",
			version: { at: Date.parse("2026-11-23T10:00:00Z"), step: 3 },
		});
	});
});
