import { expect, test } from "vitest";
import { type DryRunCounts, dryRunGroups, isUnusual, shareOf } from "./dry-run";

const none = Object.fromEntries(dryRunGroups.map((group) => [group, 0])) as DryRunCounts;

test("only what would be written changes, and only what could be written is compared", () => {
	const counts = { ...none, to_zero: 2, lowered: 3, raised: 4, same: 5, held: 6, unread: 7, uncounted: 8, unlinked: 9 };
	expect(shareOf(counts)).toEqual({ compared: 14, changes: 9, toZero: 2 });
});

test("zeroing a tenth of a catalogue, or changing half of it, is unusual", () => {
	expect(isUnusual({ compared: 1_000, changes: 100, toZero: 100 })).toBe(false);
	expect(isUnusual({ compared: 1_000, changes: 101, toZero: 101 })).toBe(true);
	expect(isUnusual({ compared: 1_000, changes: 500, toZero: 0 })).toBe(false);
	expect(isUnusual({ compared: 1_000, changes: 501, toZero: 0 })).toBe(true);
	expect(isUnusual({ compared: 10, changes: 10, toZero: 3 })).toBe(false);
});

test("what was confirmed is usual, a sale more still is, and an unusual share more is not", () => {
	const confirmed = { changes: 700, toZero: 200 };
	expect(isUnusual({ compared: 1_000, changes: 700, toZero: 200 }, confirmed)).toBe(false);
	expect(isUnusual({ compared: 1_000, changes: 705, toZero: 203 }, confirmed)).toBe(false);
	expect(isUnusual({ compared: 1_000, changes: 801, toZero: 301 }, confirmed)).toBe(true);
	expect(isUnusual({ compared: 1_000, changes: 600, toZero: 0 }, { changes: 12, toZero: 0 })).toBe(true);
});
