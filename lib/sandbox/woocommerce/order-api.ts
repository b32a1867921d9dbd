/** /orders, their refunds and notes. */
import { type SQL, sql } from "drizzle-orm";
import { knobsOf } from "../knobs";
import { idList } from "./items";
import { demand } from "./keys";
import { completePayment, editLine, enterStatus, refund } from "./order-life";
import { findOrder, type OrderRow, type OrderStatus, type Refund, selectOrders } from "./order-rows";
import { presentNotes, presentOrder, presentRefund } from "./order-view";
import { attachLine, changeOrder, createOrder, findWanted, removeOrder, trashOrder, type Wanted } from "./orders";
import {
	demandOneOf,
	isTrue,
	listParam,
	type Paging,
	pageHeaders,
	phpInteger,
	readModifiedAfter,
	readPaging,
	textParam,
} from "./params";
import { type Answer, type Call, invalidParams, restUrl, WpError } from "./wire";

const statuses = [
	"auto-draft",
	"pending",
	"processing",
	"on-hold",
	"completed",
	"cancelled",
	"refunded",
	"failed",
	"checkout-draft",
] as const;
const orderbys = ["date", "id", "include", "title", "slug", "modified"];
const unknownOrder = () => new WpError("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404);

export async function listOrders(call: Call): Promise<Answer> {
	demand(call.caller, "list");
	const paging = readPaging(call, orderbys);
	const after = readModifiedAfter(call);
	const wanted = listParam(call, "status") ?? ["any"];
	for (const [index, status] of wanted.entries())
		demandOneOf(`status[${index}]`, status, ["any", "trash", ...statuses]);
	const include = listParam(call, "include");
	const conditions: SQL[] = [sql`store_id = ${call.store.id}`];
	if (after) conditions.push(sql`modified_at >= ${after.toISOString()}::timestamptz`);
	if (include) conditions.push(sql`id in ${idList(include)}`);
	// Unfinished checkouts are among "any"; the trash is not.
	conditions.push(wanted.includes("any") ? sql`status <> 'trash'` : sql`status in ${idList(wanted)}`);
	const { listLagMs } = knobsOf(call.store);
	if (listLagMs > 0)
		conditions.push(sql`modified_at <= ${new Date(call.ctx.now().getTime() - listLagMs).toISOString()}::timestamptz`);
	const where = sql.join(conditions, sql` and `);
	const [count] = await call.ctx.db.execute<{ count: number }>(
		sql`select count(*)::int count from sandbox.orders where ${where}`,
	);
	const rows = await call.ctx.db.execute<OrderRow>(
		selectOrders(where, sql`order by ${sorting(paging)} limit ${paging.limit} offset ${paging.offset}`),
	);
	return {
		headers: { ...pageHeaders(call, count?.count ?? 0, paging) },
		body: rows.map((row) => presentOrder(call, row)),
	};
}

function sorting({ orderby, order }: Paging): SQL {
	const way = order === "asc" ? sql`asc` : sql`desc`;
	if (orderby === "modified") return sql`modified_at ${way}, length(id) ${way}, id ${way}`;
	return sql`length(id) ${way}, id ${way}`;
}

export async function getOrder(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "view");
	return { body: presentOrder(call, await mustFind(call, id)) };
}

async function mustFind(call: Call, id: string): Promise<OrderRow> {
	const row = await findOrder(call.ctx.db, call.store.id, id);
	if (!row) throw unknownOrder();
	return row;
}

type LineInput = { id: number | null; wanted: Wanted; hasQuantity: boolean };

function readLines(params: Record<string, unknown>): LineInput[] {
	if (!Array.isArray(params.line_items)) return [];
	return params.line_items.map((one) => {
		const line = (one ?? {}) as Record<string, unknown>;
		const quantity = line.quantity === undefined ? 1 : phpInteger(line.quantity);
		return {
			id: line.id === undefined ? null : phpInteger(line.id),
			hasQuantity: line.quantity !== undefined,
			wanted: {
				productId: phpInteger(line.product_id ?? 0),
				variationId: phpInteger(line.variation_id ?? 0),
				sku: textParam(line.sku) || undefined,
				quantity,
			},
		};
	});
}

function readStatus(params: Record<string, unknown>): OrderStatus | null {
	if (params.status === undefined) return null;
	const status = textParam(params.status);
	demandOneOf("status", status, statuses);
	return status as OrderStatus;
}

const textsOf = (value: unknown): Record<string, string> =>
	typeof value === "object" && value !== null
		? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, textParam(text)]))
		: {};

