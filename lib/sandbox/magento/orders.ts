/** Making and changing orders: the state of order-life, sources and reservations, in one transaction each. */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { takeIds } from "../context";
import type { CheckoutResult, Payment, SandboxContext, SandboxStore } from "../sandbox-platform";
import * as life from "./order-life";
import { insertOrder, lockOrder, type OrderLine, type OrderRow, updateOrder } from "./order-rows";
import {
	appendReservations,
	isStockHolder,
	moveAtSource,
	type ProductRow,
	productFields,
	products,
	productsBySku,
	sourceItemsOf,
} from "./rows";
import { configurationOf, salableOf } from "./salable";
import { countedSources, type MagentoSettings, type Stock, settingsOf } from "./settings";
import { MageError } from "./wire";

export type Wanted = { sku: string; quantity: number };
const idsPerLine = 8;

const refused = (code: string, message: string): CheckoutResult => ({ result: "refused", code, message });

/**
 * Of the first website. The stock is looked at and then reserved, with nothing held in between. `payment` absent: as the store's
 * buyers do; awaited: a payment that somebody has to approve.
 */
export async function checkout(
	ctx: SandboxContext,
	store: SandboxStore,
	wanted: readonly Wanted[],
	payment: Payment = settingsOf(store).paysAtOnce ? "paid" : "unpaid",
): Promise<CheckoutResult> {
	const settings = settingsOf(store);
	const stock = settings.stocks.find(({ websites }) => websites.length > 0) ?? settings.stocks[0];
	if (!stock) throw new Error("A Magento sandbox store needs a stock.");
	const now = ctx.now();
	const rows = await productsBySku(
		ctx.db,
		store.id,
		wanted.map(({ sku }) => sku),
	);
	const lines: { row: ProductRow; parent: ProductRow | null; quantity: number }[] = [];
	for (const { sku, quantity } of wanted) {
		const row = rows.find((one) => one.sku === sku);
		if (!row || !isStockHolder(row) || row.data.status !== 1)
			return refused(
				"no_such_entity",
				"The product that was requested doesn't exist. Verify the product and try again.",
			);
		lines.push({ row, parent: await parentOf(ctx.db, store.id, row), quantity });
	}
	const refusal = await refusalOf(ctx.db, store, settings, stock, lines, now);
	if (refusal) return refused("insufficient_stock", refusal);
	const ids = (await takeIds(ctx.db, store.id, 10 + idsPerLine * lines.length)).map(Number);
	const nextId = () => ids.shift() ?? 0;
	const orderId = nextId();
	const order: OrderRow = {
		id: String(orderId),
		number: String(orderId).padStart(9, "0"),
		status: payment === "awaited" ? "payment_review" : "new",
		data: {
			stock_id: stock.id,
			store_id: 1,
			lines: lines.flatMap((line) => linesOf(line, settings, nextId)),
			shipments: [],
			creditmemos: [],
		},
		created_at: now.toISOString(),
		modified_at: now.toISOString(),
	};
	await ctx.db.transaction(async (tx) => {
		const work = workOn(order, settings, now);
		life.place(work);
		if (payment === "paid") life.invoice(work, shippingSource(settings, order));
		await insertOrder(tx, store.id, order);
		await carryOut(tx, store, work, nextId);
	});
	return { result: "placed", orderId: order.id, number: order.number };
}

async function parentOf(db: Executor, storeId: string, row: ProductRow): Promise<ProductRow | null> {
	if (row.data.visibility !== 1) return null;
	const [parent] = await db.execute<ProductRow>(sql`
		select ${productFields} from sandbox.items
		where ${products(storeId)} and data->>'type_id' = 'configurable' and data->'links' @> ${JSON.stringify([Number(row.id)])}::jsonb limit 1`);
	return parent ?? null;
}

/** A configurable product has a line of its own, with its child's SKU, and its child another. */
function linesOf(
	{ row, parent, quantity }: { row: ProductRow; parent: ProductRow | null; quantity: number },
	settings: MagentoSettings,
	nextId: () => number,
): OrderLine[] {
	const line = (of: ProductRow, parentItemId: number | null): OrderLine => ({
		item_id: nextId(),
		parent_item_id: parentItemId,
		sku: row.sku,
		name: of.data.name,
		product_id: Number(of.id),
		product_type: of.data.type_id,
		is_virtual: of.data.type_id === "virtual" || of.data.type_id === "downloadable",
		price: of.data.price,
		qty_ordered: quantity,
		qty_canceled: 0,
		qty_invoiced: 0,
		qty_shipped: 0,
		qty_refunded: 0,
		deducted: [],
		is_counted: isStockHolder(of) && configurationOf(of, settings).managesStock,
	});
	if (!parent) return [line(row, null)];
	const top = line(parent, null);
	return [top, line(row, top.item_id)];
}

