/**
 * Exposure: how many units of a SKU can be sold that are not there, and for how long. Pure. What a strategy buys is told
 * by it: zero under escrow, and under shared as much as every other store shows.
 *
 * Invariants, held by exposure.test.ts and, of what the database keeps, by recount-exposures.db.test.ts:
 * X1  It is never negative.
 * X2  It is zero whenever the invariant of escrow holds (escrow.ts, E1).
 * X3  The hours together are the integral of the units at risk over the time that they span.
 *
 * What was oversold already is not at risk any more: it is a conflict. So a level below zero counts as none.
 */
import { committedUnits, type Stake } from "./escrow";

/** Moments are milliseconds since the epoch, quantities units of the SKU. */
export type Exposure = {
	/** At risk: what the listings can sell between them beyond what is there. */
	units: number;
	/** Up to when `hours` is counted. */
	since: number;
	/** Units × seconds in each of the last 24 hours of the clock; an hour's place is its number since the epoch % 24. */
	hours: readonly number[];
};

export const hourMs = 3_600_000;
export const hoursKept = 24;

export const noExposure = (now: number): Exposure => ({ units: 0, since: now, hours: Array(hoursKept).fill(0) });

/** `available`: on hand − reserved, negative after an oversale. */
export const unitsAtRisk = (available: number, stakes: readonly Stake[]): number =>
	Math.max(0, committedUnits(stakes) - Math.max(0, available));

const hourOf = (moment: number) => Math.floor(moment / hourMs);

/** Brought up to `now`: time passed, and nothing changed. `exposed` (db/guards.sql) is the same in SQL; a test holds both equal. */
export function passed(exposure: Exposure, now: number): Exposure {
	const { units, since } = exposure;
	if (now <= since) return exposure;
	const hours = [...exposure.hours];
	for (let hour = Math.max(hourOf(since), hourOf(now) - hoursKept + 1); hour <= hourOf(now); hour++) {
		const place = hour % hoursKept;
		const before = hour > hourOf(since) ? 0 : (hours[place] as number);
		const ms = Math.min(now, (hour + 1) * hourMs) - Math.max(since, hour * hourMs);
		hours[place] = before + (units * ms) / 1000;
	}
	return { ...exposure, since: now, hours };
}

/** From `now` on it is another number. */
export const changeUnits = (exposure: Exposure, units: number, now: number): Exposure => ({
	...passed(exposure, now),
	units,
});

export const daysKept = 30;

/** The day of a moment in a time zone: `2026-11-30`. */
export type DayOf = (moment: number) => string;

/** Units × seconds of the last days, oldest first; the last is the day that is passing. An hour that is not given had none. */
export function byDay(
	hours: readonly { at: number; unitSeconds: number }[],
	now: number,
	dayOf: DayOf,
): { day: string; unitSeconds: number }[] {
	const sums = new Map<string, number>();
	for (const { at, unitSeconds } of hours) sums.set(dayOf(at), (sums.get(dayOf(at)) ?? 0) + unitSeconds);
	const today = Date.parse(`${dayOf(now)}T00:00:00Z`);
	return Array.from({ length: daysKept }, (_, index) => {
		const day = new Date(today - (daysKept - 1 - index) * 24 * hourMs).toISOString().slice(0, 10);
		return { day, unitSeconds: sums.get(day) ?? 0 };
	});
}

/** Units × seconds by the hour, oldest first; the last is the hour that is passing. `hours` are those of `now`. */
export function byHour(hours: readonly number[], now: number): { at: number; unitSeconds: number }[] {
	return Array.from({ length: hoursKept }, (_, index) => {
		const hour = hourOf(now) - hoursKept + 1 + index;
		return { at: hour * hourMs, unitSeconds: hours[hour % hoursKept] as number };
	});
}
