/** The escrow rules as the small worlds use them, and the same with one mistake each. */
import { begin, end, type Sellable, type SellableOutcome, type SellableWrite, sellableOf } from "@/lib/stock/bound";
import { freeUnits, mostAllowed, type Stake } from "@/lib/stock/escrow";
import type { WriteMode } from "@/lib/stock/slot";

/** Small worlds know two moments: now (zero), and when no lost write can land any more. */
export const lateAt = 100;

export type Rules = {
	/** Units that are there to give: E1. */
	free(ledger: number, stakes: readonly Stake[]): number;
	most(mode: WriteMode, expected: number, free: number): number;
	begin(state: Sellable, write: SellableWrite): Sellable;
	end(state: Sellable, write: SellableWrite, outcome: SellableOutcome, claimedAt: number): Sellable;
};

const production: Rules = {
	free: freeUnits,
	most: (mode, expected, free) => mostAllowed(mode, expected, free, 1),
	begin,
	end: (state, write, outcome, claimedAt) => end(state, write, outcome, { claimedAt, now: 0, lateWriteMs: lateAt }),
};

export const twins = ["shared", "no doubt", "blind retry", "no wait for late writes"] as const;
export type Twin = (typeof twins)[number];

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
				begin: (state, write) =>
					write.kind === "set" || write.kind === "fence" ? sellableOf(write.quantity) : begin(state, write),
				end: (state, write, outcome, claimedAt) =>
					write.kind === "set" || write.kind === "fence" ? state : production.end(state, write, outcome, claimedAt),
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
	}
};
