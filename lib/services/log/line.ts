/** A line of the log as it goes to the browser, and the one way to read it: rows with their names joined. */
import { type SQL, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { LogKind, LogState, Platform } from "@/db/schema";
import { type LogTopic, topicOf } from "@/lib/format/log-filter";
import {
	type LogEntry,
	type LogProgress,
	logDetail,
	logSentence,
	logState,
	type SentencePart,
} from "@/lib/format/log-line";
import { actorName } from "./actor-name";
import { confirmations, isStillToSetBack } from "./confirmations";

export type LogLineView = {
	id: number;
	/** Milliseconds since the epoch. */
	at: number;
	kind: LogKind;
	topic: LogTopic;
	/** What it is by now: a change that has arrived everywhere is in step. */
	state: LogState;
	parts: SentencePart[];
	/** The right end of the line, and the same where there is room. */
	detail: string;
	longDetail: string;
	channel: { id: string; name: string; platform: Platform } | null;
	sku: { id: string; code: string; name: string } | null;
	orderRef: string | null;
	orderNumber: string | null;
	/** Lines that say the same again; null: each stands for itself. */
	repeatKey: string | null;
};

type Row = {
	id: number;
	at_ms: number;
	kind: LogKind;
	state: LogState;
	data: Record<string, unknown>;
	order_ref: string | null;
	sku_id: string | null;
	sku_code: string | null;
	sku_name: string | null;
	listing: string | null;
	channel_id: string | null;
	channel_name: string | null;
	platform: Platform | null;
	person: string | null;
	bundles: number;
	total: number | null;
	done: number | null;
	last_ms: number | null;
	is_to_set_back: boolean;
};

/** Columns of sync_log that {@link readLines} needs of what it is given. */
export const pickedColumns = sql`id, tx, at, kind, state, data, order_ref, sku_id, sku_version, listing_id, channel_id, inbox_id`;

/** The lines of `picked` (a select of {@link pickedColumns}), in the order of `order`. */
export async function readLines<Extra extends object>(
	tx: Transaction,
	picked: SQL,
	order: SQL,
	extra: SQL = sql``,
): Promise<{ line: LogLineView; extra: Extra }[]> {
	const rows = (await tx.execute(sql`
		with picked as materialized (${picked})
		select l.id::float8 as id, extract(epoch from l.at)::float8 * 1000 as at_ms, l.kind, l.state, l.data, l.order_ref,
			s.id as sku_id, s.code as sku_code, concat_ws(', ', s.title, s.options) as sku_name,
			concat_ws(', ', i.title, i.options) as listing,
			c.id as channel_id, c.name as channel_name, c.platform,
			${actorName(sql`l.data->>'actor'`)} as person,
			case when l.kind = 'stock.changed' then
				(select count(*)::int from sku_components k where k.component_id = l.sku_id)
			else 0 end as bundles,
			p.total, p.done, p.last_ms, l.kind = 'level.healed' and ${isStillToSetBack} as is_to_set_back
			${extra}
		from picked l
		left join skus s on s.id = l.sku_id
		left join listings i on i.id = l.listing_id
		left join channels c on c.id = l.channel_id
		left join lateral (${confirmations}) p on l.kind = 'stock.changed' and l.sku_version is not null
		order by ${order}`)) as unknown as (Row & Extra)[];
	return rows.map((row) => ({ line: toLine(row), extra: row }));
}

function toLine(row: Row): LogLineView {
	const progress = progressOf(row);
	const channel =
		row.channel_id && row.channel_name && row.platform
			? { id: row.channel_id, name: row.channel_name, platform: row.platform }
			: null;
	const entry: LogEntry = {
		at: row.at_ms,
		kind: row.kind,
		state: row.state,
		data: row.data,
		sku: row.sku_name || null,
		listing: row.listing || null,
		channel,
		person: row.person,
		bundles: row.bundles,
		progress,
	};
	const { cause, orderNumber } = row.data as { cause?: string; orderNumber?: string };
	return {
		id: row.id,
		at: Math.floor(row.at_ms),
		kind: row.kind,
		topic: topicOf(row.kind, cause ?? null),
		state: logState(entry),
		parts: logSentence(entry),
		detail: logDetail(entry),
		longDetail: logDetail(entry, "long"),
		channel,
		sku: row.sku_id ? { id: row.sku_id, code: row.sku_code ?? "", name: row.sku_name ?? "" } : null,
		orderRef: row.order_ref,
		orderNumber: orderNumber ?? null,
		repeatKey: repeatKey(row),
	};
}

function progressOf({ kind, total, done, last_ms: lastMs, is_to_set_back: isToSetBack }: Row): LogProgress | null {
	if (kind === "level.healed") return { total: 1, done: isToSetBack ? 0 : 1, lastMs: null };
	return total === null ? null : { total, done: done ?? 0, lastMs };
}

/** What happens again and again while one trouble lasts. */
function repeatKey(row: Row): string | null {
	switch (row.kind) {
		case "channel.throttled":
		case "channel.unreachable":
			return `${row.kind}:${row.channel_id}`;
		case "push.refused":
		case "push.unknown":
		case "push.unapplied":
		case "push.stale":
		case "level.drift":
			return `${row.kind}:${row.channel_id}:${row.sku_id}`;
		case "order.repeated":
		case "order.stale":
			return `${row.kind}:${row.channel_id}:${row.order_ref}`;
		default:
			return null;
	}
}
