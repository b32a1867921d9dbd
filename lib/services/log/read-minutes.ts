/**
 * The log by the minute: how many lines of what, and how long changes took to arrive. A minute that nothing more can
 * come into is counted once and kept (log_minutes), so a day is 1,440 short rows however long the log is.
 */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { LogKind, LogState } from "@/db/schema";
import { type LogTopic, topicOf } from "@/lib/format/log-filter";
import { confirmedByChannel, happenedAt } from "./confirmations";

export type LogMinute = {
	/** Milliseconds since the epoch. */
	at: number;
	counts: { channelId: string | null; topic: LogTopic; state: LogState; lines: number }[];
	/** Milliseconds from what happened in the store to its confirmation, a sample: per channel id, and `all` for the last of them. */
	lags: Record<string, number[]>;
};

const minuteMs = 60_000;
/** No transaction that writes the log lasts this long, and what was not confirmed by then counts as this late. */
const settledAfterMs = 3 * minuteMs;
/** Changes whose way is measured, per minute. */
const sampleSize = 40;

/** Only the overview asks for lags, and only for its last hour. */
const lagsFor = 120 * minuteMs;
/** Minutes that one call counts at the most, newest first: a week that nobody has looked at comes in several short answers. */
const mostCounted = 180;

/**
 * Minutes from `from` up to `to` (milliseconds), oldest first; those without a line are absent. `isWhole` false: some of
 * the oldest were not counted yet, and asking again goes on.
 */
export async function readMinutes(
	tx: Transaction,
	merchantId: string,
	from: number,
	to: number,
	now: number,
): Promise<{ minutes: LogMinute[]; isWhole: boolean }> {
	const first = floor(from);
	const settled = Math.min(floor(now - settledAfterMs), ceil(to));
	const kept = await readKept(tx, merchantId, first, settled);
	const isMissing = (at: number) => !kept.has(at);
	const uncounted = range(first, settled).filter(isMissing);
	const missing = uncounted.slice(-mostCounted);
	const oldest = missing[0];
	const newest = missing.at(-1);
	if (oldest !== undefined && newest !== undefined) {
		const counted = await countMinutes(tx, merchantId, oldest, newest + minuteMs, now);
		await keep(tx, merchantId, missing, counted);
		for (const minute of counted.values()) if (isMissing(minute.at)) kept.set(minute.at, minute);
	}
	const recent = await countMinutes(tx, merchantId, Math.max(first, settled), ceil(to), now);
	const minutes = [...kept.values(), ...recent.values()].filter(({ counts }) => counts.length > 0);
	return { minutes: minutes.sort((a, b) => a.at - b.at), isWhole: missing.length === uncounted.length };
}

const floor = (ms: number) => Math.floor(ms / minuteMs) * minuteMs;
const ceil = (ms: number) => Math.ceil(ms / minuteMs) * minuteMs;
const range = (from: number, to: number) =>
	Array.from({ length: Math.max(0, (to - from) / minuteMs) }, (_, index) => from + index * minuteMs);
const instant = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

type KeptCounts = [string | null, LogTopic, LogState, number][];

async function readKept(tx: Transaction, merchantId: string, from: number, to: number) {
	const rows = (await tx.execute(sql`
		select extract(epoch from minute)::float8 * 1000 as at, counts, lags from log_minutes
		where merchant_id = ${merchantId}::uuid and minute >= ${instant(from)} and minute < ${instant(to)}`)) as unknown as {
		at: number;
		counts: KeptCounts;
		lags: Record<string, number[]>;
	}[];
	return new Map(
		rows.map(({ at, counts, lags }): [number, LogMinute] => [
			at,
			{ at, lags, counts: counts.map(([channelId, topic, state, lines]) => ({ channelId, topic, state, lines })) },
		]),
	);
}

