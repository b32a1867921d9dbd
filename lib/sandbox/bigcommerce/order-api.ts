/** Orders over V2. */
import { type SQL, sql } from "drizzle-orm";
import { takeIds } from "../context";
import { knobsOf } from "../knobs";
import { demand } from "./access";
import { changeShop, orderEvent } from "./news";
import { editLine, enterStatus, orderStatus } from "./order-life";
import { findOrder, type OrderRow, selectOrders, statuses } from "./order-rows";
import { presentLine, presentOrder } from "./order-view";
import { changeOrder, findWanted, lineOf, newOrder, settleOrder } from "./orders";
import {
	type Answer,
	BcError,
	bodyObject,
	type Call,
	type Json,
	momentParam,
	notFound,
	pagingOf,
	rfc2822,
} from "./wire";

const largestPage = 250;

const includesLines = (query: URLSearchParams) =>
	(query.get("include") ?? "").split(",").includes("consignments.line_items") &&
	query.get("consignment_structure") === "object";

/** A bare list, and no content at all where there is none. Archived ones are left out. */
export async function listOrders(call: Call): Promise<Answer> {
	demand(call, "store_v2_orders");
	const { ctx, store, query } = call;
	const { limit, offset } = pagingOf(query, largestPage);
	const parts: SQL[] = [sql`store_id = ${store.id}`, sql`not (data->>'is_deleted')::bool`];
	const bound = (name: string, test: (at: string) => SQL) => {
		const at = momentParam(query, name, ctx.now());
		if (at) parts.push(test(at.toISOString()));
	};
	bound("min_date_modified", (at) => sql`date_trunc('second', modified_at) >= ${at}::timestamptz`);
	bound("max_date_modified", (at) => sql`date_trunc('second', modified_at) <= ${at}::timestamptz`);
	bound("min_date_created", (at) => sql`created_at >= ${at}::timestamptz`);
	const minId = query.get("min_id");
	if (minId) parts.push(sql`id::numeric >= ${minId}::numeric`);
	const statusId = query.get("status_id");
	if (statusId) parts.push(sql`status = ${statusId}`);
	const { listLagMs } = knobsOf(store);
	if (listLagMs > 0)
		parts.push(sql`modified_at <= ${new Date(ctx.now().getTime() - listLagMs).toISOString()}::timestamptz`);
	const rows = await ctx.db.execute<OrderRow>(
		selectOrders(sql.join(parts, sql` and `), sql`${orderOf(query)} limit ${limit} offset ${offset}`),
	);
	if (rows.length === 0) return { status: 204 };
	return { body: rows.map((row) => presentOrder(call, row, includesLines(query))) };
}

function orderOf(query: URLSearchParams): SQL {
	const [field = "id", direction = "asc"] = (query.get("sort") ?? "id:asc").split(":");
	if (direction !== "asc" && direction !== "desc") throw new BcError(400, "The field 'sort' is invalid.");
	const way = sql.raw(direction);
	switch (field) {
		case "id":
			return sql`order by id::numeric ${way}`;
		case "date_created":
			return sql`order by date_trunc('second', created_at) ${way}, id::numeric ${way}`;
		case "date_modified":
			return sql`order by date_trunc('second', modified_at) ${way}, id::numeric ${way}`;
		default:
			throw new BcError(400, "The field 'sort' is invalid.");
	}
}

/** Throws 404. */
export async function need(call: Call, id: string): Promise<OrderRow> {
	const order = await findOrder(call.ctx.db, call.store.id, id);
	if (!order) throw notFound();
	return order;
}

export async function getOrder(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_orders");
	return { body: presentOrder(call, await need(call, id), includesLines(call.query)) };
}

export async function getOrderProducts(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_orders");
	const { data } = await need(call, id);
	const { limit, offset } = pagingOf(call.query, largestPage);
	const lines = data.lines.slice(offset, offset + limit);
	return lines.length === 0 ? { status: 204 } : { body: lines.map((line) => presentLine(id, line)) };
}

export async function getStatuses(call: Call): Promise<Answer> {
	demand(call, "store_v2_orders");
	const body = Object.entries(statuses).map(([id, name], order) => ({
		id: Number(id),
		name,
		custom_label: name,
		order,
	}));
	return { body };
}

