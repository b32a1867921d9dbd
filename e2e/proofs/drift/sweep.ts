/** Reading all levels of a store anew, as the product does; and what a sync makes of it that never does. */
import { callsPerRun, type Verified, verifyStalest } from "@/lib/services/levels/verify-levels";
import { findTarget } from "@/lib/services/sync/find-work";
import { wake } from "@/lib/services/sync/wake";
import { until } from "../pipeline/live-shop";
import { rest, type SilentShop } from "./silent-store";

export type Sweep = {
	calls: number;
	read: number;
	/** Calls and the pauses between them. */
	ms: number;
};

/** As the function `verify-levels` does, without waiting for the pauses. */
export async function sweepAll({ shop, store }: SilentShop): Promise<Sweep> {
	const target = await findTarget(store.channelId);
	if (!target) throw new Error("the channel is not there");
	const sweep: Sweep = { calls: 0, read: 0, ms: 0 };
	for (let next: Verified["nextInMs"] = 0; next !== null; ) {
		const began = performance.now();
		const verified = await verifyStalest(shop.database.client("app"), target);
		next = verified.nextInMs;
		sweep.calls++;
		sweep.read += verified.read;
		sweep.ms += performance.now() - began + (next ?? 0);
	}
	return sweep;
}

/** How long so many listings take at that pace: each run of the function waits for its minute. */
export function minutesFor(listings: number, { read, calls, ms }: Sweep): number {
	const share = listings / read;
	return (ms * share) / 60_000 + Math.ceil((calls * share) / callsPerRun);
}

/** The twin: whatever news comes, every poll of orders, every listing whose stamp moved; and no level that nobody told of. */
export async function syncWithoutSweep({ shop, store }: SilentShop): Promise<void> {
	await shop.database.ownerClient`
		update channel_health set next_poll_at = now(), listings_due_at = now(), deep_polled_at = null where channel_id = ${store.channelId}`;
	await until("the store to be polled", 120_000, async () => {
		// A loop that runs already may have looked before the row said so.
		wake("work", [store.channelId]);
		const [row] = await shop.database.ownerClient`
			select from channel_health where channel_id = ${store.channelId} and listings_due_at is null and deep_polled_at is not null`;
		return row !== undefined;
	});
	await rest(shop);
}

/** Lines of the log that tell of drift. */
export async function countFound({ shop, store }: SilentShop): Promise<number> {
	const [row] = await shop.database.ownerClient<{ count: number }[]>`
		select count(*)::int as count from sync_log where channel_id = ${store.channelId} and kind = 'level.drift'`;
	return row?.count ?? 0;
}
