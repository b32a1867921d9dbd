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
