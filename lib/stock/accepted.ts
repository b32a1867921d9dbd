/**
 * Accepted is not applied: a write that its platform took in, and that lands within moments or minutes, or never. Pure.
 *
 * Until it is known which, it is in doubt as one whose answer was lost (S6, B2). But the level is looked at from the moment on
 * at which such a write has most often landed, so that nobody has to wait for the last at which it could.
 *
 * S9  A look before that last moment settles an accepted write only if it proves that it has landed: no other write was open
 *     beside it, the channel's orders were read past the look, and it showed not what it would without the write, but what
 *     it would with it. What is not seen to have landed by then is sent again, once; after that the slot is held.
 *
 * Held by accepted.test.ts, by the small worlds of P25 and by the seeds of P1 and P4. What no look can tell is a number that
 * somebody types there in those minutes and that happens to be what the write would have left.
 */
import { seeLanded } from "./bound";
import { type Accepted, type Flight, type Slot, type SlotFacts, unread } from "./slot";

/** The answer was "accepted". `lost`: as the slot would stand had there been no answer; `before`: as it stood until then. */
export function accept(lost: Slot, before: Slot, flight: Flight, now: number, facts: SlotFacts): Slot {
	const { claimedAt: _, until: __, ...write } = flight;
	const isAlone = before.maybe === null && before.unexplained === 0 && (before.sellable?.openUntil ?? null) === null;
	const until = now + facts.lateWriteMs;
	const accepted: Accepted = {
		...write,
		at: now,
		until,
		isAlone: isAlone && facts.appliesAfterMs !== null,
		taken: (before.accepted?.taken ?? 0) + Math.max(0, flight.expected - flight.quantity),
		sinceSkuVersion: Math.min(before.accepted?.sinceSkuVersion ?? flight.skuVersion, flight.skuVersion),
	};
	const lookAt = accepted.isAlone ? Math.min(now + (facts.appliesAfterMs ?? 0), until) : until;
	return { ...lost, accepted, readDueAt: lookAt };
}

/** Another write leaves beside it: which of them a look would show nobody could tell any more. */
export const besideAnother = (slot: Slot): Slot =>
	slot.accepted === null
		? slot
		: { ...unread(slot, slot.accepted.until), accepted: { ...slot.accepted, isAlone: false } };

/**
 * Whether what is shown is what the write left. `shown`: what a look showed, less what was sold since; `expected`: what it
 * would be without the write, all sales taken off. An absolute write hides what was sold before it landed, so that any
 * number from its own down to that less all that was sold since it left may be it; one over reservations puts back on sale what
 * shipped meanwhile.
 */
export function hasLanded(
	write: Pick<Accepted, "kind" | "quantity" | "expected" | "open">,
	shown: number,
	expected: number,
) {
	if (shown === expected) return false;
	const { kind, quantity } = write;
	const change = quantity - write.expected;
	const sold = write.expected - expected;
	switch (kind) {
		case "compare":
		case "delta":
			return shown === expected + change;
		case "set":
		case "fence":
			return shown >= quantity - Math.max(0, sold) && shown <= quantity - Math.min(0, sold);
		case "over":
			return (
				shown >= expected + change && shown <= expected + change + Math.max(0, write.open ?? 0) + Math.max(0, sold)
			);
	}
}

/**
 * The last moment at which anything that is open could land: what is read before it proves nothing, whoever asked for the
 * read, unless the only open write was accepted (S9).
 */
export const provesNothingUntil = ({ accepted, sellable }: Slot): number =>
	accepted?.isAlone ? 0 : Math.max(accepted?.until ?? 0, sellable?.openUntil ?? 0);

/** Nothing has moved yet: not worth a reading of the orders. */
export const isUnmoved = ({ accepted, expected }: Slot, report: { quantity: number; readAt: number }): boolean =>
	accepted?.isAlone === true && report.readAt < accepted.until && report.quantity === expected;

/** Looked at in vain: again once as much time has passed, and at the last moment at which it could land. */
export const lookAgain = (slot: Slot & { accepted: Accepted }, now: number): Slot =>
	unread(slot, Math.min(now + Math.max(1, now - slot.accepted.at), slot.accepted.until));

/** Its number was accepted as often as this without being applied: somebody must look. */
const mostUnapplied = 2;

/** Why the slot is held: a sentence for people. */
export const neverApplied = "The store accepted the number twice and never applied it.";

/** What became of a write that was accepted; `unclear`: the store shows neither what it would with it nor without. */
export type Fate = "applied" | "not_applied" | "unclear";

/**
 * The look is covered by the channel's orders, and tells (S9): null while it doesn't, and the write may still land.
 * `slot.shown`: what it showed, less what was sold since.
 */
export function fateOf({ accepted, shown, shownAt, expected }: Slot): Fate | null {
	if (!accepted?.isAlone || shown === null || shownAt === null || expected === null) return "unclear";
	if (hasLanded(accepted, shown, expected)) return "applied";
	if (shownAt < accepted.until) return null;
	return shown === expected ? "not_applied" : "unclear";
}

/** The slot once that is known; what it shows is still to be believed. */
export function closeAccepted(slot: Slot, fate: Fate, ordersReadAt: number | null, facts: SlotFacts): Slot {
	const { accepted } = slot;
	if (accepted === null) return slot;
	const closed: Slot = { ...slot, accepted: null };
	switch (fate) {
		case "applied":
			return {
				...closed,
				attempts: 0,
				unapplied: 0,
				isFenced: false,
				confirmedVersion: Math.max(slot.confirmedVersion, accepted.offeredVersion),
				confirmedSkuVersion: Math.max(slot.confirmedSkuVersion, accepted.skuVersion),
				sellable: slot.sellable && seeLanded(slot.sellable, slot, ordersReadAt, facts.orderListLagMs),
			};
		case "not_applied": {
			const unapplied = slot.unapplied + 1;
			return { ...closed, unapplied, heldReason: unapplied >= mostUnapplied ? neverApplied : slot.heldReason };
		}
		case "unclear":
			return closed;
	}
}
