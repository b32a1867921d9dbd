import type { OrderSnapshot } from "@/lib/stock/order";
import type { CancelOutcome, Connection } from "../channel-adapter";
import type { Page } from "../listing";
import { sortOut } from "../odd-rows";
import { type ListedOrder, order, orders } from "./api-types";
import { callWoo, isGone, WooError } from "./client";
import { isDraft, snapshotOf } from "./mapper";
import { walkChanges } from "./paging";

/** What stock needs and nothing else: no name, address or payment of a buyer is ever sent to us. */
const orderFields = "id,number,status,date_created_gmt,date_modified_gmt,date_paid_gmt,created_via,line_items,refunds";

/** Every status but the trash, whatever names plugins gave them; drafts of unfinished checkouts are dropped here. */
export async function listOrders(
	connection: Connection,
	changedSince: Date,
	page: string | null,
): Promise<Page<OrderSnapshot>> {
	const { rows, next } = await walkChanges(
		changedSince,
		page,
		({ date_modified_gmt }: ListedOrder) => date_modified_gmt,
		async (query) => {
			const call = {
				method: "GET" as const,
				path: "/orders",
				query: { ...query, status: "any", _fields: orderFields },
			};
			return (await callWoo(connection, call, orders)).data;
		},
	);
	const { whole, odd } = sortOut(rows, ({ id }) => String(id));
	return { items: whole.filter((row) => !isDraft(row)).map(snapshotOf), odd, next, total: null };
}

/** Also from the trash, where an order still holds the units that it took. */
export async function readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null> {
	try {
		const call = { method: "GET" as const, path: `/orders/${orderRef}`, query: { _fields: orderFields } };
		const { data } = await callWoo(connection, call, order);
		return isDraft(data) ? null : snapshotOf(data);
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

/** Entering "cancelled" gives back what the order has taken (seen). Whatever its status was: a shipped order, too. */
export async function cancelOrder(connection: Connection, orderRef: string): Promise<CancelOutcome> {
	const call = {
		method: "PUT" as const,
		path: `/orders/${orderRef}`,
		query: { _fields: orderFields },
		body: { status: "cancelled" },
	};
	const { data } = await callWoo(connection, call, order);
	if (data.status === "cancelled") return { result: "cancelled" };
	const error = new WooError("refused", `WooCommerce took the cancellation and left the order "${data.status}".`, {
		fix: "A plugin of the shop may own the order's status: cancel it in WooCommerce.",
		code: "NOT_CANCELLED",
	});
	return { result: "refused", error };
}
