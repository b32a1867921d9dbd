import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	begin,
	ceiling,
	doubtOf,
	end,
	hearUnit,
	hearUnits,
	mayHideReturn,
	ordersWantedAt,
	see,
	sellableOf,
	settleBound,
} from "./bound";

const lateWriteMs = 30_000;
const lagMs = 10_000;
const write = (kind: "compare" | "delta" | "set" | "fence", expected: number, quantity: number) => ({
	kind,
	expected,
	quantity,
});
const at = (claimedAt: number, now = claimedAt + 100) => ({ claimedAt, now, lateWriteMs });

describe("an order that is first heard of after it was changed", () => {
	it("B3 may have given back what was seen to be missing, so that what was seen proves nothing", () => {
		// Five, one sold and given back again unheard; four were seen in between.
		const seen = see(sellableOf(5), { quantity: 4, readAt: 100, answeredAt: 150 });
		expect(mayHideReturn(seen, { from: 50, to: 200 }, 0)).toBe(true);
		expect(mayHideReturn(seen, { from: 50, to: 50 }, 0)).toBe(false);
		expect(mayHideReturn(seen, { from: 50, to: 120 }, 0)).toBe(false);
		const heard = hearUnits(seen, { units: 0, later: 0, returned: 0, isHidden: true });
		expect(ceiling(settleBound(heard, 150 + lagMs, lagMs))).toBe(5);
		expect(ceiling(settleBound(seen, 150 + lagMs, lagMs))).toBe(4);
	});
});

describe("doubt", () => {
	it("B2 is the difference of a write that compares or gives, and all of an absolute one, also of one that lowers", () => {
		expect(doubtOf(write("compare", 3, 5))).toBe(2);
		expect(doubtOf(write("delta", 5, 3))).toBe(0);
		expect(doubtOf(write("set", 5, 3))).toBe(3);
		expect(doubtOf(write("fence", 5, 0))).toBe(0);
	});

	it("B2 goes with the answer of a write that compares, whatever that is", () => {
		const raise = write("compare", 3, 5);
		const flying = begin(sellableOf(3), raise);
		expect(ceiling(flying)).toBe(5);
		expect(end(flying, raise, "applied", at(0))).toEqual(sellableOf(5));
		expect(end(flying, raise, "not_applied", at(0))).toEqual(sellableOf(3));
	});

	it("B2 of an absolute write stays after its answer, until every sale from before it must have been heard", () => {
		const lower = write("set", 8, 2);
		const landed = end(begin(sellableOf(8), lower), lower, "applied", at(0));
		expect(ceiling(landed)).toBe(10);
		expect(ordersWantedAt(landed, lagMs)).toBe(100 + lagMs);
		expect(settleBound(landed, 99 + lagMs, lagMs)).toBe(landed);
		expect(settleBound(landed, 100 + lagMs, lagMs)).toEqual(sellableOf(2));
	});

	it("B2 of a lost write stays until it can no longer land, the level is read and then the orders", () => {
		const raise = write("delta", 2, 5);
		const lost = end(begin(sellableOf(2), raise), raise, "unknown", at(0, 1_000));
		expect(ceiling(lost)).toBe(5);
		const early = see(lost, { quantity: 2, readAt: 30_999, answeredAt: 31_050 });
		expect(early).toBe(lost);
		const seen = see(lost, { quantity: 2, readAt: 31_000, answeredAt: 31_050 });
		expect(ceiling(seen)).toBe(5);
		expect(settleBound(seen, 31_050 + lagMs, lagMs)).toEqual(sellableOf(2));
	});

	it("B2 an absolute write that a lost one may still follow proves nothing", () => {
		const first = write("set", 0, 4);
		const lost = end(begin(sellableOf(0), first), first, "unknown", at(0, 1_000));
		const zero = write("fence", 4, 0);
		const fenced = end(begin(lost, zero), zero, "applied", at(2_000));
		expect(settleBound(fenced, 1_000_000, lagMs)).toBe(fenced);
		const again = end(begin(fenced, zero), zero, "applied", at(31_000, 31_100));
		expect(settleBound(again, 31_100 + lagMs, lagMs)).toEqual(sellableOf(0));
	});
});

