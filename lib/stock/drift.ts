/**
 * Drift: a live value that nobody told of (R7). What it is made of, and what a channel may have done about each class.
 * Pure; lib/services/levels finds the evidence and does what is chosen. Held by drift.test.ts and P8.
 */

export const driftPolicies = ["master_wins", "channel_counts", "ask"] as const;
/** The store is set back to what it ought to show; the difference moves the stock; one conflict, and no raise meanwhile. */
export type DriftPolicy = (typeof driftPolicies)[number];

export const driftClasses = ["unseen_sale", "manual_edit", "lost_write", "rounding", "bundle"] as const;
/**
 * - `unseen_sale`: the store's orders explain it, and no news of them came.
 * - `manual_edit`: somebody, or something, typed another number there. What nothing else explains.
 * - `lost_write`: our own write, which never landed, landed when it was no longer thought to, or on top of a return.
 * - `rounding`: a pack more than the units fill, where some are left over: the store rounds up.
 * - `bundle`: as a manual edit, of a listing whose stock is that of its components.
 */
export type DriftClass = (typeof driftClasses)[number];

/** A channel's policy for each class. */
export type DriftPolicies = Record<DriftClass, DriftPolicy>;

/**
 * What may be chosen for each class, the default first. What was sold is sold, whoever decides (R4, R8); and a number
 * that was only ever our own must not count as somebody's edit, or sold units are back on sale (R4).
 */
export const driftChoices: Record<DriftClass, readonly [DriftPolicy, ...DriftPolicy[]]> = {
	unseen_sale: ["channel_counts"],
	manual_edit: ["master_wins", "channel_counts", "ask"],
	lost_write: ["master_wins", "ask"],
	rounding: ["master_wins", "channel_counts", "ask"],
	bundle: ["master_wins", "channel_counts", "ask"],
};

export type DriftEvidence = {
	/** The live value less what we expect, in units of the listing, after every order that the store lists. Not zero. */
	difference: number;
	/** Our last write explains it. */
	isOurDoing: boolean;
	/** Units of the listing that were given back there, as the store's own ledger says; 0: none, or it has none. */
	returned: number;
	/** The listing's SKU is made of others. */
	isBundle: boolean;
	/** Units of the SKU per unit of the listing. */
	units: number;
	/** Units of the SKU that are left once as many of the listing are filled as there can be; null: not counted there. */
	leftOver: number | null;
};

/** One write of ours from before the difference, and what is known of it. */
export type OwnWrite = {
	/** `doubtful`: it may have landed whatever was last thought of it; `turned_away`: the store is said not to have taken it. */
	fate: "doubtful" | "turned_away";
	quantity: number;
	/** What the listing was thought to show before it. */
	expected: number;
};

/**
 * Whether a write of ours, landed late or not at all, makes the difference: its number is shown, or what it changed is what
 * is too many or too few. One that was turned away can only have landed, and one in doubt can as well be missing.
 */
export const isOwnWrite = (
	{ fate, quantity, expected }: OwnWrite,
	{ shown, difference }: { shown: number | null; difference: number },
): boolean => {
	const change = quantity - expected;
	if (change === 0) return false;
	const hasLanded = shown === quantity || difference === change;
	return hasLanded || (fate === "doubtful" && (shown === expected || difference === -change));
};

/**
 * What a difference is that no order explains. `returned`: units that came back and of which no order says that they are for
 * sale again; they are there, so there is nothing to choose.
 */
export function classifyDrift(evidence: DriftEvidence): Exclude<DriftClass, "unseen_sale"> | "returned" {
	const { difference, isOurDoing, isBundle, units, leftOver, returned } = evidence;
	if (isOurDoing) return "lost_write";
	if (difference > 0 && difference <= returned) return "returned";
	if (isBundle) return "bundle";
	if (units > 1 && difference === 1 && leftOver !== null && leftOver > 0) return "rounding";
	return "manual_edit";
}

/** News of a sale that is later than this is not on its way any more. */
const newsLateMs = 120_000;

/** Whether a sale of `soldAt` (milliseconds), heard of by asking at `now`, is one of which no news came. */
export const isUnseenSale = (soldAt: number, now: number): boolean => now - soldAt > newsLateMs;
