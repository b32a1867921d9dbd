import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { type ConflictDecision, type LogState, ownChoices, type Platform } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { cameBackWords } from "@/lib/format/came-back";
import { movedWords } from "@/lib/format/moved";
import { countOf } from "@/lib/format/number";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { nameMoves } from "../stock/name-moves";
import { type Option, optionsFor } from "./choices";
import { type ConflictRow, readConflictRows, settlementOf, subjectOf } from "./list-conflicts";
import { nameOrder } from "./name-order";
import { type CancelView, readCancel } from "./read-cancel";
import { type ConflictColumn, readColumns } from "./read-columns";
import { readSituation } from "./read-situation";
import { type ConflictMoment, readTimeline } from "./read-timeline";
import { settledHeadline, settledTitle } from "./settled-words";
import { undoWithinMs } from "./undo-decision";
import { conflictHeadline, conflictShape, nameOf, unreadOrders } from "./words";

export type ConflictView = {
	id: string;
	kind: ConflictRow["kind"];
	state: ConflictRow["state"];
	shape: LogState;
	headline: string;
	/** Of the SKU, or else the listing, that it is about. */
	name: string;
	/** "1 unit short", "5 units apart"; of a settled one "1 unit was short". */
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
	/** References of orders that could not be read and that may be the cause. */
	unreadOrders: string[];
	/** The order that its store was last asked to cancel for it; null: none was. */
	cancel: CancelView | null;
	/** `undoUntil` null: it settled by itself, or its store has been asked, and there is nothing to take back. */
	decided: {
		at: number;
		by: string;
		choice: string;
		/** "44 kept, Nordlicht Outdoor 3 → 44" */
		outcome: string;
		note: string | null;
		/** It settled by itself: "Shopify #1042 gave 1 unit back"; null: somebody decided. */
		because: string | null;
		/** "2 fewer at Shop and 1 fewer at Yard"; empty: it moved no stock. */
		moved: string;
		undoUntil: number | null;
	} | null;
};

/** One conflict with its evidence, what may be decided, and what would follow. */
export async function readConflict(ctx: Context, id: string): Promise<ConflictView> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [row] = await readConflictRows(tx, sql`f.id = ${guidOf(id, "conflict")}::uuid`, sql`f.id`, 1);
		if (!row) throw new NotFound("conflict");
		const subject = subjectOf(row);
		const settlement = settlementOf(row);
		const situation = await readSituation(tx, ctx.merchantId, row);
		const people = await readPeople(tx, [row.escalated_by, row.decided_by]);
		const isOversold = row.kind === "oversold";
		const cancel = isOversold ? await readCancel(statementsOf(tx), row.id, row.decision?.undo?.cancelId ?? null) : null;
		return {
			id: row.id,
			kind: row.kind,
			state: row.state,
			shape: row.state === "decided" ? "ok" : conflictShape[row.kind],
			headline: settlement ? settledHeadline(subject) : conflictHeadline(subject),
			name: nameOf(subject),
			measure: measureOf(row),
			sku: row.sku_id && row.sku ? { id: row.sku_id, name: row.sku } : null,
			channel:
				row.channel_id && row.channel_name && row.platform
					? { id: row.channel_id, name: row.channel_name, platform: row.platform }
					: null,
			listingId: row.listing_id,
			orderRef: row.order_ref,
			orderNumber:
				typeof row.facts.orderNumber === "string" && row.facts.isReservation !== true ? row.facts.orderNumber : null,
			openedAt: row.opened_ms,
			snoozedUntil: row.snoozed_ms,
			escalated: row.escalated_ms !== null ? { at: row.escalated_ms, by: people(row.escalated_by) } : null,
			timeline: isOversold ? await readTimeline(tx, ctx.merchantId, row) : [],
			columns: await readColumns(tx, ctx.merchantId, row, situation),
			options: row.state === "decided" ? [] : optionsFor(subject, situation),
			unreadOrders: unreadOrders(row.facts),
			cancel,
			decided:
				row.decided_ms !== null && row.decision && settlement
					? {
							at: row.decided_ms,
							by: people(row.decided_by),
							choice: row.decision.choice,
							outcome: settledTitle(subject, settlement),
							note: row.decision.note ?? null,
							because: await readBecause(tx, row.decision),
							moved: movedWords(await nameMoves(statementsOf(tx), row.sku_id, row.decision.undo?.movements ?? [])),
							undoUntil: undoUntil(row.decision, row.decided_ms, cancel, ctx.now().getTime()),
						}
					: null,
		};
	});
}

async function readBecause(tx: Transaction, { because }: ConflictDecision): Promise<string | null> {
	if (!because) return null;
	const { orderNumber, channelId } = because;
	return cameBackWords(because, orderNumber && channelId ? await nameOrder(tx, { orderNumber, channelId }) : null);
}

function undoUntil(
	decision: ConflictDecision,
	decidedAt: number,
	cancel: CancelView | null,
	now: number,
): number | null {
	if (ownChoices.includes(decision.choice)) return null;
	if (!decision.undo?.cancelId || !cancel) return decidedAt + undoWithinMs;
	if (cancel.state !== "waiting") return null;
	// It is due and waits all the same: for the store's pause to end.
	return cancel.at > now ? cancel.at : now + undoWithinMs;
}

function measureOf({ kind, units, state }: ConflictRow): string | null {
	const isOfNumbers = kind === "drift" || kind === "competing_edits";
	if (units === 0 || !(isOfNumbers || kind === "oversold")) return null;
	const were = state === "decided" ? (units === 1 ? "was " : "were ") : "";
	return `${countOf(units, "unit")} ${were}${isOfNumbers ? "apart" : "short"}`;
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
