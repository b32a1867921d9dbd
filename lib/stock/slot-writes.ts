/** What a slot writes and when, and what becomes of it (slot.ts has its state and invariants). */
import { accept, besideAnother } from "./accepted";
import { begin, ceiling, end, type SellableOutcome, settleBound } from "./bound";
import { mostAllowed } from "./escrow";
import {
	believed,
	type Flight,
	isPending,
	type Reservations,
	type Slot,
	type SlotFacts,
	unread,
	type WriteKind,
} from "./slot";
import { paceMemoryMs, recentlySold, writesBlindly } from "./slot-news";

/**
 * Stock so low that the channel could sell it out while an absolute write is under way, or before one lands that was lost, or
 * accepted: a floor, and an upper bound of what it sells in that time at its recent pace (Poisson, about five deviations).
 */
export function isScarce(slot: Slot, quantity: number, facts: SlotFacts, now: number): boolean {
	const landsMs =
		facts.appliesAfterMs === null ? paceMemoryMs : Math.max(paceMemoryMs, facts.lateWriteMs + facts.ordersFreshMs);
	const pace = (recentlySold(slot, now) * landsMs) / paceMemoryMs;
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
const target = (slot: Slot, offered: number): number => Math.max(0, offered + Math.min(0, slot.unexplained));

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

	if (facts.looksFirst && writesBlindly(facts.writeMode) && isReadDue(slot, now)) return { act: "read_level" };

	const wanted = target(slot, slot.offered);
	const open = openUnits(slot, shows);
	const most = escrow ? mostAllowed(facts.writeMode, shows, escrow.free, escrow.units, open) : Number.POSITIVE_INFINITY;
	// A blind write that isn't free goes behind a zero; what it may be afterwards is seen then.
	const quantity = mayFence(facts) && shows > 0 ? wanted : Math.min(wanted, Math.max(0, most));
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
	if (wanted === 0) return close(slot.reservations, shows);
	const isPart = wanted > most && most > shows;
	if (escrow && wanted > most && !isPart) {
		const { free, units } = escrow;
		const freed = slot.sellable ? ceiling(slot.sellable) * units : 0;
		const onceClosed = mostAllowed(facts.writeMode, shows, free + freed, units, open);
		const isOverheld = free < 0 && wanted < shows && onceClosed < wanted;
		const isWorthIt = wanted > shows ? onceClosed >= wanted : onceClosed > 0;
		if (!isOverheld)
			return isWorthIt ? close(slot.reservations, shows) : { act: "wait", until: null, why: "none_free" };
	}
	const isRead = slot.shownAt !== null && slot.shownAt >= now - facts.ordersFreshMs;
	const isFresh = isRead && (slot.readDueAt === null || slot.readDueAt > now);
	if (!isFresh) return { act: "read_level" };
	const quantity = isPart ? most : wanted;
	return { act: "write", kind: "over", quantity, expected: shows, open: Math.max(-quantity, open) };
}

/** A read that tells what is shown now: not while a lost write, or a sale from before a fence, would make it prove nothing. */
const isReadDue = ({ readDueAt, maybe, isFenced }: Slot, now: number): boolean =>
	readDueAt !== null && readDueAt <= now && maybe === null && !isFenced;

/** Whether zero can go ahead of a raise, so that nothing sells while the channel's orders are read. */
const mayFence = ({ writeMode }: SlotFacts): boolean => writesBlindly(writeMode);

/** The listing is closed; all that lies there stays for its open orders, and no less than they have to ship. */
const close = ({ source, open }: Reservations, shows: number): Plan => ({
	act: "write",
	kind: "fence",
	quantity: 0,
	expected: shows,
	open: Math.max(source, open),
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
		if (slot.reservations) return close(slot.reservations, shows);
	}
	const lowered = Math.max(0, quantity - Math.max(0, maybe));
	if (facts.writeMode !== "delta" || lowered >= lowest)
		return { act: "wait", until: slot.readDueAt, why: "lost_answer" };
	const paced = quantity > urgentUnits ? waitForPace(slot, now) : null;
	return paced ?? { act: "write", kind: "delta", quantity: shows - (lowest - lowered), expected: shows };
}

/** The slot with its write in flight. Must be durable before the request leaves. */
export function claim(
	slot: Slot,
	plan: Extract<Plan, { act: "write" }>,
	at: { pushId: string; now: number; leaseMs: number },
	facts: SlotFacts,
): Slot {
	if (slot.flight) throw new Error("S3: a write of this slot is in flight already");
	const pacedFrom = Math.max(slot.pacedUntil ?? 0, at.now - facts.paceMs);
	return {
		...besideAnother(slot),
		pacedUntil: pacedFrom + facts.paceMs,
		attempts: slot.attempts + 1,
		nextTryAt: null,
		sellable: slot.sellable && begin(slot.sellable, plan),
		flight: {
			pushId: at.pushId,
			kind: plan.kind,
			quantity: plan.quantity,
			expected: plan.expected,
			...(plan.open === undefined ? {} : { open: plan.open }),
			offeredVersion: slot.offeredVersion,
			skuVersion: slot.skuVersion,
			claimedAt: at.now,
			until: at.now + at.leaseMs,
		},
	};
}

