/**
 * What a write does to a product or variation, with WooCommerce's silences: a number for something that is not counted
 * is dropped, a batch checks no types, and `inventory_delta` reads, waits and writes.
 */
import { eq, sql } from "drizzle-orm";
import { sandboxItems } from "@/db/schema";
import { takeIds } from "../context";
import { pause } from "../knobs";
import { deleteForGood, findItem, type ItemData, type ItemRow, moneyText, slugOf, stockStatus } from "./items";
import { changeShop } from "./news";
import { demandBoolean, demandInteger, isTrue, phpInteger, textParam } from "./params";
import { type Call, WpError } from "./wire";

type Params = Record<string, unknown>;

/** `single` checks types as the schema says; a batch takes what comes. */
export type Strictness = "single" | "batch";

/** Throws WpError for what a single write refuses. */
export function checkItem(params: Params, isVariation: boolean): void {
	demandInteger(params, "stock_quantity");
	demandBoolean(params, "manage_stock", isVariation ? ["parent"] : []);
}

export async function saveItem(call: Call, row: ItemRow, params: Params, strictness: Strictness): Promise<ItemRow> {
	const { ctx, store } = call;
	const isManaged = readManaged(row, params);
	const data = mergeData(row, params);
	// Switching the count off leaves the status that it had led to.
	if (row.is_managed && !isManaged) data.stock_status = stockStatus(row, call.settings);
	const sku = params.sku === undefined ? row.sku : textParam(params.sku) || null;
	if (sku !== row.sku) await demandFreeSku(call, sku, row.id);

	const quantity = isManaged ? await newQuantity(call, row, params, strictness) : { to: null };
	await changeShop(ctx, store, async (tx, tell) => {
		const at = ctx.now();
		await tx
			.update(sandboxItems)
			.set({
				sku,
				isManaged,
				data: data as unknown as Record<string, unknown>,
				modifiedAt: at,
				...(quantity ? { quantity: quantity.to } : {}),
			})
			.where(sql`${sandboxItems.storeId} = ${store.id} and ${sandboxItems.id} = ${row.id}`);
		if (row.parent_id) await touch(tx, store.id, row.parent_id, at);
		tell({ topic: "product.updated", resourceId: row.id });
	});
	return mustFind(call, row.id);
}

function readManaged(row: ItemRow, params: Params): boolean {
	const { manage_stock } = params;
	return manage_stock === undefined || manage_stock === null ? row.is_managed : isTrue(manage_stock);
}

/** Null: the number stays. */
async function newQuantity(
	call: Call,
	row: ItemRow,
	params: Params,
	strictness: Strictness,
): Promise<{ to: number } | null> {
	const { stock_quantity, inventory_delta } = params;
	// Seen: alone, null empties the number to 0; in a batch it is not there.
	if (stock_quantity === null) return strictness === "single" ? { to: 0 } : null;
	if (stock_quantity !== undefined)
		return { to: fitting(strictness === "single" ? Number(stock_quantity) : phpInteger(stock_quantity)) };
	const delta = phpInteger(inventory_delta ?? 0);
	if (delta === 0) return null;
	const before = await findItem(call.ctx.db, call.store.id, row.id);
	await pause(call.settings.deltaWindowMs);
	return { to: fitting((before?.quantity ?? 0) + delta) };
}

const largest = 2 ** 31 - 1;
/** WooCommerce keeps larger numbers than our column does. */
const fitting = (quantity: number) => Math.max(-largest, Math.min(largest, quantity));

function mergeData(row: ItemRow, params: Params): ItemData {
	const { data } = row;
	const text = (name: keyof ItemData & string) => (params[name] === undefined ? data[name] : textParam(params[name]));
	return {
		...data,
		name: text("name") as string,
		description: text("description") as string,
		status: text("status") as ItemData["status"],
		global_unique_id: text("global_unique_id") as string,
		regular_price: params.regular_price === undefined ? data.regular_price : moneyText(textParam(params.regular_price)),
		backorders: text("backorders") as ItemData["backorders"],
		stock_status: text("stock_status") as ItemData["stock_status"],
		attributes: Array.isArray(params.attributes) ? readAttributes(params.attributes) : data.attributes,
	};
}