/** Never looks at the stock: an order by REST sells what is not there. */
export async function postOrder(call: Call): Promise<Answer> {
	demand(call.caller, "create");
	const { ctx, store, params } = call;
	const status = readStatus(params) ?? "pending";
	const wanted = readLines(params).map((line) => line.wanted);
	const rows = await findWanted(ctx.db, store.id, wanted);
	const order = await createOrder(
		ctx,
		store,
		{
			status: "pending",
			lines: wanted.map(({ quantity }, index) => ({ row: rows[index] ?? null, quantity })),
			billing: textsOf(params.billing),
			shipping: textsOf(params.shipping),
			payment_method: textParam(params.payment_method),
			customer_note: textParam(params.customer_note),
		},
		(work) => (isTrue(params.set_paid) ? completePayment(work) : enterStatus(work, status)),
	);
	return {
		status: 201,
		headers: { location: restUrl(call, `/wc/v3/orders/${order.id}`) },
		body: presentOrder(call, order),
	};
}

export async function putOrder(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "edit");
	const { ctx, store, params, settings } = call;
	const status = readStatus(params);
	const lines = readLines(params);
	const added = lines.filter((line) => line.id === null);
	const rows = await findWanted(
		ctx.db,
		store.id,
		added.map((line) => line.wanted),
	);
	// Without order tables an empty change leaves the stamp alone.
	const isEmpty = Object.keys(params).every((name) => name === "id");
	const order = await changeOrder(ctx, store, id, (work) => {
		if (isEmpty && !settings.hasOrderTables) return false;
		const isRevived = work.order.status === "trash";
		for (const { id: lineId, wanted, hasQuantity } of lines) {
			if (lineId === null) continue;
			const line = work.order.data.lines.find((one) => one.id === lineId);
			if (!line)
				throw new WpError(
					"woocommerce_rest_invalid_item_id",
					"Order item ID provided is not associated with order.",
					400,
				);
			if (hasQuantity) editLine(work, line, wanted.quantity);
		}
		for (const [index, { wanted }] of added.entries()) attachLine(work, rows[index] ?? null, wanted.quantity, settings);
		if (status) enterStatus(work, status);
		if (isTrue(params.set_paid)) completePayment(work);
		// Seen: an order brought back from the trash tells nobody.
		return isRevived && status ? [] : undefined;
	});
	if (!order) throw unknownOrder();
	return { body: presentOrder(call, order) };
}

/** Into the trash, from where it still answers by id; `force` removes it. Neither gives anything back. */
export async function deleteOrderById(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "delete");
	const { ctx, store } = call;
	const before = await mustFind(call, id);
	if (isTrue(call.params.force)) await removeOrder(ctx, store, id);
	else if (before.status === "trash")
		throw new WpError("woocommerce_rest_already_trashed", "The order has already been deleted.", 410);
	else await trashOrder(ctx, store, id);
	return { body: presentOrder(call, before) };
}

export async function listRefunds(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "list");
	const order = await mustFind(call, id);
	return {
		body: order.data.refunds.map((one) => presentRefund(call, order, one)).reverse(),
	};
}

export async function postRefund(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "create");
	const { ctx, store, params } = call;
	const lines = Array.isArray(params.line_items) ? params.line_items : [];
	const amount = Number(textParam(params.amount) || Number.NaN);
	const input = {
		reason: textParam(params.reason),
		// "restock_items" is no parameter.
		restock: params.api_restock === undefined || isTrue(params.api_restock),
		lines: lines.map((one) => {
			const line = (one ?? {}) as Record<string, unknown>;
			return {
				of: phpInteger(line.id),
				quantity: phpInteger(line.quantity ?? 0),
				total: Number(line.refund_total ?? 0) || 0,
			};
		}),
	};
	const sum = input.lines.reduce((total, line) => total + line.total, 0);
	const made: Refund[] = [];
	const order = await changeOrder(ctx, store, id, (work) => {
		const one = refund(work, { ...input, amount: Number.isNaN(amount) ? sum : amount });
		if (!one) return false;
		made.push(one);
	});
	if (!order) throw new WpError("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404);
	// Seen: data is a bare number here.
	const [one] = made;
	if (!one) throw new WpError("woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.", 500, 500);
	return {
		status: 201,
		headers: {
			location: restUrl(call, `/wc/v3/orders/${id}/refunds/${one.id}`),
		},
		body: presentRefund(call, order, one),
	};
}

export async function listNotes(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "list");
	return { body: presentNotes(call, await mustFind(call, id)) };
}

/** A note is none of the order's changes: no stamp, no news. */
export async function postNote(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "create");
	const text = textParam(call.params.note);
	if (text === "")
		throw invalidParams({ note: { code: "rest_missing_callback_param", message: "note is required.", data: null } });
	const { ctx, store } = call;
	await mustFind(call, id);
	const at = ctx.now().toISOString();
	await ctx.db.execute(sql`
		update sandbox.orders set data = jsonb_set(data, '{notes}', data->'notes' || jsonb_build_array(
			jsonb_build_object('id', jsonb_array_length(data->'notes') + 1, 'note', ${text}::text, 'date_created', ${at}::text)))
		where store_id = ${store.id} and id = ${id}`);
	const notes = presentNotes(call, await mustFind(call, id));
	return { status: 201, body: notes.at(-1) };
}
