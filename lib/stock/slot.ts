/**
 * One slot: what a listing ought to show, what we think it shows, and the write under way. Pure: time comes in as an
 * argument, states are values. The database keeps the same fields (db/schema slots). What each signal makes of each state
 * stands in one table, slot-table.ts.
 *
 * Invariants, each held by a test in slot.test.ts and by the seeded runs of P1 and P7:
 * S1  A write carries what we expect the channel to show, never a value read a moment before (R4).
 * S2  A raise waits while anything is unexplained or still to be read; a lowering goes at once (R4), unless it would go blindly
 *     over a sale that may have been counted twice: it waits for the read that tells.
 * S3  At most one write of a slot is in flight.
 * S4  A sale that was heard while a write was in flight is neither lost nor counted twice.
 * S5  A level that equals what we expect is an echo, and moves nothing (R6).
 * S6  After a lost answer nothing is raised: the same key goes again where the platform remembers keys; else the level is
 *     read after the last moment at which the write could land, and believed once the orders explain it. A lowering may
 *     leave meanwhile, from the most that the channel can show.
 * S7  While stock is scarce for its pace, an absolute write is preceded by zero and a reading of the channel's orders,
 *     so that no sale can hide behind it, however late it lands. No reading counts before it can prove that.
 * S8  A write over reservations puts what open orders still have to ship on top of its number, as of a level read just
 *     before, so that a sale lowers what it shows by itself; never less than they have to ship, and read back, since a
 *     shipment in between can raise it.
 * S9  A write that was only accepted is in doubt until a look proves that it has landed (accepted.ts).
 */

import type { Sellable } from "./bound";
import type { WriteKind, WriteMode } from "./write-mode";

/** A channel's own count behind what a listing shows, where open orders are reservations. Units of the listing. */
export type Reservations = {
	/** What lies there and is written: salable units, and those of open orders. */
	source: number;
	/**
	 * Units that open orders still have to ship, also of those that we have not heard of: what lies there less what is salable.
	 * Below zero where some were sold and shipped between the two readings: the salable units still had them.
	 */
	open: number;
};

/** Moments are milliseconds since the epoch. Quantities are units of the listing. */
export type Slot = {
	/** Null while the SKU is not counted or the listing not linked. */
	offered: number | null;
	offeredVersion: number;
	skuVersion: number;
	/** What the channel should be showing; null until it was read once. */
	expected: number | null;
	expectedVersion: number;
	/** Last live value minus expected: a difference that nothing explains yet. */
	unexplained: number;
	/** When the answer came that first showed it: every sale that the value holds happened before. */
	unexplainedSince: number | null;
	/** The last live value, or what a write has surely made it; null while what we believe is known to be wrong. */
	shown: number | null;
	/** When its read began: sales from before are in it. Null after an absolute write, until it was read back. */
	shownAt: number | null;
	/** When its answer came: sales from later are not in it. Null: as `shownAt`. */
	shownUntil: number | null;
	flight: Flight | null;
	/** What a write whose answer was lost may have added to what is shown; null when no such write is open. */
	maybe: number | null;
	/** That write, where its platform said "accepted", the last of several; null: there is none such (S9). */
	accepted: Accepted | null;
	/** Accepted writes in a row that were never applied. */
	unapplied: number;
	/** Read the channel's orders and this level once this has come. */
	readDueAt: number | null;
	/** As of the last live value, or of a write since; null until it was read, and where the platform reserves nothing. */
	reservations: Reservations | null;
	/** Zero was written so that the channel's orders can be read before the raise. */
	isFenced: boolean;
	attempts: number;
	nextTryAt: number | null;
	heldReason: string | null;
	pacedUntil: number | null;
	confirmedVersion: number;
	confirmedSkuVersion: number;
	/** Recent sales of what is offered, here and elsewhere, fading with `paceMemoryMs`: about what sells in that time. */
	soldUnits: number;
	/** When `soldUnits` was last brought up to date. */
	soldAt: number | null;
	/** The most that the channel can sell, whatever we have not heard yet; null until the slot was read once. */
	sellable: Sellable | null;
};

