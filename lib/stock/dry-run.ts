/** What switching pushing on would do to a catalogue, in numbers. Pure. */

/**
 * Where a listing stands before the first push. Each listing is in exactly one group:
 * - `to_zero`, `raised`, `lowered`: it would be written. `to_zero` sells now and would no longer.
 * - `same`: it shows the right number already.
 * - `held`: it would differ, and is left out until a person retries it (R11).
 * - `unread`: linked, and its number in the store is not known yet.
 * - `uncounted`: linked, and one side keeps no count.
 * - `unlinked`: nobody has said which SKU it is.
 * - `left_out`: somebody said that it is none, or the platform did.
 */
export const dryRunGroups = [
	"to_zero",
	"lowered",
	"raised",
	"same",
	"held",
	"unread",
	"uncounted",
	"unlinked",
	"left_out",
] as const;
export type DryRunGroup = (typeof dryRunGroups)[number];

/** Listings by group. */
export type DryRunCounts = Record<DryRunGroup, number>;

/** How many listings would be written, how many of those down to zero, and how many could be compared at all. */
export type Share = { compared: number; changes: number; toZero: number };

/** What a person has looked at and agreed to. */
export type Confirmed = Pick<Share, "changes" | "toZero">;

export const nothingConfirmed: Confirmed = { changes: 0, toZero: 0 };

/** Below these a large share of a small catalogue is still few listings. */
const fewZeros = 3;
const fewChanges = 20;

export function shareOf(counts: DryRunCounts): Share {
	const changes = counts.to_zero + counts.lowered + counts.raised;
	return { compared: changes + counts.same, changes, toZero: counts.to_zero };
}

/**
 * Whether what would change beyond what was confirmed is so large a share of the catalogue that a person has to agree to
 * it (R12): more than a tenth to zero, or more than half changed. Stock goes on selling while somebody reads; a little
 * more than what was confirmed is therefore no reason to ask again.
 */
export function isUnusual({ compared, changes, toZero }: Share, confirmed = nothingConfirmed): boolean {
	const newZeros = toZero - confirmed.toZero;
	const newChanges = changes - confirmed.changes;
	return newZeros > Math.max(fewZeros, compared * 0.1) || (newChanges > fewChanges && newChanges > compared * 0.5);
}
