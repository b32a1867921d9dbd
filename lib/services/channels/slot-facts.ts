import type { PlatformFacts } from "@/lib/channels/platform-facts";
import type { SlotFacts } from "@/lib/stock/slot";
import { slotDefaults } from "@/lib/stock/slot-defaults";

/** The adapter's facts as the slot rules need them. */
export const slotFacts = (facts: PlatformFacts): SlotFacts => ({
	writeMode: facts.writeMode,
	orderListLagMs: facts.orderListLagMs,
	lateWriteMs: facts.lateWriteMs,
	appliesAfterMs: facts.appliesAfterMs,
	takesBelowZero: facts.takesBelowZero,
	...slotDefaults,
	ordersFreshMs:
		facts.writeMode === "absolute"
			? Math.max(slotDefaults.ordersFreshMs, facts.pollEveryMs.busy)
			: slotDefaults.ordersFreshMs,
});
