import type { Connection } from "../channel-adapter";
import type { ListingIds, OddRow, Page, RemoteLevel, RemoteListing } from "../listing";
import { noneOdd, sortOut } from "../odd-rows";
import { type ListedVariation, levels, type Product, product, products, variations } from "./api-types";
import { callWoo, isGone, isNoRoute } from "./client";
import { isVariable, listingsOf, ownQuantity, productKey, variationKey } from "./mapper";
import { pageSize, type Query, walkChanges, walkIds } from "./paging";

const soldFields = "id,name,sku,global_unique_id,price,permalink,status,manage_stock,stock_quantity";
const productFields = `${soldFields},type,date_modified_gmt,images,variations`;
const variationFields = `${soldFields},parent_id,image,attributes`;

/**
 * Products by id, or by modification from `changedSince` on; variations are in neither list and are read beside their
 * products (a variation's save moves its parent's stamp). `total` is null: WooCommerce counts products, not what holds stock.
 */
export async function listListings(
	connection: Connection,
	changedSince: Date | null,
	page: string | null,
): Promise<Page<RemoteListing>> {
	const ask = async (query: Query) =>
		(
			await callWoo(
				connection,
				{ method: "GET", path: "/products", query: { ...query, _fields: productFields } },
				products,
			)
		).data;
	const { rows, next } = changedSince
		? await walkChanges(changedSince, page, ({ date_modified_gmt }) => date_modified_gmt ?? 0, ask)
		: await walkIds(page, ask);
	const { whole, odd } = sortOut(rows, ({ id }) => String(id));
	const read = await withVariations(connection, whole);
	return { items: read.items, odd: [...odd, ...read.odd], next, total: null };
}

/** `productRef` is the product's id, as in a listing's ids and in signals. Also takes a variation's. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	try {
		const query = { _fields: `${productFields},parent_id` };
		const { data } = await callWoo(
			connection,
			{ method: "GET", path: `/products/${productRef}`, query },
			product.extend({ parent_id: product.shape.id.nullish() }),
		);
		if (data.status === "trash") return [];
		if (data.type === "variation" && data.parent_id) return readProduct(connection, String(data.parent_id));
		return noneOdd(await withVariations(connection, [data]));
	} catch (error) {
		if (isGone(error)) return [];
		throw error;
	}
}

type Read = { items: RemoteListing[]; odd: OddRow[] };

/** With a variation that can't be read, the product can't be. */
async function withVariations(connection: Connection, rows: readonly Product[]): Promise<Read> {
	const variable = rows.filter(isVariable);
	const byParent = await variationsOf(connection, variable);
	const read: Read = { items: [], odd: [] };
	for (const row of rows) {
		const { whole, odd } = sortOut(byParent.get(row.id) ?? [], () => String(row.id));
		if (odd.length > 0) read.odd.push(...odd);
		else read.items.push(...listingsOf(row, whole));
	}
	return read;
}

/**
 * Across products, a hundred at a time, where the shop has such a list (since WooCommerce 10.3); what it does not give,
 * product by product.
 */
async function variationsOf(
	connection: Connection,
	parents: readonly Product[],
): Promise<Map<number, ListedVariation[]>> {
	const byParent = new Map<number, ListedVariation[]>(parents.map(({ id }) => [id, []]));
	const parentOf = new Map(parents.flatMap((parent) => parent.variations.map((id) => [id, parent.id] as const)));
	const found = await acrossParents(connection, [...parentOf.keys()], variationFields, variations);
	const given = new Set(found?.map(({ id }) => id));
	for (const one of found ?? []) byParent.get(parentOf.get(one.id) ?? -1)?.push(one);
	for (const parent of parents) {
		if (parent.variations.every((id) => given.has(id))) continue;
		byParent.set(parent.id, await ofParent(connection, parent.id));
	}
	return byParent;
}

