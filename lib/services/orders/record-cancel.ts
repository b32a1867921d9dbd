import type { Statement } from "@/db/statement";
import type { ChannelError } from "@/lib/channels/errors";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { WorkTarget } from "../channels/work-target";
import { closeReopened } from "../conflicts/close-oversold";
import { lockLevelsOf } from "../conflicts/lock-levels-of";
import { appendLog } from "../log/append-log";
import { keepOrders } from "./keep-orders";

type Cancel = { id: string; order_ref: string; order_number: string; sku_id: string | null };

/** It is cancelled: so is what was decided, and the order as it is now goes the way of all news. */
export async function keepCancelled(
	run: Statement,
	target: WorkTarget,
	cancel: Cancel,
	order: OrderSnapshot,
): Promise<void> {
	const [settled] = await run`
		update order_cancels set state = 'done', settled_at = clock_timestamp(), error = null
		where id = ${cancel.id}::uuid and state = 'asked' returning id`;
	if (!settled) return;
	await keepOrders(run, target, [order]);
	await appendLog(run, target.merchantId, [
		{
			kind: "order.cancelled",
			state: "ok",
			channelId: target.channelId,
			skuId: cancel.sku_id,
			orderRef: cancel.order_ref,
			data: { orderNumber: cancel.order_number },
		},
	]);
}

/** It won't be: whatever was settled by it is open again, and says why. */
export async function keepNotCancelled(
	run: Statement,
	target: WorkTarget,
	cancel: Cancel,
	error: ChannelError,
): Promise<void> {
	const { merchantId, channelId } = target;
	const said = { sentence: error.message, fix: error.fix };
	const wanted = await run<{ id: string }>`
		select id from conflicts
		where merchant_id = ${merchantId}::uuid and kind = 'oversold' and state = 'decided' and decision->'undo'->>'cancelId' = ${cancel.id}`;
	await lockLevelsOf(
		run,
		wanted.map(({ id }) => id),
	);
	// Conflicts before what settles them, as whoever takes a decision back does.
	const held = await run<{ id: string }>`
		select id from conflicts
		where merchant_id = ${merchantId}::uuid and kind = 'oversold' and state = 'decided' and decision->'undo'->>'cancelId' = ${cancel.id}
		order by id for update`;
	const [settled] = await run`
		update order_cancels set state = 'failed', settled_at = clock_timestamp(), error = ${JSON.stringify(said)}::text::jsonb
		where id = ${cancel.id}::uuid and state = 'asked' returning id`;
	if (!settled) return;
	const reopened = await run<{ id: string }>`
		update conflicts f set state = 'open', decided_at = null, decided_by = null, decision = null
		where f.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(held.map(({ id }) => id))}::text::jsonb))
			-- Found again meanwhile: that one is open, and this one stays as it was decided.
			and not exists (
				select from conflicts o where o.merchant_id = f.merchant_id and o.dedupe_key = f.dedupe_key and o.state <> 'decided')
		returning f.id`;
	await run`
		insert into audit_log (merchant_id, actor, action, subject, data)
		select ${merchantId}::uuid, 'system', 'conflict.reopened', 'conflict:' || value, ${JSON.stringify(said)}::text::jsonb
		from jsonb_array_elements_text(${JSON.stringify(reopened.map(({ id }) => id))}::text::jsonb)`;
	await appendLog(run, merchantId, [
		{
			kind: "order.not_cancelled",
			state: "bad",
			channelId,
			skuId: cancel.sku_id,
			orderRef: cancel.order_ref,
			data: { orderNumber: cancel.order_number, ...said },
		},
		...(await closeReopened(
			run,
			merchantId,
			reopened.map(({ id }) => id),
		)),
	]);
}

/** Not known yet: looked at again after `inMs`. `isAccepted`: the store said just now that it is at it. */
export async function keepUndecided(
	run: Statement,
	cancel: Cancel,
	{ isAccepted, inMs, error }: { isAccepted: boolean; inMs: number; error: ChannelError | null },
): Promise<void> {
	const said = error && JSON.stringify({ sentence: error.message, fix: error.fix });
	await run`
		update order_cancels set next_try_at = clock_timestamp() + ${inMs}::float8 * interval '1 ms', error = ${said}::text::jsonb,
			accepted_at = case when ${isAccepted} then clock_timestamp() else accepted_at end
		where id = ${cancel.id}::uuid and state = 'asked'`;
}