async function refusalOf(
	db: Executor,
	store: SandboxStore,
	settings: MagentoSettings,
	stock: Stock,
	lines: readonly { row: ProductRow; quantity: number }[],
	now: Date,
): Promise<string | null> {
	const rows = lines.map(({ row }) => row);
	const salable = settings.hasInventory ? await salableOf({ db, storeId: store.id, settings, now }, stock, rows) : null;
	for (const { row, quantity } of lines) {
		const { managesStock, backorders, minQty } = configurationOf(row, settings);
		if (!managesStock) continue;
		const one = salable?.get(row.sku);
		const isSalable = one ? one.isAssigned && one.isSalable : row.data.is_in_stock;
		const left = one ? one.left : row.data.qty - minQty;
		if (!isSalable) return "Product that you are trying to add is not available.";
		if (backorders === 0 && quantity > left) return "The requested qty is not available";
	}
	return null;
}

const workOn = (order: OrderRow, { hasInventory }: MagentoSettings, at: Date): life.Work => ({
	order,
	hasInventory,
	at,
	effects: { reservations: [], moves: [] },
});

/** The only source of the order's stock, else "default". */
function shippingSource(settings: MagentoSettings, order: OrderRow): string {
	const stock = settings.stocks.find(({ id }) => id === order.data.stock_id);
	const [only, ...others] = stock ? countedSources(settings, stock) : [];
	return only && others.length === 0 ? only : "default";
}

async function carryOut(tx: Transaction, store: SandboxStore, work: life.Work, nextId: () => number): Promise<void> {
	const { reservations, moves } = work.effects;
	await appendReservations(
		tx,
		store.id,
		reservations,
		reservations.map(() => nextId()),
		work.at,
	);
	if (moves.length === 0) return;
	if (work.hasInventory) await moveAtSource(tx, store.id, moves);
	else await moveOwnNumber(tx, store.id, moves);
}

async function moveOwnNumber(tx: Transaction, storeId: string, moves: life.Effects["moves"]): Promise<void> {
	await tx.execute(sql`
		update sandbox.items i set data = i.data || jsonb_build_object(
			'qty', (i.data->>'qty')::numeric + m.by,
			'is_in_stock', (i.data->>'is_in_stock')::boolean and (i.data->>'qty')::numeric + m.by > 0)
		from (select sku, sum(by) as by from json_to_recordset(${JSON.stringify(moves)}::json) as r(sku text, by numeric) group by sku order by sku) m
		where i.store_id = ${storeId} and i.kind = 'product' and i.sku = m.sku`);
}

/** One change of an order. Throws MageError 404 where there is none. */
async function changeOrder<T>(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	change: (work: life.Work, documentId: number, lies: ReadonlyMap<string, number>) => T,
	sourceCode: string | null = null,
): Promise<T> {
	const settings = settingsOf(store);
	const ids = await takeIds(ctx.db, store.id, 60);
	return ctx.db.transaction(async (tx) => {
		const order = await lockOrder(tx, store.id, orderId);
		if (!order)
			throw new MageError(404, "The entity that was requested doesn't exist. Verify the entity and try again.");
		const work = workOn(order, settings, ctx.now());
		const nextId = () => ids.shift() ?? 0;
		const documentId = nextId();
		const from = sourceCode ?? shippingSource(settings, order);
		const items = await sourceItemsOf(
			tx,
			store.id,
			order.data.lines.map(({ sku }) => sku),
		);
		const lies = new Map(
			items.filter(({ source_code }) => source_code === from).map(({ sku, quantity }) => [sku, quantity]),
		);
		const result = change(work, documentId, lies);
		await updateOrder(tx, store.id, order);
		await carryOut(tx, store, work, nextId);
		return result;
	});
}

/** By the merchant's hand; without `steps` all that is left. */
export const shipOrder = (
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	steps: readonly life.Step[] | null = null,
	sourceCode: string | null = null,
): Promise<number> =>
	changeOrder(
		ctx,
		store,
		orderId,
		(work, documentId, lies) => {
			life.ship(work, steps, sourceCode ?? shippingSource(settingsOf(store), work.order), lies, documentId);
			return documentId;
		},
		sourceCode,
	);

export const cancelOrder = (ctx: SandboxContext, store: SandboxStore, orderId: string): Promise<boolean> =>
	changeOrder(ctx, store, orderId, (work) => life.cancel(work));

/** By the gateway, or by whoever looks at payments under review. */
export const denyPayment = (ctx: SandboxContext, store: SandboxStore, orderId: string): Promise<boolean> =>
	changeOrder(ctx, store, orderId, (work) => life.deny(work));

export const invoiceOrder = (ctx: SandboxContext, store: SandboxStore, orderId: string): Promise<void> =>
	changeOrder(ctx, store, orderId, (work) => life.invoice(work, shippingSource(settingsOf(store), work.order)));

/** `returned`: whether the units of a line go back to stock. */
export const refundOrder = (
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	steps: readonly life.Step[] | null,
	returned: (orderItemId: number) => boolean,
): Promise<number> =>
	changeOrder(ctx, store, orderId, (work, documentId) => {
		life.refund(work, steps, returned, shippingSource(settingsOf(store), work.order), documentId);
		return documentId;
	});
