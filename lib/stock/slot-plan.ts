/** What a slot should write now, and whether (slot.ts has its state and invariants). */
import { ceiling } from "./bound";
import { mostAllowed } from "./escrow";
import { believed, isPending, type Reservations, type Slot, type SlotFacts } from "./slot";
import { landsWithinMs, paceMemoryMs, recentlySold, writesBlindly } from "./slot-news";
import type { WriteKind } from "./write-mode";

/**
 * Stock so low that the channel could sell it out while an absolute write is under way, or before one lands that was lost, or
 * accepted: a floor, and an upper bound of what it sells in that time at its recent pace (Poisson, about five deviations).
 */
function isScarce(slot: Slot, quantity: number, facts: SlotFacts, now: number): boolean {
	const pace = (recentlySold(slot, now) * landsWithinMs(facts)) / paceMemoryMs;
	return quantity <= facts.scarceUnits + Math.ceil(2 * pace + 5 * Math.sqrt(pace));
}

/** A fall to this or less is told at once, whatever the pace. */
export const urgentUnits = 3;

export type Plan =
	| { act: "nothing" }
	/** Nothing compares: the channel's orders must be read first. */
	| { act: "read_orders" }
	/** What its open orders still have to ship must be read first, and its orders before that. */
	| { act: "read_level" }
	/** Not before `until`; null: not before news or a read. */
	| {
			act: "wait";
			until: number | null;
			why: "in_flight" | "unexplained" | "paced" | "backing_off" | "lost_answer" | "fenced" | "none_free";
	  }
	| { act: "write"; kind: WriteKind; quantity: number; expected: number; open?: number };

/**
 * What a write would bring the listing to. Fewer shown than expected may be a sale that nobody has told us of: until
 * that is explained it is taken off, or a lowering would show a unit again that was just sold.
 */
export const target = (slot: Slot, offered: number): number => Math.max(0, offered + Math.min(0, slot.unexplained));

/** What escrow lets a slot write. `free`: units of the SKU that no listing holds; `units`: those that one of this listing takes. */
export type Escrow = { free: number; units: number };

/**
 * What to do about a slot now. `ordersReadAt`: when the last complete read of the channel's orders began. `escrow`: null
 * where the listings share the stock.
 */
export function planWrite(
	slot: Slot,
	facts: SlotFacts,
	now: number,
	ordersReadAt: number | null,
	escrow: Escrow | null = null,
): Plan {
	const shows = believed(slot);
	if (!isPending(slot) || shows === null || slot.offered === null) return { act: "nothing" };
	if (slot.flight) return { act: "wait", until: slot.flight.until, why: "in_flight" };
	if (slot.nextTryAt !== null && slot.nextTryAt > now)
		return { act: "wait", until: slot.nextTryAt, why: "backing_off" };

	const looksFirst = facts.looksFirst || mayBeToldTwice(slot);
	if (looksFirst && writesBlindly(facts.writeMode) && isReadDue(slot, now)) return { act: "read_level" };

	const wanted = target(slot, slot.offered);
	const open = openUnits(slot, shows);
	const most = escrow ? mostAllowed(facts.writeMode, shows, escrow.free, escrow.units, open) : Number.POSITIVE_INFINITY;
	// Up from below zero, a delta would put its difference on sale where that is not so.
	const least = facts.writeMode === "delta" ? Math.min(0, shows) : 0;
	// A blind write that isn't free goes behind a zero; what it may be afterwards is seen then.
	const quantity = mayFence(facts) && shows > 0 ? wanted : Math.min(wanted, Math.max(least, most));
	if (quantity !== wanted && quantity === shows && !slot.isFenced)
		return { act: "wait", until: null, why: "none_free" };
	if (slot.maybe !== null) return planInDoubt(slot, slot.maybe, { shows, quantity }, facts, now);
	if (slot.shown === null) return { act: "wait", until: slot.readDueAt, why: "unexplained" };

	const isRaise = quantity > shows;
	if (slot.isFenced && slot.readDueAt !== null) return { act: "wait", until: slot.readDueAt, why: "fenced" };
	if (isRaise && (slot.unexplained !== 0 || slot.readDueAt !== null))
		return { act: "wait", until: slot.readDueAt, why: "unexplained" };
	if (quantity === shows && !slot.isFenced) return { act: "wait", until: slot.readDueAt, why: "unexplained" };
	const isUrgent = quantity === 0 || slot.isFenced || (!isRaise && quantity <= urgentUnits);
	const paced = isUrgent ? null : waitForPace(slot, now);
	if (paced) return paced;

	if (isRaise && shows < 0 && slot.shown !== shows && goesByReturns(facts)) return { act: "read_level" };

	switch (facts.writeMode) {
		case "compare":
			return { act: "write", kind: "compare", quantity, expected: shows };
		case "delta":
			return { act: "write", kind: "delta", quantity, expected: shows };
		case "absolute": {
			const needsFence = quantity > 0 && shows > 0 && (quantity > most || isScarce(slot, quantity, facts, now));
			if (quantity === 0 && shows === 0) return { act: "wait", until: null, why: "none_free" };
			if (needsFence || quantity === 0) return { act: "write", kind: "fence", quantity: 0, expected: shows };
			const isFresh = ordersReadAt !== null && ordersReadAt >= now - facts.ordersFreshMs;
			return isFresh ? { act: "write", kind: "set", quantity, expected: shows } : { act: "read_orders" };
		}
		case "over_reservations":
			return planOver(slot, facts, now, { quantity, shows, open, most, escrow });
	}
}

