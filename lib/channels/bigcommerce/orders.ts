import type { OrderSnapshot } from "@/lib/stock/order";
import type { CancelOutcome, Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { Page } from "../listing";
import { sortOut } from "../odd-rows";
import { type ListedOrder, type Order, type OrderLine, order, orderProducts, orders } from "./api-types";
import { BigCommerceError, callBigCommerce, isGone } from "./client";
import { isUnfinished, linesWithin, snapshotOf } from "./mapper";
import { orderStatus, rulesOf } from "./moments";
import { pageSize, walkChanges } from "./paging";

/** Lines come with their order, which saves a call for each. */
const withLines = { include: "consignments.line_items", consignment_structure: "object" };

/** Oldest change first. Archived orders are in no list; checkouts that were never paid for are dropped here. */
export async function listOrders(
	connection: Connection,
	changedSince: Date,
	page: string | null,
): Promise<Page<OrderSnapshot>> {
	const { rows, next } = await walkChanges(
		changedSince,
		page,
		({ date_modified }: ListedOrder) => date_modified,
		async ({ since, page }) => {
			const query = { min_date_modified: since, sort: "date_modified:asc", limit: pageSize, page, ...withLines };
			return (await callBigCommerce(connection, { method: "GET", path: "/v2/orders", query }, orders)).data;
		},
	);
	const items: OrderSnapshot[] = [];
	const { whole, odd } = sortOut(rows, ({ id }) => id);
	for (const row of whole.filter((one) => !isUnfinished(one)))
		try {
			items.push(await withItsLines(connection, row));
		} catch (error) {
			if (!(error instanceof ChannelError && error.reason === "unreadable")) throw error;
			odd.push({ ref: row.id, row });
		}
	return { items, odd, next, total: null };
}

/** Also an archived one, which keeps what it took. */
export async function readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null> {
	try {
		const call = { method: "GET" as const, path: `/v2/orders/${orderRef}`, query: withLines };
		const { data } = await callBigCommerce(connection, call, order);
		return isUnfinished(data) ? null : await withItsLines(connection, data);
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

const withItsLines = async (connection: Connection, row: Order): Promise<OrderSnapshot> =>
	snapshotOf(row, linesWithin(row) ?? (await linesByLink(connection, row.id)), rulesOf(connection));

/** Where they did not come with the order. That BigCommerce knows none says nothing of the order, which was there. */
async function linesByLink(connection: Connection, orderRef: string): Promise<OrderLine[]> {
	try {
		return await allLines(connection, orderRef);
	} catch (cause) {
		if (!isGone(cause)) throw cause;
		throw new BigCommerceError("unreadable", "BigCommerce has the order, and no lines of it.", { cause });
	}
}

async function allLines(connection: Connection, orderRef: string): Promise<OrderLine[]> {
	const lines: OrderLine[] = [];
	for (let page = 1; ; page++) {
		const query = { limit: pageSize, page };
		const call = { method: "GET" as const, path: `/v2/orders/${orderRef}/products`, query };
		const { data } = await callBigCommerce(connection, call, orderProducts);
		lines.push(...data);
		if (data.length < pageSize) return lines;
	}
}

/** Entering Cancelled gives back what the order took, where the store's settings say so. */
export async function cancelOrder(connection: Connection, orderRef: string): Promise<CancelOutcome> {
	const call = {
		method: "PUT" as const,
		path: `/v2/orders/${orderRef}`,
		body: { status_id: orderStatus.cancelled },
	};
	const { data } = await callBigCommerce(connection, call, order);
	if (data.status_id === orderStatus.cancelled) return { result: "cancelled" };
	const error = new BigCommerceError(
		"refused",
		`BigCommerce took the cancellation and left the order "${data.status ?? data.status_id}".`,
		{ fix: "Another app may own the order's status: cancel it in BigCommerce.", code: "NOT_CANCELLED" },
	);
	return { result: "refused", error };
}
