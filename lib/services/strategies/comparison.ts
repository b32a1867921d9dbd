/** A comparison of strategies as a row: which of its cells is which, and when nobody works on it any more. */
import type { ContenderName } from "@/lib/simulation/compare";
import type { DayName } from "@/lib/simulation/scenes";

/** The longest cell takes a few seconds; one that waits may wait for the comparisons of other merchants. */
export const abandonedAfterMs = { running: 60_000, waiting: 2 * 60_000 };

export const cellKey = (day: DayName, contender: ContenderName): string => `${day}|${contender}`;
