import { setTimeout as pause } from "node:timers/promises";
import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { WorkTarget } from "./work-target";

/** A store asked somebody beside its worker for a rest: everybody heeds it. */
export async function keepQuiet(client: postgres.Sql, target: WorkTarget, ms: number): Promise<void> {
	await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run`
			update channel_health set quiet_until = greatest(quiet_until, now() + ${ms}::int * interval '1 ms')
			where channel_id = ${target.channelId}::uuid`,
	);
}

/**
 * The next page of a list; a store that asks for a rest is asked for it again afterwards. Whoever began anew at the first page
 * would be asked for the same rest again, and never come to the last. On the first there is nothing to lose yet, and rests
 * longer than `longestMs` together are the caller's to wait for.
 */
export async function askPatiently<T>(
	client: postgres.Sql,
	target: WorkTarget,
	{ page, longestMs }: { page: string | null; longestMs: number },
	ask: () => Promise<T>,
): Promise<T> {
	for (let leftMs = page === null ? 0 : longestMs; ; ) {
		try {
			return await ask();
		} catch (error) {
			const restMs = restAfter(error);
			if (restMs === null || restMs > leftMs) throw error;
			leftMs -= restMs;
			if ((error as ChannelError).lane === null) await keepQuiet(client, target, restMs);
			await pause(restMs);
		}
	}
}

const shortestRestMs = 200;

const restAfter = (error: unknown): number | null =>
	error instanceof ChannelError && error.reason === "throttled"
		? Math.max(shortestRestMs, error.retryAfterMs ?? 1_000)
		: null;
