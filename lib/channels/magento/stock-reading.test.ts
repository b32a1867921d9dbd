import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Lying, readingOf, type Salable } from "./stock-reading";

const stock = (stockId: number, sources = ["main"]) => ({ stockId, website: `site${stockId}`, sources, storeIds: [] });
const lies = (quantity: number, status = 1, sourceCode = "main"): Lying => ({ sourceCode, quantity, status });
const sells = (qty: number, isSalable = true, stockId = 1): Salable => ({ stockId, qty, isSalable });
const reading = (given: Partial<Parameters<typeof readingOf>[0]>, settings: Parameters<typeof readingOf>[1] = null) =>
	readingOf({ stocks: [stock(1)], own: "main", lies: [], salable: [], open: 0, ...given }, settings);
const counted = { isManaged: true, minQty: 0, backorders: false };

describe("a level", () => {
	test("is what is salable; what lies there beyond it is open", () => {
		expect(reading({ lies: [lies(10)], salable: [sells(7)] })).toEqual({ quantity: 7, source: 10, open: 3, beside: 0 });
		expect(reading({ lies: [lies(1)], salable: [sells(-2)] })).toMatchObject({ quantity: -2, source: 1, open: 3 });
	});

	test("below zero where nothing is salable is what lies there less what is open", () => {
		const hidden = { lies: [lies(2)], salable: [sells(0, false)], open: 5 };
		expect(reading(hidden, counted)).toMatchObject({ quantity: -3, source: 2, open: 5 });
		expect(reading({ ...hidden, open: 1 }, counted)).toMatchObject({ quantity: 0, source: 2, open: 1 });
	});

	test("of a closed listing is zero, and its units are still lying there", () => {
		expect(reading({ lies: [lies(20, 0)], salable: [sells(0, false)], open: 3 }, counted)).toEqual({
			quantity: 0,
			source: 20,
			open: 3,
			beside: 0,
		});
	});

	test("keeps the threshold among what is not to be sold", () => {
		expect(reading({ lies: [lies(2)], salable: [sells(0, false)] }, { ...counted, minQty: 2 })).toMatchObject({
			quantity: 0,
			open: 2,
		});
	});

	test("of what is not counted there is none", () => {
		expect(reading({ salable: [sells(0)] }, { ...counted, isManaged: false }).quantity).toBeNull();
	});

	test("counts in what other sources of the stock sell beside ours", () => {
		const stocks = [stock(1, ["main", "west"])];
		expect(reading({ stocks, lies: [lies(10), lies(4, 1, "west")], salable: [sells(12)] })).toEqual({
			quantity: 12,
			source: 14,
			open: 2,
			beside: 4,
		});
		expect(reading({ stocks, lies: [lies(10), lies(4, 0, "west")], salable: [sells(8)] })).toMatchObject({
			quantity: 8,
			source: 10,
			open: 2,
			beside: 0,
		});
	});

	test("of a source that several stocks sell from has the orders of all, and the threshold once", () => {
		const stocks = [stock(1), stock(2)];
		const settings = { ...counted, minQty: 1 };
		expect(reading({ stocks, lies: [lies(10)], salable: [sells(6), sells(8, true, 2)] }, settings)).toMatchObject({
			quantity: 5,
			source: 10,
			open: 5,
		});
	});

	test("is whole units: of 2.7 metres two pieces can be sold", () => {
		expect(reading({ lies: [lies(2.7)], salable: [sells(2.7)] })).toMatchObject({ quantity: 2, source: 2, open: 0 });
		expect(reading({ lies: [lies(0.3)], salable: [sells(0.1 + 0.2)] })).toMatchObject({
			quantity: 0,
			source: 0,
			open: 0,
		});
	});

	test("S8 written back as it was read, it shows the same again", () => {
		fc.assert(
			fc.property(fc.nat(50), fc.nat(50), fc.nat(3), (source, reserved, minQty) => {
				const salable = source - reserved - minQty;
				const at = salable > 0 ? { salable: [sells(salable)] } : { salable: [sells(0, false)], open: reserved };
				const { quantity, open } = reading({ lies: [lies(source)], ...at }, { ...counted, minQty });
				expect((quantity ?? 0) + open).toBe(source);
			}),
		);
	});
});
