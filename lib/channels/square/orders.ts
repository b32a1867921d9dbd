import type { OrderSnapshot } from "@/lib/stock/order";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { Page } from "../listing";
import { sortOut } from "../odd-rows";
import { orderOne, orders } from "./api-types";
import { callSquare } from "./client";
import { isReturn, snapshotOf } from "./mapper";
import { locationOf } from "./stock";

/** Half of what the spec allows. */
const pageSize = 500;

/** Of the channel's location, by when they changed on Square's side: a till's late orders come when they arrive. */
export async function listOrders(
	connection: Connection,
	changedSince: Date,
	page: string | null,
): Promise<Page<OrderSnapshot>> {
	const locationRef = locationOf(connection);
	const body = {
		location_ids: [locationRef],
		query: {
			filter: {
				date_time_filter: { updated_at: { start_at: changedSince.toISOString() } },
				state_filter: { states: ["OPEN", "COMPLETED", "CANCELED"] },
			},
			sort: { sort_field: "UPDATED_AT", sort_order: "ASC" },
		},
		limit: pageSize,
		...(page && { cursor: page }),
	};
	const found = await callSquare(connection, { method: "POST", path: "/v2/orders/search", body }, orders);
	const { whole, odd } = sortOut(found.orders, ({ id }) => id);
	const sold = whole.filter((one) => !isReturn(one));
	return { items: sold.map((one) => snapshotOf(one, locationRef)), odd, next: found.cursor || null, total: null };
}

export async function readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null> {
	try {
		const path = `/v2/orders/${encodeURIComponent(orderRef)}`;
		const { order } = await callSquare(connection, { method: "GET", path }, orderOne);
		return snapshotOf(order, locationOf(connection));
	} catch (error) {
		if (error instanceof ChannelError && error.reason === "gone") return null;
		throw error;
	}
}
