/** The catalogue: the list carries no stock, a single product does, and the legacy stock item mirrors source "default". */
import { sql } from "drizzle-orm";
import { takeIds } from "../context";
import { mayUse } from "./auth";
import { echo, orderOf, readCriteria, whereOf, windowOf } from "./criteria";
import { unknownAttribute } from "./inventory";
import {
	findProduct,
	isStockHolder,
	type ProductRow,
	productColumns,
	productFields,
	products,
	productsById,
	sourceItemsOf,
	upsertSourceItems,
} from "./rows";
import { configurationOf } from "./salable";
import { type Call, type Caller, decimal, MageError, mageTime } from "./wire";

function presentProduct({ id, sku, data, modified_at }: ProductRow): Record<string, unknown> {
	const custom = {
		url_key: slugOf(`${data.name}-${id}`),
		...Object.fromEntries(data.options.map(({ code, value }) => [code, value])),
		...data.attributes,
	};
	return {
		id: Number(id),
		sku,
		name: data.name,
		attribute_set_id: 4,
		price: data.price,
		status: data.status,
		visibility: data.visibility,
		type_id: data.type_id,
		created_at: mageTime(data.created_at),
		updated_at: mageTime(modified_at),
		extension_attributes: {
			website_ids: data.website_ids,
			category_links: [],
			...(data.type_id === "configurable" && {
				configurable_product_options: [],
				configurable_product_links: data.links,
			}),
		},
		product_links: [],
		options: [],
		media_gallery_entries: [],
		tier_prices: [],
		custom_attributes: Object.entries(custom).map(([attribute_code, value]) => ({ attribute_code, value })),
	};
}

const slugOf = (text: string) =>
	text
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-|-$/g, "");

export async function listProducts(call: Call) {
	const { ctx, store, settings } = call;
	const criteria = readCriteria(call);
	const where = sql`${products(store.id)} and ${whereOf(criteria, productColumns, unknownAttribute)}`;
	const [counted] = await ctx.db.execute<{ total: number }>(
		sql`select count(*)::int as total from sandbox.items where ${where}`,
	);
	const total = counted?.total ?? 0;
	const { limit, offset } = windowOf(criteria, total, settings);
	const rows = await ctx.db.execute<ProductRow>(sql`
		select ${productFields} from sandbox.items where ${where} ${orderOf(criteria, productColumns, unknownAttribute)} limit ${limit} offset ${offset}`);
	return { items: rows.map(presentProduct), search_criteria: echo(criteria), total_count: total };
}

const noProduct = () =>
	new MageError(404, "The product that was requested doesn't exist. Verify the product and try again.");

export async function getProduct(call: Call, sku: string, caller: Caller | null) {
	const row = await findProduct(call.ctx.db, call.store.id, sku);
	if (!row) throw noProduct();
	const product = presentProduct(row) as { extension_attributes: Record<string, unknown> };
	// Without the right it is left out without a word.
	if (mayUse(caller, "Magento_CatalogInventory::cataloginventory"))
		product.extension_attributes.stock_item = await presentStockItem(call, row);
	return product;
}

export async function listChildren(call: Call, sku: string) {
	const row = await findProduct(call.ctx.db, call.store.id, sku);
	if (!row) throw noProduct();
	const children = await productsById(call.ctx.db, call.store.id, row.data.links.map(String));
	return children.map(presentProduct);
}

const flag = (own: unknown) => own === null || own === undefined;

async function presentStockItem({ ctx, store, settings }: Call, row: ProductRow) {
	const { managesStock, minQty, backorders } = configurationOf(row, settings);
	const number = settings.hasInventory ? await atDefault({ ctx, store } as Call, row.sku) : null;
	const qty = settings.hasInventory ? (number?.quantity ?? 0) : row.data.qty;
	return {
		item_id: Number(row.id),
		product_id: Number(row.id),
		stock_id: 1,
		qty: isStockHolder(row) ? decimal(qty) : 0,
		is_in_stock: settings.hasInventory ? number?.status === 1 : row.data.is_in_stock,
		is_qty_decimal: false,
		show_default_notification_message: false,
		use_config_min_qty: flag(row.data.min_qty),
		min_qty: minQty,
		use_config_min_sale_qty: 1,
		min_sale_qty: 1,
		use_config_max_sale_qty: true,
		max_sale_qty: 10000,
		use_config_backorders: flag(row.data.backorders),
		backorders,
		use_config_notify_stock_qty: true,
		notify_stock_qty: 1,
		use_config_qty_increments: true,
		qty_increments: 0,
		use_config_enable_qty_inc: true,
		enable_qty_increments: false,
		use_config_manage_stock: row.is_managed,
		manage_stock: managesStock,
		low_stock_date: null,
		is_decimal_divided: false,
		stock_status_changed_auto: 0,
	};
}

async function atDefault({ ctx, store }: Call, sku: string) {
	const items = await sourceItemsOf(ctx.db, store.id, [sku]);
	return items.find(({ source_code }) => source_code === "default") ?? null;
}

const noStockItem = (sku: string) => new MageError(404, 'The Product with the "%1" SKU doesn\'t exist.', [sku]);

export async function getStockItem(call: Call, sku: string) {
	const row = await findProduct(call.ctx.db, call.store.id, sku);
	if (!row) throw noStockItem(sku);
	return presentStockItem(call, row);
}

/** What is not given stays. The item's id in the path is not looked at. */
export async function putStockItem(call: Call, sku: string) {
	const { ctx, store, settings } = call;
	const row = await findProduct(ctx.db, store.id, sku);
	if (!row) throw noStockItem(sku);
	const given = (call.body ?? {}) as { stockItem?: Record<string, unknown>; stock_item?: Record<string, unknown> };
	const item = given.stockItem ?? given.stock_item ?? {};
	const qty = item.qty === undefined ? null : Number(item.qty);
	if (qty !== null && !Number.isFinite(qty))
		throw new MageError(400, "The stock item was unable to be saved. Please try again.");
	const { minQty, backorders } = configurationOf(row, settings);
	const asked = item.is_in_stock === undefined ? null : Boolean(item.is_in_stock);
	const own = {
		...(item.min_qty !== undefined && { min_qty: Number(item.min_qty) }),
		...(item.backorders !== undefined && { backorders: Number(item.backorders) }),
	};
	const before = settings.hasInventory ? await atDefault(call, row.sku) : null;
	const quantity = qty ?? (settings.hasInventory ? (before?.quantity ?? 0) : row.data.qty);
	const was = settings.hasInventory ? before?.status === 1 : row.data.is_in_stock;
	const isInStock = (asked ?? was) && (backorders > 0 || quantity > minQty);
	if (settings.hasInventory) {
		const [id = 0] = await takeIds(ctx.db, store.id, 1);
		await upsertSourceItems(
			ctx.db,
			store.id,
			[{ sku: row.sku, source_code: "default", quantity, status: isInStock ? 1 : 0 }],
			[id],
		);
	}
	const change = { ...own, ...(!settings.hasInventory && { qty: quantity, is_in_stock: isInStock }) };
	await ctx.db.execute(sql`
		update sandbox.items set data = data || ${JSON.stringify(change)}::jsonb,
			is_managed = coalesce(${item.manage_stock === undefined ? null : Boolean(item.manage_stock)}::boolean, is_managed)
		where store_id = ${store.id} and id = ${row.id}`);
	return Number(row.id);
}