/**
 * S8. Where the number isn't free it is closed first, which frees what it holds; unless it could not be opened again with
 * what that frees, since it takes as many units more as its open orders have. Where more is held than there is (it was shared
 * until now, or stock was taken away), such a one is lowered at once: nothing is safe before all have been.
 */
function planOver(
	slot: Slot,
	facts: SlotFacts,
	now: number,
	{
		quantity: wanted,
		shows,
		open,
		most,
		escrow,
	}: { quantity: number; shows: number; open: number; most: number; escrow: Escrow | null },
): Plan {
	if (wanted === 0 && shows === 0) return { act: "wait", until: null, why: "none_free" };
	if (slot.reservations === null) return { act: "read_level" };
	if (wanted === 0) return close(slot, slot.reservations, shows);
	const isPart = wanted > most && most > shows;
	if (escrow && wanted > most && !isPart) {
		const { free, units } = escrow;
		const freed = slot.sellable ? ceiling(slot.sellable) * units : 0;
		const onceClosed = mostAllowed(facts.writeMode, shows, free + freed, units, open);
		const isOverheld = free < 0 && wanted < shows && onceClosed < wanted;
		const isWorthIt = wanted > shows ? onceClosed >= wanted : onceClosed > 0;
		if (!isOverheld)
			return isWorthIt ? close(slot, slot.reservations, shows) : { act: "wait", until: null, why: "none_free" };
	}
	const isRead = slot.shownAt !== null && slot.shownAt >= now - facts.ordersFreshMs;
	const isFresh = isRead && (slot.readDueAt === null || slot.readDueAt > now);
	if (!isFresh) return { act: "read_level" };
	const quantity = isPart ? most : wanted;
	return { act: "write", kind: "over", quantity, expected: shows, open: Math.max(-quantity, open) };
}

/**
 * Fewer were shown than expected, and news came since: it may be of the very sale that makes them fewer. Gone over blindly, what
 * was counted twice would be missing for good, as if somebody had taken it.
 */
const mayBeToldTwice = ({ unexplained, unexplainedSince }: Slot): boolean =>
	unexplained < 0 && unexplainedSince === null;

/**
 * Below zero by what we heard, a store has sold what was given back there unheard. A delta would put that on sale twice, and one
 * over reservations would write away what open orders ship.
 */
const goesByReturns = ({ writeMode }: SlotFacts): boolean => writeMode === "delta" || writeMode === "over_reservations";

/** A read that tells what is shown now: not while a lost write, or a sale from before a fence, would make it prove nothing. */
const isReadDue = ({ readDueAt, maybe, isFenced }: Slot, now: number): boolean =>
	readDueAt !== null && readDueAt <= now && maybe === null && !isFenced;

/** Whether zero can go ahead of a raise, so that nothing sells while the channel's orders are read. */
const mayFence = ({ writeMode }: SlotFacts): boolean => writesBlindly(writeMode);

/**
 * The listing is closed; all that lies there stays for its open orders, and no less than they have to ship. What was given
 * back since it was read may lie there, too.
 */
const close = ({ shown }: Slot, { source, open }: Reservations, shows: number): Plan => ({
	act: "write",
	kind: "fence",
	quantity: 0,
	expected: shows,
	open: Math.max(source + Math.max(0, shows - (shown ?? shows)), open),
});

/**
 * S8: units that open orders still have to ship, as far as we know: as of the last live value, and what was sold since.
 * Those that it has shipped since are still in it.
 */
const openUnits = ({ reservations, shown, shownAt }: Slot, shows: number): number =>
	reservations === null ? 0 : reservations.open + (shown === null || shownAt === null ? 0 : shown - shows);

function waitForPace(slot: Slot, now: number): Plan | null {
	if (slot.pacedUntil === null || slot.pacedUntil <= now) return null;
	return { act: "wait", until: slot.pacedUntil, why: "paced" };
}

/**
 * S6: while a lost write may still land, only lowerings may leave. Zero is always safe; any other absolute write could
 * hide a sale that no read-back tells of before the doubt is settled. A delta goes from the most that the channel can
 * show: should the lost write have been a lowering that lands too, a little too few are shown until it is settled.
 */
function planInDoubt(
	slot: Slot,
	maybe: number,
	{ shows, quantity }: { shows: number; quantity: number },
	facts: SlotFacts,
	now: number,
): Plan {
	// What was accepted is taken to land: the same is not taken twice.
	const lowest = shows - (slot.accepted?.taken ?? 0);
	if (mayFence(facts) && quantity < lowest && isScarce(slot, quantity, facts, now)) {
		if (facts.writeMode === "absolute") return { act: "write", kind: "fence", quantity: 0, expected: shows };
		if (slot.reservations) return close(slot, slot.reservations, shows);
	}
	const lowered = Math.max(0, quantity - Math.max(0, maybe));
	if (facts.writeMode !== "delta" || lowered >= lowest)
		return { act: "wait", until: slot.readDueAt, why: "lost_answer" };
	const paced = quantity > urgentUnits ? waitForPace(slot, now) : null;
	return paced ?? { act: "write", kind: "delta", quantity: shows - (lowest - lowered), expected: shows };
}