/** Two readers may count the same minute; they count the same. */
async function keep(tx: Transaction, merchantId: string, minutes: number[], counted: Map<number, LogMinute>) {
	const rows = minutes.map((at) => {
		const { counts = [], lags = {} } = counted.get(at) ?? {};
		const tuples = counts.map(({ channelId, topic, state, lines }) => [channelId, topic, state, lines]);
		return { minute: new Date(at).toISOString(), counts: tuples, lags };
	});
	await tx.execute(sql`
		insert into log_minutes (merchant_id, minute, counts, lags)
		select ${merchantId}::uuid, m.minute, m.counts, m.lags
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m(minute timestamptz, counts jsonb, lags jsonb)
		on conflict do nothing`);
}

async function countMinutes(tx: Transaction, merchantId: string, from: number, to: number, now: number) {
	const minutes = new Map<number, LogMinute>();
	if (from >= to) return minutes;
	const minuteAt = (at: number): LogMinute => {
		const found = minutes.get(at) ?? { at, counts: [], lags: {} };
		minutes.set(at, found);
		return found;
	};
	const counts = (await tx.execute(sql`
		select extract(epoch from date_trunc('minute', at))::float8 * 1000 as at, channel_id, kind, state,
			case when kind = 'stock.changed' then data->>'cause' end as cause, count(*)::int as lines
		from sync_log
		where merchant_id = ${merchantId}::uuid and at >= ${instant(from)} and at < ${instant(to)}
		group by 1, 2, 3, 4, 5`)) as unknown as {
		at: number;
		channel_id: string | null;
		kind: LogKind;
		state: LogState;
		cause: string | null;
		lines: number;
	}[];
	for (const { at, channel_id: channelId, kind, state, cause, lines } of counts) {
		const minute = minuteAt(at);
		const topic = topicOf(kind, cause);
		const same = minute.counts.find(
			(count) => count.channelId === channelId && count.topic === topic && count.state === state,
		);
		if (same) same.lines += lines;
		else minute.counts.push({ channelId, topic, state, lines });
	}
	for (const { at, key, ms } of await sampleLags(tx, merchantId, Math.max(from, floor(now - lagsFor)), to, now)) {
		const minute = minuteAt(at);
		minute.lags[key] = [...(minute.lags[key] ?? []), Math.round(ms)];
	}
	return minutes;
}

/**
 * The way of up to {@link sampleSize} sales a minute, drawn by a hash so that the sample is spread and stays the same.
 * What has not arrived is as late as it is old by now: a channel that is down must not look fast.
 */
async function sampleLags(tx: Transaction, merchantId: string, from: number, to: number, now: number) {
	return (await tx.execute(sql`
		with sample as materialized (
			select * from (
				select id, at, sku_id, sku_version, channel_id, inbox_id, data, date_trunc('minute', at) as minute,
					row_number() over (partition by date_trunc('minute', at) order by hashint8(id)) as place
				from sync_log
				where merchant_id = ${merchantId}::uuid and at >= ${instant(from)} and at < ${instant(to)}
					and kind = 'stock.changed' and sku_version is not null and coalesce(data->>'cause', 'order') = 'order'
			) drawn where place <= ${sampleSize}
		),
		per_channel as (
			select l.id, l.minute, w.channel_id, greatest(0, extract(epoch from
				case when w.is_done then w.first_at else ${instant(now)} end - h.at) * 1000)::float8 as ms
			from sample l cross join lateral (select ${happenedAt} as at) h cross join lateral (${confirmedByChannel}) w
			where w.first_at is not null or not w.is_done
		)
		select extract(epoch from minute)::float8 * 1000 as at, channel_id::text as key, ms from per_channel
		union all
		select extract(epoch from minute)::float8 * 1000, 'all', max(ms) from per_channel group by id, minute`)) as unknown as {
		at: number;
		key: string;
		ms: number;
	}[];
}

/** The smallest value that `share` of the values do not pass; null without values. */
export function percentile(values: readonly number[], share: number): number | null {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? null;
}
