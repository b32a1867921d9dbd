import type { Platform } from "@/db/schema";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import type { SlotFacts } from "@/lib/stock/slot";

/** The channel that machinery works on. */
export type WorkTarget = { channelId: string; merchantId: string; platform: Platform };

/** What the merchant does not set: the constants of the slot rules, with which the proofs run too. */
export const slotDefaults = {
	/**
	 * Absolute writes at or below this many units, and what sells at the recent pace, are fenced by zero. Ten is what P1
	 * needs for a burst that nobody saw coming (of 40,000 seeds, 24 November 2026: 0 units uncovered; six left 3, none 15):
	 * the price is a moment's zero in a store that can only be written blindly.
	 */
	scarceUnits: 10,
	/** Between two unhurried writes of one listing, after a burst of two: ten seconds of constant change are twelve calls. */
	paceMs: 1_100,
	/** An absolute write needs the channel's orders read no longer ago than this, or than its platform lets them be asked for. */
	ordersFreshMs: 5_000,
};

/** The adapter's facts as the slot rules need them. */
export const slotFacts = (facts: PlatformFacts): SlotFacts => ({
	writeMode: facts.writeMode,
	orderListLagMs: facts.orderListLagMs,
	lateWriteMs: facts.lateWriteMs,
	appliesAfterMs: facts.appliesAfterMs,
	...slotDefaults,
	ordersFreshMs:
		facts.writeMode === "absolute"
			? Math.max(slotDefaults.ordersFreshMs, facts.pollEveryMs.busy)
			: slotDefaults.ordersFreshMs,
});
