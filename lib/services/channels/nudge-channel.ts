/** What a person may ask of a channel without deciding anything: look again, try now, read the listings. */
import { asMerchant, clientFor } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { Check, Connection, ConnectReport } from "@/lib/channels/channel-adapter";
import { ChannelError } from "@/lib/channels/errors";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile, NotFound } from "../errors";
import { askForImport } from "../imports/import-jobs";
import { appendLog } from "../log/append-log";
import { findTarget } from "../sync/find-work";
import { wake } from "../sync/wake";
import { letBackIn } from "./let-back-in";
import { openConnection } from "./open-connection";
import { addressForStores } from "./public-address";

/** Reads all listings anew, in the background; progress is on the channel. */
export async function refreshListings(ctx: Context, channelId: string): Promise<void> {
	authorise(ctx, "support");
	await ownChannel(ctx, channelId);
	await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		askForImport(statementsOf(tx), { merchantId: ctx.merchantId, channelId }),
	);
	wake("import", [channelId]);
}

/** Does not wait for the breaker's next try: one call goes now, and what it finds decides. */
export async function tryNow(ctx: Context, channelId: string): Promise<void> {
	authorise(ctx, "support");
	await ownChannel(ctx, channelId);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		await statementsOf(tx)`
			update channel_health set breaker_until = case when breaker = 'open' then now() else breaker_until end, next_poll_at = now() where channel_id = ${channelId}::uuid`;
	});
	wake("work", [channelId]);
}

/**
 * The live checks of connecting, again, with the credentials that are kept; what was found is kept with the channel. One that
 * was let go, and whose credentials are good after all, is read anew as if it were connected again: its webhooks may be gone.
 */
export async function checkStore(ctx: Context, channelId: string): Promise<Check[]> {
	authorise(ctx, "support");
	const { is_sandbox: isSandbox } = await ownChannel(ctx, channelId);
	const target = await findTarget(channelId);
	if (!target) throw new NotFound("channel");
	const { checks, store } = await report(target, isSandbox);
	const isLetIn = checks.some(({ name, state }) => name === "credentials" && state === "passed");
	const isBack = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const facts = store ? JSON.stringify({ ...store.facts, locations: store.locations }) : null;
		await run`
			update channels set facts = coalesce(facts || ${facts}::text::jsonb, facts),
				wizard = wizard || ${JSON.stringify({ checks, checkedAt: ctx.now().toISOString() })}::text::jsonb
			where id = ${channelId}::uuid`;
		if (!isLetIn || !(await letBackIn(run, channelId))) return false;
		await askForImport(run, { merchantId: ctx.merchantId, channelId });
		await run`
			insert into audit_log (merchant_id, actor, action, subject) values (${ctx.merchantId}::uuid, ${ctx.actor}, 'channel.reconnected', ${channelId})`;
		await appendLog(run, ctx.merchantId, [{ kind: "channel.back", state: "ok", channelId }]);
		return true;
	});
	if (isBack) {
		notifyLog(ctx.merchantId);
		wake("import", [channelId]);
	}
	return checks;
}

async function report(target: Parameters<typeof openConnection>[1], isSandbox: boolean): Promise<ConnectReport> {
	try {
		const open = await openConnection(clientFor("app"), target);
		const connection: Connection = open.connection();
		return await open.adapter.connect({
			...connection,
			facts: { ...connection.facts, publicUrl: addressForStores(isSandbox) },
		});
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		return {
			checks: [{ name: "credentials", state: "failed", sentence: error.message, fix: error.fix }],
			store: null,
		};
	}
}

async function ownChannel(ctx: Context, channelId: string): Promise<{ is_sandbox: boolean }> {
	const [row] = await asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) =>
			statementsOf(tx)<{ is_sandbox: boolean; state: string }>`
			select is_sandbox, state from channels where id::text = ${channelId}`,
	);
	if (!row) throw new NotFound("channel");
	if (row.state === "disconnected") throw new ChangedMeanwhile("This store is disconnected. Connect it again first.");
	return row;
}
