/** What a store is like that only says that it has accepted a write. */
import { isAccepting, modeOf, type StoreKind } from "./store";
import type { StoreHabits } from "./store-habits";

const minute = 60_000;

/**
 * As the platforms that accept: deltas are applied within seconds and at the latest after a minute, absolute writes within a
 * minute and at the latest after a quarter of an hour; one in twenty late, one in fifty never.
 */
export function acceptingHabits(kind: StoreKind): Partial<StoreHabits> {
	if (!isAccepting(kind)) return {};
	const isDelta = modeOf(kind) === "delta";
	return {
		lateWriteMs: isDelta ? minute : 15 * minute,
		accepts: { usuallyMs: isDelta ? 10_000 : minute, lateRate: 0.05, neverRate: 0.02 },
	};
}
