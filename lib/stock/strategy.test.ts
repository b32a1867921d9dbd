import { describe, expect, it } from "vitest";
import {
	adaptiveFor,
	backAt,
	defaultAdaptive,
	fastest,
	hearPace,
	noPace,
	type Pace,
	paceFrom,
	paceValues,
	secondsLeft,
	stand,
} from "./strategy";

const sell = (pace: Pace, sales: readonly [units: number, at: number][]) =>
	sales.reduce((next, [units, at]) => hearPace(next, units, at), pace);
const calm = { available: 500, pace: noPace, now: 0, wasEscrow: false, isLaunch: false };

describe("the pace", () => {
	it("is that of the fastest window: a burst shows in seconds, a steady trickle in minutes", () => {
		const burst = sell(noPace, [
			[3, 1],
			[3, 1],
		]);
		expect(fastest(burst, 1)).toBeCloseTo(2);
		expect(fastest(burst, 30_000)).toBeLessThan(0.15);
		const trickle = sell(
			noPace,
			Array.from({ length: 40 }, (_, n): [number, number] => [1, n * 10_000]),
		);
		expect(fastest(trickle, 395_000)).toBeGreaterThan(0.08);
		expect(fastest(trickle, 395_000)).toBeLessThan(0.2);
	});

	it("is not slowed by what is given back", () => {
		const sold = sell(noPace, [[3, 0]]);
		expect(hearPace(sold, -3, 0)).toBe(sold);
	});

	it("says how long the stock lasts, for ever while nothing sells", () => {
		expect(secondsLeft(10, fastest(noPace, 0))).toBe(Number.POSITIVE_INFINITY);
		expect(secondsLeft(10, fastest(hearPace(noPace, 3, 1, 2), 1))).toBeCloseTo(10);
	});

	it("takes two orders: a lone one, however large, splits the last units and nothing more", () => {
		const lone = sell(noPace, [[9, 1_000]]);
		const standsAt = (available: number, pace: Pace, now: number) =>
			stand("adaptive", { ...calm, available, pace, now });
		expect(standsAt(21, lone, 1_000).isEscrow).toBe(false);
		expect(standsAt(20, lone, 1_000).isEscrow).toBe(true);
		expect(standsAt(20, lone, 4_000).isEscrow).toBe(false);
		expect(standsAt(200, sell(lone, [[1, 3_000]]), 3_000).isEscrow).toBe(true);
		// The first of them has faded from the short windows, and has not from the long ones.
		expect(fastest(sell(lone, [[1, 60_000]]), 60_000)).toBeLessThan(fastest(sell(lone, [[1, 3_000]]), 3_000) / 10);
	});

	it("tells several orders that are heard at once from one", () => {
		expect(fastest(hearPace(noPace, 9, 1, 3), 1)).toBeCloseTo(3);
		expect(fastest(hearPace(noPace, 9, 1, 1), 1)).toBeCloseTo(1 / 6);
	});

	it("is the same after it was kept as one list", () => {
		const pace = sell(noPace, [
			[2, 5],
			[1, 900],
		]);
		expect(paceFrom(paceValues(pace), pace.at)).toEqual(pace);
	});
});

describe("how a SKU is shared", () => {
	it("is what the merchant chose", () => {
		expect(stand("shared", { ...calm, available: 1 })).toEqual({ isEscrow: false, why: "chosen" });
		expect(stand("escrow", calm)).toEqual({ isEscrow: true, why: "chosen" });
	});

	it("adaptive: shared while it lasts, escrow once it would be sold out within the horizon", () => {
		const pace = hearPace(noPace, 30, 1, 2);
		expect(stand("adaptive", calm)).toEqual({ isEscrow: false, why: "lasts" });
		expect(stand("adaptive", { ...calm, pace })).toEqual({ isEscrow: true, why: "sells_out" });
	});

	it("adaptive: escrow at any pace when next to nothing is left, and in a marked launch", () => {
		expect(stand("adaptive", { ...calm, available: 3 })).toEqual({ isEscrow: true, why: "scarce" });
		expect(stand("adaptive", { ...calm, isLaunch: true })).toEqual({ isEscrow: true, why: "launch" });
	});

	it("adaptive: where a channel would be closed for long, splits as long ahead", () => {
		const facts = { orderListLagMs: 0, scarceUnits: 10, paceMs: 1_100, ordersFreshMs: 5_000 };
		const blind = { ...facts, writeMode: "absolute", appliesAfterMs: null, lateWriteMs: 30_000 } as const;
		const compare = { ...facts, writeMode: "compare", appliesAfterMs: null, lateWriteMs: 0 } as const;
		const slowDelta = { ...facts, writeMode: "delta", appliesAfterMs: 10_000, lateWriteMs: 60_000 } as const;
		const marketplace = { ...facts, writeMode: "absolute", appliesAfterMs: 60_000, lateWriteMs: 895_000 } as const;
		expect(adaptiveFor([])).toEqual(defaultAdaptive);
		expect(adaptiveFor([compare, blind, slowDelta])).toEqual(defaultAdaptive);
		const longer = adaptiveFor([compare, marketplace]);
		expect(longer).toEqual({ ...defaultAdaptive, steadySeconds: 4 * 900 });
		// A unit in ten seconds: two hundred last more than half an hour.
		const trickle = sell(
			noPace,
			Array.from({ length: 40 }, (_, n): [number, number] => [1, n * 10_000]),
		);
		const now = { ...calm, available: 200, pace: trickle, now: 398_000 };
		expect(stand("adaptive", now).why).toBe("lasts");
		expect(stand("adaptive", now, longer).why).toBe("sells_steadily");
		// Two orders at once are no such pace.
		const burst = sell(noPace, [
			[1, 1_000],
			[1, 1_500],
		]);
		expect(stand("adaptive", { ...calm, pace: burst, now: 1_500 }, longer).why).toBe("lasts");
	});

	it("adaptive: goes back only once it has moved well away from what put it there", () => {
		expect(stand("adaptive", { ...calm, available: 5, wasEscrow: true }).why).toBe("not_yet_back");
		expect(stand("adaptive", { ...calm, available: 7, wasEscrow: true }).why).toBe("lasts");
		expect(backAt(noPace, 0)).toBe(7);
		const pace = hearPace(noPace, 9, 1, 3);
		const back = backAt(pace, 0);
		expect(stand("adaptive", { ...calm, pace, wasEscrow: true, available: back - 1 }).isEscrow).toBe(true);
		expect(stand("adaptive", { ...calm, pace, wasEscrow: true, available: back }).isEscrow).toBe(false);
		expect(stand("adaptive", { ...calm, pace }).isEscrow).toBe(false);
		expect(stand("adaptive", { ...calm, pace, wasEscrow: true }).why).toBe("not_yet_back");
	});
});
