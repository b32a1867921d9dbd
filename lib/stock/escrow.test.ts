import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { begin, sellableOf } from "./bound";
import { type Claimant, committedUnits, demandOf, freeUnits, hearDemand, mostAllowed, shareOut } from "./escrow";

const claimant = (holds: number, demand = 0, more: Partial<Claimant> = {}): Claimant => ({
	draws: [{ stock: 0, units: 1 }],
	holds,
	demand,
	most: Number.POSITIVE_INFINITY,
	outOfStockBelow: 0,
	...more,
});

describe("what is free", () => {
	it("E1 is what no listing holds, in units of the SKU, doubt included", () => {
		const flying = begin(sellableOf(2), { kind: "set", expected: 2, quantity: 3 });
		const stakes = [
			{ units: 1, sellable: sellableOf(4) },
			{ units: 6, sellable: flying },
		];
		expect(committedUnits(stakes)).toBe(34);
		expect(freeUnits(40, stakes)).toBe(6);
	});

	it("E1 bounds a write: by its difference where the store compares or is given, by all of it where nothing compares", () => {
		expect(mostAllowed("compare", 3, 5, 1)).toBe(8);
		expect(mostAllowed("delta", 3, -2, 1)).toBe(3);
		expect(mostAllowed("absolute", 3, 5, 1)).toBe(5);
		expect(mostAllowed("compare", 1, 17, 6)).toBe(3);
	});

	it("E1 bounds a write over reservations by its number and what its open orders have to ship; below zero none may leave", () => {
		expect(mostAllowed("over_reservations", 3, 5, 1, 2)).toBe(3);
		expect(mostAllowed("over_reservations", 3, 13, 6, 1)).toBe(1);
		expect(mostAllowed("over_reservations", 3, 5, 1, 7)).toBe(-2);
	});

	it("E1 is not passed where more was sold than a lost raise was known to have brought", () => {
		expect(mostAllowed("delta", -1, 0, 1)).toBe(-1);
	});
});

describe("the shares", () => {
	it("follow what each listing sells", () => {
		const [a, b, c] = shareOut([100], [claimant(0, 60), claimant(0, 30), claimant(0, 10)]) as [number, number, number];
		expect(a).toBeGreaterThan(b);
		expect(b).toBeGreaterThan(c);
		expect(a + b + c).toBe(100);
	});

	it("stay as they are while nobody is in need, and what came in goes to those who hold least of their part", () => {
		expect(shareOut([12], [claimant(5), claimant(4), claimant(3)])).toEqual([5, 4, 3]);
		expect(shareOut([14], [claimant(5), claimant(4), claimant(3)])).toEqual([5, 5, 4]);
	});

	it("take back from those who hold more once somebody has nothing", () => {
		expect(shareOut([6], [claimant(6), claimant(0), claimant(0)])).toEqual([2, 2, 2]);
	});

	it("shrink with the stock, and pass on what a listing may not show", () => {
		expect(shareOut([6], [claimant(5), claimant(4), claimant(3)])).toEqual([2, 2, 2]);
		expect(shareOut([9], [claimant(0, 0, { most: 1 }), claimant(0), claimant(0)])).toEqual([1, 4, 4]);
		expect(shareOut([10], [claimant(10), claimant(10, 0, { most: 0 })])).toEqual([10, 0]);
	});

	it("of fewer than would be shown go to the others, and stay there", () => {
		const sellsFromNine = { outOfStockBelow: 9 };
		expect(shareOut([10], [claimant(0), claimant(0, 0, sellsFromNine)])).toEqual([10, 0]);
		expect(shareOut([10], [claimant(0, 0, sellsFromNine), claimant(10, 0, sellsFromNine)])).toEqual([0, 10]);
		expect(shareOut([18], [claimant(8, 0, sellsFromNine), claimant(10, 0, sellsFromNine)])).toEqual([9, 9]);
		expect(shareOut([8], [claimant(4, 0, sellsFromNine), claimant(4, 0, sellsFromNine)])).toEqual([0, 0]);
	});

	it("come back to who would show too few only when the others may not have them", () => {
		const slow = claimant(0, 0, { outOfStockBelow: 6 });
		const capped = claimant(0, 50, { most: 3 });
		expect(shareOut([9], [slow, claimant(0, 8), capped])).toEqual([0, 6, 3]);
		expect(shareOut([9], [slow, claimant(0, 8, { outOfStockBelow: 8 }), capped])).toEqual([6, 0, 3]);
	});

	it("are never more in all than there is, never more than may be shown or fewer than are, and give all that fits", () => {
		const anyClaimant = fc.record({
			draws: fc
				.uniqueArray(fc.nat(2), { minLength: 1 })
				.chain((stocks) =>
					fc.tuple(
						...stocks.map((stock) => fc.record({ stock: fc.constant(stock), units: fc.integer({ min: 1, max: 6 }) })),
					),
				),
			holds: fc.nat(40),
			demand: fc.double({ min: 0, max: 1e4, noNaN: true }),
			most: fc.oneof(fc.nat(50), fc.constant(Number.POSITIVE_INFINITY)),
			outOfStockBelow: fc.oneof(fc.constant(0), fc.nat(30)),
		});
		const anyStock = fc.integer({ min: -5, max: 200_000 });
		fc.assert(
			fc.property(
				fc.tuple(anyStock, anyStock, anyStock),
				fc.array(anyClaimant, { minLength: 1, maxLength: 6 }),
				(stocks, all) => {
					const shares = shareOut(stocks, all);
					const left = stocks.map((available, stock) =>
						all.reduce((sum, { draws }, index) => {
							const units = draws.find((draw) => draw.stock === stock)?.units ?? 0;
							return sum - units * (shares[index] as number);
						}, available),
					);
					expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
					left.forEach((units, stock) => {
						expect(units).toBeGreaterThanOrEqual(Math.min(0, stocks[stock] as number));
					});
					all.forEach(({ draws, most, outOfStockBelow }, index) => {
						const share = shares[index] as number;
						expect(share).toBeLessThanOrEqual(most);
						expect(share === 0 || share >= outOfStockBelow).toBe(true);
						const room = Math.min(...draws.map(({ stock, units }) => Math.floor((left[stock] as number) / units)));
						expect(
							Math.min(most, share + room) <= share || share + room < outOfStockBelow || most < outOfStockBelow,
						).toBe(true);
					});
				},
			),
		);
	});

	it("a bundle gets its part of each component, and holds no more than the scarcest allows", () => {
		const lamp = claimant(0, 0, { draws: [{ stock: 0, units: 1 }] });
		const cable = claimant(0, 0, { draws: [{ stock: 1, units: 1 }] });
		const set = claimant(0, 0, {
			draws: [
				{ stock: 0, units: 1 },
				{ stock: 1, units: 2 },
			],
		});
		expect(shareOut([10, 3], [lamp, cable, set])).toEqual([9, 1, 1]);
		expect(shareOut([10, 0], [lamp, cable, { ...set, holds: 1 }])).toEqual([10, 0, 0]);
	});
});

it("demand fades over hours, and what is given back does not take from it", () => {
	const sold = hearDemand({ units: 0, at: 0 }, 4, 0);
	expect(hearDemand(sold, -4, 10)).toBe(sold);
	expect(demandOf(sold, 6 * 3_600_000)).toBeCloseTo(4 / Math.E, 5);
});
