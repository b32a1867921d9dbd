/** /products, /products/<id>/variations, /variations and their batches. */
import { type SQL, sql } from "drizzle-orm";
import { findItem, type ItemRow, idList, presentProduct, presentVariation, selectItems } from "./items";
import { demand } from "./keys";
import { isTrue, listParam, type Paging, pageHeaders, readModifiedAfter, readPaging, textParam } from "./params";
import { checkItem, createItem, deleteItem, saveItem } from "./save-item";
import { type Answer, type Call, restUrl, WpError } from "./wire";

const orderbys = ["date", "id", "include", "title", "slug", "modified", "price", "popularity", "rating", "menu_order"];

const unknownProduct = (status: number) => new WpError("woocommerce_rest_product_invalid_id", "Invalid ID.", status);
const unknownVariation = () => new WpError("woocommerce_rest_product_variation_invalid_id", "Invalid ID.", 404);
const isVariationId = () =>
	new WpError(
		"woocommerce_rest_invalid_product_id",
		"To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.",
		404,
	);

async function list(call: Call, kind: "product" | "variation", parentId: string | null): Promise<Answer> {
	demand(call.caller, "list");
	const paging = readPaging(call, orderbys);
	const after = readModifiedAfter(call);
	const include = listParam(call, "include");
	const skus = listParam(call, "sku");
	const statuses = listParam(call, "status") ?? ["any"];
	const type = textParam(call.params.type);
	const conditions: SQL[] = [sql`i.store_id = ${call.store.id}`];
	// An exact list of SKUs finds variations among products too.
	if (!(kind === "product" && skus)) conditions.push(sql`i.kind = ${kind}`);
	if (parentId !== null) conditions.push(sql`i.parent_id = ${parentId}`);
	if (after) conditions.push(sql`i.modified_at >= ${after.toISOString()}::timestamptz`);
	if (include) conditions.push(sql`i.id in ${idList(include)}`);
	if (skus) conditions.push(sql`i.sku in ${idList(skus)}`);
	if (type !== "") conditions.push(sql`i.data->>'type' = ${type}`);
	conditions.push(
		statuses.includes("any") ? sql`i.data->>'status' <> 'trash'` : sql`i.data->>'status' in ${idList(statuses)}`,
	);
	const where = sql.join(conditions, sql` and `);
	const [count] = await call.ctx.db.execute<{ count: number }>(
		sql`select count(*)::int count from sandbox.items i where ${where}`,
	);
	const rows = await call.ctx.db.execute<ItemRow>(
		selectItems(where, sql`order by ${sorting(paging)} limit ${paging.limit} offset ${paging.offset}`),
	);
	const present = kind === "product" ? presentProduct : presentVariation;
	return {
		headers: { ...pageHeaders(call, count?.count ?? 0, paging) },
		body: rows.map((row) => present(call, row)),
	};
}

function sorting({ orderby, order }: Paging): SQL {
	const way = order === "asc" ? sql`asc` : sql`desc`;
	if (orderby === "modified") return sql`i.modified_at ${way}, length(i.id) ${way}, i.id ${way}`;
	if (orderby === "title") return sql`i.data->>'name' ${way}, length(i.id) ${way}, i.id ${way}`;
	return sql`length(i.id) ${way}, i.id ${way}`;
}

export const listProducts = (call: Call) => list(call, "product", null);
export const listAllVariations = (call: Call) => list(call, "variation", null);

export async function listVariations(call: Call, parentId: string): Promise<Answer> {
	demand(call.caller, "list");
	if (!(await findItem(call.ctx.db, call.store.id, parentId))) throw unknownProduct(404);
	return list(call, "variation", parentId);
}

/** Seen: a variation's id is answered here as well, as a product of type "variation". */
export async function getProduct(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "view");
	const row = await findItem(call.ctx.db, call.store.id, id);
	if (!row) throw unknownProduct(404);
	return { body: presentProduct(call, row) };
}

export async function putProduct(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "edit");
	checkItem(call.params, false);
	const row = await productToWrite(call, id);
	return { body: presentProduct(call, await saveItem(call, row, call.params, "single"), "edit") };
}

async function productToWrite(call: Call, id: string): Promise<ItemRow> {
	const row = await findItem(call.ctx.db, call.store.id, id);
	if (!row) throw unknownProduct(400);
	if (row.kind === "variation") throw isVariationId();
	return row;
}

export async function postProduct(call: Call): Promise<Answer> {
	demand(call.caller, "create");
	checkItem(call.params, false);
	const row = await createItem(call, null, call.params);
	return {
		status: 201,
		headers: { location: restUrl(call, `/wc/v3/products/${row.id}`) },
		body: presentProduct(call, row, "edit"),
	};
}

