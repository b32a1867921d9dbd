import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import type { ConflictDecision, LogState, Platform } from "@/db/schema";
import { type Statement, statementsOf } from "@/db/statement";
import { countOf } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { type CancelMeans, readCancelMeans } from "./cancel-means";
import { type Option, optionsFor, type Situation } from "./choices";
import { raceOf } from "./edit-delta";
import { findWinner } from "./find-order";
import type { RaceFacts } from "./find-races";
import { type ConflictRow, readConflictRows, subjectOf } from "./list-conflicts";
import { nameOrder } from "./name-order";
import { type CancelView, readCancel } from "./read-cancel";
import { type ConflictMoment, readTimeline } from "./read-timeline";
import { undoWithinMs } from "./undo-decision";
import { conflictHeadline, conflictShape, losesBecause, losingRuleName, orderName } from "./words";

/** One of the three columns. For drift they are numbers, for an oversale orders. */
export type ConflictColumn = {
	label: string;
	/** Big, for numbers; null: `title` says it. */
	value: number | null;
	title: string | null;
	note: string;
	platform: Platform | null;
	/** This side moved. */
	hasMoved: boolean;
};

export type ConflictView = {
	id: string;
	kind: ConflictRow["kind"];
	state: ConflictRow["state"];
	shape: LogState;
	headline: string;
	/** "1 unit short", "5 units apart". */
	measure: string | null;
	sku: { id: string; name: string } | null;
	channel: { id: string; name: string; platform: Platform } | null;
	listingId: string | null;
	orderRef: string | null;
	orderNumber: string | null;
	openedAt: number;
	snoozedUntil: number | null;
	escalated: { at: number; by: string } | null;
	timeline: ConflictMoment[];
	columns: ConflictColumn[];
	options: Option[];
	/** The order that its store was last asked to cancel for it; null: none was. */
	cancel: CancelView | null;
	/** `undoUntil` null: it settled by itself, or its store has been asked, and there is nothing to take back. */
	decided: { at: number; by: string; choice: string; note: string | null; undoUntil: number | null } | null;
};

/** One conflict with its evidence, what may be decided, and what would follow. */
export async function readConflict(ctx: Context, id: string): Promise<ConflictView> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [row] = await readConflictRows(tx, sql`f.id = ${guidOf(id, "conflict")}::uuid`, sql`f.id`, 1);
		if (!row) throw new NotFound("conflict");
		const subject = subjectOf(row);
		const situation = await readSituation(tx, ctx.merchantId, row);
		const people = await readPeople(tx, [row.escalated_by, row.decided_by]);
		const isOversold = row.kind === "oversold";
		const cancel = isOversold ? await readCancel(statementsOf(tx), row.id, row.decision?.undo?.cancelId ?? null) : null;
		return {
			id: row.id,
			kind: row.kind,
			state: row.state,
			shape: row.state === "decided" ? "ok" : conflictShape[row.kind],
			headline: conflictHeadline(subject),
			measure: measureOf(row),
			sku: row.sku_id && row.sku ? { id: row.sku_id, name: row.sku } : null,
			channel:
				row.channel_id && row.channel_name && row.platform
					? { id: row.channel_id, name: row.channel_name, platform: row.platform }
					: null,
			listingId: row.listing_id,
			orderRef: row.order_ref,
			orderNumber: typeof row.facts.orderNumber === "string" ? row.facts.orderNumber : null,
			openedAt: row.opened_ms,
			snoozedUntil: row.snoozed_ms,
			escalated: row.escalated_ms !== null ? { at: row.escalated_ms, by: people(row.escalated_by) } : null,
			timeline: isOversold ? await readTimeline(tx, ctx.merchantId, row) : [],
			columns: isOversold ? await oversoldColumns(tx, ctx.merchantId, row) : columnsOf(row, situation),
			options: row.state === "decided" ? [] : optionsFor(subject, situation),
			cancel,
			decided:
				row.decided_ms !== null && row.decision
					? {
							at: row.decided_ms,
							by: people(row.decided_by),
							choice: row.decision.choice,
							note: row.decision.note ?? null,
							undoUntil: undoUntil(row.decision, row.decided_ms, cancel, ctx.now().getTime()),
						}
					: null,
		};
	});
}

