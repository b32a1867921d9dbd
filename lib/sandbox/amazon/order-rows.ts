/** How orders lie in sandbox.orders. */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";

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

export async function findOrder(db: Executor, storeId: string, id: string, rest = sql``): Promise<OrderRow | null> {
	const [row] = await db.execute<OrderRow>(
		sql`select id, status, data, created_at, modified_at from sandbox.orders where store_id = ${storeId} and id = ${id} ${rest}`,
	);
	return row ?? null;
}

/** Neither shipped nor cancelled. */
export const openUnits = (line: OrderLine) => line.quantityOrdered - line.quantityFulfilled - line.quantityCancelled;
