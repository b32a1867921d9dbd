/**
 * A cancellation as a job: noted on the order when it is asked for, done a moment later. The note is what counts: whoever
 * looks at the order when its time has come finds it cancelled, though the process that was asked is gone.
 */
import { sql } from "drizzle-orm";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { type Cancelling, cancelOrder, type OrderState } from "./order-state";
import { changeOrder } from "./orders";

export async function beginCancel(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	cancelling: Cancelling,
): Promise<void> {
	await ctx.db.execute(sql`
		update sandbox.orders set data = jsonb_set(data, '{order,cancelling}', ${JSON.stringify(cancelling)}::jsonb)
		where store_id = ${store.id} and id = ${orderId} and not data->'order' ? 'cancelling'`);
	const finish = () => finishCancel(ctx, store, orderId);
	const inMs = Date.parse(cancelling.doneAt) - ctx.now().getTime();
	if (inMs <= 0) await finish();
	// The store may be gone by then, and the database: whoever looks does it instead.
	else setTimeout(() => void finish().catch(() => {}), inMs).unref();
}

/** The order as it is now, cancelled if its time has come. */
export async function finishCancel(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
): Promise<OrderState | null> {
	return changeOrder(ctx, store, orderId, ["orders/cancelled"], ({ cancelling, ...order }, at) =>
		cancelling && cancelling.doneAt <= at && order.cancelledAt === null ? cancelOrder(order, cancelling, at) : null,
	);
}

export async function isCancelling(ctx: SandboxContext, store: SandboxStore, jobId: string): Promise<boolean> {
	const [row] = await ctx.db.execute(sql`
		select 1 from sandbox.orders where store_id = ${store.id} and data->'order'->'cancelling'->'ids'->>'refund' = ${jobId}`);
	return row !== undefined;
}
