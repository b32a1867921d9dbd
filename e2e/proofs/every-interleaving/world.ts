/**
 * A small world of one SKU on two or three stores, as it is at a moment, and what must be true of it. The stores are true:
 * what they show, what they sold, which of it we have heard, which writes are under way. What we believe is the production
 * rules' (lib/stock bound and escrow).
 */
import { isAccepting, modeOf, type StoreKind, takesBelowZero } from "@/lib/simulation/store";
import { ceiling, type Sellable, type SellableWrite, sellableOf } from "@/lib/stock/bound";
import type { WriteMode } from "@/lib/stock/write-mode";

/** `notThere`: of a difference that was applied, what it took below zero. */
export type Flight = SellableWrite & { claimedAt: number; result: "sent" | "applied" | "stale"; notThere?: number };

export type Store = {
	mode: WriteMode;
	/** It only says that it has accepted a write, and applies it later, or never. */
	isAccepting: boolean;
	/** A difference is taken whatever it shows. */
	takesBelowZero: boolean;
	shows: number;
	/** Of a store that takes its open orders off by itself: what lies there, which shows less those; closed, it shows none. */
	source: number;
	/** Units sold there that are not shipped yet. */
	open: number;
	isClosed: boolean;
	/** Sold, and not heard of: from before what was last seen, or from a moment that can't be told from it; and later. */
	unheard: { early: number; later: number };
	/** Units that buyers hold. */
	sold: number;
	/** Returned by the store itself, and not heard of. */
	returns: number;
	/** What a compare carries: last confirmed, less the sales heard. */
	expected: number;
	sellable: Sellable;
	flight: Flight | null;
	/** A write whose answer was lost, or was "accepted", before it landed; it may land, or never. */
	lost: SellableWrite | null;
	/** As we know it: the only open write, and the store said no more than "accepted". */
	accepted: SellableWrite | null;
	/** What it showed when it was looked at early, less the later sales that were told since; null: it was not. */
	early: number | null;
};

export type World = {
	units: number;
	/** Units, less the sales and plus the returns that we have heard of. */
	ledger: number;
	/** Units that exist and no buyer holds: below zero is oversold. */
	left: number;
	returnsLeft: number;
	/** Units that were seen before anybody told of them: they are held twice until both are known. */
	seenEarly: number;
	stores: readonly Store[];
};

export type Step = { story: string; world: World };

export function newWorld(kinds: readonly StoreKind[], units: number, returns: number): World {
	return {
		units,
		ledger: units,
		left: units,
		returnsLeft: returns,
		seenEarly: 0,
		// Nothing is offered yet: the first write of each is a step like any other.
		stores: kinds.map((kind) => ({
			mode: modeOf(kind),
			isAccepting: isAccepting(kind),
			takesBelowZero: takesBelowZero(kind),
			shows: 0,
			source: 0,
			open: 0,
			isClosed: false,
			unheard: { early: 0, later: 0 },
			sold: 0,
			returns: 0,
			expected: 0,
			sellable: sellableOf(0),
			flight: null,
			lost: null,
			accepted: null,
			early: null,
		})),
	};
}

export const oversold = ({ left }: World): string | null => (left < 0 ? `${-left} sold that did not exist` : null);

/** Null: all is well; else what is wrong, in words. */
export function fault(world: World): string | null {
	const { ledger, stores } = world;
	if (oversold(world)) return oversold(world);
	const unheardReturns = stores.reduce((sum, { returns }) => sum + returns, 0);
	const held = stores.reduce((sum, { sellable }) => sum + ceiling(sellable), 0);
	if (held > ledger + unheardReturns + world.seenEarly) return `E1: ${held} held of ${ledger}`;
	for (const [index, store] of stores.entries()) {
		const sellable = Math.max(0, store.shows) + store.unheard.early + store.unheard.later;
		if (sellable > ceiling(store.sellable) + store.returns)
			return `B1: ${name(index)} shows ${store.shows} and has sold ${store.unheard.early + store.unheard.later} unheard, with a ceiling of ${ceiling(store.sellable)}`;
	}
	return null;
}

export const name = (index: number) => `store ${"ABC"[index]}`;
