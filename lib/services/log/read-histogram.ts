import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import type { LogKind, LogState } from "@/db/schema";
import { type LogTopic, outcomeStates, topicOf } from "@/lib/format/log-filter";
import { authorise, type Context } from "../context";
import { isStillToSetBack } from "./confirmations";
import { findSource, siftLines, stateNow } from "./filter-sql";
import { logFilterSchema } from "./read-log";
import { readMinutes } from "./read-minutes";

export const readHistogramSchema = z
	.object({
		filter: logFilterSchema.default(() => logFilterSchema.parse({})),
		from: z.number(),
		to: z.number(),
	})
	.refine(({ from, to }) => from < to && to - from <= 31 * 86_400_000, "A histogram covers at most 31 days.");

export type HistogramBar = {
	/** Its beginning, in milliseconds since the epoch. */
	at: number;
	lines: number;
	/** Of those, what is not in step by itself: drift, oversold, refused. */
	troubles: number;
};

/** How the lines divide: what a filter could be set to next. */
export type LogFacets = {
	states: Partial<Record<LogState, number>>;
	topics: Partial<Record<LogTopic, number>>;
	channels: Record<string, number>;
};

export type Histogram = {
	from: number;
	to: number;
	stepMs: number;
	bars: HistogramBar[];
	facets: LogFacets;
	/** False: the oldest bars are still being counted; ask again. */
	isWhole: boolean;
};

const minuteMs = 60_000;
const finestStepMs = 1_000;
const mostBars = 96;
const troubleStates = ["warn", "bad", "off"] as const;

/** How many lines when, for the strip above the log. Empty bars are absent. */
export async function readHistogram(ctx: Context, input: z.input<typeof readHistogramSchema>): Promise<Histogram> {
	authorise(ctx, "viewer");
	const { filter, from, to } = readHistogramSchema.parse(input);
	const isNarrow = filter.skus.length > 0 || filter.orders.length > 0 || filter.text !== "";
	// Short spans and narrow chips are counted from the rows, everything else from the minutes.
	const isCounted = isNarrow || to - from < 30 * minuteMs;
	const stepMs = niceStep((to - from) / mostBars, isCounted ? finestStepMs : minuteMs);
	const start = Math.floor(from / stepMs) * stepMs;
	const { counts, isWhole } = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		isCounted ? countRows(tx, ctx.merchantId, filter, start, to, stepMs) : fromMinutes(tx, ctx, filter, start, to),
	);
	return { from: start, to, stepMs, ...sumUp(counts, start, stepMs), isWhole };
}

type Filter = z.infer<typeof logFilterSchema>;
type Count = { at: number; channelId: string | null; topic: LogTopic; state: LogState; lines: number };
type Counted = { counts: Count[]; isWhole: boolean };

async function countRows(
	tx: Transaction,
	merchantId: string,
	filter: Filter,
	from: number,
	to: number,
	stepMs: number,
): Promise<Counted> {
	const source = await findSource(tx, merchantId, filter);
	const rows = (await tx.execute(sql`
		select (${from}::float8 + floor((extract(epoch from l.at) * 1000 - ${from}::float8) / ${stepMs}::float8) * ${stepMs}::float8)::float8 as bar,
			l.channel_id, l.kind, ${stateNow} as state, case when l.kind = 'stock.changed' then l.data->>'cause' end as cause, count(*)::int as lines
		from sync_log l
		where ${source.where} and l.at >= ${instant(from)} and l.at <= ${instant(to)} and ${siftLines(filter)}
		group by 1, 2, 3, 4, 5`)) as unknown as {
		bar: number;
		channel_id: string | null;
		kind: LogKind;
		state: LogState;
		cause: string | null;
		lines: number;
	}[];
	const counts = rows.map(({ bar, channel_id: channelId, kind, state, cause, lines }) => ({
		at: bar,
		channelId,
		topic: topicOf(kind, cause),
		state,
		lines,
	}));
	return { counts, isWhole: true };
}

const instant = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

