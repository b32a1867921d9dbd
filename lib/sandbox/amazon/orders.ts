/** The life of an order that was placed: unshipped, shipped or cancelled. */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { findItem } from "./items";
import { moveStock, type Tell } from "./move-stock";
import { changeAccount } from "./news";
import { changeOf } from "./order-change";
import { findOrder, type OrderLine, type OrderRow, openUnits } from "./order-rows";

export type Work = { order: OrderRow; giveBack(line: OrderLine, units: number): Promise<void> };

/** One change of an order, with what it gives back and tells. `work` returns why it changed; null: it did not. */
export async function changeOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	work: (work: Work) => Promise<string | null>,
): Promise<void> {
	await changeAccount(ctx, store, async (tx, tell) => {
		const order = await findOrder(tx, store.id, orderId, sql`for update`);
		if (!order) throw new Error(`There is no order ${orderId}.`);
		const reason = await work({
			order,
			async giveBack({ sku }, units) {
				const item =
					units > 0 && order.data.fulfilledBy === "MERCHANT"
						? await findItem(tx, store.id, sku, sql`for update`)
						: null;
				if (item) await moveStock(tx, ctx, store, item, units, tell);
			},
		});
		if (reason !== null) await saveOrder(tx, store, order, ctx.now().toISOString(), reason, tell);
	});
}

async function saveOrder(
	tx: Transaction,
	store: SandboxStore,
	order: OrderRow,
	at: string,
	reason: string,
	tell: Tell,
): Promise<void> {
	order.modified_at = at;
	await tx.execute(sql`
		update sandbox.orders set status = ${order.status}, data = ${JSON.stringify(order.data)}::jsonb, modified_at = ${at}::timestamptz
		where store_id = ${store.id} and id = ${order.id}`);
	tell(
		changeOf(store, order, reason === "Buyer Requested Cancel" ? "BuyerRequestedChange" : "OrderStatusChange", reason),
	);
}

/** Units that are not shipped yet. Cancelled by the merchant for want of stock they do not come back. */
export async function cancelUnits(
	{ giveBack }: Work,
	line: OrderLine,
	units: number,
	execution: NonNullable<OrderLine["execution"]>,
): Promise<void> {
	const cancelled = Math.min(units, openUnits(line));
	if (cancelled <= 0) return;
	line.quantityCancelled += cancelled;
	line.execution = execution;
	if (execution.cancelReason !== noInventory) await giveBack(line, cancelled);
}

export const noInventory = "No inventory";

export async function cancelWhole(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	execution: NonNullable<OrderLine["execution"]>,
): Promise<void> {
	await changeOrder(ctx, store, orderId, async (work) => {
		if (work.order.status === "CANCELLED" || work.order.status === "SHIPPED") return null;
		for (const line of work.order.data.items) await cancelUnits(work, line, line.quantityOrdered, execution);
		work.order.status = "CANCELLED";
		work.order.data.pendingUntil = null;
		return execution.cancelReason;
	});
}

/** All that is open leaves the house; no number changes. */
export async function shipOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	units?: number,
): Promise<void> {
	await changeOrder(ctx, store, orderId, async ({ order }) => {
		if (order.status !== "UNSHIPPED" && order.status !== "PARTIALLY_SHIPPED") return null;
		for (const line of order.data.items) line.quantityFulfilled += Math.min(units ?? openUnits(line), openUnits(line));
		order.status = order.data.items.every((line) => openUnits(line) === 0) ? "SHIPPED" : "PARTIALLY_SHIPPED";
		return "Shipped";
	});
}

/** The buyer asks; nothing changes until somebody cancels. */
export async function requestCancel(ctx: SandboxContext, store: SandboxStore, orderId: string): Promise<void> {
	await changeOrder(ctx, store, orderId, async ({ order }) => {
		for (const line of order.data.items)
			line.request = { requester: "BUYER", cancelReason: "Changed mind about purchase" };
		return "Buyer Requested Cancel";
	});
}

/** Payments that have been checked by now. */
export async function confirmDue(tx: Transaction, ctx: SandboxContext, store: SandboxStore, tell: Tell): Promise<void> {
	const due = await tx.execute<OrderRow>(sql`
		select id, status, data, created_at, modified_at from sandbox.orders
		where store_id = ${store.id} and status = 'PENDING' and (data->>'pendingUntil')::timestamptz <= ${ctx.now().toISOString()}::timestamptz
		order by id for update skip locked`);
	for (const order of due) {
		const at = order.data.pendingUntil ?? ctx.now().toISOString();
		order.status = "UNSHIPPED";
		order.data.pendingUntil = null;
		await saveOrder(tx, store, order, at, "Payment confirmed", tell);
	}
}
