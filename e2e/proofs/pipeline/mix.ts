/** Stores of every platform that has a sandbox: a platform joins the proofs by having one. */
import type { Platform } from "@/db/schema";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { adapterFor } from "@/lib/channels/registry";
import { sandboxPlatforms } from "@/lib/sandbox/platforms";

export const everyPlatform = (): Platform[] => sandboxPlatforms().map(({ platform }) => platform);

type Haste = { settings: Record<string, unknown>; facts: Partial<PlatformFacts> };

/**
 * Where a platform takes minutes to apply a write, to list an order or to tell of it, a run would wait for little else. Its
 * sandbox stores take a second instead, and its facts say so: the store's longest delay stays below what the facts allow.
 */
const inHaste: Partial<Record<Platform, Haste>> = {
	// Patches 20 s and up to 15 min late, feeds 2 min, reports 30, orders listed after 2 min, once in 3, and pending for 30, news
	// 5 s and up to 10 min late.
	amazon: {
		settings: {
			effectMedianMs: 200,
			effectLongestMs: 1_500,
			neverAppliedRate: 0,
			feedMs: 500,
			reportLagMs: 500,
			ordersLagMs: 500,
			pendingMs: 0,
			newsMedianMs: 200,
			newsLongestMs: 2_000,
			limits: { searchOrders: { rate: 2, burst: 20 } },
		},
		facts: {
			appliesAfterMs: 1_000,
			lateWriteMs: 5_000,
			orderListLagMs: 1_000,
			// Two searches a second: levels that differ ask for orders whenever they need them.
			pollEveryMs: { busy: 10_000, quiet: 300_000, withWebhooks: 300_000 },
		},
	},
	// Adjustments 2 to 8 s late, orders listed after 5 s, and webhooks that begin after 20 s.
	bigcommerce: {
		settings: { adjustmentDelayMs: 200, adjustmentJitterMs: 600, hookStartsAfterMs: 0 },
		facts: { appliesAfterMs: 1_000, lateWriteMs: 5_000, orderListLagMs: 1_000 },
	},
};

/** Of this process, from now on. Returns what its stores are to be set to. */
export async function hasten(platform: Platform): Promise<Record<string, unknown>> {
	const haste = inHaste[platform];
	if (!haste) return {};
	Object.assign((await adapterFor(platform)).facts, haste.facts);
	return haste.settings;
}

/**
 * Where answers get lost, too: a sandbox store does what it is asked on the way of the request or within its longest delay, so
 * that nothing of it lands later than this, and its lists are as fresh. Of this process, from now on.
 */
export async function hastenLostAnswers(platforms: readonly Platform[]): Promise<void> {
	for (const platform of new Set(platforms)) {
		const { facts } = await adapterFor(platform);
		Object.assign(facts, { lateWriteMs: 5_000, orderListLagMs: 1_000 } satisfies Partial<PlatformFacts>);
		if (facts.appliesAfterMs !== null) Object.assign(facts, { appliesAfterMs: 1_000 } satisfies Partial<PlatformFacts>);
	}
}