describe("doubt over reservations", () => {
	const over = (expected: number, quantity: number, open: number) => ({
		kind: "over" as const,
		expected,
		quantity,
		open,
	});

	it("B2 is all that is written: the number, and what is left for open orders, which may all ship before it lands", () => {
		expect(doubtOf(over(5, 3, 4))).toBe(7);
		expect(doubtOf(over(0, 3, 0))).toBe(3);
		expect(doubtOf(over(4, 3, -3))).toBe(0);
		expect(doubtOf({ kind: "fence", expected: 5, quantity: 0, open: 9 })).toBe(0);
	});

	it("B2 stays after the answer until the salable units are read, and then the orders: what was reserved as it landed nobody knows", () => {
		const raise = over(1, 2, 3);
		const landed = end(begin(sellableOf(1), raise), raise, "applied", at(0));
		expect(ceiling(landed)).toBe(6);
		expect(settleBound(landed, 1e9, lagMs)).toBe(landed);
		expect(ordersWantedAt(landed, lagMs)).toBeNull();
		const seen = see(landed, { quantity: 3, readAt: 200, answeredAt: 300 });
		expect(ordersWantedAt(seen, lagMs)).toBe(300 + lagMs);
		expect(settleBound(seen, 300 + lagMs, lagMs)).toEqual(sellableOf(3));
	});

	it("B1 holds whatever is sold and shipped before it lands", () => {
		const few = fc.nat(6);
		fc.assert(
			fc.property(few, few, few, few, few, (bound, quantity, open, sold, shipped) => {
				const before = begin(sellableOf(bound), over(bound, quantity, open));
				const sells = Math.min(sold, bound);
				const ships = Math.min(shipped, open + sells);
				const salable = Math.max(0, quantity + open - (open + sells - ships));
				expect(sells + salable).toBeLessThanOrEqual(ceiling(before));
			}),
		);
	});
});

describe("a sale", () => {
	it("B4 lowers the ceiling by its units, also out of a write that is under way", () => {
		const raise = write("compare", 2, 5);
		const sold = hearUnit(begin(sellableOf(2), raise), 4, null);
		expect(ceiling(sold)).toBe(1);
		expect(end(sold, raise, "applied", at(0))).toEqual(sellableOf(1));
	});

	it("B3 is taken off what was seen only if it surely came after", () => {
		const seen = see(sellableOf(5), { quantity: 4, readAt: 0, answeredAt: 100 });
		expect(settleBound(hearUnit(seen, 1, 50), 100 + lagMs, lagMs)).toEqual(sellableOf(4));
		expect(settleBound(hearUnit(seen, 1, 101), 100 + lagMs, lagMs)).toEqual(sellableOf(3));
	});

	it("that is given back raises what can be sold, and what was seen if it may not be in it", () => {
		const seen = see(sellableOf(5), { quantity: 5, readAt: 0, answeredAt: 100 });
		expect(ceiling(settleBound(hearUnit(seen, -1, null), 100 + lagMs, lagMs))).toBe(6);
	});

	it("past the ceiling leaves nothing, and a return that is heard later does not make something of it", () => {
		const sold = hearUnit(sellableOf(1), 3, null);
		expect(ceiling(sold)).toBe(0);
		expect(ceiling(hearUnit(sold, -2, null))).toBe(0);
		expect(ceiling(hearUnit(sold, -3, null))).toBe(1);
	});
});

it("more than the ceiling came from outside, and counts at once", () => {
	expect(ceiling(see(sellableOf(2), { quantity: 7, readAt: 0, answeredAt: 1 }))).toBe(7);
});

it("nothing that is seen or heard raises the ceiling above what it was, but what came from outside or was given back", () => {
	const quantity = fc.nat(9);
	fc.assert(
		fc.property(quantity, quantity, quantity, fc.nat(3), (bound, target, shown, sold) => {
			const lower = write("set", bound, target);
			const before = end(begin(sellableOf(bound), lower), lower, "applied", at(0));
			const heard = hearUnit(before, sold, 500);
			const after = settleBound(
				see(heard, { quantity: Math.min(shown, ceiling(heard)), readAt: 600, answeredAt: 700 }),
				1e9,
				lagMs,
			);
			expect(ceiling(after)).toBeLessThanOrEqual(ceiling(before));
		}),
	);
});
