/** How orders lie in sandbox.orders. `status` is the status' id. */
import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";

export const statuses: Readonly<Record<number, string>> = {
	0: "Incomplete",
	1: "Pending",
	2: "Shipped",
	3: "Partially Shipped",
	4: "Refunded",
	5: "Cancelled",
	6: "Declined",
	7: "Awaiting Payment",
	8: "Awaiting Pickup",
	9: "Awaiting Shipment",
	10: "Completed",
	11: "Awaiting Fulfillment",
	12: "Manual Verification Required",
	13: "Disputed",
	14: "Partially Refunded",
};

export type OrderLine = {
	id: number;
	/** 0: a custom line, of nothing in the catalogue. */
	product_id: number;
	variant_id: number;
	name: string;
	sku: string;
	price: number;
	quantity: number;
	quantity_shipped: number;
	quantity_refunded: number;
	/** Units that this order has taken and not given back: the store's own truth, which it does not show. */
	taken: number;
};

export type Refund = {
	id: number;
	created: string;
	reason: string;
	items: { item_id: number; quantity: number; amount: number }[];
};

export type OrderData = {
	lines: OrderLine[];
	refunds: Refund[];
	date_shipped: string | null;
	is_deleted: boolean;
	order_source: string;
};

export type OrderRow = {
	id: string;
	status: string;
	data: OrderData;
	created_at: string;
	modified_at: string;
};

const columns = sql`id, status, data, created_at, modified_at`;

export const selectOrders = (where: SQL, rest: SQL = sql``) =>
	sql`select ${columns} from sandbox.orders where ${where} ${rest}`;

export async function findOrder(db: Executor, storeId: string, id: string): Promise<OrderRow | null> {
	const [row] = await db.execute<OrderRow>(selectOrders(sql`store_id = ${storeId} and id = ${id}`));
	return row ?? null;
}

/** For the length of a change: two changes of one order come one after the other. */
export async function lockOrder(db: Executor, storeId: string, id: string): Promise<OrderRow | null> {
	const [row] = await db.execute<OrderRow>(selectOrders(sql`store_id = ${storeId} and id = ${id}`, sql`for update`));
	return row ?? null;
}

export async function saveOrder(db: Executor, storeId: string, row: OrderRow): Promise<void> {
	await db.execute(sql`
		insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
		values (${storeId}, ${row.id}, ${row.id}, ${row.status}, ${JSON.stringify(row.data)}::jsonb, ${row.created_at}::timestamptz, ${row.modified_at}::timestamptz)
		on conflict (store_id, id) do update set status = excluded.status, data = excluded.data, modified_at = excluded.modified_at`);
}