async function fromMinutes(tx: Transaction, ctx: Context, filter: Filter, from: number, to: number): Promise<Counted> {
	const { channelIds, outcomes, causes } = filter;
	const states = new Set<string>(outcomes.flatMap((outcome) => outcomeStates[outcome]));
	const { minutes, isWhole } = await readMinutes(tx, ctx.merchantId, from, to, ctx.now().getTime());
	const written = minutes.flatMap(({ at, counts: ofMinute }) => ofMinute.map((count) => ({ at, ...count })));
	const counts = asOfNow(written, await countOnTheirWay(tx, ctx.merchantId, from, to));
	return {
		isWhole,
		counts: counts.filter(
			({ topic, channelId, state }) =>
				(causes.length === 0 ? topic !== "write" : causes.includes(topic)) &&
				(channelIds.length === 0 || (channelId !== null && channelIds.includes(channelId))) &&
				(states.size === 0 || states.has(state)),
		),
	};
}

/**
 * Minutes count lines as they were written; a change that some channel still has to be told of is on its way by now. Found
 * from what is pending, of which there is little, and never from the log.
 */
async function countOnTheirWay(tx: Transaction, merchantId: string, from: number, to: number): Promise<Count[]> {
	const rows = (await tx.execute(sql`
		select extract(epoch from date_trunc('minute', l.at))::float8 * 1000 as at, l.channel_id, l.kind, l.cause, count(*)::int as lines
		from (
			select distinct l.id, l.at, l.channel_id, l.kind, l.data->>'cause' as cause
			from channels c
			join slots s on s.channel_id = c.id and s.is_pending
			join sync_log l on l.sku_id = s.sku_id and l.at >= ${instant(from)} and l.at <= ${instant(to)}
				and case l.kind
					when 'stock.changed' then l.state = 'ok' and l.sku_version > s.confirmed_sku_version
						and (l.data->>'locationId' is null or (l.data->>'locationId')::uuid = any(c.location_ids))
					when 'level.healed' then ${isStillToSetBack}
				end
			where c.merchant_id = ${merchantId}::uuid and c.state = 'live' and (c.pushing_since is null or c.pushing_since <= l.at)
		) l group by 1, 2, 3, 4`)) as unknown as {
		at: number;
		channel_id: string | null;
		kind: LogKind;
		cause: string | null;
		lines: number;
	}[];
	return rows.map(({ at, channel_id: channelId, kind, cause, lines }) => ({
		at,
		channelId,
		topic: topicOf(kind, cause),
		state: "go",
		lines,
	}));
}

function asOfNow(written: readonly Count[], onTheirWay: readonly Count[]): Count[] {
	const keyOf = ({ at, channelId, topic }: Count) => `${at} ${channelId} ${topic}`;
	const waiting = new Map<string, number>();
	for (const count of onTheirWay) waiting.set(keyOf(count), (waiting.get(keyOf(count)) ?? 0) + count.lines);
	return written.flatMap((count) => {
		const go = count.state === "ok" ? Math.min(count.lines, waiting.get(keyOf(count)) ?? 0) : 0;
		if (go === 0) return [count];
		const moved: Count = { ...count, state: "go", lines: go };
		return go === count.lines ? [moved] : [{ ...count, lines: count.lines - go }, moved];
	});
}

function sumUp(counts: Count[], from: number, stepMs: number): { bars: HistogramBar[]; facets: LogFacets } {
	const bars = new Map<number, HistogramBar>();
	const facets: LogFacets = { states: {}, topics: {}, channels: {} };
	for (const { at, channelId, topic, state, lines } of counts) {
		const start = from + Math.floor((at - from) / stepMs) * stepMs;
		const bar = bars.get(start) ?? { at: start, lines: 0, troubles: 0 };
		bar.lines += lines;
		if (troubleStates.some((trouble) => trouble === state)) bar.troubles += lines;
		bars.set(start, bar);
		facets.states[state] = (facets.states[state] ?? 0) + lines;
		facets.topics[topic] = (facets.topics[topic] ?? 0) + lines;
		if (channelId) facets.channels[channelId] = (facets.channels[channelId] ?? 0) + lines;
	}
	return { bars: [...bars.values()].sort((a, b) => a.at - b.at), facets };
}

/** Steps that people count in. */
function niceStep(atLeastMs: number, finestMs: number): number {
	const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200].map(
		(s) => s * 1000,
	);
	return steps.find((step) => step >= atLeastMs && step >= finestMs) ?? 86_400_000;
}
