import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { begin, end, hearUnit, type Sellable, sellableOf } from "./bound";
import { committedUnits, freeUnits, mostAllowed, type Stake } from "./escrow";
import { byDay, byHour, changeUnits, hourMs, noExposure, passed, unitsAtRisk } from "./exposure";

const stake = fc.record({
	units: fc.integer({ min: 1, max: 6 }),
	sellable: fc
		.record({ bound: fc.integer({ min: -3, max: 20 }), doubt: fc.nat(10) })
		.map((one): Sellable => ({ ...one, openUntil: null, proof: null })),
});

/** Changes of what is at risk, each so many milliseconds after the one before: from moments to days. */
const history = fc.array(
	fc.record({
		afterMs: fc.oneof(fc.nat(5_000), fc.nat(3 * hourMs), fc.nat(60 * hourMs)),
		units: fc.nat(20),
	}),
	{ maxLength: 40 },
);
const start = fc.integer({ min: 0, max: 50 * hourMs }).map((ms) => 1_764_000_000_000 + ms);

describe("what is at risk", () => {
	test("X1 X2 is never negative, and zero exactly where the invariant holds", () => {
		fc.assert(
			fc.property(fc.integer({ min: -5, max: 60 }), fc.array(stake, { maxLength: 5 }), (available, stakes) => {
				const units = unitsAtRisk(available, stakes);
				expect(units).toBeGreaterThanOrEqual(0);
				if (available >= 0) expect(units === 0).toBe(committedUnits(stakes) <= available);
				else expect(units).toBe(committedUnits(stakes));
			}),
		);
	});

	test("X2 escrow keeps it at zero, whatever is sold, written and lost; shared does not", () => {
		const step = fc.record({
			at: fc.nat(2),
			what: fc.constantFrom("sale", "write", "lost" as const),
			units: fc.integer({ min: 1, max: 4 }),
		});
		let exposedWhenShared = 0;
		fc.assert(
			fc.property(fc.integer({ min: 3, max: 30 }), fc.array(step, { maxLength: 30 }), (onHand, steps) => {
				const run = (isEscrow: boolean): number => {
					const stakes: Stake[] = [0, 1, 2].map(() => ({
						units: 1,
						sellable: sellableOf(isEscrow ? Math.floor(onHand / 3) : onHand),
					}));
					let available = onHand;
					let most = 0;
					steps.forEach(({ at, what, units }, index) => {
						const one = stakes[at] as Stake;
						if (what === "sale") {
							const sold = Math.min(units, one.sellable.bound, available);
							one.sellable = hearUnit(one.sellable, Math.max(0, sold), index);
							available -= Math.max(0, sold);
						} else {
							const expected = Math.max(0, one.sellable.bound);
							const free = isEscrow ? freeUnits(available, stakes) : available;
							const quantity = Math.min(expected + units, mostAllowed("compare", expected, free, 1));
							const write = { kind: "compare" as const, quantity, expected };
							const begun = begin(one.sellable, write);
							const outcome = what === "write" ? "applied" : "unknown";
							one.sellable = end(begun, write, outcome, { claimedAt: index, now: index, lateWriteMs: 5 });
						}
						most = Math.max(most, unitsAtRisk(available, stakes));
					});
					return most;
				};
				expect(run(true)).toBe(0);
				if (run(false) > 0) exposedWhenShared++;
			}),
		);
		expect(exposedWhenShared).toBeGreaterThan(0);
	});
});

describe("the hours", () => {
	test("X3 are the integral of what was at risk, of each hour by itself", () => {
		fc.assert(
			fc.property(start, history, fc.nat(30 * hourMs), (from, changes, tail) => {
				let exposure = noExposure(from);
				const spans: { from: number; to: number; units: number }[] = [];
				let now = from;
				for (const { afterMs, units } of changes) {
					spans.push({ from: now, to: now + afterMs, units: exposure.units });
					now += afterMs;
					exposure = changeUnits(exposure, units, now);
				}
				spans.push({ from: now, to: now + tail, units: exposure.units });
				now += tail;
				for (const { at, unitSeconds } of byHour(passed(exposure, now).hours, now)) {
					const naive = spans.reduce(
						(sum, span) => sum + span.units * Math.max(0, Math.min(span.to, at + hourMs) - Math.max(span.from, at)),
						0,
					);
					expect(unitSeconds).toBeCloseTo(naive / 1000, 4);
					expect(unitSeconds).toBeGreaterThanOrEqual(0);
				}
			}),
		);
	});

	test("are those of the clock, oldest first, and a clock that goes back counts nothing", () => {
		const now = Date.parse("2026-11-30T10:20:00Z");
		const exposure = changeUnits(noExposure(now - 30 * 60_000), 3, now - 30 * 60_000);
		const hours = byHour(passed(exposure, now).hours, now);
		expect(hours).toHaveLength(24);
		expect(hours.slice(-2)).toEqual([
			{ at: Date.parse("2026-11-30T09:00:00Z"), unitSeconds: 3 * 600 },
			{ at: Date.parse("2026-11-30T10:00:00Z"), unitSeconds: 3 * 1200 },
		]);
		expect(passed(exposure, now - hourMs)).toBe(exposure);
	});
});

test("days are the shop's own, oldest first, and those without any are there", () => {
	const now = Date.parse("2026-11-30T10:20:00Z");
	const dayOf = (moment: number) => new Date(moment + hourMs).toISOString().slice(0, 10);
	const days = byDay(
		[
			{ at: Date.parse("2026-11-28T22:00:00Z"), unitSeconds: 5 },
			{ at: Date.parse("2026-11-28T23:00:00Z"), unitSeconds: 7 },
			{ at: Date.parse("2026-11-30T09:00:00Z"), unitSeconds: 3 },
		],
		now,
		dayOf,
	);
	expect(days).toHaveLength(30);
	expect(days[0]).toEqual({ day: "2026-11-01", unitSeconds: 0 });
	expect(days.slice(-3)).toEqual([
		{ day: "2026-11-28", unitSeconds: 5 },
		{ day: "2026-11-29", unitSeconds: 7 },
		{ day: "2026-11-30", unitSeconds: 3 },
	]);
});
