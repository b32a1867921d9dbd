/** How orders lie in sandbox.orders; what was shipped and refunded lies with them. */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";

export type OrderState =
	| "new"
	| "pending_payment"
	| "payment_review"
	| "processing"
	| "complete"
	| "closed"
	| "canceled"
	| "holded";

export type OrderLine = {
	item_id: number;
	/** The configurable product's line that this one belongs to. */
	parent_item_id: number | null;
	sku: string;
	name: string;
	product_id: number;
	product_type: string;
	is_virtual: boolean;
	price: number;
	qty_ordered: number;
	qty_canceled: number;
	qty_invoiced: number;
	qty_shipped: number;
	qty_refunded: number;
	/** Units that were taken from sources for it. */
	deducted: { source_code: string; quantity: number }[];
	/** False: the product kept no count when it was ordered. */
	is_counted: boolean;
};

export type Document = {
	id: number;
	created_at: string;
	items: { order_item_id: number; sku: string; product_id: number; qty: number }[];
};

export type OrderData = {
	stock_id: number;
	store_id: number;
	lines: OrderLine[];
	shipments: Document[];
	creditmemos: Document[];
};

export type OrderRow = {
	id: string;
	number: string;
	status: OrderState;
	data: OrderData;
	created_at: string;
	modified_at: string;
};

const iso = (column: string) =>
	sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`);
export const orderFields = sql`id, number, status, data, ${iso("created_at")}, ${iso("modified_at")}`;

export async function insertOrder(db: Executor, storeId: string, order: OrderRow): Promise<void> {
	await db.execute(sql`
		insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
		values (${storeId}, ${order.id}, ${order.number}, ${order.status}, ${JSON.stringify(order.data)}::jsonb,
			${order.created_at}::timestamptz, ${order.modified_at}::timestamptz)`);
}

export async function lockOrder(db: Executor, storeId: string, orderId: string): Promise<OrderRow | null> {
	const [row] = await db.execute<OrderRow>(
		sql`select ${orderFields} from sandbox.orders where store_id = ${storeId} and id = ${orderId} for update`,
	);
	return row ?? null;
}

export async function updateOrder(db: Executor, storeId: string, order: OrderRow): Promise<void> {
	await db.execute(sql`
		update sandbox.orders set status = ${order.status}, data = ${JSON.stringify(order.data)}::jsonb, modified_at = ${order.modified_at}::timestamptz
		where store_id = ${storeId} and id = ${order.id}`);
}
