import { z } from "zod";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { CancelOutcome, Connection } from "../channel-adapter";
import type { Page } from "../listing";
import { sortOut } from "../odd-rows";
import { fields, order, orders, updated } from "./api-types";
import { orderWindows } from "./carts-facts";
import { callA2c } from "./client";
import { A2cError, isGone } from "./codes";
import { snapshotOf } from "./mapper";
import { readPage, readPlace, writePlace } from "./paging";
import { isCancelled, statusFacts } from "./statuses";
import { writeMoment } from "./times";

const dayMs = 86_400_000;
/** Kept from the edge of a platform's window: its clock and ours differ. */
const edgeMs = 60 * 60_000;

/** Where a walk stands: the window that is being read, and its cursor. `to` null: up to now. */
const place = z.object({ from: z.number(), to: z.number().nullable(), cursor: z.string().nullable() });
type Place = z.output<typeof place>;

/** Changed within a window by the cart's own stamp; lists come by order number, so a page is put in order here. */
export async function listOrders(
	connection: Connection,
	changedSince: Date,
	page: string | null,
): Promise<Page<OrderSnapshot>> {
	const at = page === null ? firstPlace(connection, changedSince) : readPlace(place, page);
	const filters = {
		modified_from: writeMoment(at.from),
		...(at.to === null ? {} : { modified_to: writeMoment(at.to) }),
	};
	const list = { method: "order.list", fields: fields.orders, filters };
	const { result, next } = await readPage(connection, list, at.cursor, orders);
	const facts = statusFacts(connection.facts);
	const { whole, odd } = sortOut(result.order, ({ order_id }) => order_id);
	const items = whole.map((row) => snapshotOf(row, facts)).sort((a, b) => a.version.at - b.version.at);
	const further = next === null ? nextWindow(connection, at) : { ...at, cursor: next };
	return { items, odd, next: further && writePlace(further), total: null };
}

const windowOf = ({ facts }: Connection) => (typeof facts.cartId === "string" ? orderWindows[facts.cartId] : undefined);

function firstPlace(connection: Connection, changedSince: Date): Place {
	const window = windowOf(connection);
	const oldest = window ? connection.now().getTime() - window.rememberedDays * dayMs + edgeMs : 0;
	return windowFrom(connection, Math.max(changedSince.getTime(), oldest));
}

function windowFrom(connection: Connection, from: number): Place {
	const window = windowOf(connection);
	const end = window ? from + window.mostDays * dayMs - edgeMs : Number.POSITIVE_INFINITY;
	return { from, to: end < connection.now().getTime() ? end : null, cursor: null };
}

/** The next begins where this one ended, to the second: both ends may belong to it. */
const nextWindow = (connection: Connection, { to }: Place): Place | null =>
	to === null ? null : windowFrom(connection, to);

export async function readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null> {
	try {
		const query = { order_id: orderRef, response_fields: fields.order };
		const { result } = await callA2c(connection, { verb: "GET", method: "order.info", query }, order);
		return snapshotOf(result, statusFacts(connection.facts));
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

const refusedCancel = (sentence: string, code: string): CancelOutcome => ({
	result: "refused",
	error: new A2cError("refused", sentence, { fix: "Cancel the order in the store itself.", code }),
});

/** Sets the store's own cancelled status, where it has one and API2Cart may set it there. */
export async function cancelOrder(connection: Connection, orderRef: string): Promise<CancelOutcome> {
	const { methods, cancelledStatus } = connection.facts;
	if (!Array.isArray(methods) || !methods.includes("order.update"))
		return refusedCancel("API2Cart can't change orders of this store.", "NOT_OFFERED");
	if (typeof cancelledStatus !== "string")
		return refusedCancel("This store has no status for cancelled orders that Onecount knows.", "NO_STATUS");
	const query = { order_id: orderRef, order_status: cancelledStatus, send_notifications: false };
	await callA2c(connection, { verb: "PUT", method: "order.update", query }, updated);
	const { result } = await callA2c(
		connection,
		{ verb: "GET", method: "order.info", query: { order_id: orderRef, response_fields: fields.order } },
		order,
	);
	return isCancelled(result.status, statusFacts(connection.facts)) ? { result: "cancelled" } : { result: "accepted" };
}