/** Made by an integration: no stock is looked at. Products by id, custom ones by name. */
export async function postOrder(call: Call): Promise<Answer> {
	demand(call, "store_v2_orders");
	const { ctx, store, settings } = call;
	const given = bodyObject(call.body);
	const products = Array.isArray(given.products) ? given.products.map(bodyObject) : [];
	if (products.length === 0) throw new BcError(400, "The required field 'products' was not supplied.");
	const statusId = given.status_id === undefined ? 1 : Number(given.status_id);
	if (!statuses[statusId]) throw new BcError(400, "The field 'status_id' is invalid.");
	const [id = 0, ...lineIds] = await takeIds(ctx.db, store.id, 1 + products.length);
	const variants = await variantsOf(call, products);
	const order = await changeShop(ctx, store, async (tx, tell) => {
		const at = ctx.now();
		const made = newOrder(id, at, "external");
		made.data.lines = products.map((product, index) => {
			const wanted = variants[index];
			const quantity = Number(product.quantity ?? 1);
			if (wanted) return lineOf(lineIds[index] ?? 0, wanted, quantity);
			const name = String(product.name ?? "Custom");
			const price = Number(product.price_ex_tax ?? 0);
			return {
				id: lineIds[index] ?? 0,
				product_id: 0,
				variant_id: 0,
				name,
				sku: "",
				price,
				quantity,
				quantity_shipped: 0,
				quantity_refunded: 0,
				taken: 0,
			};
		});
		tell(orderEvent("created", made.id));
		await settleOrder(tx, ctx, store, made, enterStatus(made, statusId, settings, at), tell);
		return made;
	});
	return { status: 201, body: presentOrder(call, order, false) };
}

async function variantsOf(call: Call, products: readonly Json[]) {
	const skus = await skusOf(call, products);
	return findWanted(
		call.ctx.db,
		call.store,
		skus.map((sku) => ({ sku, quantity: 1 })),
	);
}

async function skusOf({ ctx, store }: Call, products: readonly Json[]): Promise<string[]> {
	const ids = products.map(({ variant_id, product_id }) => String(variant_id ?? product_id ?? ""));
	const rows = await ctx.db.execute<{ id: string; parent_id: string; sku: string }>(sql`
		select id, parent_id, sku from sandbox.items where store_id = ${store.id} and kind = 'variant'
			and (id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
				or parent_id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)))`);
	return ids.map((id) => rows.find((row) => row.id === id || row.parent_id === id)?.sku ?? "");
}

/** The status, and lines: a line's quantity by its id (0 takes it out), a new one by its product. */
export async function putOrder(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_orders");
	const given = bodyObject(call.body);
	const { ctx, store, settings } = call;
	if (given.status_id !== undefined && !statuses[Number(given.status_id)])
		throw new BcError(400, "The field 'status_id' is invalid.");
	await need(call, id);
	const products = Array.isArray(given.products) ? given.products.map(bodyObject) : [];
	const variants = await variantsOf(call, products);
	const newIds = await takeIds(ctx.db, store.id, products.length + 1);
	const order = await changeOrder(ctx, store, id, (row) => {
		const moves = products.flatMap((product, index) => {
			const known = row.data.lines.find((line) => line.id === product.id);
			if (known) return editLine(row, known, Number(product.quantity), settings);
			const wanted = variants[index];
			if (!wanted) throw new BcError(400, "The product is invalid.");
			const line = lineOf(newIds[index] ?? 0, wanted, 0);
			row.data.lines.push(line);
			return editLine(row, line, Number(product.quantity ?? 1), settings);
		});
		if (given.status_id === undefined) return moves;
		return [...moves, ...enterStatus(row, Number(given.status_id), settings, ctx.now())];
	});
	if (!order) throw notFound();
	return { status: 200, body: presentOrder(call, order, includesLines(call.query)) };
}

/** Archived: out of the lists, and found by its id. Gives nothing back. */
export async function deleteOrder(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_orders");
	await need(call, id);
	await changeOrder(call.ctx, call.store, id, (order, tell) => {
		order.data.is_deleted = true;
		tell(orderEvent("archived", order.id));
		return [];
	});
	return { status: 204 };
}

/** Some of an order leaves: it is partially shipped, or shipped when all of it has left. */
export async function postShipment(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_orders");
	const items = bodyObject(call.body).items;
	if (!Array.isArray(items)) throw new BcError(400, "The required field 'items' was not supplied.");
	await need(call, id);
	const { ctx, store, settings } = call;
	const [shipmentId = 0] = await takeIds(ctx.db, store.id, 1);
	await changeOrder(ctx, store, id, (order) => {
		for (const { order_product_id, quantity } of items.map(bodyObject)) {
			const line = order.data.lines.find((one) => one.id === order_product_id);
			if (!line) throw new BcError(400, "The field 'order_product_id' is invalid.");
			line.quantity_shipped = Math.min(line.quantity, line.quantity_shipped + Number(quantity));
		}
		const isWhole = order.data.lines.every((line) => line.quantity_shipped >= line.quantity);
		return enterStatus(order, isWhole ? orderStatus.shipped : 3, settings, ctx.now());
	});
	return { status: 201, body: { id: shipmentId, order_id: Number(id), date_created: rfc2822(ctx.now()), items } };
}
