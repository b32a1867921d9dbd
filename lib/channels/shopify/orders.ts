import type { OrderSnapshot } from "@/lib/stock/order";
import type { Connection } from "../channel-adapter";
import type { Page } from "../listing";
import { sortOut } from "../odd-rows";
import {
	moreLinesReply,
	moreRefundLinesReply,
	type OrderNode,
	orderReply,
	ordersReply,
	refundIdsReply,
} from "./api-types";
import { callShopify } from "./client";
import {
	moreLinesDocument,
	moreRefundLinesDocument,
	orderDocument,
	ordersDocument,
	refundIdsDocument,
} from "./documents";
import { gidOf, orderFromNode } from "./mapper";
import { affordably, nextPlace, readPlace, searchMoment } from "./paging";

const ordersAtOnce = 25;
const refundsWithOrder = 10;

/** By the search index, which trails (`orderListLagMs`) and, without read_all_orders, holds the last 60 days. */
export async function listOrders(
	connection: Connection,
	changedSince: Date,
	page: string | null,
): Promise<Page<OrderSnapshot>> {
	const at = page ? readPlace(page) : { filter: changedFrom(changedSince), after: null, first: ordersAtOnce, seen: 0 };
	const [reply, first] = await affordably(at.first, (first) =>
		callShopify(connection, ordersDocument, { first, after: at.after, query: at.filter }, ordersReply),
	);
	const { nodes, pageInfo } = reply.data.orders;
	const items: OrderSnapshot[] = [];
	const { whole, odd } = sortOut(nodes, ({ id }) => id);
	for (const order of whole) items.push(orderFromNode(await completed(connection, order)));
	const last = nodes.at(-1);
	const restart = last ? changedFrom(new Date(last.updatedAt)) : null;
	return { items, odd, next: nextPlace({ ...at, first }, pageInfo, nodes.length, restart), total: null };
}

const changedFrom = (moment: Date) => `updated_at:>='${searchMoment(moment)}'`;

/** Read by id, past the search index. */
export async function readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null> {
	const { data } = await callShopify(connection, orderDocument, { id: gidOf("Order", orderRef) }, orderReply);
	return data.order ? orderFromNode(await completed(connection, data.order)) : null;
}

/**
 * An order with all of its lines and refunds; most come whole. A change between two of these calls leaves a mixture
 * under the older stamp, and the change itself brings the newer order, which overrides it.
 */
async function completed(connection: Connection, order: OrderNode): Promise<OrderNode> {
	const lines = [...order.lineItems.nodes];
	let { pageInfo } = order.lineItems;
	while (pageInfo.hasNextPage && pageInfo.endCursor) {
		const variables = { id: order.id, after: pageInfo.endCursor };
		const { data } = await callShopify(connection, moreLinesDocument, variables, moreLinesReply);
		if (!data.order) break;
		lines.push(...data.order.lineItems.nodes);
		pageInfo = data.order.lineItems.pageInfo;
	}
	const refunds: OrderNode["refunds"] = [];
	for (const refund of await allRefunds(connection, order)) refunds.push(await wholeRefund(connection, refund));
	return { ...order, lineItems: { ...order.lineItems, nodes: lines }, refunds };
}

type Refund = OrderNode["refunds"][number];

/** Ten refunds come with an order, and their list has no cursor: where there may be more, all are asked for by id. */
async function allRefunds(connection: Connection, order: OrderNode): Promise<Refund[]> {
	if (order.refunds.length < refundsWithOrder) return order.refunds;
	const { data } = await callShopify(connection, refundIdsDocument, { id: order.id }, refundIdsReply);
	const known = new Map(order.refunds.map((refund) => [refund.id, refund]));
	return (data.order?.refunds ?? order.refunds).map(
		({ id }) =>
			known.get(id) ?? { id, refundLineItems: { nodes: [], pageInfo: { hasNextPage: true, endCursor: null } } },
	);
}

async function wholeRefund(connection: Connection, refund: Refund): Promise<Refund> {
	const nodes = [...refund.refundLineItems.nodes];
	let { pageInfo } = refund.refundLineItems;
	while (pageInfo.hasNextPage) {
		const variables = { id: refund.id, after: pageInfo.endCursor ?? null };
		const { data } = await callShopify(connection, moreRefundLinesDocument, variables, moreRefundLinesReply);
		if (!data.refund) break;
		nodes.push(...data.refund.refundLineItems.nodes);
		pageInfo = data.refund.refundLineItems.pageInfo;
	}
	return { ...refund, refundLineItems: { nodes, pageInfo } };
}
