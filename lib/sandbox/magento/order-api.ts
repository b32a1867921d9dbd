/** Orders, shipments and credit memos on the wire. */
import { sql } from "drizzle-orm";
import { knobsOf } from "../knobs";
import { type Columns, echo, orderOf, readCriteria, whereOf, windowOf } from "./criteria";
import { type OrderLine, type OrderRow, orderFields } from "./order-rows";
import { cancelOrder, invoiceOrder, refundOrder, shipOrder } from "./orders";
import { type Call, decimal, MageError, mageTime, reportError } from "./wire";

const orderColumns: Columns = {
	entity_id: { sql: sql`id::bigint`, type: "number" },
	increment_id: { sql: sql`number`, type: "text" },
	state: { sql: sql`status`, type: "text" },
	status: { sql: sql`status`, type: "text" },
	store_id: { sql: sql`(data->>'store_id')::int`, type: "number" },
	created_at: { sql: sql`created_at`, type: "time" },
	updated_at: { sql: sql`modified_at`, type: "time" },
};

function presentLine(order: OrderRow, line: OrderLine): Record<string, unknown> {
	const parent = order.data.lines.find(({ item_id }) => item_id === line.parent_item_id);
	return {
		item_id: line.item_id,
		order_id: Number(order.id),
		parent_item_id: line.parent_item_id,
		name: line.name,
		sku: line.sku,
		product_id: line.product_id,
		product_type: line.product_type,
		is_virtual: line.is_virtual ? 1 : 0,
		is_qty_decimal: 0,
		price: parent ? 0 : line.price,
		store_id: order.data.store_id,
		created_at: mageTime(order.created_at),
		updated_at: mageTime(order.modified_at),
		qty_ordered: decimal(line.qty_ordered),
		qty_canceled: decimal(line.qty_canceled),
		qty_invoiced: decimal(line.qty_invoiced),
		qty_shipped: decimal(line.qty_shipped),
		qty_refunded: decimal(line.qty_refunded),
		parent_item: parent ? presentLine(order, parent) : null,
	};
}

function presentOrder(order: OrderRow, currency: string): Record<string, unknown> {
	const total = order.data.lines
		.filter(({ parent_item_id }) => parent_item_id === null)
		.reduce((sum, { price, qty_ordered }) => sum + price * qty_ordered, 0);
	return {
		entity_id: Number(order.id),
		increment_id: order.number,
		state: order.status,
		status: order.status === "new" ? "pending" : order.status,
		store_id: order.data.store_id,
		created_at: mageTime(order.created_at),
		updated_at: mageTime(order.modified_at),
		customer_email: "buyer@example.com",
		customer_is_guest: 1,
		order_currency_code: currency,
		base_grand_total: decimal(total),
		grand_total: decimal(total),
		items: order.data.lines.map((line) => presentLine(order, line)),
		extension_attributes: { shipping_assignments: [] },
	};
}

export async function listOrders(call: Call) {
	const { ctx, store, settings } = call;
	const criteria = readCriteria(call);
	const unknown = () => reportError(ctx.random);
	const { listLagMs } = knobsOf(store);
	const seenUntil = new Date(call.now.getTime() - listLagMs).toISOString();
	const lagged = listLagMs > 0 ? sql`modified_at <= ${seenUntil}::timestamptz` : sql`true`;
	const where = sql`store_id = ${store.id} and ${lagged} and ${whereOf(criteria, orderColumns, unknown)}`;
	const [counted] = await ctx.db.execute<{ total: number }>(
		sql`select count(*)::int as total from sandbox.orders where ${where}`,
	);
	const total = counted?.total ?? 0;
	const { limit, offset } = windowOf(criteria, total, settings);
	const rows = await ctx.db.execute<OrderRow>(sql`
		select ${orderFields} from sandbox.orders where ${where} ${orderOf(criteria, orderColumns, unknown)} limit ${limit} offset ${offset}`);
	return {
		items: rows.map((row) => presentOrder(row, settings.currency)),
		search_criteria: echo(criteria),
		total_count: total,
	};
}