function undoUntil(
	decision: ConflictDecision,
	decidedAt: number,
	cancel: CancelView | null,
	now: number,
): number | null {
	if (decision.choice === "accepted") return null;
	if (!decision.undo?.cancelId || !cancel) return decidedAt + undoWithinMs;
	if (cancel.state !== "waiting") return null;
	// It is due and waits all the same: for the store's pause to end.
	return cancel.at > now ? cancel.at : now + undoWithinMs;
}

function measureOf({ kind, units }: ConflictRow): string | null {
	if (units === 0) return null;
	if (kind === "oversold") return `${countOf(units, "unit")} short`;
	return kind === "drift" || kind === "competing_edits" ? `${countOf(units, "unit")} apart` : null;
}

async function readSituation(tx: Transaction, merchantId: string, row: ConflictRow): Promise<Situation> {
	const locationId = typeof row.facts.locationId === "string" ? row.facts.locationId : null;
	const [found] = (await tx.execute(sql`
		select l.on_hand, o.name as location, s.shown, s.expected, s.offered, s.unexplained, s.units,
			(select count(distinct t.channel_id)::int from slots t join channels c on c.id = t.channel_id and c.state = 'live'
				where t.sku_id = ${row.sku_id}::uuid and t.channel_id is distinct from ${row.channel_id}::uuid) as other_channels
		from (select 1) one
		left join slots s on s.id = ${row.slot_id}::bigint
		left join channels c on c.id = ${row.channel_id}::uuid
		left join locations o on o.id = coalesce(${locationId}::uuid, s.location_id, c.location_id)
		left join levels l on l.sku_id = ${row.sku_id}::uuid and l.location_id = o.id`)) as unknown as {
		on_hand: number | null;
		location: string | null;
		shown: number | null;
		expected: number | null;
		offered: number | null;
		unexplained: number | null;
		units: number | null;
		other_channels: number;
	}[];
	const winner = row.facts.winner as { orderNumber?: string; channelId?: string } | null | undefined;
	return {
		onHand: found?.on_hand ?? null,
		location: found?.location ?? null,
		slot:
			row.slot_id === null || !found
				? null
				: {
						shown: found.shown,
						expected: found.expected,
						offered: found.offered,
						unexplained: found.unexplained ?? 0,
						units: found.units ?? 1,
					},
		otherChannels: found?.other_channels ?? 0,
		winner: winner?.orderNumber
			? { name: await nameOrder(tx, winner), cancel: await readWinnerMeans(statementsOf(tx), merchantId, row.facts) }
			: null,
		cancel:
			row.kind === "oversold" && row.channel_id && row.order_ref
				? await readCancelMeans(statementsOf(tx), { channelId: row.channel_id, orderRef: row.order_ref })
				: null,
		candidates: row.kind === "ambiguous_mapping" ? await readCandidates(tx, merchantId, row.listing_id) : [],
	};
}

async function readWinnerMeans(
	run: Statement,
	merchantId: string,
	facts: Record<string, unknown>,
): Promise<CancelMeans> {
	const order = await findWinner(run, merchantId, facts);
	return order ? readCancelMeans(run, order) : { may: false, why: null };
}

async function readCandidates(tx: Transaction, merchantId: string, listingId: string | null) {
	const rows = (await tx.execute(sql`
		select s.id, concat_ws(', ', s.title, s.options) as label, s.code, p.score
		from proposals p join skus s on s.id = p.sku_id
		where p.merchant_id = ${merchantId}::uuid and p.listing_id = ${listingId}::uuid and p.rejected_at is null
		order by p.score desc, s.code limit 5`)) as unknown as { id: string; label: string; code: string; score: number }[];
	return rows.map(({ id, label, code, score }) => ({
		id,
		label,
		detail: `${code} · ${Math.round(score * 100)} % alike`,
	}));
}

function columnsOf(row: ConflictRow, situation: Situation): ConflictColumn[] {
	const race = row.kind === "competing_edits" ? raceOf(row.facts) : null;
	return race ? raceColumns(row, race) : numberColumns(row, situation);
}

