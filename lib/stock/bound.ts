/**
 * The most that a channel can sell, whatever we have not heard yet: the ledger that escrow spends from. Pure.
 *
 * For one listing at one location, in units of the listing: **bound** is the most that the channel can have sold unheard
 * and can still sell, were no write open; **doubt** is what open writes may add to that. Their sum is the ceiling.
 *
 * Invariants, each held by a test in bound.test.ts, by every interleaving of the small worlds of P25 and by the seeds of P4:
 * B1  What the channel shows and what it has sold unheard are never more than the ceiling, however late a write lands.
 * B2  A write adds its doubt before it leaves; only what proves that it can't add to the ceiling takes the doubt away.
 * B3  Bound falls to a number that was seen only once every sale from before that moment must have been heard.
 * B4  A sale that is heard lowers the ceiling by its units, whatever is under way.
 */
import type { WriteKind } from "./write-mode";

/** Moments are milliseconds since the epoch, quantities units of the listing. */
export type Sellable = {
	/**
	 * Below zero where more was sold than it held: out of a write whose answer has not come, of a return that nobody told us
	 * of, or by a platform without a hard floor.
	 */
	bound: number;
	/** ≥ 0. Stays until the write's effect is known. */
	doubt: number;
	/** Until then a write whose answer was lost may still land; null: none was lost. */
	openUntil: number | null;
	/**
	 * What the channel was seen to show, less what was surely sold since. Null: nothing was seen since the last write left.
	 * `until`: every sale from later is not in it; null: an absolute write of that number is under way.
	 */
	proof: { quantity: number; until: number | null } | null;
};

/** A listing whose level was read, and which nobody else writes. */
export const sellableOf = (shown: number): Sellable => ({
	bound: Math.max(0, shown),
	doubt: 0,
	openUntil: null,
	proof: null,
});

/** B1: no more than this can still be sold there without our having heard of it. */
export const ceiling = ({ bound, doubt }: Sellable): number => Math.max(0, bound + doubt);

export type SellableWrite = {
	kind: WriteKind;
	quantity: number;
	expected: number;
	/** Only of a write over reservations: units that open orders still have to ship, written on top of `quantity`. */
	open?: number;
};

/**
 * What a write may add to the ceiling while it is under way (B2). One that compares, or that gives, adds its difference.
 * An absolute one adds all of its number, also when it lowers: all of the bound may sell before it lands, and then all of
 * the number again. So does one over reservations, with the units that it leaves for open orders: until it lands all of
 * them may ship, and so may all that was sold unheard, and what has shipped is no reservation any more that would be taken
 * off the number written. Zero adds nothing, ever.
 */
export function doubtOf({ kind, quantity, expected, open = 0 }: SellableWrite): number {
	switch (kind) {
		case "compare":
		case "delta":
			return Math.max(0, quantity - expected);
		case "set":
			return quantity;
		case "over":
			return Math.max(0, quantity + open);
		case "fence":
			return 0;
	}
}

/** Before the write leaves. What was seen until now proves nothing about afterwards. */
export const begin = (state: Sellable, write: SellableWrite): Sellable => ({
	...state,
	doubt: state.doubt + doubtOf(write),
	// What is given back from now on may come on top of its number.
	proof: isShown(write) ? { quantity: write.quantity, until: null } : null,
});

/** Whether it shows exactly its number at the moment when it lands, whatever happened before. */
const isShown = ({ kind }: SellableWrite): boolean => kind === "set" || kind === "fence";

/** Whether nothing but what is seen later tells what it added. */
const isBlind = (write: SellableWrite): boolean => isShown(write) || write.kind === "over";

export type SellableOutcome = "applied" | "not_applied" | "unknown";

export type Ending = {
	/** When the write was claimed, before it left. */
	claimedAt: number;
	now: number;
	lateWriteMs: number;
	/** Units that a difference was to take and that were not there: sold unheard before it, they still are. */
	notThere?: number;
};

/** The answer came, or never will. */
export function end(
	state: Sellable,
	write: SellableWrite,
	outcome: SellableOutcome,
	{ claimedAt, now, lateWriteMs, notThere = 0 }: Ending,
): Sellable {
	switch (outcome) {
		case "applied": {
			if (!isBlind(write))
				return {
					...state,
					bound: state.bound + write.quantity - write.expected + notThere,
					doubt: state.doubt - doubtOf(write),
				};
			// It showed exactly this when it landed, unless an older write landed after it. Of one over reservations only a
			// reading tells: what was reserved when it landed nobody knows.
			const isLast = state.openUntil === null || claimedAt >= state.openUntil;
			return { ...state, proof: isLast && state.proof ? { ...state.proof, until: now } : null };
		}
		case "not_applied":
			return { ...state, doubt: Math.max(0, state.doubt - doubtOf(write)), proof: null };
		case "unknown":
			return { ...state, openUntil: Math.max(state.openUntil ?? 0, now + lateWriteMs), proof: null };
	}
}

