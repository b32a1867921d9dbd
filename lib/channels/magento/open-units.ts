/** Units that open orders still have to ship, from the store's list of orders: reservations themselves are shown nowhere. */
import type { Connection } from "../channel-adapter";
import { type Order, orders } from "./api-types";
import { callMagento } from "./client";
import { openByProduct, orderFields } from "./mapper";
import { largestPage, searchQuery } from "./search";

/** Everything that is neither complete nor closed nor cancelled. */
const openStates = "new,pending_payment,payment_review,processing,holded";

/** By product id. Walked by id, so that what closes meanwhile moves no order out of its page. */
export async function readOpenUnits(connection: Connection): Promise<Map<string, number>> {
	const units = new Map<string, number>();
	let last = "0";
	for (;;) {
		const query = searchQuery({
			groups: [
				[{ field: "state", value: openStates, condition: "in" }],
				[{ field: "entity_id", value: last, condition: "gt" }],
			],
			sortBy: "entity_id",
			pageSize: largestPage,
			fields: orderFields,
		});
		const { items } = await callMagento(connection, { method: "GET", path: "/V1/orders", query }, orders);
		for (const one of items) addOpen(units, one);
		const next = items.at(-1)?.entity_id;
		if (items.length < largestPage || next === undefined || next === last) return units;
		last = next;
	}
}

function addOpen(units: Map<string, number>, order: Order): void {
	for (const [productId, open] of openByProduct(order)) units.set(productId, (units.get(productId) ?? 0) + open);
}
