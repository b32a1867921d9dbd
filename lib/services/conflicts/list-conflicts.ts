import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import type { ConflictDecision, ConflictKind, LogState, Platform } from "@/db/schema";
import { authorise, type Context } from "../context";
import { type Cancelling, cancellingOf } from "./cancelling";
import { type Settlement, settledDetail, settledTitle } from "./settled-words";
import {
	type ConflictSubject,
	conflictDetail,
	conflictShape,
	conflictTitle,
	groupDetail,
	groupKey,
	groupTitle,
} from "./words";

export const conflictTabs = ["open", "snoozed", "settled"] as const;
export type ConflictTab = (typeof conflictTabs)[number];
export const listConflictsSchema = z.object({ tab: z.enum(conflictTabs).default("open") });

/** One row of the list: a conflict, or several of one cause. */
export type ConflictItem = {
	/** Of the first of them. */
	id: string;
	ids: string[];
	kind: ConflictKind;
	shape: LogState;
	title: string;
	detail: string;
	/** Of the oldest of them, in milliseconds. */
	openedAt: number;
	/** Null: it is not settled. */
	settledAt: number | null;
	snoozedUntil: number | null;
	isEscalated: boolean;
	/** Settled ones: what was chosen. */
	choice: string | null;
	channel: { id: string; name: string; platform: Platform } | null;
	units: number;
};

export type ConflictList = {
	items: ConflictItem[];
	counts: Record<ConflictTab, number>;
	/** For the calm page: what the last 24 hours were like. */
	lastDay: { settled: number; medianMs: number | null };
};

export type ConflictRow = {
	id: string;
	kind: ConflictKind;
	state: "open" | "snoozed" | "decided";
	sku_id: string | null;
	sku: string | null;
	listing_id: string | null;
	listing: string | null;
	slot_id: number | null;
	order_ref: string | null;
	channel_id: string | null;
	channel_name: string | null;
	platform: Platform | null;
	units: number;
	facts: Record<string, unknown>;
	opened_ms: number;
	snoozed_ms: number | null;
	escalated_ms: number | null;
	escalated_by: string | null;
	decided_ms: number | null;
	decided_by: string | null;
	decision: ConflictDecision | null;
	cancelling: Cancelling | null;
};

/** More than a person works through; what is behind comes forward as they settle. */
const mostRows = 1_000;

/** What a person must settle, worst first. */
export async function listConflicts(
	ctx: Context,
	input: z.input<typeof listConflictsSchema> = {},
): Promise<ConflictList> {
	authorise(ctx, "viewer");
	const { tab } = listConflictsSchema.parse(input);
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		await endSnoozes(tx, ctx.merchantId);
		const rows = await readConflictRows(tx, inTab(ctx.merchantId, tab), order[tab], mostRows);
		const [counts] = (await tx.execute(sql`
			select count(*) filter (where state = 'open')::int as open, count(*) filter (where state = 'snoozed')::int as snoozed,
				count(*) filter (where state = 'decided' and decided_at > now() - interval '1 day')::int as settled,
				(percentile_cont(0.5) within group (order by extract(epoch from decided_at - created_at))
					filter (where state = 'decided' and decided_at > now() - interval '1 day') * 1000)::float8 as median_ms
			from conflicts where merchant_id = ${ctx.merchantId}::uuid
				and (state <> 'decided' or decided_at > now() - interval '1 day')`)) as unknown as {
			open: number;
			snoozed: number;
			settled: number;
			median_ms: number | null;
		}[];
		const { open = 0, snoozed = 0, settled = 0, median_ms: medianMs = null } = counts ?? {};
		return {
			items: tab === "settled" ? rows.map((row) => itemOf([row])) : groupRows(rows).map(itemOf),
			counts: { open, snoozed, settled },
			lastDay: { settled, medianMs },
		};
	});
}

/** A snooze that is over is over, whether or not anybody looked. */
export async function endSnoozes(tx: Transaction, merchantId: string): Promise<void> {
	await tx.execute(sql`
		update conflicts set state = 'open', snoozed_until = null
		where merchant_id = ${merchantId}::uuid and state = 'snoozed' and snoozed_until <= now()`);
}

