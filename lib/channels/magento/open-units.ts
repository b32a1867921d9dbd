/** Units that open orders still have to ship, from the store's list of orders: reservations themselves are shown nowhere. */
import type { Connection } from "../channel-adapter";
import { type Order, wholeOrders } from "./api-types";
import { callMagento } from "./client";
import { openByProduct, orderFields } from "./mapper";
import { largestPageOf, searchQuery } from "./search";
import type { SellingStock } from "./topology";

/** Everything that is neither complete nor closed nor cancelled. */
const openStates = "new,pending_payment,payment_review,processing,holded";

/** By product id, of the websites that sell from these stocks. Walked by id, so that what closes meanwhile moves no order out of its page. */
export async function readOpenUnits(
	connection: Connection,
	stocks: readonly SellingStock[],
): Promise<Map<string, number>> {
	const storeIds = stocks.every((stock) => stock.storeIds.length > 0) ? stocks.flatMap((stock) => stock.storeIds) : [];
	const pageSize = largestPageOf(connection);
	const units = new Map<string, number>();
	let last = "0";
	for (;;) {
		const query = searchQuery({
			groups: [
				[{ field: "state", value: openStates, condition: "in" }],
				[{ field: "entity_id", value: last, condition: "gt" }],
				...(storeIds.length > 0 ? [[{ field: "store_id", value: storeIds.join(","), condition: "in" }]] : []),
			],
			sortBy: "entity_id",
			pageSize,
			fields: orderFields,
		});
		const { items } = await callMagento(connection, { method: "GET", path: "/V1/orders", query }, wholeOrders);
		for (const one of items) addOpen(units, one);
		const next = items.at(-1)?.entity_id;
		if (items.length < pageSize || next === undefined || next === last) return units;
		last = next;
	}
}

function addOpen(units: Map<string, number>, order: Order): void {
	for (const [productId, open] of openByProduct(order)) units.set(productId, (units.get(productId) ?? 0) + open);
}
