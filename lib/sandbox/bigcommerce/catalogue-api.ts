/** Products and variants over the API. */
import { type SQL, sql } from "drizzle-orm";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { demand } from "./access";
import {
	byId,
	findProduct,
	type ProductData,
	type ProductRow,
	presentOneVariant,
	presentProduct,
	selectProducts,
	type Tracking,
	textList,
} from "./items";
import { changeShop, productEvent, skuEvent } from "./news";
import { defaultLocation } from "./settings";
import { writeStock } from "./stock";
import { stockNews } from "./stock-news";
import {
	type Answer,
	BcError,
	bodyObject,
	type Call,
	idsParam,
	type Json,
	listParam,
	momentParam,
	notFound,
	paged,
	pagingOf,
} from "./wire";

const largestPage = 250;
const pageWithOptions = 10;
export async function listProducts(call: Call): Promise<Answer> {
	demand(call, "store_v2_products");
	const { ctx, query } = call;
	const includes = listParam(query, "include") ?? [];
	const takesOptions = includes.some((one) => one === "options" || one === "modifiers");
	const paging = pagingOf(query, takesOptions ? pageWithOptions : largestPage);
	const where = filterOf(call);
	const [count] = await ctx.db.execute<{ total: number }>(
		sql`select count(*)::int as total from sandbox.items p where p.kind = 'product' and ${where}`,
	);
	const rows = await ctx.db.execute<ProductRow>(
		selectProducts(defaultLocation(call.settings), where, {
			order: orderOf(query),
			limit: sql`limit ${paging.limit} offset ${paging.offset}`,
		}),
	);
	const fields = listParam(query, "include_fields");
	return paged(
		rows.map((row) => presentProduct(row, fields, includes)),
		count?.total ?? 0,
		paging,
	);
}

function filterOf({ ctx, store, query }: Call): SQL {
	const parts: SQL[] = [sql`p.store_id = ${store.id}`];
	const ids = idsParam(query, "id:in") ?? idsParam(query, "id");
	if (ids) parts.push(sql`p.id in ${textList(ids)}`);
	for (const [name, sign] of [
		["id:greater", ">"],
		["id:min", ">="],
		["id:less", "<"],
		["id:max", "<="],
	] as const) {
		const [id] = idsParam(query, name) ?? [];
		if (id !== undefined) parts.push(sql`(length(p.id), p.id) ${sql.raw(sign)} (${id.length}::int, ${id})`);
	}
	const skus = listParam(query, "sku:in") ?? listParam(query, "sku");
	if (skus) parts.push(sql`p.sku in ${textList(skus)}`);
	const from = momentParam(query, "date_modified:min", ctx.now());
	if (from) parts.push(sql`date_trunc('second', p.modified_at) >= ${from.toISOString()}::timestamptz`);
	const to = momentParam(query, "date_modified:max", ctx.now());
	if (to) parts.push(sql`date_trunc('second', p.modified_at) <= ${to.toISOString()}::timestamptz`);
	return sql.join(parts, sql` and `);
}

function orderOf(query: URLSearchParams): SQL {
	const direction = query.get("direction") ?? "asc";
	const sort = query.get("sort") ?? "id";
	if (direction !== "asc" && direction !== "desc")
		throw new BcError(422, "Query parameters are invalid", { direction: "direction is invalid" });
	switch (sort) {
		case "name":
			return sql`p.data->>'name' ${sql.raw(direction)}`;
		case "sku":
			return sql`p.sku ${sql.raw(direction)}`;
		case "date_modified":
			return sql`date_trunc('second', p.modified_at) ${sql.raw(direction)}, ${byId(direction)}`;
		case "id":
			return byId(direction);
		default:
			throw new BcError(422, "Query parameters are invalid", { sort: "sort is invalid" });
	}
}

async function need(call: Call, id: string): Promise<ProductRow> {
	const product = await findProduct(call.ctx.db, call.store.id, id, defaultLocation(call.settings));
	if (!product) throw notFound();
	return product;
}

export async function getProduct(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_products");
	const fields = listParam(call.query, "include_fields");
	return {
		body: { data: presentProduct(await need(call, id), fields, listParam(call.query, "include") ?? []), meta: {} },
	};
}

/** Name, price, visibility and tracking; and the number, where the product holds it. */
export async function putProduct(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_products");
	const given = bodyObject(call.body);
	const product = await need(call, id);
	const tracking = (given.inventory_tracking ?? product.data.inventory_tracking) as Tracking;
	if (!["none", "product", "variant"].includes(tracking))
		throw new BcError(422, "Validation failed", { inventory_tracking: "The value is not a valid choice" });
	const data: Partial<ProductData> = {
		inventory_tracking: tracking,
		...(typeof given.name === "string" && { name: given.name }),
		...(typeof given.price === "number" && { price: given.price }),
		...(typeof given.is_visible === "boolean" && { is_visible: given.is_visible }),
	};
	const { ctx, store } = call;
	await changeShop(ctx, store, async (tx, tell) => {
		const at = ctx.now();
		// Another way of tracking begins without numbers.
		if (tracking !== product.data.inventory_tracking)
			await tx.execute(sql`
				delete from sandbox.items where store_id = ${store.id} and kind = 'stock'
					and parent_id in ${textList([product.id, ...product.variants.map((variant) => variant.id)])}`);
		await tx.execute(sql`
			update sandbox.items set data = data || ${JSON.stringify(data)}::jsonb, modified_at = ${at.toISOString()}::timestamptz,
				sku = coalesce(${typeof given.sku === "string" ? given.sku : null}, sku)
			where store_id = ${store.id} and id = ${product.id}`);
		if (tracking === "product" && typeof given.inventory_level === "number") {
			const level = { holderId: product.id, locationId: defaultLocation(call.settings), onhand: given.inventory_level };
			await writeStock(tx, store.id, [level], at);
			tell(...(await stockNews(tx, store, [{ ...level, method: "absolute", value: level.onhand }], at)));
		} else tell(productEvent("updated", product.id));
	});
	return getProduct({ ...call, method: "GET" }, id);
}

