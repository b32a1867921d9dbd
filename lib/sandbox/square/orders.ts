/**
 * Orders, and what they do to the ledger: nothing until they are paid, then each line of the catalogue goes from stock to
 * sold. A paid order can't be cancelled; what is refunded is an order of its own, and whether it goes back to stock is
 * said at the till and stands in the ledger alone.
 */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import type { Tell } from "../news";
import type { CheckoutResult, Payment, SandboxContext, SandboxStore } from "../sandbox-platform";
import { type Row, variationsBySku } from "./catalogue";
import { applyChanges, type Change, countsOf } from "./ledger";
import { changeAccount, countsNews, newsOf } from "./news";
import { locationsOf, newId, settingsOf } from "./settings";

export type Line = {
	uid: string;
	/** Null: an amount that was typed at the till. */
	variationId: string | null;
	sku: string;
	name: string;
	variationName: string;
	quantity: number;
	price: number;
};
export type OrderData = {
	locationId: string;
	version: number;
	lines: Line[];
	isPaid: boolean;
	/** To be handed over later: stays open when it is paid. */
	isToBeShipped: boolean;
	/** Of the order whose goods this one takes back. */
	returnOf: string | null;
	returned: { uid: string; quantity: number }[];
	refundIds: string[];
	closedAt: string | null;
};
export type OrderState = "OPEN" | "COMPLETED" | "CANCELED";
export type OrderRow = { id: string; status: OrderState; data: OrderData; created_at: string; modified_at: string };

export const selectOrders = sql`select id, status, data, created_at, modified_at from sandbox.orders`;

async function insertOrder(tx: Executor, storeId: string, order: OrderRow): Promise<void> {
	await tx.execute(sql`
		insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
		values (${storeId}, ${order.id}, ${order.id.slice(-6)}, ${order.status}, ${JSON.stringify(order.data)}::jsonb, ${order.created_at}::timestamptz, ${order.modified_at}::timestamptz)`);
}

type Wanted = { sku: string; quantity: number };
export type Sale = {
	lines: Wanted[];
	payment: Payment;
	/** A till's own sale: completed at once, whatever the count says. */
	isAtTill: boolean;
	/** When a till without a connection made it; it comes only now. */
	madeAt?: Date;
	/** Typed at the till, beside the items. */
	amount?: number;
};

export async function sell(ctx: SandboxContext, store: SandboxStore, sale: Sale): Promise<CheckoutResult> {
	const rows = await variationsBySku(
		ctx.db,
		store.id,
		sale.lines.map(({ sku }) => sku),
	);
	const unknown = sale.lines.find(({ sku }) => !rows.has(sku));
	if (unknown) return { result: "refused", code: "NOT_FOUND", message: `There is no ${unknown.sku}.` };
	const isPaid = sale.payment === "paid";
	const now = ctx.now();
	const [locationId] = locationsOf(store);
	const lines = sale.lines.map(({ sku, quantity }): Line => lineOf(ctx, rows.get(sku) as NamedRow, quantity));
	if (sale.amount)
		lines.push({
			uid: newId(ctx.random, 22),
			variationId: null,
			sku: "",
			name: "Custom amount",
			variationName: "",
			quantity: 1,
			price: sale.amount,
		});
	const order: OrderRow = {
		id: newId(ctx.random),
		status: isPaid && sale.isAtTill ? "COMPLETED" : "OPEN",
		data: {
			locationId,
			version: 1,
			lines,
			isPaid,
			isToBeShipped: !sale.isAtTill,
			returnOf: null,
			returned: [],
			refundIds: [],
			closedAt: isPaid && sale.isAtTill ? (sale.madeAt ?? now).toISOString() : null,
		},
		created_at: (sale.madeAt ?? now).toISOString(),
		// Square's own stamp: when it came, not when it was made.
		modified_at: now.toISOString(),
	};
	return changeAccount(ctx, store, async (tx, tell) => {
		if (!sale.isAtTill) {
			const short = await firstShort(tx, store, locationId, [...rows.values()], lines);
			if (short) return { result: "refused", code: "OUT_OF_STOCK", message: `${short} is sold out.` };
		}
		await insertOrder(tx, store.id, order);
		await tellOf(tx, tell, ctx, store, order, "order.created");
		if (isPaid) await takeStock(tx, tell, ctx, store, order, sale.madeAt ?? now);
		return { result: "placed", orderId: order.id, number: order.id.slice(-6) };
	});
}

