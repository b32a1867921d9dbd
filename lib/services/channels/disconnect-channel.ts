import { asMerchant, clientFor } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { appendLog } from "../log/append-log";
import { dealAgain } from "../stock/deal-again";
import { forgetLevels } from "../stock/forget-levels";
import { recountWithOthers } from "../stock/recount-exposures";
import { findTarget } from "../sync/find-work";
import { openConnection } from "./open-connection";
import { webhookUrl } from "./public-address";

export type Disconnected = {
	/** Null: removed, or there were none. Else why the store still has them; their news is refused from now on. */
	webhooksLeft: string | null;
};

/**
 * Lets go of a store: its webhooks are removed, its credentials deleted, and nothing is read or written any more. What
 * was counted stays, and so do its links: connecting it again goes on from there, read-only. Of what it sells from now on
 * nobody hears, so nothing is gained by keeping its share of a split stock: the others have it at once. `typedName` must be
 * the channel's name, since this can't be undone by a click.
 */
export async function disconnectChannel(ctx: Context, channelId: string, typedName: string): Promise<Disconnected> {
	authorise(ctx, "manager");
	const channel = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [row] = await statementsOf(tx)<{ name: string; is_sandbox: boolean; state: string }>`
			select name, is_sandbox, state from channels where id::text = ${channelId}`;
		return row;
	});
	if (!channel || channel.state === "disconnected") throw new NotFound("channel");
	if (typedName.trim().toLowerCase() !== channel.name.trim().toLowerCase())
		throw new Unacceptable(`Type the store's name, ${channel.name}, to disconnect it.`, "name_differs");

	const webhooksLeft = await removeWebhooks(channelId, channel.is_sandbox);
	const splitSkuIds = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		await run`
			update channels set state = 'disconnected', pushing_since = null, dry_run_seen_at = null, paused_at = null, wizard = '{}'::jsonb where id = ${channelId}::uuid`;
		await run`delete from credentials where channel_id = ${channelId}::uuid`;
		await run`
			update channel_health set webhook_state = 'none', breaker = 'closed', breaker_until = null, failures = 0, next_poll_at = null, last_error = null where channel_id = ${channelId}::uuid`;
		await run`update channel_jobs set state = 'cancelled', finished_at = now() where channel_id = ${channelId}::uuid and state in ('waiting', 'running')`;
		const slots = await run<{ id: number; sku_id: string | null; is_escrow: boolean }>`
			select id::float8 as id, sku_id, is_escrow from slots where channel_id = ${channelId}::uuid order by id for update`;
		const skuIds = await forgetLevels(
			run,
			slots.map(({ id }) => id),
		);
		await recountWithOthers(run, skuIds);
		await run`insert into audit_log (merchant_id, actor, action, subject) values (${ctx.merchantId}::uuid, ${ctx.actor}, 'channel.disconnected', ${channelId})`;
		await appendLog(run, ctx.merchantId, [
			{ kind: "channel.disconnected", state: "hold", channelId, data: { actor: ctx.actor, webhooksLeft } },
		]);
		return slots.flatMap(({ sku_id, is_escrow }) => (is_escrow && sku_id ? [sku_id] : []));
	});
	await dealAgain(clientFor("app"), ctx.merchantId, [...new Set(splitSkuIds)]);
	notifyLog(ctx.merchantId);
	return { webhooksLeft };
}

/** A store that is away, or that withdrew our access, must not keep a merchant from leaving it. */
async function removeWebhooks(channelId: string, isSandbox: boolean): Promise<string | null> {
	const target = await findTarget(channelId);
	const callbackUrl = target && webhookUrl(target.platform, channelId, isSandbox);
	if (!target || !callbackUrl) return null;
	try {
		const open = await openConnection(clientFor("app"), target);
		await open.adapter.removeWebhooks(open.connection(), callbackUrl);
		return null;
	} catch (error) {
		if (error instanceof ChannelError) return error.message;
		throw error;
	}
}
