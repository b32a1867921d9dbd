import { createHash } from "node:crypto";
import type postgres from "postgres";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { OpenConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { signalTopic } from "../mail/read-mail";
import { stampSlackMs } from "../stock/recompute-offers";
import { wake } from "../sync/wake";
import { isAsKnown, knownOrders } from "./known-orders";

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
	const listed = new Set<string>();
	do {
		const { items, next } = await open.adapter.listOrders(open.connection(), since, page);
		for (const { orderRef } of items) listed.add(orderRef);
		fresh += await asMerchantPrepared(client, target.merchantId, (run) => keepOrders(run, target, items));
		page = next;
	} while (page);
	if (isDeep) {
		const until = readAt.getTime() - facts.orderListLagMs - stampSlackMs;
		fresh += await readByRef(client, target, open, await unlisted(client, target, since, until, listed));
	}

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

/** More are left to the next deep poll. */
const mostMissing = 20;

/** Orders changed within what was listed, and not among it: trashed or deleted since, or told under a clock of its own. */
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
			order by version_at limit ${mostMissing}`,
	);
	return rows.map(({ order_ref }) => order_ref);
}

/** Reads orders by id and keeps what was found, or that the store no longer knows them. Returns how much of it is new. */
export async function readByRef(
	client: postgres.Sql,
	target: WorkTarget,
	open: OpenConnection,
	orderRefs: readonly string[],
): Promise<number> {
	if (orderRefs.length === 0) return 0;
	const read = await Promise.all(
		orderRefs.map(async (orderRef) => ({
			orderRef,
			order: await open.adapter.readOrder(open.connection(), orderRef),
		})),
	);
	const found = read.flatMap(({ order }) => order ?? []);
	const gone = read.filter(({ order }) => order === null).map(({ orderRef }) => orderRef);
	return asMerchantPrepared(
		client,
		target.merchantId,
		async (run) => (await keepOrders(run, target, found, Date.now())) + (await keepGone(run, target, gone)),
	);
}

async function keepGone(run: Statement, target: WorkTarget, orderRefs: readonly string[]): Promise<number> {
	const rows = orderRefs.map((orderRef) => ({
		key: `gone:${orderRef}:${Date.now()}`,
		body: JSON.stringify({ kind: "order_gone", orderRef }),
	}));
	return keepSignals(run, target, rows);
}

/**
 * Into the inbox, in our own words; what is as we know it is no news. The key holds the content and when the version that
 * we keep was heard: two states under one stamp are two pieces of news, and so is one that came back after another.
 * `askedAt`: the order was asked for since news left it unclear, and that is always answered.
 */
export async function keepOrders(
	run: Statement,
	target: WorkTarget,
	orders: readonly OrderSnapshot[],
	askedAt?: number,
): Promise<number> {
	const refs = orders.map(({ orderRef }) => orderRef);
	const known = await knownOrders(run, target.channelId, refs);
	const rows = orders.flatMap((order) => {
		const one = known.get(order.orderRef);
		const isOld = one && (one.at > order.version.at || (one.at === order.version.at && isAsKnown(order, one)));
		if (isOld && !askedAt) return [];
		const body = JSON.stringify({ kind: "order", order, ...(askedAt && { isAnswer: true }) });
		const digest = createHash("sha256").update(JSON.stringify(order.lines)).digest("base64url").slice(0, 12);
		const after = askedAt ?? one?.heardAt ?? "";
		return [{ key: `poll:${order.orderRef}:${order.version.at}.${order.version.step}:${digest}:${after}`, body }];
	});
	return keepSignals(run, target, rows);
}

async function keepSignals(
	run: Statement,
	target: WorkTarget,
	rows: readonly { key: string; body: string }[],
): Promise<number> {
	if (rows.length === 0) return 0;
	const kept = await run<{ id: number }>`
		insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body)
		select ${target.merchantId}::uuid, ${target.channelId}::uuid, 'poll', ${signalTopic}, r.key, convert_to(r.body, 'UTF8')
		from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(key text, body text)
		on conflict (channel_id, dedupe_key) do nothing
		returning 1 as id`;
	return kept.length;
}
