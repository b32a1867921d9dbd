/** product.* and product.child_item.*, as far as they read. */

import { shelfIn } from "./carts";
import { type Place, pagination, readPlace } from "./paging";
import { presentChild, presentProduct, shownId } from "./present";
import { demandReport } from "./reports";
import type { ProductFilter, ShopChild, ShopProduct } from "./views/view";
import { A2cError, type Answer, badParameter, dateIn, missing, type StoreCall } from "./wire";

const productFilters = ["product_ids", "sku", "modified_from", "modified_to", "find_value", "find_where"] as const;
const childFilters = [
	"product_id",
	"product_ids",
	"sku",
	"find_value",
	"find_where",
	"modified_from",
	"modified_to",
] as const;

const listOf = (text: string | undefined) =>
	text === undefined || text === "" ? undefined : text.split(",").map((one) => one.trim());

function filterOf(call: StoreCall, filters: Record<string, string>): ProductFilter {
	const ids = filters.product_id === undefined ? listOf(filters.product_ids) : [filters.product_id];
	const skus = filters.sku ? [filters.sku] : undefined;
	const window = {
		modifiedFrom: dateIn("modified_from", filters.modified_from ?? null),
		modifiedTo: dateIn("modified_to", filters.modified_to ?? null),
	};
	return { ids, alsoBySku: call.settings.idsAreSkus, skus, ...window };
}

const read = (call: StoreCall, filter: ProductFilter, slice: { offset: number; limit: number }) =>
	call.cart.view.products(shelfIn(call), filter, slice);

const everything = { offset: 0, limit: 100_000 };

export async function listProducts(call: StoreCall): Promise<Answer> {
	await demandReport(call);
	const place = readPlace(call, productFilters);
	const filter = filterOf(call, place.filters);
	if (call.settings.missesOneMissesAll && filter.ids) await demandAll(call, filter.ids);
	const found = await read(call, filter, { ...place, limit: place.limit + 1 });
	const page = found.slice(0, place.limit);
	const hasMore = found.length > place.limit;
	const forgets = hasMore && filter.ids && call.settings.cursorForgetsIds;
	const next = forgets
		? behind(call, place, await read(call, {}, everything), ({ id }) => id === page.at(-1)?.id)
		: null;
	return {
		pagination: next ?? pagination(call, place, hasMore),
		result: { products_count: page.length, product: page.map((product) => presentProduct(call.settings, product)) },
	};
}

async function demandAll(call: StoreCall, ids: readonly string[]): Promise<void> {
	for (const id of ids) await findProduct(call, id);
}

/** Goes on behind a page's last row, in the list of all. */
function behind<Row>(call: StoreCall, place: Place, all: readonly Row[], isLast: (row: Row) => boolean) {
	const at = all.findIndex(isLast);
	return pagination(call, { ...place, offset: at + 1 - place.limit }, at + 1 < all.length, {});
}

export async function countProducts(call: StoreCall): Promise<Answer> {
	await demandReport(call);
	const filters = Object.fromEntries(call.query);
	return {
		result: {
			products_count: await call.cart.view.countProducts(shelfIn(call), filterOf(call, filters)),
		},
	};
}

export async function findProduct(call: StoreCall, id: string): Promise<ShopProduct> {
	const [product] = await read(call, filterOf(call, { product_id: id }), { offset: 0, limit: 1 });
	if (!product || shownId(call.settings, product) !== id) throw new A2cError(112, `Product with id ${id} not found`);
	return product;
}

export async function productInfo(call: StoreCall): Promise<Answer> {
	const id = call.query.get("id");
	if (!id) throw missing("id");
	return { result: presentProduct(call.settings, await findProduct(call, id)) };
}

export async function findProducts(call: StoreCall): Promise<Answer> {
	const value = call.query.get("find_value");
	if (!value) throw missing("find_value");
	const where = call.query.get("find_where") ?? "name";
	const all = await read(call, {}, everything);
	const isFound = (product: ShopProduct) =>
		where === "sku" ? product.sku === value : product.name.toLowerCase().includes(value.toLowerCase());
	const found = all.filter(isFound).slice(0, 10);
	if (found.length === 0) throw new A2cError(112, "Product not found");
	return {
		result: {
			product: found.map((product) => {
				const { id, name, description, price } = presentProduct(call.settings, product);
				return { id, name, description, price };
			}),
		},
	};
}

type Family = { product: ShopProduct; child: ShopChild };
const familiesOf = (products: readonly ShopProduct[]): Family[] =>
	products.flatMap((product) => product.children.map((child) => ({ product, child })));

/** A later page may hold other products' children: the cursor keeps its place in all of them and forgets the filter. */
export async function listChildren(call: StoreCall): Promise<Answer> {
	const place = readPlace(call, childFilters);
	const { find_value: value, find_where: where, sku, ...rest } = place.filters;
	if (where !== undefined && where !== "sku") throw badParameter("Parameter 'find_where' is not valid.");
	const wanted = sku ?? value;
	const products = await read(call, filterOf(call, rest), everything);
	const families = familiesOf(products).filter(({ child }) => wanted === undefined || child.sku === wanted);
	const page = families.slice(place.offset, place.offset + place.limit);
	const hasMore = families.length > place.offset + place.limit;
	const crosses = hasMore && call.settings.cursorCrossesParents;
	const all = crosses ? familiesOf(await read(call, {}, everything)) : [];
	const next = crosses ? behind(call, place, all, ({ child }) => child.id === page.at(-1)?.child.id) : null;
	return {
		pagination: next ?? pagination(call, place, hasMore),
		result: {
			total_count: families.length,
			children: page.map(({ product, child }) => presentChild(call.settings, product, child)),
		},
	};
}

export async function findChild(call: StoreCall, productId: string, id: string): Promise<Family> {
	const product = await findProduct(call, productId);
	const child = product.children.find((one) => shownId(call.settings, one) === id);
	if (!child) throw new A2cError(112, `Product child item with id ${id} not found`);
	return { product, child };
}

export async function childInfo(call: StoreCall): Promise<Answer> {
	const productId = call.query.get("product_id");
	const id = call.query.get("id");
	if (!productId) throw missing("product_id");
	if (!id) throw missing("id");
	const { product, child } = await findChild(call, productId, id);
	return { result: presentChild(call.settings, product, child) };
}

export async function findChildren(call: StoreCall): Promise<Answer> {
	const value = call.query.get("find_value");
	if (!value) throw missing("find_value");
	const families = familiesOf(await read(call, {}, everything));
	const found = families.filter(({ child }) => child.sku === value || child.name === value).slice(0, 10);
	if (found.length === 0) throw new A2cError(112, "Product child item not found");
	return { result: { children: found.map(({ product, child }) => presentChild(call.settings, product, child)) } };
}