export type Outcome =
	| { result: "applied" }
	| { result: "stale" }
	| { result: "refused"; reason: string }
	| { result: "not_sent"; nextTryAt: number | null }
	| { result: "accepted" }
	| { result: "unknown" };

/**
 * The answer came, or is known never to come. `unknown` is for writes that can't be sent again under the same key, `accepted`
 * for those of which the platform says no more than that (accepted.ts).
 */
export function settle(slot: Slot, outcome: Outcome, now: number, facts: SlotFacts): Slot {
	const flight = slot.flight;
	if (!flight || slot.expected === null) throw new Error("settle needs a write in flight");
	const at = { claimedAt: flight.claimedAt, now, lateWriteMs: facts.lateWriteMs };
	const landed = {
		...slot,
		flight: null,
		sellable: slot.sellable && end(slot.sellable, flight, effectOf(outcome), at),
	};
	const change = flight.quantity - flight.expected;
	switch (outcome.result) {
		case "applied": {
			// S4: relative, so that sales heard meanwhile stay counted.
			const next: Slot = {
				...landed,
				expected: slot.expected + change,
				expectedVersion: slot.expectedVersion + 1,
				attempts: 0,
				unapplied: 0,
				confirmedVersion: Math.max(slot.confirmedVersion, flight.offeredVersion),
				confirmedSkuVersion: Math.max(slot.confirmedSkuVersion, flight.skuVersion),
				isFenced: false,
				reservations: leftOver(slot.reservations, flight),
			};
			if (flight.kind === "compare" || flight.kind === "delta")
				// Beside a lost write, what its first reading showed has moved along.
				return slot.maybe === null || slot.shown === null || slot.shownAt === null
					? next
					: { ...next, shown: slot.shown + change };
			// Nothing compared: the moment between may have hidden a sale. Read back.
			const isFence = flight.kind === "fence" && slot.offered !== null && target(slot, slot.offered) > 0;
			// A first reading from before this write says nothing about what is shown after it.
			if (slot.maybe !== null)
				return unread({ ...next, isFenced: isFence }, slot.shownAt === null ? slot.readDueAt : now);
			// Behind a fence the raise must wait for every sale from before it to be in the list; else read back at once.
			const readDueAt = isFence ? now + facts.orderListLagMs : now;
			return { ...unread(next, readDueAt), isFenced: isFence, shown: flight.quantity };
		}
		case "stale":
			// Refused beside a lost write, which has landed then, or still may: only settling that tells what can be taken.
			if (slot.maybe !== null)
				return { ...landed, attempts: 0, nextTryAt: Math.max(slot.readDueAt ?? now, now) + facts.lateWriteMs };
			// What we believe is wrong, and nothing may be built on it until it was read.
			return { ...landed, attempts: 0, readDueAt: now, shown: null, expectedVersion: slot.expectedVersion + 1 };
		case "refused":
			return { ...landed, heldReason: outcome.reason };
		case "not_sent":
			return { ...landed, nextTryAt: outcome.nextTryAt };
		case "accepted":
		case "unknown": {
			const lost: Slot = {
				...unread(landed, now + facts.lateWriteMs),
				expectedVersion: slot.expectedVersion + 1,
				maybe: maybeAdded(slot.maybe, change),
			};
			return outcome.result === "accepted" ? accept(lost, slot, flight, now, facts) : lost;
		}
	}
}

/** What lies there once a write over reservations has landed. */
const leftOver = (before: Reservations | null, { kind, quantity, open }: Flight): Reservations | null =>
	kind === "over" && open !== undefined ? { source: quantity + open, open } : before;

function effectOf({ result }: Outcome): SellableOutcome {
	if (result === "accepted") return "unknown";
	return result === "applied" || result === "unknown" ? result : "not_applied";
}

/** The channel's orders were read, and what they told was heard: what was proven meanwhile is believed. */
export const hearOrdersRead = (slot: Slot, ordersReadAt: number | null, facts: SlotFacts): Slot =>
	slot.sellable && !slot.flight
		? { ...slot, sellable: settleBound(slot.sellable, ordersReadAt, facts.orderListLagMs) }
		: slot;

/** What lost writes may have added, all together; negative where the only ones lost were lowerings. */
function maybeAdded(before: number | null, change: number): number {
	const most = Math.max(0, before ?? 0) + Math.max(0, change);
	return most > 0 ? most : Math.max(before ?? change, change);
}