const inTab = (merchantId: string, tab: ConflictTab): SQL => {
	const mine = sql`f.merchant_id = ${merchantId}::uuid`;
	if (tab === "open") return sql`${mine} and f.state = 'open'`;
	if (tab === "snoozed") return sql`${mine} and f.state = 'snoozed'`;
	return sql`${mine} and f.state = 'decided' and f.decided_at > now() - interval '1 day'`;
};

/** Oversold before all else, since a customer waits; then what an owner was asked about, the most units, the oldest. */
export const openOrder = sql`(f.kind = 'oversold') desc, (f.escalated_at is not null) desc, array_position(array['oversold', 'drift', 'competing_edits', 'ambiguous_mapping', 'push_refused'], f.kind), f.units desc, f.created_at, f.id`;

const order: Record<ConflictTab, SQL> = {
	open: openOrder,
	snoozed: sql`f.snoozed_until, f.id`,
	settled: sql`f.decided_at desc, f.id`,
};

export async function readConflictRows(tx: Transaction, where: SQL, by: SQL, limit: number): Promise<ConflictRow[]> {
	return (await tx.execute(sql`
		select f.id, f.kind, f.state, f.sku_id, nullif(concat_ws(', ', s.title, s.options), '') as sku,
			f.listing_id, nullif(concat_ws(', ', l.title, l.options), '') as listing, f.slot_id::float8 as slot_id, f.order_ref,
			c.id as channel_id, c.name as channel_name, c.platform, f.units, f.facts,
			extract(epoch from f.created_at)::float8 * 1000 as opened_ms, extract(epoch from f.snoozed_until)::float8 * 1000 as snoozed_ms,
			extract(epoch from f.escalated_at)::float8 * 1000 as escalated_ms, f.escalated_by,
			extract(epoch from f.decided_at)::float8 * 1000 as decided_ms, f.decided_by, f.decision, w.cancelling
		from conflicts f
		left join skus s on s.id = f.sku_id
		left join listings l on l.id = f.listing_id
		left join channels c on c.id = f.channel_id
		left join lateral (${cancellingOf}) w on f.state = 'decided'
		where ${where} order by ${by} limit ${limit}`)) as unknown as ConflictRow[];
}

export const subjectOf = (row: ConflictRow): ConflictSubject => ({
	kind: row.kind,
	sku: row.sku,
	listing: row.listing,
	channel: row.channel_name && row.platform ? { name: row.channel_name, platform: row.platform } : null,
	units: row.units,
	facts: row.facts,
});

/** Null: nobody has decided. */
export const settlementOf = ({ decision, cancelling }: ConflictRow): Settlement | null =>
	decision && { ...decision, cancelling };

/** Rows of one cause, in the place of the first of them. */
export function groupRows(rows: readonly ConflictRow[]): ConflictRow[][] {
	const groups = new Map<string, ConflictRow[]>();
	for (const row of rows) {
		const key = groupKey(subjectOf(row)) ?? row.id;
		groups.set(key, [...(groups.get(key) ?? []), row]);
	}
	// Two or three are read faster than a group is opened.
	return [...groups.values()].flatMap((group) => (group.length > 3 ? [group] : group.map((row) => [row])));
}

export function itemOf(rows: readonly ConflictRow[]): ConflictItem {
	const [first] = rows;
	if (!first) throw new Error("a group of conflicts has at least one");
	const subject = subjectOf(first);
	return {
		id: first.id,
		ids: rows.map(({ id }) => id),
		kind: first.kind,
		shape: first.state === "decided" ? "ok" : conflictShape[first.kind],
		...itemWords(subject, rows.length, settlementOf(first)),
		openedAt: Math.min(...rows.map((row) => row.opened_ms)),
		settledAt: first.decided_ms,
		snoozedUntil: first.snoozed_ms,
		isEscalated: rows.some((row) => row.escalated_ms !== null),
		choice: first.decision?.choice ?? null,
		channel:
			first.channel_id && first.channel_name && first.platform
				? { id: first.channel_id, name: first.channel_name, platform: first.platform }
				: null,
		units: rows.reduce((sum, row) => sum + row.units, 0),
	};
}

function itemWords(
	subject: ConflictSubject,
	size: number,
	settlement: Settlement | null,
): Pick<ConflictItem, "title" | "detail"> {
	if (settlement) return { title: settledTitle(subject, settlement), detail: settledDetail(subject) };
	if (size > 1) return { title: groupTitle(subject, size), detail: groupDetail(subject) };
	return { title: conflictTitle(subject), detail: conflictDetail(subject) };
}