/** The channel's own sales, as they are heard; units given back are negative. */
export type HeardUnits = {
	units: number;
	/** Of them, those that surely happened after `proof.until`. */
	later: number;
	/** Units given back (≥ 0) that may or may not be in what was seen. */
	returned: number;
	/** Others may have been given back of which nothing is said: what was seen proves nothing then. Absent: none. */
	isHidden?: boolean;
};

/** B4. */
export function hearUnits(state: Sellable, { units, later, returned, isHidden }: HeardUnits): Sellable {
	const proof = isHidden ? null : state.proof && { ...state.proof, quantity: state.proof.quantity - later + returned };
	return { ...state, bound: state.bound - units, proof };
}

/** Whether a sale from then surely isn't in what was seen. */
export const isAfterProof = ({ proof }: Sellable, from: number): boolean =>
	proof !== null && proof.until !== null && from > proof.until;

/**
 * Whether an order that was placed and changed within the window, and is heard of only now, may have given units back that
 * what was seen was still short of.
 */
export const mayHideReturn = (
	{ proof }: Sellable,
	{ from, to }: { from: number; to: number },
	stampSlackMs: number,
): boolean => proof !== null && to > from && (proof.until === null || to + stampSlackMs > proof.until);

/** One sale; null: nobody can tell when it happened. */
export function hearUnit(state: Sellable, units: number, from: number | null): Sellable {
	const isLater = from !== null && isAfterProof(state, from);
	return hearUnits(state, {
		units,
		later: isLater ? units : 0,
		returned: isLater ? 0 : Math.max(0, -units),
	});
}

/**
 * A live value, read while no write was in flight. The oldest proof is kept, since it is the first that can be believed.
 * More than the ceiling can only come from outside (somebody raised it, or a return that nobody told us of): the ceiling
 * is raised at once, and whoever spends from it has to take back elsewhere.
 */
export function see(state: Sellable, report: { quantity: number; readAt: number; answeredAt: number }): Sellable {
	if (state.openUntil !== null && report.readAt < state.openUntil) return state;
	const quantity = Math.max(0, report.quantity);
	if (quantity > ceiling(state))
		return { ...state, bound: quantity - state.doubt, proof: { quantity, until: report.answeredAt } };
	return { ...state, proof: state.proof ?? { quantity, until: report.answeredAt } };
}

/**
 * B3: the channel's orders were read, beginning at `ordersReadAt`, and all that they told has been heard. Once that was so
 * late that every sale from before the proof must be in them, what was seen is all that is left.
 */
export function settleBound(state: Sellable, ordersReadAt: number | null, orderListLagMs: number): Sellable {
	const { proof } = state;
	if (proof === null || proof.until === null || ordersReadAt === null || ordersReadAt < proof.until + orderListLagMs)
		return state;
	return { bound: Math.min(state.bound + state.doubt, proof.quantity), doubt: 0, openUntil: null, proof: null };
}

/**
 * The only open write was seen to have landed, by a look before the last moment at which it could: it can't add anything any
 * more, and what was seen is believed as if that moment had come. `shown`: what was seen, less what was sold since.
 */
export function seeLanded(
	state: Sellable,
	{ shown, shownUntil }: { shown: number | null; shownUntil: number | null },
	ordersReadAt: number | null,
	orderListLagMs: number,
): Sellable {
	if (shown === null || shownUntil === null) return state;
	const report = { quantity: shown, readAt: shownUntil, answeredAt: shownUntil };
	return settleBound(see({ ...state, openUntil: null, proof: null }, report), ordersReadAt, orderListLagMs);
}

/** When reading the channel's orders would settle what is open; null: nothing is, or a level must be read first. */
export function ordersWantedAt({ doubt, openUntil, bound, proof }: Sellable, orderListLagMs: number): number | null {
	if (proof === null || proof.until === null) return null;
	return doubt > 0 || openUntil !== null || proof.quantity < bound ? proof.until + orderListLagMs : null;
}
