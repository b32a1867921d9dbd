import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { availableUnits, bundlePace, bundleUnits, offer, paceUnits } from "./offer";
import { type OfferPolicy, openPolicy } from "./offer-policy";

const count = fc.nat(20);
const anyPolicy: fc.Arbitrary<OfferPolicy> = fc.record({
	bufferUnits: count,
	bufferSeconds: fc.constant(60),
	sharePercent: fc.integer({ min: 1, max: 100 }),
	minUnits: count,
	capUnits: fc.option(count),
	outOfStockBelow: count,
});
const anyStock = fc.record({
	available: fc.integer({ min: -50, max: 300 }),
	paceUnits: count,
	units: fc.integer({ min: 1, max: 12 }),
});

describe("what a channel is offered", () => {
	it("is never negative and never more than what is available allows, at every step", () => {
		fc.assert(
			fc.property(anyStock, anyPolicy, (stock, policy) => {
				const { quantity, steps } = offer(stock, policy);
				const most = Math.max(0, stock.available);
				expect(quantity).toBeGreaterThanOrEqual(0);
				expect(quantity * stock.units).toBeLessThanOrEqual(most);
				for (const { left } of steps) {
					expect(left).toBeGreaterThanOrEqual(0);
					expect(left).toBeLessThanOrEqual(most);
				}
			}),
		);
	});

	it("never falls when stock rises", () => {
		fc.assert(
			fc.property(anyStock, anyPolicy, fc.nat(20), (stock, policy, more) => {
				const fuller = { ...stock, available: stock.available + more };
				expect(offer(fuller, policy).quantity).toBeGreaterThanOrEqual(offer(stock, policy).quantity);
			}),
		);
	});

	it("is what its last step left, and each step names what is set", () => {
		fc.assert(
			fc.property(anyStock, anyPolicy, (stock, policy) => {
				const { quantity, steps } = offer(stock, policy);
				expect(quantity).toBe(steps.length > 0 ? steps.at(-1)?.left : Math.max(0, stock.available));
				expect(steps.some(({ by }) => by === "units")).toBe(stock.units > 1);
				expect(steps.some(({ by }) => by === "capUnits")).toBe(policy.capUnits !== null);
			}),
		);
	});

	it("is all that is available where nothing is set", () => {
		fc.assert(
			fc.property(fc.integer({ min: -9, max: 99 }), (available) => {
				const whole = { available, paceUnits: 0, units: 1 };
				expect(offer(whole, openPolicy)).toEqual({ quantity: Math.max(0, available), steps: [] });
			}),
		);
	});

	it("never shows more than the cap, and nothing below the number below which it is out of stock", () => {
		fc.assert(
			fc.property(anyStock, anyPolicy, (stock, policy) => {
				const { quantity } = offer(stock, policy);
				expect(quantity).toBeLessThanOrEqual(policy.capUnits ?? quantity);
				if (quantity > 0) expect(quantity).toBeGreaterThanOrEqual(policy.outOfStockBelow);
			}),
		);
	});

	it("is kept at the minimum while the stock lasts, however small the share", () => {
		fc.assert(
			fc.property(anyStock, anyPolicy, (stock, policy) => {
				const without = { ...policy, capUnits: null, outOfStockBelow: 0 };
				const all = offer(stock, { ...without, sharePercent: 100 }).quantity;
				expect(offer(stock, without).quantity).toBeGreaterThanOrEqual(Math.min(policy.minUnits, all));
			}),
		);
	});

	const of = (available: number, fields: Partial<OfferPolicy>, units = 1, pace = 0) =>
		offer({ available, paceUnits: pace, units }, { ...openPolicy, ...fields }).quantity;

	it.each<[string, number, number]>([
		["a buffer of 3 leaves 7 of 10", of(10, { bufferUnits: 3 }), 7],
		["a buffer larger than the stock leaves none", of(2, { bufferUnits: 3 }), 0],
		["5 sold in the seconds of the buffer leave 5 of 10", of(10, { bufferSeconds: 60 }, 1, 5), 5],
		["the larger of both buffers counts, not their sum", of(10, { bufferUnits: 6, bufferSeconds: 60 }, 1, 5), 4],
		["half of 7 is 3", of(7, { sharePercent: 50 }), 3],
		["half of 7, at least 5, is 5", of(7, { sharePercent: 50, minUnits: 5 }), 5],
		["half of 3, at least 5, is the 3 that there are", of(3, { sharePercent: 50, minUnits: 5 }), 3],
		["a minimum without a share changes nothing", of(7, { minUnits: 5 }), 7],
		["a minimum leaves the buffer alone", of(7, { bufferUnits: 4, sharePercent: 10, minUnits: 5 }), 3],
		["a cap of 5 shows 5 of 10", of(10, { capUnits: 5 }), 5],
		["a cap of 5 shows 5 six-packs of 60", of(60, { capUnits: 5 }, 6), 5],
		["a cap of 0 shows none", of(10, { capUnits: 0 }), 0],
		["below 3, 2 are shown as none", of(2, { outOfStockBelow: 3 }), 0],
		["below 3, 3 are shown", of(3, { outOfStockBelow: 3 }), 3],
		["below 3 six-packs, 17 units are shown as none", of(17, { outOfStockBelow: 3 }, 6), 0],
		["10 are 1 six-pack", of(10, {}, 6), 1],
	])("%s", (_, is, ought) => expect(is).toBe(ought));

	it("says how it came about", () => {
		const policy = {
			bufferUnits: 1,
			bufferSeconds: 60,
			sharePercent: 50,
			minUnits: 2,
			capUnits: 4,
			outOfStockBelow: 2,
		};
		expect(offer({ available: availableUnits(33, 2), paceUnits: 0, units: 3 }, policy)).toEqual({
			quantity: 4,
			steps: [
				{ by: "bufferUnits", value: 1, left: 30 },
				{ by: "sharePercent", value: 50, left: 15 },
				{ by: "units", value: 3, left: 5 },
				{ by: "minUnits", value: 2, left: 5 },
				{ by: "capUnits", value: 4, left: 4 },
				{ by: "outOfStockBelow", value: 2, left: 4 },
			],
		});
	});

	it("of a bundle is what its scarcest component allows, and as fast as its fastest", () => {
		expect(
			bundleUnits([
				{ available: 7, units: 2 },
				{ available: 100, units: 1 },
			]),
		).toBe(3);
		expect(
			bundleUnits([
				{ available: -1, units: 1 },
				{ available: 5, units: 1 },
			]),
		).toBe(-1);
		expect(
			bundlePace([
				{ recentUnits: 8, units: 4 },
				{ recentUnits: 3, units: 1 },
			]),
		).toBe(3);
	});
});

describe("a buffer for the pace", () => {
	it("holds back what sells in its seconds", () => {
		// Thirty-one in half a minute are one a second.
		expect(paceUnits(31, 60)).toBe(60);
		expect(paceUnits(31, 10)).toBe(10);
	});

	it("takes one sale for no pace, so that a slow seller shows its last unit", () => {
		expect(paceUnits(1, 600)).toBe(0);
		expect(paceUnits(0, 600)).toBe(0);
	});
});