/** As they were found: by now the store may show either. */
function raceColumns({ channel_name: name, platform }: ConflictRow, race: RaceFacts): ConflictColumn[] {
	const apart = Math.abs(race.channelAt - race.oursAt);
	const later = apart < 1_000 ? "in the same second" : `${duration(apart)} later`;
	const note = (whose: "ours" | "channel") => {
		if (race.stands) return race.stands === whose ? "stands: it was first" : `not applied: ${later}`;
		return whose === "ours" ? "changed here, not knowing of theirs" : "changed there, not knowing of ours";
	};
	const blank = { title: null, hasMoved: true };
	return [
		{ ...blank, label: "Last agreed", value: race.base, note: "what both sides knew", platform: null, hasMoved: false },
		{ ...blank, label: "Ours", value: race.ours, note: note("ours"), platform: null },
		{ ...blank, label: name ?? "The channel", value: race.channel, note: note("channel"), platform },
	];
}

function numberColumns(row: ConflictRow, { slot, onHand, location }: Situation): ConflictColumn[] {
	const number = (value: unknown) => (typeof value === "number" ? value : null);
	const { facts, channel_name: channel, platform } = row;
	const blank = { title: null, platform: null, hasMoved: false };
	if (row.kind === "push_refused" || row.kind === "ambiguous_mapping") return [];
	// Set back meanwhile: what it shows now is ours, and what was found is only in the facts.
	const setBackTo = number(facts.setBackTo);
	const now = setBackTo === null ? slot : null;
	const shown = now?.shown ?? number(facts.channel);
	const base = now?.expected ?? number(facts.base);
	const offered = slot?.offered ?? number(facts.ours);
	return [
		{ ...blank, label: "Last agreed", value: base, note: "what both sides knew" },
		{
			...blank,
			label: "Ours",
			value: offered,
			note: onHand === null ? "what it ought to show" : `${onHand} on hand${location ? ` at ${location}` : ""}`,
			hasMoved: offered !== base,
		},
		{
			...blank,
			label: channel ?? "The channel",
			value: shown,
			platform,
			note: setBackTo === null ? "no order explains it" : `set back to ${setBackTo} meanwhile`,
			hasMoved: shown !== base,
		},
	];
}

async function oversoldColumns(tx: Transaction, merchantId: string, row: ConflictRow): Promise<ConflictColumn[]> {
	const winner = row.facts.winner as { orderNumber?: string; channelId?: string; at?: string } | null | undefined;
	const [rule] = (await tx.execute(sql`
		select
			(select count(*)::int from conflicts c where c.merchant_id = ${merchantId}::uuid and c.kind = 'oversold' and c.created_at > now() - interval '30 days') as times,
			(select platform from channels c where c.id = ${winner?.channelId ?? null}::uuid) as winner_platform`)) as unknown as {
		times: number;
		winner_platform: Platform | null;
	}[];
	const blank = { value: null, hasMoved: false };
	const laterMs = winner?.at ? row.opened_ms - Date.parse(winner.at) : null;
	return [
		{
			...blank,
			label: "Stands",
			title: winner?.orderNumber ? `Order ${winner.orderNumber}` : "The orders before it",
			platform: rule?.winner_platform ?? null,
			note:
				row.facts.rule === undefined || row.facts.rule === "last_in_ledger" ? "first in the ledger" : "keeps its unit",
		},
		{
			...blank,
			label: "Has no unit",
			title: orderName(subjectOf(row)).replace(/^.* (?=\S+$)/, "Order "),
			platform: row.platform,
			note: losesBecause(row.facts, heardLater(laterMs)),
		},
		{
			...blank,
			label: "The rule",
			title: losingRuleName(row.facts),
			platform: null,
			note: `oversold ${countOf(rule?.times ?? 0, "time")} in 30 days`,
		},
	];
}

function heardLater(laterMs: number | null): string {
	if (laterMs === null || laterMs < 0) return "came when nothing was left";
	return `heard of ${laterMs < 60_000 ? `${(laterMs / 1000).toFixed(1)} s` : `${Math.round(laterMs / 60_000)} min`} later`;
}

async function readPeople(tx: Transaction, actors: (string | null)[]): Promise<(actor: string | null) => string> {
	const ids = actors.flatMap((actor) => (actor?.startsWith("user:") ? [actor.slice(5)] : []));
	const rows = (await tx.execute(sql`
		select id, coalesce(name, email) as name from users
		where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)) as unknown as {
		id: string;
		name: string;
	}[];
	const names = new Map(rows.map(({ id, name }) => [`user:${id}`, name]));
	return (actor) => (actor && names.get(actor)) ?? (actor?.startsWith("api:") ? "an API key" : "Onecount");
}
