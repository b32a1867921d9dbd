/** The escrow rules as the small worlds use them, and the same with one mistake each. */
import { hasLanded } from "@/lib/stock/accepted";
import {
	begin,
	doubtOf,
	end,
	type Sellable,
	type SellableOutcome,
	type SellableWrite,
	sellableOf,
} from "@/lib/stock/bound";
import { freeUnits, mostAllowed, type Stake } from "@/lib/stock/escrow";
import type { WriteMode } from "@/lib/stock/write-mode";

/** Small worlds know two moments: now (zero), and when no lost write can land any more. */
export const lateAt = 100;

export type Rules = {
	/** Units that are there to give: E1. */
	free(ledger: number, stakes: readonly Stake[]): number;
	/** `open`: units that open orders still have to ship. */
	most(mode: WriteMode, expected: number, free: number, open: number): number;
	begin(state: Sellable, write: SellableWrite): Sellable;
	/** `notThere`: what a difference took below zero. */
	end(state: Sellable, write: SellableWrite, outcome: SellableOutcome, claimedAt: number, notThere?: number): Sellable;
	/** What an answer that says "accepted" is taken for. */
	accepted: SellableOutcome;
	/** Whether what an early look showed proves that an accepted write has landed. */
	hasLanded(write: SellableWrite, shown: number, expected: number): boolean;
	/** The channel's orders are read past an early look before it is judged. */
	readsPast: boolean;
	/** An early look is judged though another write is open beside the accepted one. */
	looksBesideOthers: boolean;
};

const production: Rules = {
	free: freeUnits,
	most: (mode, expected, free, open) => mostAllowed(mode, expected, free, 1, open),
	begin,
	end: (state, write, outcome, claimedAt, notThere) =>
		end(state, write, outcome, { claimedAt, now: 0, lateWriteMs: lateAt, notThere }),
	accepted: "unknown",
	hasLanded,
	readsPast: true,
	looksBesideOthers: false,
};

export const twins = ["shared", "no doubt", "blind retry", "no wait for late writes"] as const;

/** Of stores that take their open orders off by themselves. */
export const reservingTwins = ["no doubt for shipments", "only orders that we know ship"] as const;

/** Of stores that take a difference whatever they show. */
export const belowZeroTwins = ["what was taken was there"] as const;

/** Of stores that only say "accepted". */
export const acceptingTwins = [
	"accepted is applied",
	"any look is proof",
	"a look before the orders",
	"a look beside others",
] as const;
export type Twin =
	| (typeof twins)[number]
	| (typeof reservingTwins)[number]
	| (typeof belowZeroTwins)[number]
	| (typeof acceptingTwins)[number];

export const rulesOf = (twin: Twin | null): Rules => {
	switch (twin) {
		case null:
			return production;
		/** Every listing may show all that is left. */
		case "shared":
			return { ...production, free: (ledger) => ledger, most: (_, __, free) => Math.max(0, free) };
		/** A write is taken for done as it leaves. */
		case "no doubt":
			return {
				...production,
				begin: (state, write) => (isBlind(write) ? sellableOf(write.quantity) : begin(state, write)),
				end: (state, write, outcome, claimedAt) =>
					isBlind(write) ? state : production.end(state, write, outcome, claimedAt),
			};
		/** No answer is taken for a no, and the write made anew. */
		case "blind retry":
			return {
				...production,
				end: (state, write, outcome, claimedAt) =>
					production.end(state, write, outcome === "unknown" ? "not_applied" : outcome, claimedAt),
			};
		/** After a lost answer the level is read at once, and believed. */
		case "no wait for late writes":
			return {
				...production,
				end: (state, write, outcome, claimedAt) => end(state, write, outcome, { claimedAt, now: 0, lateWriteMs: 0 }),
			};
		case "what was taken was there":
			return {
				...production,
				end: (state, write, outcome, claimedAt) => production.end(state, write, outcome, claimedAt),
			};
		case "accepted is applied":
			return { ...production, accepted: "applied" };
		case "any look is proof":
			return { ...production, hasLanded: () => true };
		case "a look before the orders":
			return { ...production, readsPast: false };
		case "a look beside others":
			return { ...production, looksBesideOthers: true };
		/** What a write over reservations may add is its difference, as if the store compared. */
		case "no doubt for shipments":
			return doubting(
				({ quantity, expected }) => Math.max(0, quantity - expected),
				(free, expected) => expected + free,
			);
		/** Besides its difference, what may ship while it is under way is held back; but not what was sold meanwhile, or unheard. */
		case "only orders that we know ship":
			return doubting(
				({ quantity, expected, open = 0 }) => Math.max(0, quantity - expected) + open,
				(free, expected, open) => (free < open ? -1 : expected + free - open),
			);
	}
};

const isBlind = ({ kind }: SellableWrite): boolean => kind === "set" || kind === "over" || kind === "fence";

/** Writes over reservations add what it says, and may leave if that is free. */
function doubting(
	doubt: (write: SellableWrite) => number,
	most: (free: number, expected: number, open: number) => number,
): Rules {
	const corrected = (state: Sellable, write: SellableWrite): Sellable =>
		write.kind === "over" ? { ...state, doubt: state.doubt + doubt(write) - doubtOf(write) } : state;
	return {
		...production,
		most: (mode, expected, free, open) =>
			mode === "over_reservations"
				? most(Math.max(0, free), expected, open)
				: production.most(mode, expected, free, open),
		begin: (state, write) => corrected(begin(state, write), write),
	};
}
