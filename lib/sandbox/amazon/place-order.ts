/** A buyer's order: placed, and pending while its payment is checked. */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { takeIds } from "../context";
import type { CheckoutResult, Payment, SandboxContext, SandboxStore } from "../sandbox-platform";
import { findItem, type ItemRow, statusOf } from "./items";
import { moveStock, type Tell } from "./move-stock";
import { changeAccount } from "./news";
import { changeOf } from "./order-change";
import type { OrderData, OrderLine, OrderRow } from "./order-rows";
import { settingsOf } from "./settings";

type Wanted = { sku: string; quantity: number };

/** A buyer's order: the units leave the listing at once, while the payment is still being checked. Never more than there are. */
export async function placeOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	lines: readonly Wanted[],
	{ fulfilledBy = "MERCHANT", payment = "paid" }: { fulfilledBy?: OrderData["fulfilledBy"]; payment?: Payment } = {},
): Promise<CheckoutResult> {
	const ids = await takeIds(ctx.db, store.id, 1 + lines.length);
	try {
		return await changeAccount(ctx, store, async (tx, tell) => {
			const items: OrderLine[] = [];
			// In one order, so that two baskets of the same two items never wait for each other.
			const inOrder = [...lines].sort((a, b) => (a.sku < b.sku ? -1 : 1));
			for (const [index, { sku, quantity }] of inOrder.entries()) {
				const item = await take(tx, ctx, store, sku, quantity, fulfilledBy, tell);
				items.push({
					orderItemId: String(ids[index + 1]).padStart(14, "1"),
					sku,
					asin: item.data.asin,
					title: item.data.title,
					quantityOrdered: quantity,
					quantityFulfilled: 0,
					quantityCancelled: 0,
					request: null,
					execution: null,
				});
			}
			const row = newOrder(ctx, store, orderIdOf(ids[0] ?? 0), items, fulfilledBy, payment);
			await tx.execute(sql`
				insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
				values (${store.id}, ${row.id}, ${row.id}, ${row.status}, ${JSON.stringify(row.data)}::jsonb, ${row.created_at}::timestamptz, ${row.modified_at}::timestamptz)`);
			tell(changeOf(store, row, "OrderStatusChange", null));
			return { result: "placed", orderId: row.id, number: row.id };
		});
	} catch (error) {
		if (error instanceof Unavailable) return { result: "refused", code: "UNAVAILABLE", message: error.message };
		throw error;
	}
}

/** `902-0000000-0001234` */
const orderIdOf = (number: number) =>
	`902-${String(Math.floor(number / 10_000_000)).padStart(7, "0")}-${String(number % 10_000_000).padStart(7, "0")}`;

/** Until then Amazon waits for a payment that does not come. */
const longestPendingMs = 21 * 86_400_000;

class Unavailable extends Error {}

function newOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	id: string,
	items: OrderLine[],
	fulfilledBy: OrderData["fulfilledBy"],
	payment: Payment,
): OrderRow {
	const { pendingMs: usualMs, marketplaceId } = settingsOf(store);
	const pendingMs = payment === "paid" ? usualMs : longestPendingMs;
	const now = ctx.now();
	const at = now.toISOString();
	const pendingUntil = pendingMs > 0 ? new Date(now.getTime() + pendingMs).toISOString() : null;
	return {
		id,
		status: pendingUntil ? "PENDING" : "UNSHIPPED",
		data: { items, fulfilledBy, marketplaceId, pendingUntil },
		created_at: at,
		modified_at: at,
	};
}

async function take(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	sku: string,
	quantity: number,
	fulfilledBy: OrderData["fulfilledBy"],
	tell: Tell,
): Promise<ItemRow> {
	const item = await findItem(tx, store.id, sku, sql`for update`);
	if (!item || !statusOf(item).includes("BUYABLE")) throw new Unavailable("Currently unavailable.");
	if (fulfilledBy === "AMAZON" || item.quantity === null) return item;
	if (item.quantity < quantity) throw new Unavailable(`Only ${item.quantity} left in stock.`);
	await moveStock(tx, ctx, store, item, -quantity, tell);
	return item;
}
