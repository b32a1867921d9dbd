import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { changeWords } from "@/lib/format/channel-health";
import { countOf } from "@/lib/format/number";
import { notifyLog } from "@/lib/live/notify";
import { isUnusual, nothingConfirmed, shareOf } from "@/lib/stock/dry-run";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile, NotFound, Unacceptable } from "../errors";
import { appendLog } from "../log/append-log";
import { recomputeOffers } from "../stock/recompute-offers";
import { wake } from "../sync/wake";
import { countGroups } from "./dry-run";

/** How long a look at the dry run stays good: what it showed may have changed since. */
const lookIsGoodForMs = 60 * 60_000;

const count = z.number().int().nonnegative();
const confirmedInput = z.object({ changes: count, toZero: count });

/**
 * From now on offers leave for this channel. Refused until somebody has seen what would change, and where that is an
 * unusual share of the catalogue, until they have agreed to it by its numbers (R12).
 */
export async function switchPushingOn(
	ctx: Context,
	channelId: string,
	confirmed: unknown = nothingConfirmed,
): Promise<void> {
	authorise(ctx, "manager");
	const agreed = confirmedInput.parse(confirmed);
	const dealt = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [channel] = await run<{ state: string; is_seen: boolean }>`
			select state, coalesce(dry_run_seen_at > now() - ${lookIsGoodForMs}::int * interval '1 ms', false) as is_seen from channels where id = ${channelId}::uuid for update`;
		if (!channel) throw new NotFound("channel");
		if (channel.state === "live") return;
		if (channel.state !== "read_only")
			throw new ChangedMeanwhile(
				channel.state === "importing"
					? "The listings are still being read. Switch pushing on when that is done."
					: "This store is not connected. Reconnect it first.",
			);
		if (!channel.is_seen)
			throw new Unacceptable("Look at what would change first, then switch pushing on.", "dry_run_not_seen");
		const groups = await countGroups(run, channelId);
		const share = shareOf(groups);
		if (isUnusual(share, agreed))
			throw new Unacceptable(
				`${countOf(share.changes, "listing")} of ${share.compared} would change: ${changeWords(groups)}. That is an unusual share of the catalogue${agreed.changes > 0 ? " and more than was agreed to" : ""}. Look at it and agree to it first.`,
				"share_not_confirmed",
			);
		await run`update channels set state = 'live', pushing_since = now(), paused_at = null where id = ${channelId}::uuid`;
		await run`insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'channel.pushing_on', ${channelId}, ${JSON.stringify(share)}::text::jsonb)`;
		await appendLog(run, ctx.merchantId, [{ kind: "channel.live", state: "ok", channelId }]);
		// Where listings split their stock it takes part from now on.
		const split = await run<{ sku_id: string }>`
			select distinct s.sku_id from slots s join channels c on c.id = s.channel_id
			where s.channel_id = ${channelId}::uuid and s.sku_id is not null and is_split(s.sku_id, c.location_ids)`;
		return recomputeOffers(
			tx,
			split.map(({ sku_id }) => sku_id),
		);
	});
	notifyLog(ctx.merchantId);
	wake("work", [channelId, ...(dealt?.pendingChannelIds ?? [])]);
}

/** Holds or releases this channel's pushes; reading goes on. */
export async function pauseChannel(ctx: Context, channelId: string, isPaused: boolean): Promise<void> {
	authorise(ctx, "manager");
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const changed = await run`
			update channels set paused_at = case when ${isPaused} then now() end
			where id = ${channelId}::uuid and (paused_at is null) = ${isPaused} returning 1 as id`;
		if (changed.length === 0) return;
		await run`insert into audit_log (merchant_id, actor, action, subject) values (${ctx.merchantId}::uuid, ${ctx.actor}, ${isPaused ? "channel.paused" : "channel.resumed"}, ${channelId})`;
		await appendLog(run, ctx.merchantId, [
			{ kind: isPaused ? "channel.paused" : "channel.resumed", state: isPaused ? "hold" : "ok", channelId },
		]);
	});
	notifyLog(ctx.merchantId);
	if (!isPaused) wake("work", [channelId]);
}
