/** A slot's write: its claim, and what becomes of it (slot-plan.ts says what to write, slot.ts has its state and invariants). */
import { accept, besideAnother } from "./accepted";
import { begin, end, type SellableOutcome, settleBound } from "./bound";
import { type Flight, type Reservations, type Slot, type SlotFacts, unread } from "./slot";
import { type Plan, target } from "./slot-plan";

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
	/** `shown`: what the store said that it shows now; absent or null: it said nothing. */
	| { result: "applied"; shown?: number | null }
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
	const notThere = notThereOf(flight, outcome, facts);
	const at = { claimedAt: flight.claimedAt, now, lateWriteMs: facts.lateWriteMs, notThere };
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

/**
 * Where a difference may take more than is there, the number below zero tells how much of it was sold before; where the
 * store names no number, it may have been all.
 */
function notThereOf({ kind, quantity, expected }: Flight, outcome: Outcome, { takesBelowZero }: SlotFacts): number {
	const taken = Math.max(0, expected - quantity);
	if (!takesBelowZero || kind !== "delta" || outcome.result !== "applied") return 0;
	return Math.min(taken, Math.max(0, -(outcome.shown ?? -taken)));
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
