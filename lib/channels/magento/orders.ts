import { z } from "zod";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { CancelOutcome, Connection } from "../channel-adapter";
import type { OddRow, Page } from "../listing";
import { type Odd, sortOut } from "../odd-rows";
import { documents, namedOrders, type Order, order, orders } from "./api-types";
import { callMagento, isGone, MagentoError } from "./client";
import { orderFields, snapshotOf } from "./mapper";
import { changeWalk, mageMoment, pageSizeOf, readPlace, startOf, step, writePlace } from "./paging";
import { searchQuery } from "./search";

/** The orders themselves first; then those of shipments and of credit memos, which may leave an order's stamp alone. */
const place = z.discriminatedUnion("list", [
	z.object({ list: z.literal("orders"), from: z.number(), walk: changeWalk }),
	z.object({ list: z.enum(["shipments", "creditmemos"]), from: z.number(), afterId: z.string() }),
]);
type Place = z.output<typeof place>;
type DocumentList = "shipments" | "creditmemos";

const rights: Record<DocumentList, string> = {
	shipments: "Magento_Sales::shipment",
	creditmemos: "Magento_Sales::sales_creditmemo",
};

const documentWords: Record<DocumentList, string> = { shipments: "shipment", creditmemos: "credit memo" };
/** Stands for the order of a document that doesn't say which it is. */
const unnamedRef = (list: DocumentList, documentId: string) => `of ${documentWords[list]} ${documentId}`;

/** The next list that the integration may read. */
function listAfter(connection: Connection, list: Place["list"], from: number): Place | null {
	const { scopes } = connection.facts;
	const left: DocumentList[] =
		list === "orders" ? ["shipments", "creditmemos"] : list === "shipments" ? ["creditmemos"] : [];
	const next = left.find((one) => !Array.isArray(scopes) || scopes.includes(rights[one]));
	return next ? { list: next, from, afterId: "0" } : null;
}

export async function listOrders(
	connection: Connection,
	changedSince: Date,
	page: string | null,
): Promise<Page<OrderSnapshot>> {
	const walk = startOf(changedSince);
	const at: Place = page ? readPlace(place, page) : { list: "orders", from: walk.since, walk };
	const { next, ...found } =
		at.list === "orders" ? await ordersPage(connection, at) : await documentsPage(connection, at);
	return { ...found, next: next && writePlace(next), total: null };
}

async function ordersPage(connection: Connection, at: Extract<Place, { list: "orders" }>) {
	const pageSize = pageSizeOf(connection);
	const query = searchQuery({
		groups: [[{ field: "updated_at", value: mageMoment(at.walk.since), condition: "gteq" }]],
		sortBy: "updated_at",
		pageSize,
		page: at.walk.page,
		fields: orderFields,
	});
	const found = await callMagento(connection, { method: "GET", path: "/V1/orders", query }, orders);
	const { rows, next } = step(at.walk, found.items, found.total_count, {
		id: ({ entity_id }) => entity_id,
		stamp: ({ updated_at }) => updated_at,
		pageSize,
	});
	const place: Place | null = next ? { ...at, walk: next } : listAfter(connection, "orders", at.from);
	return { ...readOf(rows), next: place };
}

async function documentsPage(connection: Connection, at: Extract<Place, { list: DocumentList }>) {
	const pageSize = pageSizeOf(connection);
	const query = searchQuery({
		groups: [
			[{ field: "created_at", value: mageMoment(at.from), condition: "gteq" }],
			[{ field: "entity_id", value: at.afterId, condition: "gt" }],
		],
		sortBy: "entity_id",
		pageSize,
		fields: "items[entity_id,order_id],total_count",
	});
	const { items } = await callMagento(connection, { method: "GET", path: `/V1/${at.list}`, query }, documents);
	const last = items.at(-1)?.entity_id;
	const more: Place | null = last !== undefined && items.length === pageSize ? { ...at, afterId: last } : null;
	const { whole, odd } = sortOut(items, ({ entity_id }) => unnamedRef(at.list, entity_id));
	const found = await byIds(connection, [...new Set(whole.map(({ order_id }) => order_id))]);
	return {
		items: found.items,
		odd: [...odd, ...found.odd],
		next: more ?? listAfter(connection, at.list, at.from),
	};
}

async function byIds(connection: Connection, ids: readonly string[]): Promise<Read> {
	if (ids.length === 0) return { items: [], odd: [] };
	const query = searchQuery({
		groups: [[{ field: "entity_id", value: ids.join(","), condition: "in" }]],
		sortBy: "entity_id",
		pageSize: ids.length,
		fields: orderFields,
	});
	const { items } = await callMagento(connection, { method: "GET", path: "/V1/orders", query }, namedOrders);
	return readOf(items);
}

type Read = { items: OrderSnapshot[]; odd: OddRow[] };

function readOf(rows: readonly (Order | Odd<Pick<Order, "entity_id">>)[]): Read {
	const { whole, odd } = sortOut(rows, ({ entity_id }) => entity_id);
	return { items: whole.map(snapshotOf), odd };
}

const oneOrder = orderFields.replace(/^items\[|\],total_count$/g, "");

export async function readOrder(connection: Connection, orderRef: string): Promise<OrderSnapshot | null> {
	if (!/^\d+$/.test(orderRef))
		throw new MagentoError("unreadable", `Magento does not say which is the order ${orderRef}.`);
	try {
		const call = { method: "GET" as const, path: `/V1/orders/${orderRef}`, query: [["fields", oneOrder]] as const };
		return snapshotOf(await callMagento(connection, call, order));
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

/** `true`, or `false` for an order that is paid, done or held: nothing of it is changed then. */
export async function cancelOrder(connection: Connection, orderRef: string): Promise<CancelOutcome> {
	const call = { method: "POST" as const, path: `/V1/orders/${orderRef}/cancel` };
	if (await callMagento(connection, call, z.boolean())) return { result: "cancelled" };
	const error = new MagentoError("refused", "Magento cancels no order that is paid for, done, closed or held.", {
		fix: "Refund it in Magento with a credit memo, and tick “Return to Stock” for what did not leave.",
		code: "NOT_CANCELLED",
	});
	return { result: "refused", error };
}
