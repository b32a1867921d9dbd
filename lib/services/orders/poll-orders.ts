import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { Page } from "@/lib/channels/listing";
import type { OrderSnapshot } from "@/lib/stock/order";
import { askPatiently } from "../channels/ask-patiently";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { stampSlackMs } from "../stock/recompute-offers";
import { wake } from "../sync/wake";
import { keepOrders } from "./keep-orders";
import { mostSingleReads, readByRef, troubleOfStore } from "./read-by-ref";
import { readOdd } from "./read-odd";

/** How far before its cursor a frequent poll asks again, beyond what the platform's list lags behind. */
const shallowOverlapMs = 5_000;
/** How often a poll asks again for the adapter's whole overlap. */
const deepEveryMs = 5 * 60_000;

/** What a page of a long list may wait for in the worker's own time. */
const longestRestMs = 5_000;

/** A clock that is further off than this is the merchant's to mend (the check says so). */
const mostAheadMs = 3_600_000;
/** An answer that says that it is from long ago was kept on its way. */
const mostBehindMs = 60_000;

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
	let clockAheadMs: number | null = null;
	const listed = new Set<string>();
	do {
		const place: string | null = page;
		const connection = open.connection();
		const {
			items,
			odd = [],
			next,
		}: Page<OrderSnapshot> = await askPatiently(client, target, { page: place, longestMs: longestRestMs }, () =>
			open.adapter.listOrders(connection, since, place),
		);
		clockAheadMs = connection.http.clockAheadMs?.() ?? clockAheadMs;
		for (const { orderRef } of items) listed.add(orderRef);
		for (const { ref } of odd) listed.add(ref);
		fresh += await asMerchantPrepared(client, target.merchantId, (run) => keepOrders(run, target, items));
		fresh += await readOdd(client, target, open, odd);
		// The rest of a long list may take its time, or be refused.
		if (fresh > 0) wake("mail", [target.channelId]);
		page = next;
	} while (page);
	if (isDeep) {
		const until = readAt.getTime() - facts.orderListLagMs - stampSlackMs;
		const read = await readByRef(client, target, open, await unlisted(client, target, since, until, listed));
		if (read.fresh > 0) wake("mail", [target.channelId]);
		const trouble = await troubleOfStore(client, target, read.failed);
		if (trouble) throw trouble;
		fresh += read.fresh;
	}

	await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run`
			update channel_health set orders_cursor = greatest(orders_cursor, ${readAt.toISOString()}::timestamptz), orders_read_at = ${readAt.toISOString()}::timestamptz,
				clock_ahead_ms = coalesce(greatest(least(${clockAheadMs}::float8, ${mostAheadMs}::int), -${mostBehindMs}::int)::int, clock_ahead_ms),
				deep_polled_at = case when ${isDeep} then ${readAt.toISOString()}::timestamptz else deep_polled_at end
			where channel_id = ${target.channelId}::uuid`,
	);
	return { fresh, readAt };
}

async function readCursor(run: Statement, channelId: string): Promise<{ orders: Date | null; deepDue: boolean }> {
	const [row] = await run<{ cursor: number | null; deep_due: boolean }>`
		select extract(epoch from orders_cursor)::float8 * 1000 as cursor,
			deep_polled_at is null or deep_polled_at < now() - ${deepEveryMs}::int * interval '1 ms' as deep_due
		from channel_health where channel_id = ${channelId}::uuid`;
	return { orders: row?.cursor ? new Date(row.cursor) : null, deepDue: row?.deep_due ?? true };
}

/**
 * Orders changed within what was listed, and not among it: trashed or deleted since, or told under a clock of its own. More
 * than can be read one by one are left to the next deep poll.
 */
async function unlisted(
	client: postgres.Sql,
	target: WorkTarget,
	since: Date,
	until: number,
	listed: ReadonlySet<string>,
): Promise<string[]> {
	const rows = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run<{ order_ref: string }>`
			select order_ref from orders
			where channel_id = ${target.channelId}::uuid and gone_at is null and status <> 'deleted'
				and version_at > ${since.getTime() + stampSlackMs}::bigint and version_at < ${until}::bigint
				and order_ref not in (select jsonb_array_elements_text(${JSON.stringify([...listed])}::text::jsonb))
			order by version_at limit ${mostSingleReads}`,
	);
	return rows.map(({ order_ref }) => order_ref);
}
