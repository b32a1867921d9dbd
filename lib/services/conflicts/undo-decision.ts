import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import { ownChoices } from "@/db/schema";
import { type Statement, statementsOf } from "@/db/statement";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile } from "../errors";
import { appendLog } from "../log/append-log";
import { appendMovements } from "../stock/append-movements";
import { wake } from "../sync/wake";
import { withdrawCancels } from "./ask-cancel";
import { closeReopened } from "./close-oversold";
import { recordDecisions } from "./decide-conflict";
import { type ConflictRow, readConflictRows } from "./list-conflicts";
import { lockLevelsOf } from "./lock-levels-of";
import { reopenSettled } from "./reopen-settled";

export const undoDecisionSchema = z.object({ ids: z.array(z.guid()).min(1).max(1_000) });

/** How long a decision can be taken back. */
export const undoWithinMs = 10 * 60_000;

/**
 * Takes decisions back: their movements are reversed (by movements, since the ledger only grows), what was declared
 * settled is open again, and so are the conflicts. All of them or none. Refused once a store has been told.
 */
export async function undoDecision(
	ctx: Context,
	input: z.input<typeof undoDecisionSchema>,
): Promise<{ reopened: number }> {
	authorise(ctx, "support");
	const { ids } = undoDecisionSchema.parse(input);
	const since = new Date(ctx.now().getTime() - undoWithinMs).toISOString();
	const { reopened, channelIds } = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		await lockLevelsOf(run, ids);
		await tx.execute(sql`
			select from conflicts where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
			order by id for update`);
		const rows = await readConflictRows(
			tx,
			sql`f.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
				and f.state = 'decided' and f.decision->>'choice' not in (select jsonb_array_elements_text(${JSON.stringify(ownChoices)}::jsonb)) and (f.decided_at > ${since}::timestamptz
					-- One that waits longer, since its store is paused: nobody has been told.
					or exists (select from order_cancels o where o.id::text = f.decision->'undo'->>'cancelId' and o.state = 'waiting'))`,
			sql`f.id`,
			ids.length,
		);
		if (rows.length < ids.length)
			throw new ChangedMeanwhile(
				"This can't be taken back any more: ten minutes have passed, or somebody already did.",
			);
		const found = rows.flatMap(({ decision }) => decision?.undo?.movements ?? []);
		const before = await readUntold(run, ctx.merchantId, found);
		await withdrawCancels(tx, rows);
		const moved = await reverseMovements(tx, ctx, rows);
		await restoreSlots(tx, rows);
		await reopen(tx, rows);
		await recordDecisions(tx, ctx, rows, "undo", null);
		const settled = await reopenSettled(run, ctx.merchantId, ids);
		if ((await readUntold(run, ctx.merchantId, found)) > before)
			throw new ChangedMeanwhile(
				"What was found then has been sold or reserved since, so this can't be taken back. If it is not there, count the SKU anew.",
			);
		await appendLog(run, ctx.merchantId, [
			...settled.log,
			...(await closeReopened(run, ctx.merchantId, [...ids, ...settled.ids])),
		]);
		return { reopened: rows.length, channelIds: moved };
	});
	notifyLog(ctx.merchantId);
	wake("work", channelIds);
	return { reopened };
}

/** Units that the levels of these movements lack and that no open conflict tells of. */
async function readUntold(
	run: Statement,
	merchantId: string,
	moved: readonly { skuId: string; locationId: string }[],
): Promise<number> {
	if (moved.length === 0) return 0;
	const [row] = await run<{ units: number }>`
		select coalesce(sum(greatest(0, l.reserved - l.on_hand) - told.units), 0)::int as units
		from levels l cross join lateral (
			select coalesce(sum(f.units), 0) as units from conflicts f
			where f.merchant_id = ${merchantId}::uuid and f.kind = 'oversold' and f.state <> 'decided' and f.sku_id = l.sku_id
				and f.facts->>'locationId' = l.location_id::text
		) told
		where (l.sku_id, l.location_id) in (
			select "skuId", "locationId" from jsonb_to_recordset(${JSON.stringify(moved)}::text::jsonb) as m("skuId" uuid, "locationId" uuid))`;
	return row?.units ?? 0;
}

async function reverseMovements(tx: Transaction, ctx: Context, rows: readonly ConflictRow[]): Promise<string[]> {
	const appended = await appendMovements(
		tx,
		ctx.merchantId,
		rows.flatMap(({ id, decided_ms, decision }) =>
			(decision?.undo?.movements ?? []).map(({ skuId, locationId, delta }) => ({
				skuId,
				locationId,
				delta: -delta,
				kind: "adjustment" as const,
				causeKey: `undo:${id}:${decided_ms}`,
				actor: ctx.actor,
				note: "decision taken back",
			})),
		),
	);
	return [...new Set(appended.flatMap(({ pendingChannelIds }) => pendingChannelIds))];
}

/** Only while nothing has moved since: a write that has left has made the number agreed again. */
async function restoreSlots(tx: Transaction, rows: readonly ConflictRow[]): Promise<void> {
	const slots = rows.flatMap(({ decision }) => decision?.undo?.slot ?? []);
	const restored = (await tx.execute(sql`
		update slots s set expected = s.expected - u.unexplained, unexplained = u.unexplained, expected_version = s.expected_version + 1,
			unexplained_since = case when u.unexplained = 0 then null else clock_timestamp() end
		from jsonb_to_recordset(${JSON.stringify(slots)}::jsonb) as u(id bigint, unexplained int, "expectedVersion" bigint)
		where s.id = u.id and s.expected_version = u."expectedVersion" and s.push_id is null
		returning s.id`)) as unknown as { id: number }[];
	if (restored.length < slots.length)
		throw new ChangedMeanwhile("The store has been told our number already. Change it there, or count the SKU anew.");
}

async function reopen(tx: Transaction, rows: readonly ConflictRow[]): Promise<void> {
	const ids = JSON.stringify(rows.map(({ id }) => id));
	const [again] = (await tx.execute(sql`
		select from conflicts o join conflicts f on f.merchant_id = o.merchant_id and f.dedupe_key = o.dedupe_key and f.id <> o.id
		where o.state <> 'decided' and f.id in (select value::uuid from jsonb_array_elements_text(${ids}::jsonb))`)) as unknown as object[];
	if (again) throw new ChangedMeanwhile("It has been found again meanwhile and is open. Decide about that one.");
	await tx.execute(sql`
		update conflicts set state = 'open', decided_at = null, decided_by = null, decision = null
		where id in (select value::uuid from jsonb_array_elements_text(${ids}::jsonb))`);
}