const readAttributes = (list: unknown[]): ItemData["attributes"] =>
	list.map((one) => {
		const { name, option, options } = (one ?? {}) as Params;
		return {
			name: textParam(name),
			...(option === undefined ? {} : { option: textParam(option) }),
			...(Array.isArray(options) ? { options: options.map(textParam) } : {}),
		};
	});

async function demandFreeSku(call: Call, sku: string | null, except: string | null): Promise<void> {
	if (!sku) return;
	const [holder] = await call.ctx.db.execute<{ id: string }>(sql`
		select id from sandbox.items where store_id = ${call.store.id} and sku = ${sku} and id is distinct from ${except}
			and data->>'status' <> 'trash' limit 1`);
	if (holder)
		throw new WpError("product_invalid_sku", "Invalid or duplicated SKU.", 400, {
			status: 400,
			resource_id: Number(holder.id),
			unique_sku: `${sku}-1`,
		});
}

export async function createItem(call: Call, parent: ItemRow | null, params: Params): Promise<ItemRow> {
	const { ctx, store } = call;
	const sku = textParam(params.sku) || null;
	await demandFreeSku(call, sku, null);
	const [id = 0] = await takeIds(ctx.db, store.id, 1);
	const name = textParam(params.name);
	const isManaged = isTrue(params.manage_stock);
	const at = ctx.now();
	const data: ItemData = {
		name,
		slug: slugOf(parent ? `${parent.data.name}-${id}` : name),
		type: parent ? "variation" : ((textParam(params.type) || "simple") as ItemData["type"]),
		status: (textParam(params.status) || "publish") as ItemData["status"],
		regular_price: moneyText(textParam(params.regular_price)),
		description: textParam(params.description),
		global_unique_id: textParam(params.global_unique_id),
		backorders: (textParam(params.backorders) || "no") as ItemData["backorders"],
		stock_status: (textParam(params.stock_status) || "instock") as ItemData["stock_status"],
		attributes: Array.isArray(params.attributes) ? readAttributes(params.attributes) : [],
		date_created: at.toISOString(),
	};
	await changeShop(ctx, store, async (tx, tell) => {
		await tx.insert(sandboxItems).values({
			storeId: store.id,
			id: String(id),
			parentId: parent?.id ?? null,
			kind: parent ? "variation" : "product",
			sku,
			isManaged,
			quantity: isManaged && params.stock_quantity !== undefined ? phpInteger(params.stock_quantity ?? 0) : null,
			data: data as unknown as Record<string, unknown>,
			modifiedAt: at,
		});
		if (parent) await touch(tx, store.id, parent.id, at);
		tell({ topic: "product.created", resourceId: String(id) });
	});
	return mustFind(call, String(id));
}

type Tx = Parameters<Parameters<typeof changeShop>[2]>[0];

const touch = (tx: Tx, storeId: string, id: string, at: Date) =>
	tx
		.update(sandboxItems)
		.set({ modifiedAt: at })
		.where(sql`${eq(sandboxItems.storeId, storeId)} and ${eq(sandboxItems.id, id)}`);

/** Into the trash, where it answers by id and stands in no list; `force` deletes, and tells nobody. */
export async function deleteItem(call: Call, row: ItemRow, force: boolean): Promise<void> {
	const { ctx, store } = call;
	await changeShop(ctx, store, async (tx, tell) => {
		if (force) {
			await deleteForGood(tx, store.id, row.id);
			return;
		}
		await tx.execute(sql`
			update sandbox.items set data = data || '{"status":"trash"}', modified_at = ${ctx.now().toISOString()}::timestamptz
			where store_id = ${store.id} and id = ${row.id}`);
		tell({ topic: "product.deleted", resourceId: row.id });
	});
}

async function mustFind(call: Call, id: string): Promise<ItemRow> {
	const row = await findItem(call.ctx.db, call.store.id, id);
	if (!row) throw new WpError("woocommerce_rest_product_invalid_id", "Invalid ID.", 404);
	return row;
}
