/** Drift in a merchant's words: what each class is, and what may become of it. */
import type { DriftClass, DriftPolicy } from "@/lib/stock/drift";

export const driftClassWords: Record<DriftClass, { label: string; detail: string }> = {
	manual_edit: {
		label: "Edited in the store",
		detail:
			"Somebody, or another app, set another number there. A return that the store tells nobody of looks the same.",
	},
	bundle: {
		label: "Edited, and it is a bundle",
		detail: "A bundle has no stock of its own: an edit that counts moves each of its parts.",
	},
	rounding: {
		label: "A pack rounded up",
		detail: "One pack more than the units fill, where some units are left over.",
	},
	lost_write: {
		label: "Our own write was lost or late",
		detail:
			"The store shows the number from before it, or took it later than we thought, or it crossed a return there.",
	},
	unseen_sale: {
		label: "Sold, and the store never told",
		detail: "Found by asking for its orders. What is sold is sold: it counts.",
	},
};

export const driftPolicyWords: Record<DriftPolicy, { label: string; detail: string }> = {
	master_wins: { label: "Our number wins", detail: "The store is set back to what it ought to show." },
	channel_counts: { label: "Its number counts", detail: "The difference is booked, and every other store follows." },
	ask: { label: "Ask a person", detail: "It waits under Conflicts, and nothing is raised meanwhile." },
};

/** What the log tells apart and nobody chooses for: a part of `lost_write`, and what is there whoever decides. */
const foundWords: Record<string, string> = {
	hidden_return: "Our own write crossed a return",
	returned: "Given back in the store",
};

/** What a line of the log keeps as its class or its policy; what a newer version wrote is told as it stands. */
export const driftClassLabel = (kept: string): string =>
	driftClassWords[kept as DriftClass]?.label ?? foundWords[kept] ?? kept;
export const driftPolicyLabel = (kept: string): string => driftPolicyWords[kept as DriftPolicy]?.label ?? kept;
