/** order.*: lists, one, its statuses; and what API2Cart may do to one. */

import { shelfIn } from "./carts";
import { noteCancelled, noteRefund } from "./order-notes";
import { pagination, readPlace } from "./paging";
import { presentOrder, wrapOrder } from "./present-order";
import type { OrderFilter, ShopOrder } from "./views/view";
import { A2cError, type Answer, badParameter, dateIn, missing, type StoreCall } from "./wire";

const filters = [
	"order_ids",
	"ids",
	"order_status",
	"created_from",
	"created_to",
	"modified_from",
	"modified_to",
	"since_id",
] as const;
const dayMs = 86_400_000;

const listOf = (text: string | undefined) => (text ? text.split(",").map((one) => one.trim()) : undefined);

function filterOf(call: StoreCall, given: Record<string, string>): OrderFilter {
	const { settings, ctx } = call;
	const at = (name: string) => dateIn(name, given[name] ?? null);
	const [createdFrom, createdTo] = [at("created_from"), at("created_to")];
	const [modifiedFrom, modifiedTo] = [at("modified_from"), at("modified_to")];
	const cartName = call.cart.cartId === "EBay" ? "eBay" : call.cart.cartId;
	const span = modifiedFrom ? (modifiedTo ?? ctx.now()).getTime() - modifiedFrom.getTime() : 0;
	if (settings.mostDays !== null && span > settings.mostDays * dayMs)
		throw badParameter(
			`${cartName} limits the filter by date. The maximum date range that may be specified with the modified_from and modified_to parameters is ${settings.mostDays} days.`,
		);
	const oldest = createdFrom ?? modifiedFrom;
	if (
		settings.rememberedDays !== null &&
		oldest &&
		ctx.now().getTime() - oldest.getTime() > settings.rememberedDays * dayMs
	)
		throw new A2cError(
			107,
			`${cartName} error message: Invalid dates in your CreateTimeFrom filters. Orders older than ${settings.rememberedDays} days cannot be retrieved.`,
		);
	return {
		ids: listOf(given.order_ids ?? given.ids),
		statusIds: listOf(given.order_status),
		createdFrom,
		createdTo,
		modifiedFrom,
		modifiedTo,
	};
}

const read = (call: StoreCall, filter: OrderFilter, slice: { offset: number; limit: number }) =>
	call.cart.view.orders(shelfIn(call), filter, slice);

export async function listOrders(call: StoreCall): Promise<Answer> {
	const place = readPlace(call, filters);
	const found = await read(call, filterOf(call, place.filters), { ...place, limit: place.limit + 1 });
	const page = found.slice(0, place.limit);
	return {
		pagination: pagination(call, place, found.length > place.limit),
		result: { orders_count: page.length, order: page.map((order) => presentOrder(call, order)) },
	};
}

async function findOrder(call: StoreCall, id: string | null): Promise<ShopOrder> {
	if (!id) throw missing("order_id");
	const [order] = await read(call, { ids: [id] }, { offset: 0, limit: 1 });
	if (!order) throw new A2cError(112, `Order with id ${id} not found`);
	return order;
}

export async function orderInfo(call: StoreCall): Promise<Answer> {
	const order = presentOrder(call, await findOrder(call, call.query.get("order_id") ?? call.query.get("id")));
	return { result: call.settings.wrapsObjects ? wrapOrder(order) : order };
}

export async function listStatuses(call: StoreCall): Promise<Answer> {
	return {
		pagination: { previous: null, next: null },
		result: { cart_order_statuses: call.cart.view.statuses },
	};
}

/** Of the statuses only the cancelled one reaches the store behind: the rest are the shopkeeper's own. */
export async function updateOrder(call: StoreCall): Promise<Answer> {
	const order = await findOrder(call, call.query.get("order_id"));
	const status = call.query.get("order_status");
	if (!status) throw missing("order_status");
	const { view, platform, backing } = call.cart;
	if (!view.statuses.some(({ id }) => id === status))
		throw badParameter(`Parameter 'order_status' is not valid. Status '${status}' not found.`);
	if (status === order.statusId) return { result: { updated_items: 0 } };
	if (status !== view.cancelledStatus)
		throw new A2cError(107, `Status of order ${order.id} can't be changed to '${status}'.`);
	await platform.cancel(call.ctx, backing, order.id, true);
	if (view.notesOrders) await noteCancelled(call.ctx, call.store, order.id);
	return { result: { updated_items: 1 } };
}

type RefundItem = { order_product_id?: string; quantity?: number };

export async function addRefund(call: StoreCall): Promise<Answer> {
	const { order_id: orderId, items, item_restock: restocks } = call.body;
	const order = await findOrder(call, typeof orderId === "string" ? orderId : null);
	const lines = (Array.isArray(items) ? (items as RefundItem[]) : []).map(({ order_product_id: lineId, quantity }) => {
		const line = order.lines.find(({ id }) => id === lineId);
		if (!line) throw new A2cError(112, `Order product with id ${lineId} not found`);
		return { sku: line.sku ?? "", quantity: quantity ?? line.quantity };
	});
	const { view, platform, backing } = call.cart;
	await platform.refund(call.ctx, backing, order.id, lines, restocks === true);
	if (view.notesOrders) await noteRefund(call.ctx, call.store, order.id, lines);
	const after = await findOrder(call, order.id);
	return { result: { refund_id: after.refunds.at(-1)?.id ?? "" } };
}
