import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { ChannelError } from "@/lib/channels/errors";
import type { CollectedMail } from "@/lib/channels/news";
import { adapterFor, connectablePlatforms } from "@/lib/channels/registry";
import { notifyLog } from "@/lib/live/notify";
import { type OpenConnection, openConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { appendLog } from "../log/append-log";
import { keepSecretNews } from "../secrets/keep-secret-news";
import { reachable } from "../sync/fault-points";
import { countWebhook } from "../webhooks/count-webhooks";
import { keepMail } from "../webhooks/keep-mail";

export type CollectOptions = {
	/** No further fetch begins after this. */
	maxMs: number;
	client?: postgres.Sql;
	signal?: AbortSignal;
};

export type Collected = {
	/** `none`: the channel has no queue. `trouble`: it can't be read now. */
	state: "read" | "none" | "trouble";
	/** Messages that are in the inbox now and were not before. */
	kept: number;
	/** Messages about stores that this merchant has not connected. */
	strange: number;
};

/** Queues wait by whole seconds. */
const leastMs = 1_000;

/**
 * Fetches a channel's news from its queue, waiting for some while there is none. What was fetched is in the inbox before it
 * is taken out of the queue (R2); what a crash leaves in between comes again and is known by its key (R1).
 *
 * A queue may hold the news of several stores of its merchant, and each goes to the channel of its store; never to another
 * merchant's, since whoever owns a queue can write what they like into it. News of stores that nobody has connected here is
 * taken out as well: left alone it would come again every minute until it expires, and a store that is connected later is
 * read whole.
 */
export async function collectMail(target: WorkTarget, options: CollectOptions): Promise<Collected> {
	const client = options.client ?? clientFor("app");
	const endAt = Date.now() + options.maxMs;
	const result: Collected = { state: "read", kept: 0, strange: 0 };
	try {
		const open = await openConnection(client, target);
		for (let leftMs = options.maxMs; leftMs >= leastMs; leftMs = endAt - Date.now()) {
			const collected = await fetchSome(open, leftMs, options.signal);
			if (!collected) return { ...result, state: "none" };
			const { kept, strange } = await keep(target, collected);
			result.kept += kept;
			result.strange += strange;
			await collected.done();
			for (const news of collected.secrets ?? []) await keepSecretNews(client, target, open, news);
			if (options.signal?.aborted) break;
		}
		return result;
	} catch (error) {
		if (!(error instanceof ChannelError)) throw error;
		if (options.signal?.aborted) return result;
		await noteTrouble(client, target, error);
		return { ...result, state: "trouble" };
	}
}

const fetchSome = async (open: OpenConnection, waitMs: number, signal?: AbortSignal) =>
	(await open.adapter.collectMail?.(open.connection(), { waitMs, signal })) ?? null;

async function keep(target: WorkTarget, { items }: CollectedMail): Promise<{ kept: number; strange: number }> {
	if (items.length === 0) return { kept: 0, strange: 0 };
	const channels = await channelsOf(
		target,
		items.map(({ storeKey }) => storeKey),
	);
	const mail = items.flatMap(({ storeKey, topic, dedupeKey, rawBody }) =>
		(channels.get(storeKey) ?? []).map((channelId) => ({
			merchantId: target.merchantId,
			channelId,
			topic,
			dedupeKey,
			body: rawBody,
		})),
	);
	const kept = mail.length > 0 ? await keepMail(mail) : [];
	reachable("inbox");
	for (const [index, { channelId, merchantId }] of mail.entries())
		countWebhook({ channelId, merchantId }, kept[index]?.isNew ? "accepted" : "repeated");
	return {
		kept: kept.filter(({ isNew }) => isNew).length,
		strange: items.filter(({ storeKey }) => !channels.has(storeKey)).length,
	};
}

/** The merchant's channels of the stores that were named. */
async function channelsOf(target: WorkTarget, storeKeys: readonly string[]): Promise<Map<string, string[]>> {
	const rows = await clientFor("writer")<{ id: string; store_key: string }[]>`
		select id, store_key from channels
		where merchant_id = ${target.merchantId} and platform = ${target.platform} and state <> 'disconnected'
			and store_key = any(${[...new Set(storeKeys)]}::text[])`;
	const channels = new Map<string, string[]>();
	for (const { id, store_key } of rows) channels.set(store_key, [...(channels.get(store_key) ?? []), id]);
	return channels;
}

/** Polling goes on, and as often as without a queue; whoever looks after the webhooks next tries the queue anew. */
async function noteTrouble(client: postgres.Sql, target: WorkTarget, error: ChannelError): Promise<void> {
	if (error.reason === "throttled" || error.reason === "timeout") return;
	await asMerchantPrepared(client, target.merchantId, async (run) => {
		const changed = await run`
			update channel_health set webhook_state = 'unreachable', next_poll_at = now()
			where channel_id = ${target.channelId}::uuid and webhook_state = 'registered' returning 1`;
		if (changed.length > 0)
			await appendLog(run, target.merchantId, [
				{
					kind: "channel.webhooks",
					state: "hold",
					channelId: target.channelId,
					data: {
						state: "unreachable",
						missing: [],
						hasAddress: true,
						reason: error.reason,
						sentence: error.message,
						fix: error.fix,
					},
				},
			]);
	});
	notifyLog(target.merchantId);
}

/** Channels of platforms that keep their news in a queue; whether one has such a queue only its credentials say. */
export async function findQueues(): Promise<string[]> {
	const adapters = await Promise.all(
		connectablePlatforms.map(async (name) => ({ name, adapter: await adapterFor(name) })),
	);
	const platforms = adapters.flatMap(({ name, adapter }) => (adapter.collectMail ? [name] : []));
	const rows = await clientFor("writer")<{ id: string }[]>`
		select id from channels where platform = any(${platforms}::text[]) and state in ('importing', 'read_only', 'live')`;
	return rows.map(({ id }) => id);
}