export async function deleteProduct(call: Call, id: string): Promise<Answer> {
	demand(call, "store_v2_products");
	await removeItems(call.ctx, call.store, await need(call, id));
	return { status: 204 };
}

/** Its variants go without a word of their own. */
export async function removeItems(ctx: SandboxContext, store: SandboxStore, product: ProductRow): Promise<void> {
	const gone = [product.id, ...product.variants.map((variant) => variant.id)];
	await changeShop(ctx, store, async (tx, tell) => {
		await tx.execute(sql`
			delete from sandbox.items where store_id = ${store.id} and (id in ${textList(gone)} or parent_id in ${textList(gone)})`);
		tell(productEvent("deleted", product.id));
	});
}

export async function listVariants(call: Call): Promise<Answer> {
	demand(call, "store_v2_products");
	const { ctx, store, query } = call;
	const paging = pagingOf(query, largestPage);
	const productIds = idsParam(query, "product_id:in") ?? idsParam(query, "product_id");
	const ids = idsParam(query, "id:in") ?? idsParam(query, "id");
	const skus = listParam(query, "sku");
	const products = await ctx.db.execute<ProductRow>(
		selectProducts(
			defaultLocation(call.settings),
			productIds ? sql`p.store_id = ${store.id} and p.id in ${textList(productIds)}` : sql`p.store_id = ${store.id}`,
		),
	);
	const rows = products.flatMap((product) =>
		product.variants
			.filter((one) => (!ids || ids.includes(one.id)) && (!skus || skus.includes(one.sku ?? "")))
			.map((variant) => presentOneVariant(variant, product)),
	);
	return paged(rows.slice(paging.offset, paging.offset + paging.limit), rows.length, paging);
}

const largestVariantBatch = 50;

/** The older way to write stock: the default location's, at once. */
export async function putVariants(call: Call): Promise<Answer> {
	demand(call, "store_v2_products");
	if (!Array.isArray(call.body)) throw new BcError(422, "Validation failed", { body: "An array is required" });
	if (call.body.length > largestVariantBatch)
		throw new BcError(
			413,
			`The request payload is too large. The maximum items allowed in the array is ${largestVariantBatch}`,
		);
	const { ctx, store } = call;
	const wanted = call.body.map((one) => bodyObject(one));
	const found = await ctx.db.execute<{ id: string; tracking: Tracking }>(sql`
		select i.id, p.data->>'inventory_tracking' as tracking from sandbox.items i
		join sandbox.items p on p.store_id = i.store_id and p.id = i.parent_id
		where i.store_id = ${store.id} and i.kind = 'variant' and i.id in ${textList(wanted.map(({ id }) => String(id)))}`);
	const bad = wanted.filter(({ id }) => !found.some((row) => row.id === String(id)));
	if (bad.length > 0)
		throw new BcError(422, "One or more variants could not be updated", {
			batch_errors: bad.map(({ id }) => ({ message: `Variant ${id} does not exist` })),
		});
	const levels = wanted.flatMap(({ id, inventory_level }) =>
		typeof inventory_level === "number" && found.some((row) => row.id === String(id) && row.tracking === "variant")
			? [{ holderId: String(id), locationId: defaultLocation(call.settings), onhand: inventory_level }]
			: [],
	);
	await changeShop(ctx, store, async (tx, tell) => {
		const at = ctx.now();
		await writeStock(tx, store.id, levels, at);
		tell(
			...(await stockNews(
				tx,
				store,
				levels.map((level) => ({ ...level, method: "absolute", value: level.onhand })),
				at,
			)),
		);
	});
	const meta: Json = {};
	return { body: { data: wanted.map(({ id }) => ({ id })), meta } };
}

export async function deleteVariant(call: Call, productId: string, variantId: string): Promise<Answer> {
	demand(call, "store_v2_products");
	const product = await need(call, productId);
	const variant = product.variants.find(({ id }) => id === variantId);
	if (!variant) throw notFound();
	const { ctx, store } = call;
	await changeShop(ctx, store, async (tx, tell) => {
		await tx.execute(sql`
			delete from sandbox.items where store_id = ${store.id} and (id = ${variantId} or parent_id = ${variantId})`);
		await tx.execute(sql`
			update sandbox.items set modified_at = ${ctx.now().toISOString()}::timestamptz
			where store_id = ${store.id} and id = ${productId}`);
		if (variant.data.sku_id !== null) tell(skuEvent("deleted", { skuId: variant.data.sku_id, productId, variantId }));
		tell(productEvent("updated", productId));
	});
	return { status: 204 };
}
