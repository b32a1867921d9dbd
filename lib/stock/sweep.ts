/**
 * How often a level is read whether or not anything told of it (R7). Pure. Neither webhooks nor stamps of change are
 * trusted to tell of every edit: where a signal covers every change, the sweep only finds what got lost of it, and may
 * be slower; where none does, the sweep is all there is.
 */

/** Of the changes in a store, those that a signal tells of when none of it is lost. */
export type Reach = "all" | "some" | "none";

export type Coverage = {
	webhooks: Reach;
	/** Lists of what was modified since a moment. */
	stamps: Reach;
};

/** Read live no longer ago than this, a level is left alone: where a signal covers every change of it, and elsewhere. */
export const sweepAfterMs = { covered: 10 * 60_000, uncovered: 5 * 60_000 };

/** `hearsWebhooks`: they are registered, and there is an address where they arrive. */
export function levelsStaleAfterMs(levels: Coverage, hearsWebhooks: boolean): number {
	const isCovered = levels.stamps === "all" || (levels.webhooks === "all" && hearsWebhooks);
	return isCovered ? sweepAfterMs.covered : sweepAfterMs.uncovered;
}