/** Null where the shop has no list across products. */
async function acrossParents<Row extends { id: number }>(
	connection: Connection,
	ids: readonly number[],
	fields: string,
	shape: Parameters<typeof callWoo<Row[]>>[2],
): Promise<Row[] | null> {
	if (connection.facts.hasVariationsRoute === false) return null;
	const wanted = new Set(ids);
	const found: Row[] = [];
	for (const some of inPieces(ids)) {
		try {
			const query = { include: some.join(","), per_page: pageSize, _fields: fields };
			const { data } = await callWoo(connection, { method: "GET", path: "/variations", query }, shape);
			found.push(...data.filter(({ id }) => wanted.has(id)));
		} catch (error) {
			if (isNoRoute(error)) return null;
			throw error;
		}
	}
	return found;
}

async function ofParent(connection: Connection, parentId: number): Promise<ListedVariation[]> {
	const all: ListedVariation[] = [];
	let next: string | null = null;
	do {
		try {
			const path = `/products/${parentId}/variations`;
			const walked: { rows: ListedVariation[]; next: string | null } = await walkIds(next, async (query) => {
				const call = { method: "GET" as const, path, query: { ...query, _fields: variationFields } };
				return (await callWoo(connection, call, variations)).data;
			});
			all.push(...walked.rows);
			next = walked.next;
		} catch (error) {
			// Deleted since the list was read.
			if (isGone(error)) return [];
			throw error;
		}
	} while (next);
	return all;
}

type Wanted = { externalKey: string; ids: ListingIds };

/**
 * Read from the tables that the shop sells from, by id. What is gone or in the trash is absent; what no longer keeps its
 * own count has none. `readAt` is taken before the call that read it.
 */
export async function readLevels(connection: Connection, listings: readonly Wanted[]): Promise<RemoteLevel[]> {
	const own = listings.filter(({ ids }) => !ids.variationId);
	const variants = listings.filter(({ ids }) => ids.variationId);
	const result: RemoteLevel[] = [];
	for (const some of inPieces(own)) {
		const ids = some.map(({ ids }) => Number(ids.productId));
		result.push(...(await levelsAt(connection, "/products", ids, productKey)));
	}
	if (variants.length > 0) result.push(...(await variationLevels(connection, variants)));
	return result;
}

async function variationLevels(connection: Connection, variants: readonly Wanted[]): Promise<RemoteLevel[]> {
	if (connection.facts.hasVariationsRoute !== false) {
		try {
			const result: RemoteLevel[] = [];
			for (const some of inPieces(variants)) {
				const ids = some.map(({ ids }) => Number(ids.variationId));
				result.push(...(await levelsAt(connection, "/variations", ids, variationKey)));
			}
			return result;
		} catch (error) {
			if (!isNoRoute(error)) throw error;
		}
	}
	const result: RemoteLevel[] = [];
	for (const parentId of new Set(variants.map(({ ids }) => ids.productId))) {
		for (const some of inPieces(variants.filter(({ ids }) => ids.productId === parentId))) {
			const ids = some.map(({ ids }) => Number(ids.variationId));
			try {
				result.push(...(await levelsAt(connection, `/products/${parentId}/variations`, ids, variationKey)));
			} catch (error) {
				// The parent is gone, and its variations with it.
				if (!isGone(error)) throw error;
			}
		}
	}
	return result;
}

async function levelsAt(
	connection: Connection,
	path: string,
	ids: readonly number[],
	keyOf: (id: number) => string,
): Promise<RemoteLevel[]> {
	const readAt = connection.now();
	const query = {
		include: ids.join(","),
		per_page: pageSize,
		_fields: "id,manage_stock,stock_quantity,date_modified_gmt",
	};
	const { data } = await callWoo(connection, { method: "GET", path, query }, levels);
	const wanted = new Set(ids);
	return data
		.filter(({ id }) => wanted.has(id))
		.map((row) => ({
			externalKey: keyOf(row.id),
			quantity: ownQuantity(row),
			readAt,
			changedAt: row.date_modified_gmt ? new Date(row.date_modified_gmt) : null,
		}));
}

function inPieces<T>(items: readonly T[]): T[][] {
	const pieces: T[][] = [];
	for (let i = 0; i < items.length; i += pageSize) pieces.push(items.slice(i, i + pageSize));
	return pieces;
}