export type Flight = {
	pushId: string;
	kind: WriteKind;
	quantity: number;
	expected: number;
	/** Units written on top of `quantity` for open orders (S8); none in the other modes. */
	open?: number;
	offeredVersion: number;
	skuVersion: number;
	claimedAt: number;
	/** Until then the answer may come; afterwards the claim is an orphan. */
	until: number;
};

/** A write that was accepted and may not be applied yet. */
export type Accepted = Omit<Flight, "claimedAt" | "until"> & {
	/** When the answer came. */
	at: number;
	/** Until then it may land. */
	until: number;
	/** No other write is open beside it, so that a look can tell whether it has landed. */
	isAlone: boolean;
	/** Units that all open ones will take once they land: what is to be lowered further is lowered from there. */
	taken: number;
	/** The first version that an open one carries. */
	sinceSkuVersion: number;
};

/** What the rules need to know about a platform (from the adapter's facts), in milliseconds. */
export type SlotFacts = {
	writeMode: WriteMode;
	orderListLagMs: number;
	lateWriteMs: number;
	/** A write that was only accepted has most often landed after this; null: what is answered is applied. */
	appliesAfterMs: number | null;
	/** A difference that takes more than is there is not refused, and leaves less than none. */
	takesBelowZero?: boolean;
	/** At or below this many units an absolute write goes behind a fence, however slowly it sells (S7). */
	scarceUnits: number;
	/** Between two unhurried writes of one slot, after a burst of two. */
	paceMs: number;
	/** First write wins (R8): a blind lowering waits for a read that is due, so as not to go over an edit which that would find. */
	looksFirst?: boolean;
	/** An absolute write needs the channel's orders read no longer ago than this (R4), one over reservations its level. */
	ordersFreshMs: number;
};

export const emptySlot: Slot = {
	offered: null,
	offeredVersion: 0,
	skuVersion: 0,
	expected: null,
	expectedVersion: 0,
	unexplained: 0,
	unexplainedSince: null,
	shown: null,
	shownAt: null,
	shownUntil: null,
	flight: null,
	maybe: null,
	accepted: null,
	unapplied: 0,
	readDueAt: null,
	reservations: null,
	isFenced: false,
	attempts: 0,
	nextTryAt: null,
	heldReason: null,
	pacedUntil: null,
	confirmedVersion: 0,
	confirmedSkuVersion: 0,
	soldUnits: 0,
	soldAt: null,
	sellable: null,
};

/** What we would have the platform compare with, and hold a live value against. Null until the slot was read once. */
export const believed = (slot: Slot): number | null =>
	slot.expected === null ? null : slot.expected + slot.unexplained;

/** True while a call is due for this slot, now or later: offered ≠ believed, or a fence to be lifted. */
export function isPending(slot: Slot): boolean {
	const shows = believed(slot);
	return (
		slot.offered !== null &&
		shows !== null &&
		slot.heldReason === null &&
		(slot.offered !== shows || (slot.isFenced && slot.offered !== 0))
	);
}

/** A reading before `readDueAt` would prove nothing: the lost write can still land, or a sale be missing in the list of orders. */
export const isTooEarlyToRead = (slot: Slot): slot is Slot & { readDueAt: number } =>
	slot.readDueAt !== null && slot.shownAt === null && (slot.maybe !== null || slot.isFenced);

/** When to read, now that there is a reason to read at `at`: never before a reading proves something. */
export const soonest = (slot: Slot, at: number): number =>
	isTooEarlyToRead(slot) ? slot.readDueAt : Math.min(slot.readDueAt ?? at, at);

/** Nothing is known of what is shown, until it is read anew. */
export const unread = (slot: Slot, readDueAt: number | null): Slot => ({
	...slot,
	shown: null,
	shownAt: null,
	shownUntil: null,
	readDueAt,
});
