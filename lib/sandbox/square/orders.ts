/**
 * Orders, and what they do to the ledger: nothing until they are paid, then each line of the catalogue goes from stock to
 * sold. A paid order can't be cancelled; what is refunded is an order of its own, and whether it goes back to stock is
 * said at the till and stands in the ledger alone.
 */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { Tell } from "../news";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { moveLines, takeStock } from "./move-lines";
import { changeAccount } from "./news";
import { insertOrder, type Line, type OrderRow, selectOrders, tellOf } from "./order-rows";
import type { Wanted } from "./sell";
import { newId } from "./settings";

type Hands = { tx: Transaction; tell: Tell; order: OrderRow; at: Date };

async function changeOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	change: (hands: Hands) => Promise<void>,
): Promise<void> {
	await changeAccount(ctx, store, async (tx, tell) => {
		const [order] = await tx.execute<OrderRow>(
			sql`${selectOrders} where store_id = ${store.id} and id = ${orderId} for update`,
		);
		if (!order) throw new Error(`This account has no order ${orderId}.`);
		const at = ctx.now();
		await change({ tx, tell, order, at });
		order.data.version++;
		order.modified_at = at.toISOString();
		await tx.execute(sql`
			update sandbox.orders set status = ${order.status}, data = ${JSON.stringify(order.data)}::jsonb, modified_at = ${order.modified_at}::timestamptz
			where store_id = ${store.id} and id = ${order.id}`);
		await tellOf(tx, tell, ctx, store, order, "order.updated");
	});
}

export const payOrder = (ctx: SandboxContext, store: SandboxStore, orderId: string) =>
	changeOrder(ctx, store, orderId, async ({ tx, tell, order, at }) => {
		if (order.data.isPaid || order.status !== "OPEN") return;
		order.data.isPaid = true;
		await takeStock(tx, tell, ctx, store, order, at);
	});

export const shipOrder = (ctx: SandboxContext, store: SandboxStore, orderId: string) =>
	changeOrder(ctx, store, orderId, async ({ order, at }) => {
		if (!order.data.isPaid) throw new Error("Square hands over what is paid.");
		order.status = "COMPLETED";
		order.data.closedAt = at.toISOString();
	});

/** Only what nobody paid can be cancelled; of a paid order everything is refunded instead. */
export async function cancelOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	restock: boolean,
): Promise<void> {
	await changeOrder(ctx, store, orderId, async (hands) => {
		const { order, at } = hands;
		if (order.data.isPaid) return takeBack(ctx, store, hands, leftOf(order), restock);
		order.status = "CANCELED";
		order.data.closedAt = at.toISOString();
	});
}

export async function refundOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	lines: readonly Wanted[],
	restock: boolean,
): Promise<void> {
	await changeOrder(ctx, store, orderId, (hands) => {
		const wanted = lines.flatMap(({ sku, quantity }) => {
			const line = hands.order.data.lines.find((one) => one.sku === sku);
			return line ? [{ line, quantity }] : [];
		});
		return takeBack(ctx, store, hands, wanted, restock);
	});
}

const leftOf = ({ data }: OrderRow) =>
	data.lines.map((line) => ({
		line,
		quantity: line.quantity - data.returned.reduce((sum, one) => sum + (one.uid === line.uid ? one.quantity : 0), 0),
	}));

async function takeBack(
	ctx: SandboxContext,
	store: SandboxStore,
	{ tx, tell, order, at }: Hands,
	lines: readonly { line: Line; quantity: number }[],
	restock: boolean,
): Promise<void> {
	const refundId = newId(ctx.random);
	order.data.refundIds.push(refundId);
	order.data.returned.push(...lines.map(({ line, quantity }) => ({ uid: line.uid, quantity })));
	const stamp = at.toISOString();
	const taken: OrderRow = {
		id: newId(ctx.random),
		status: "COMPLETED",
		data: {
			...order.data,
			version: 1,
			lines: lines.map(({ line, quantity }) => ({ ...line, quantity })),
			returnOf: order.id,
			returned: [],
			refundIds: [refundId],
			closedAt: stamp,
		},
		created_at: stamp,
		modified_at: stamp,
	};
	await insertOrder(tx, store.id, taken);
	await tellOf(tx, tell, ctx, store, taken, "order.created");
	if (!restock) return;
	const back = lines.map(({ line, quantity }) => ({ variationId: line.variationId, quantity }));
	await moveLines(tx, tell, ctx, store, order, back, { occurredAt: at, from: "SOLD", to: "IN_STOCK", refundId });
}
