/** How orders lie in sandbox.orders. */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";

export type OrderStatus =
	| "checkout-draft"
	| "pending"
	| "processing"
	| "on-hold"
	| "completed"
	| "cancelled"
	| "refunded"
	| "failed"
	| "trash";

export type Meta = { id: number; key: string; value: string };

export type OrderLine = {
	id: number;
	name: string;
	/** 0: there is no such product. */
	product_id: number;
	variation_id: number;
	quantity: number;
	price: number;
	sku: string | null;
	global_unique_id: string | null;
	parent_name: string | null;
	/** Options first, then `_reduced_stock` and `_restock_refunded_items`. */
	meta: Meta[];
};

export type Refund = {
	id: number;
	amount: number;
	reason: string;
	date_created: string;
	is_full: boolean;
	lines: { id: number; of: number; name: string; quantity: number; total: number }[];
};

export type OrderData = {
	lines: OrderLine[];
	refunds: Refund[];
	notes: { id: number; note: string; date_created: string }[];
	billing: Record<string, string>;
	shipping: Record<string, string>;
	payment_method: string;
	customer_note: string;
	created_via: string;
	order_key: string;
	date_paid: string | null;
	date_completed: string | null;
	/** WooCommerce's own flag: taken once, and not given back as a whole. */
	is_stock_reduced: boolean;
	/** A checkout that is still to be paid holds its units until then. */
	held_until: string | null;
};

export type OrderRow = {
	id: string;
	number: string;
	status: OrderStatus;
	data: OrderData;
	created_at: string;
	modified_at: string;
};

const columns = sql`id, number, status, data, created_at, modified_at`;

export async function findOrder(db: Executor, storeId: string, id: string): Promise<OrderRow | null> {
	const [row] = await db.execute<OrderRow>(
		sql`select ${columns} from sandbox.orders where store_id = ${storeId} and id = ${id}`,
	);
	return row ?? null;
}

/** For the length of a change: two changes of one order come one after the other. */
export async function lockOrder(db: Executor, storeId: string, id: string): Promise<OrderRow | null> {
	const [row] = await db.execute<OrderRow>(
		sql`select ${columns} from sandbox.orders where store_id = ${storeId} and id = ${id} for update`,
	);
	return row ?? null;
}

export async function insertOrder(db: Executor, storeId: string, row: OrderRow): Promise<void> {
	await db.execute(sql`
		insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
		values (${storeId}, ${row.id}, ${row.number}, ${row.status}, ${JSON.stringify(row.data)}::jsonb, ${row.created_at}::timestamptz, ${row.modified_at}::timestamptz)`);
}

export async function updateOrder(db: Executor, storeId: string, row: OrderRow): Promise<void> {
	await db.execute(sql`
		update sandbox.orders set status = ${row.status}, data = ${JSON.stringify(row.data)}::jsonb, modified_at = ${row.modified_at}::timestamptz
		where store_id = ${storeId} and id = ${row.id}`);
}

export async function deleteOrder(db: Executor, storeId: string, id: string): Promise<void> {
	await db.execute(sql`delete from sandbox.orders where store_id = ${storeId} and id = ${id}`);
}

export const selectOrders = (where: ReturnType<typeof sql>, rest: ReturnType<typeof sql>) =>
	sql`select ${columns} from sandbox.orders where ${where} ${rest}`;