export async function deleteProduct(call: Call, id: string): Promise<Answer> {
	demand(call.caller, "delete");
	const row = await findItem(call.ctx.db, call.store.id, id);
	if (!row) throw unknownProduct(404);
	const isForced = isTrue(call.params.force);
	if (row.data.status === "trash" && !isForced)
		throw new WpError("woocommerce_rest_already_trashed", "The product has already been deleted.", 410);
	await deleteItem(call, row, isForced);
	// What it was before.
	return { body: presentProduct(call, row, "edit") };
}

async function variationOf(call: Call, parentId: string, id: string): Promise<ItemRow> {
	const row = await findItem(call.ctx.db, call.store.id, id);
	if (row?.kind !== "variation" || row.parent_id !== parentId) throw unknownVariation();
	return row;
}

export async function getVariation(call: Call, parentId: string, id: string): Promise<Answer> {
	demand(call.caller, "view");
	return { body: presentVariation(call, await variationOf(call, parentId, id)) };
}

export async function putVariation(call: Call, parentId: string, id: string): Promise<Answer> {
	demand(call.caller, "edit");
	checkItem(call.params, true);
	const row = await variationOf(call, parentId, id);
	return {
		body: presentVariation(call, await saveItem(call, row, call.params, "single"), "edit"),
	};
}

export async function postVariation(call: Call, parentId: string): Promise<Answer> {
	demand(call.caller, "create");
	checkItem(call.params, true);
	const parent = await findItem(call.ctx.db, call.store.id, parentId);
	if (!parent) throw unknownProduct(404);
	const row = await createItem(call, parent, call.params);
	return {
		status: 201,
		headers: { location: restUrl(call, `/wc/v3/products/${parentId}/variations/${row.id}`) },
		body: presentVariation(call, row, "edit"),
	};
}

export async function deleteVariation(call: Call, parentId: string, id: string): Promise<Answer> {
	demand(call.caller, "delete");
	const row = await variationOf(call, parentId, id);
	await deleteItem(call, row, isTrue(call.params.force));
	return { body: presentVariation(call, row, "edit") };
}

type Row = Record<string, unknown>;
const mostBatched = 100;

export const batchProducts = (call: Call) => batch(call, null);
export const batchVariations = (call: Call, parentId: string) => batch(call, parentId);

/** `parentId` null: products. Items are done one after the other, each for itself; bad ones answer in their place. */
async function batch(call: Call, parentId: string | null): Promise<Answer> {
	demand(call.caller, "batch");
	const rowsOf = (name: string) => (Array.isArray(call.params[name]) ? (call.params[name] as unknown[]) : []);
	const [creates, updates, deletes] = [rowsOf("create"), rowsOf("update"), rowsOf("delete")];
	if (creates.length + updates.length + deletes.length > mostBatched)
		throw new WpError(
			"woocommerce_rest_request_entity_too_large",
			`Unable to accept more than ${mostBatched} items for this request.`,
			413,
		);
	const present = parentId === null ? presentProduct : presentVariation;
	const result: Record<string, unknown[]> = {};
	const each = async (name: string, rows: unknown[], work: (row: Row) => Promise<ItemRow>) => {
		if (rows.length === 0) return;
		result[name] = [];
		for (const row of rows)
			result[name].push(await inPlace(idOf(row), async () => present(call, await work(row as Row), "edit")));
	};
	await each("create", creates, async (row) => createItem(call, await parentOf(call, parentId), row));
	await each("update", updates, async (row) => {
		const id = String(idOf(row) ?? "");
		const item = parentId === null ? await productToWrite(call, id) : await variationOf(call, parentId, id);
		return saveItem(call, item, row, "batch");
	});
	await each("delete", deletes, async (row) => {
		const id = String(idOf(row) ?? "");
		const item = parentId === null ? await productToWrite(call, id) : await variationOf(call, parentId, id);
		await deleteItem(call, item, true);
		return item;
	});
	return {
		// PHP has no empty object.
		body: Object.keys(result).length > 0 ? result : [],
	};
}

const idOf = (row: unknown): number | null => {
	const id = typeof row === "object" && row !== null ? (row as Row).id : row;
	return id === undefined || id === null || id === "" ? null : Number(id);
};

async function parentOf(call: Call, parentId: string | null): Promise<ItemRow | null> {
	if (parentId === null) return null;
	const parent = await findItem(call.ctx.db, call.store.id, parentId);
	if (!parent) throw unknownProduct(404);
	return parent;
}

async function inPlace(id: number | null, work: () => Promise<unknown>): Promise<unknown> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof WpError)) throw error;
		return { id, error: error.body };
	}
}
