/** How orders lie in sandbox.orders, and the news of them. */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import type { Tell } from "../news";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { newsOf } from "./news";

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

export async function insertOrder(tx: Executor, storeId: string, order: OrderRow): Promise<void> {
	await tx.execute(sql`
		insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
		values (${storeId}, ${order.id}, ${order.id.slice(-6)}, ${order.status}, ${JSON.stringify(order.data)}::jsonb, ${order.created_at}::timestamptz, ${order.modified_at}::timestamptz)`);
}

export async function tellOf(
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