const noEntity = () =>
	new MageError(404, "The entity that was requested doesn't exist. Verify the entity and try again.");

export async function getOrder({ ctx, store, settings }: Call, id: string) {
	const [row] = await ctx.db.execute<OrderRow>(
		sql`select ${orderFields} from sandbox.orders where store_id = ${store.id} and id = ${id}`,
	);
	if (!row) throw noEntity();
	return presentOrder(row, settings.currency);
}

const documentColumns: Columns = {
	entity_id: { sql: sql`(document->>'id')::bigint`, type: "number" },
	order_id: { sql: sql`order_id::bigint`, type: "number" },
	created_at: { sql: sql`(document->>'created_at')::timestamptz`, type: "time" },
	updated_at: { sql: sql`(document->>'created_at')::timestamptz`, type: "time" },
};

type DocumentRow = {
	order_id: string;
	document: {
		id: number;
		created_at: string;
		items: { order_item_id: number; sku: string; product_id: number; qty: number }[];
	};
};

async function listDocuments(call: Call, kind: "shipments" | "creditmemos") {
	const { ctx, store } = call;
	const criteria = readCriteria(call);
	const unknown = () => reportError(ctx.random);
	const from = sql`(
		select o.id as order_id, d as document from sandbox.orders o, jsonb_array_elements(o.data->${kind}) d where o.store_id = ${store.id}
	) documents where ${whereOf(criteria, documentColumns, unknown)}`;
	const [counted] = await ctx.db.execute<{ total: number }>(sql`select count(*)::int as total from ${from}`);
	const total = counted?.total ?? 0;
	const { limit, offset } = windowOf(criteria, total, call.settings);
	const rows = await ctx.db.execute<DocumentRow>(
		sql`select order_id, document from ${from} ${orderOf(criteria, documentColumns, unknown)} limit ${limit} offset ${offset}`,
	);
	return {
		items: rows.map(({ order_id, document }) => ({
			entity_id: document.id,
			increment_id: String(document.id).padStart(9, "0"),
			order_id: Number(order_id),
			created_at: mageTime(document.created_at),
			updated_at: mageTime(document.created_at),
			items: document.items.map((item) => ({
				...item,
				entity_id: item.order_item_id,
				qty: decimal(item.qty),
				...(kind === "creditmemos" && { base_cost: 0, base_price: 0 }),
			})),
			...(kind === "shipments" ? { tracks: [], comments: [] } : { comments: [] }),
		})),
		search_criteria: echo(criteria),
		total_count: total,
	};
}

export const listShipments = (call: Call) => listDocuments(call, "shipments");
export const listCreditmemos = (call: Call) => listDocuments(call, "creditmemos");

export const postCancel = ({ ctx, store }: Call, id: string) => cancelOrder(ctx, store, id);

type Given = {
	items?: { order_item_id?: number; orderItemId?: number; qty: number }[];
	arguments?: { extension_attributes?: { source_code?: string; return_to_stock_items?: number[] } };
};
const stepsOf = ({ items }: Given) =>
	items?.map(({ order_item_id, orderItemId, qty }) => ({ order_item_id: order_item_id ?? orderItemId ?? 0, qty })) ??
	null;

export async function postInvoice({ ctx, store }: Call, id: string) {
	await invoiceOrder(ctx, store, id);
	return Number(id);
}

export function postShip({ ctx, store, body }: Call, id: string) {
	const given = (body ?? {}) as Given;
	return shipOrder(ctx, store, id, stepsOf(given), given.arguments?.extension_attributes?.source_code ?? null);
}

export function postRefund({ ctx, store, body }: Call, id: string) {
	const given = (body ?? {}) as Given;
	const returned = given.arguments?.extension_attributes?.return_to_stock_items ?? [];
	return refundOrder(ctx, store, id, stepsOf(given), (itemId) => returned.includes(itemId));
}