type NamedRow = Row & { item_name: string };

const lineOf = (ctx: SandboxContext, row: NamedRow, quantity: number): Line => ({
	uid: newId(ctx.random, 22),
	variationId: row.id,
	sku: row.sku ?? "",
	name: row.item_name,
	variationName: row.data.name,
	quantity,
	price: row.data.price,
});

/** Square Online's own look at the count, under the lock that a sale takes. */
async function firstShort(
	tx: Transaction,
	store: SandboxStore,
	locationId: string,
	rows: readonly NamedRow[],
	lines: readonly Line[],
): Promise<string | null> {
	const ids = rows.map(({ id }) => id).sort();
	for (const id of ids)
		await tx.execute(sql`select id from sandbox.items where store_id = ${store.id} and id = ${id} for update`);
	const counts = await countsOf(tx, store.id, ids);
	for (const row of rows.filter(({ is_managed }) => is_managed)) {
		const count = counts.find((one) => one.variation_id === row.id && one.location_id === locationId);
		const wanted = lines.reduce((sum, line) => sum + (line.variationId === row.id ? line.quantity : 0), 0);
		const there = row.data.isSoldOut ? 0 : Number(count?.quantity ?? Number.POSITIVE_INFINITY);
		if (there < wanted) return row.item_name;
	}
	return null;
}

async function takeStock(
	tx: Transaction,
	tell: Tell,
	ctx: SandboxContext,
	store: SandboxStore,
	order: OrderRow,
	occurredAt: Date,
): Promise<void> {
	await moveLines(tx, tell, ctx, store, order, order.data.lines, { occurredAt, from: "IN_STOCK", to: "SOLD" });
}

async function moveLines(
	tx: Transaction,
	tell: Tell,
	ctx: SandboxContext,
	store: SandboxStore,
	order: OrderRow,
	lines: readonly { variationId: string | null; quantity: number }[],
	move: { occurredAt: Date; from: string; to: string; refundId?: string },
): Promise<void> {
	const ids = lines.flatMap(({ variationId }) => (variationId ? [variationId] : []));
	const tracked = await tx.execute<{ id: string }>(sql`
		select id from sandbox.items where store_id = ${store.id} and is_managed and id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
	const isTracked = new Set(tracked.map(({ id }) => id));
	const changes = lines.flatMap(({ variationId, quantity }): Change[] =>
		variationId && isTracked.has(variationId) && quantity > 0
			? [
					{
						type: "ADJUSTMENT",
						id: newId(ctx.random),
						variationId,
						locationId: order.data.locationId,
						quantity,
						occurredAt: move.occurredAt,
						createdAt: ctx.now(),
						from: move.from,
						to: move.to,
						transactionId: order.id,
						refundId: move.refundId,
						source: { product: "SQUARE_POS", name: "Point of Sale" },
					},
				]
			: [],
	);
	if (changes.length > 0) tell(await countsNews(tx, ctx, store, await applyChanges(tx, store.id, changes)));
}

async function tellOf(
	tx: Transaction,
	tell: Tell,
	ctx: SandboxContext,
	store: SandboxStore,
	{ id, status, data, created_at, modified_at }: OrderRow,
	type: "order.created" | "order.updated",
): Promise<void> {
	const name = type.replace(".", "_");
	const told = {
		order_id: id,
		version: data.version,
		location_id: data.locationId,
		state: status,
		created_at: new Date(created_at).toISOString(),
		...(type === "order.updated" && { updated_at: new Date(modified_at).toISOString() }),
	};
	tell(await newsOf(tx, ctx, store, [{ type, data: { type: name, id, object: { [name]: told } } }]));
}

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

export const isAtTill = (store: SandboxStore) => settingsOf(store).sellsAt === "till";
