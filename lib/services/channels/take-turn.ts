import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { nextReadAt, readTimes } from "../levels/due-reads";
import { type Claim, claimPush } from "../pushes/claim-push";
import type { WorkTarget } from "./work-target";

/** What a worker is to do next, and when to look again; moments in milliseconds, null: nothing known of. */
export type Turn = Claim & {
	/** When the first offer that waits may leave; null also while there is something to claim. */
	pushesDueAt: number | null;
	/** When the first level can be read, the channel's orders before it where it needs them. */
	readsDueAt: number | null;
};

const nothing: Claim = { push: null, needsLevels: false, mayBeMore: false };

/**
 * One small transaction per turn of a worker's loop: claims the next call, where the channel may be written to, and
 * looks ahead. `mayClaim` false only looks.
 */
export function takeTurn(
	client: postgres.Sql,
	target: WorkTarget,
	facts: PlatformFacts,
	options: { now: number; mayClaim: boolean; only: readonly number[] | null; except?: readonly number[] },
): Promise<Turn> {
	const { now, mayClaim, only, except } = options;
	return asMerchantPrepared(client, target.merchantId, async (run) => {
		const [claim, times] = await Promise.all([
			mayClaim ? claimPush(run, target, facts, now, only, except) : nothing,
			readTimes(run, target.channelId, facts),
		]);
		const isClaimed = claim.push !== null && claim.push !== "orders_first";
		const readsDueAt = claim.needsLevels ? now : nextReadAt(times, facts);
		return { ...claim, readsDueAt, pushesDueAt: isClaimed ? null : await firstPush(run, target.channelId) };
	});
}

async function firstPush(run: Statement, channelId: string): Promise<number | null> {
	const [row] = await run<{ due_at: number | null }>`
		select extract(epoch from min(greatest(next_try_at, paced_until, claimed_until)))::float8 * 1000 as due_at from slots
		where channel_id = ${channelId}::uuid and is_pending and sku_id is not null
			and greatest(next_try_at, paced_until, claimed_until) > now()`;
	return row?.due_at ?? null;
}
