import type { PlatformFacts } from "@/lib/channels/platform-facts";

/** A sale or webhook within this long makes a channel busy. */
const busyForMs = 2 * 60_000;
const slower = 1.5;

/**
 * When to ask again: every few seconds while the channel sells, ever less often while it is quiet; less often where
 * webhooks bring the news and polling is the audit.
 */
export function nextPoll(
	facts: Pick<PlatformFacts, "pollEveryMs">,
	channel: { pollIntervalMs: number; lastNewsAt: number | null; hasWebhooks: boolean },
	fresh: number,
	now: number,
): { nextPollAt: number; pollIntervalMs: number } {
	const { busy, quiet, withWebhooks } = facts.pollEveryMs;
	const isBusy = fresh > 0 || (channel.lastNewsAt !== null && now - channel.lastNewsAt < busyForMs);
	const floor = channel.hasWebhooks ? Math.max(busy, withWebhooks) : busy;
	const ceiling = Math.max(quiet, floor);
	const pollIntervalMs = isBusy
		? floor
		: Math.round(Math.min(ceiling, Math.max(floor, channel.pollIntervalMs * slower)));
	return { nextPollAt: now + pollIntervalMs, pollIntervalMs };
}

/** How often the listings changed since the last look are read: often where nothing else would tell of an edit. */
export const listingsEveryMs = (channel: { hasWebhooks: boolean }): number =>
	channel.hasWebhooks ? 10 * 60_000 : 30_000;
