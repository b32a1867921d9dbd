import { createHash } from "node:crypto";
import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { OrderSnapshot } from "@/lib/channels/channel-adapter";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { signalTopic } from "../mail/read-mail";
import { wake } from "../sync/wake";

/** How far before its cursor a frequent poll asks again, beyond what the platform's list lags behind. */
const shallowOverlapMs = 5_000;
/** How often a poll asks again for the adapter's whole overlap. */
const deepEveryMs = 5 * 60_000;

export type Polled = {
	/** Orders that nobody had told of before. */
	fresh: number;
	/** When the read began: news of later moments is not in it. */
	readAt: Date;
};

/**
 * Asks for the orders changed since the cursor and puts them into the inbox like any other mail. The watermark is
 * taken before the read, and each poll overlaps the last: what changes while it reads is read again. `doubtedSince`: a
 * level differs, and was in order then: what happened since is asked for anew, however often it was read (R7).
 */
export async function pollOrders(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	doubtedSince: Date | null = null,
): Promise<Polled> {
	const { facts } = open.adapter;
	const readAt = new Date();
	const cursor = await asMerchantPrepared(client, target.merchantId, (run) => readCursor(run, target.channelId));
	const isDeep = cursor.deepDue;
	const overlapMs = isDeep ? Math.max(facts.pollOverlapMs, shallowOverlapMs) : shallowOverlapMs + facts.orderListLagMs;
	const from = (cursor.orders ?? readAt).getTime() - overlapMs;
	const since = new Date(doubtedSince ? Math.min(from, doubtedSince.getTime() - facts.pollOverlapMs) : from);

	let fresh = 0;
	let page: string | null = null;
	do {
		const { items, next } = await open.adapter.listOrders(open.connection(), since, page);
		fresh += await asMerchantPrepared(client, target.merchantId, (run) => keepOrders(run, target, items));
		page = next;
	} while (page);

	await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run`
			update channel_health set orders_cursor = greatest(orders_cursor, ${readAt.toISOString()}::timestamptz), orders_read_at = ${readAt.toISOString()}::timestamptz,
				deep_polled_at = case when ${isDeep} then ${readAt.toISOString()}::timestamptz else deep_polled_at end
			where channel_id = ${target.channelId}::uuid`,
	);
	if (fresh > 0) wake("mail", [target.channelId]);
	return { fresh, readAt };
}

async function readCursor(run: Statement, channelId: string): Promise<{ orders: Date | null; deepDue: boolean }> {
	const [row] = await run<{ cursor: number | null; deep_due: boolean }>`
		select extract(epoch from orders_cursor)::float8 * 1000 as cursor,
			deep_polled_at is null or deep_polled_at < now() - ${deepEveryMs}::int * interval '1 ms' as deep_due
		from channel_health where channel_id = ${channelId}::uuid`;
	return { orders: row?.cursor ? new Date(row.cursor) : null, deepDue: row?.deep_due ?? true };
}

/** Into the inbox, in our own words. The key holds the content, so that two states under one stamp are two pieces of news. */
export async function keepOrders(
	run: Statement,
	target: WorkTarget,
	orders: readonly OrderSnapshot[],
): Promise<number> {
	if (orders.length === 0) return 0;
	const rows = orders.map((order) => {
		const body = JSON.stringify({ kind: "order", order });
		const digest = createHash("sha256").update(JSON.stringify(order.lines)).digest("base64url").slice(0, 12);
		return { key: `poll:${order.orderRef}:${order.version.at}.${order.version.step}:${digest}`, body };
	});
	const kept = await run<{ id: number }>`
		insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body)
		select ${target.merchantId}::uuid, ${target.channelId}::uuid, 'poll', ${signalTopic}, r.key, convert_to(r.body, 'UTF8')
		from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(key text, body text)
		on conflict (channel_id, dedupe_key) do nothing
		returning 1 as id`;
	return kept.length;
}
