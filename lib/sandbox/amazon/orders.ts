/** How orders lie in sandbox.orders, and their life: placed and pending, unshipped, shipped or cancelled. */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { takeIds } from "../context";
import type { CheckoutResult, Payment, SandboxContext, SandboxStore } from "../sandbox-platform";
import { findItem, type ItemRow, statusOf } from "./items";
import { changeAccount, type Event } from "./news";
import { settingsOf } from "./settings";

export type OrderStatus = "PENDING" | "UNSHIPPED" | "PARTIALLY_SHIPPED" | "SHIPPED" | "CANCELLED";

export type OrderLine = {
	orderItemId: string;
	sku: string;
	asin: string;
	title: string;
	quantityOrdered: number;
	quantityFulfilled: number;
	quantityCancelled: number;
	request: { requester: "BUYER"; cancelReason: string } | null;
	execution: { cancelledBy: "BUYER" | "MERCHANT" | "AMAZON"; cancelReason: string } | null;
};

export type OrderData = {
	items: OrderLine[];
	fulfilledBy: "MERCHANT" | "AMAZON";
	marketplaceId: string;
	/** While it is pending: until then (ISO). */
	pendingUntil: string | null;
};

export type OrderRow = { id: string; status: OrderStatus; data: OrderData; created_at: string; modified_at: string };

type Tell = (...events: Event[]) => void;

export async function findOrder(db: Executor, storeId: string, id: string, rest = sql``): Promise<OrderRow | null> {
	const [row] = await db.execute<OrderRow>(
		sql`select id, status, data, created_at, modified_at from sandbox.orders where store_id = ${storeId} and id = ${id} ${rest}`,
	);
	return row ?? null;
}

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

async function moveStock(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	item: ItemRow,
	change: number,
	tell: Tell,
): Promise<void> {
	if (item.quantity === null) return;
	const before = statusOf(item);
	item.quantity += change;
	await tx.execute(sql`
		update sandbox.items set quantity = ${item.quantity},
			modified_at = case when ${settingsOf(store).salesMoveStamps} then ${ctx.now().toISOString()}::timestamptz else modified_at end
		where store_id = ${store.id} and id = ${item.id}`);
	tell({ type: "LISTINGS_ITEM_MFN_QUANTITY_CHANGE", sku: item.sku, quantity: item.quantity });
	const status = statusOf(item);
	if (status.length !== before.length)
		tell({
			type: "LISTINGS_ITEM_STATUS_CHANGE",
			sku: item.sku,
			asin: item.data.asin,
			createdDate: item.data.createdDate,
			status,
		});
}

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

const openUnits = (line: OrderLine) => line.quantityOrdered - line.quantityFulfilled - line.quantityCancelled;

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

const oldStatus: Record<OrderStatus, string> = {
	PENDING: "Pending",
	UNSHIPPED: "Unshipped",
	PARTIALLY_SHIPPED: "PartiallyShipped",
	SHIPPED: "Shipped",
	CANCELLED: "Canceled",
};

/** In the older interface's spelling, with a postal code that nobody asked for. */
function changeOf(store: SandboxStore, order: OrderRow, type: string, reason: string | null): Event {
	const open = order.data.items.reduce((sum, line) => sum + openUnits(line), 0);
	const shipped = order.data.items.reduce((sum, line) => sum + line.quantityFulfilled, 0);
	return {
		type: "ORDER_CHANGE",
		orderId: order.id,
		isPending: order.status === "PENDING",
		payload: {
			OrderChangeNotification: {
				NotificationLevel: "OrderLevel",
				SellerId: store.secrets.sellerId ?? "",
				AmazonOrderId: order.id,
				OrderChangeType: type,
				OrderChangeTrigger: { TimeOfOrderChange: order.modified_at, ChangeReason: reason ?? "New order" },
				Summary: {
					MarketplaceId: order.data.marketplaceId,
					OrderStatus: oldStatus[order.status],
					PurchaseDate: order.created_at,
					DestinationPostalCode: "48110",
					FulfillmentType: order.data.fulfilledBy === "AMAZON" ? "AFN" : "MFN",
					OrderType: "StandardOrder",
					NumberOfItemsShipped: shipped,
					NumberOfItemsUnshipped: open,
					OrderItems: order.data.items.map((line) => ({
						OrderItemId: line.orderItemId,
						SellerSKU: line.sku,
						SupplySourceId: null,
						// Of an item it knows no other words.
						OrderItemStatus: line.quantityFulfilled > 0 && openUnits(line) === 0 ? "Shipped" : "Unshipped",
						Quantity: line.quantityOrdered,
						QuantityShipped: line.quantityFulfilled,
						IsBuyerRequestedCancel: line.request !== null,
					})),
				},
			},
		},
	};
}
