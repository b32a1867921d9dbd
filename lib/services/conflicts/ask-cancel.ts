import type { Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { Context } from "../context";
import { ChangedMeanwhile, Unacceptable } from "../errors";
import { readCancelMeans } from "./cancel-means";
import { cancelHeldMs } from "./choices";
import { findWinner, type NamedOrder } from "./find-order";
import type { ConflictRow } from "./list-conflicts";
import type { Undos } from "./undos";

/** Notes down the orders that their stores are to be asked to cancel; an order that is noted already is noted once. */
export async function askCancel(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	which: "loser" | "winner",
): Promise<Undos> {
	const run = statementsOf(tx);
	const undos: Undos = new Map();
	for (const row of rows) {
		const order = which === "winner" ? await findWinner(run, ctx.merchantId, row.facts) : loserOf(row);
		if (!order) throw new ChangedMeanwhile("We don't know that order any more. Cancel it in its store.");
		const means = await readCancelMeans(run, order);
		if (!means.may)
			throw new Unacceptable(`Onecount can't cancel ${order.orderNumber}${means.why ? `: ${means.why}` : ""}.`);
		const [asked] = await run<{ id: string }>`
			insert into order_cancels (merchant_id, channel_id, order_ref, order_number, conflict_id, sku_id, actor, next_try_at)
			values (${ctx.merchantId}::uuid, ${order.channelId}::uuid, ${order.orderRef}, ${order.orderNumber}, ${row.id}::uuid,
				${row.sku_id}::uuid, ${ctx.actor}, ${new Date(ctx.now().getTime() + cancelHeldMs).toISOString()}::timestamptz)
			-- Two conflicts of one order are settled here: it is cancelled once.
			on conflict (channel_id, order_ref) where state in ('waiting', 'asked') do update set order_number = excluded.order_number
			returning id`;
		if (asked) undos.set(row.id, { cancelId: asked.id });
	}
	return undos;
}

/** Whose stores are to be asked now. */
export async function askedChannels(tx: Transaction, undos: Undos): Promise<string[]> {
	const ids = [...undos.values()].flatMap(({ cancelId }) => cancelId ?? []);
	if (ids.length === 0) return [];
	const rows = await statementsOf(tx)<{ channel_id: string }>`
		select distinct channel_id from order_cancels
		where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`;
	return rows.map(({ channel_id }) => channel_id);
}

function loserOf({ channel_id, order_ref, facts }: ConflictRow): NamedOrder | null {
	if (!channel_id || !order_ref || typeof facts.orderNumber !== "string") return null;
	return { channelId: channel_id, orderRef: order_ref, orderNumber: facts.orderNumber };
}

/** Takes back what no store has been asked yet, unless another decision wants it, too. Throws for what has been asked. */
export async function withdrawCancels(tx: Transaction, rows: readonly ConflictRow[]): Promise<void> {
	const wanted = rows.flatMap(({ id, decision }) =>
		decision?.undo?.cancelId ? [{ id, cancel: decision.undo.cancelId }] : [],
	);
	if (wanted.length === 0) return;
	const run = statementsOf(tx);
	const input = JSON.stringify(wanted);
	const open = await run<{ id: string; state: string }>`
		select id, state from order_cancels
		where id in (select (value->>'cancel')::uuid from jsonb_array_elements(${input}::text::jsonb)) order by id for update`;
	// The race with whoever asks the store is settled by this lock: it has been asked, or it will not be.
	if (open.some(({ state }) => state !== "waiting"))
		throw new ChangedMeanwhile("The store has been asked to cancel the order already; there that can't be undone.");
	await run`
		update order_cancels c set state = 'withdrawn', settled_at = clock_timestamp()
		where id in (select (value->>'cancel')::uuid from jsonb_array_elements(${input}::text::jsonb))
			and not exists (
				select from conflicts f
				where f.merchant_id = c.merchant_id and f.kind = 'oversold' and f.state = 'decided' and f.decision->'undo'->>'cancelId' = c.id::text
					and f.id not in (select (value->>'id')::uuid from jsonb_array_elements(${input}::text::jsonb)))`;
}
