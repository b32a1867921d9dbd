import type { Connection } from "../channel-adapter";
import type { ListingIds, RemoteLevel } from "../listing";
import { sortOut } from "../odd-rows";
import { fields, type Product, product, products } from "./api-types";
import { childrenOf, inPortions } from "./children";
import { callA2c } from "./client";
import { isGone } from "./codes";
import { childKey, childShown, productKey, productShown } from "./mapper";
import { pagesByPlace } from "./paging";

type Wanted = { externalKey: string; ids: ListingIds };

/**
 * Read through API2Cart from the store, by id. What the store does not know is absent; what it does not count, or of which
 * it only says zero and nothing else, has no quantity. `readAt` is taken before the call that read it.
 */
export async function readLevels(connection: Connection, listings: readonly Wanted[]): Promise<RemoteLevel[]> {
	const own = listings.filter(({ ids }) => ids.childId === undefined);
	const wanted = new Set(listings.map(({ externalKey }) => externalKey));
	const levels = [
		...(await productLevels(connection, [...new Set(own.map(({ ids }) => ids.productId ?? ""))])),
		...(await childLevels(connection, [
			...new Set(listings.flatMap(({ ids }) => (ids.childId === undefined ? [] : [ids.productId ?? ""]))),
		])),
	];
	return levels.filter(({ externalKey }) => wanted.has(externalKey));
}

const asDate = (at: number | null) => (at === null ? null : new Date(at));

async function productLevels(connection: Connection, ids: readonly string[]): Promise<RemoteLevel[]> {
	const levels: RemoteLevel[] = [];
	for (const portion of inPortions(ids)) {
		const readAt = connection.now();
		for (const [id, row] of await readSome(connection, portion))
			levels.push({
				externalKey: productKey(id),
				quantity: productShown(row, connection.locationRef).quantity,
				readAt,
				changedAt: asDate(row.modified_at),
			});
	}
	return levels;
}

type ById = ReadonlyMap<string, Product>;

/** What a list leaves out is asked for by itself, since what is absent here is taken to be gone. */
async function readSome(connection: Connection, ids: readonly string[]): Promise<ById> {
	const found = new Map(ids.length > 1 ? await readListed(connection, ids) : []);
	for (const id of ids) {
		const row = found.get(id) ?? (await readOne(connection, id));
		if (row) found.set(id, row);
	}
	return found;
}

async function readOne(connection: Connection, id: string): Promise<Product | null> {
	try {
		const query = { id, response_fields: fields.product };
		return (await callA2c(connection, { verb: "GET", method: "product.info", query }, product)).result;
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

/** As many as a list gives; where it does not know one of them it may give none. */
async function readListed(connection: Connection, ids: readonly string[]): Promise<ById> {
	const list = { method: "product.list", fields: fields.products, filters: { product_ids: ids.join(",") } };
	const wanted = new Set(ids);
	const found = new Map<string, Product>();
	try {
		for await (const page of pagesByPlace(connection, list, products, ({ product: rows }) => rows)) {
			const rows = page.product.filter(({ id }) => wanted.has(id));
			for (const row of sortOut(rows, ({ id }) => id).whole) found.set(row.id, row);
			if (rows.length === 0 || found.size === wanted.size) break;
		}
	} catch (error) {
		if (!isGone(error)) throw error;
	}
	return found;
}

async function childLevels(connection: Connection, productIds: readonly string[]): Promise<RemoteLevel[]> {
	const levels: RemoteLevel[] = [];
	for (const portion of inPortions(productIds)) {
		const readAt = connection.now();
		const byProduct = await childrenOf(connection, portion);
		for (const [productId, children] of byProduct) {
			for (const child of sortOut(children, ({ id }) => id).whole)
				levels.push({
					externalKey: childKey(productId, child.id),
					quantity: childShown(child, connection.locationRef).quantity,
					readAt,
					changedAt: asDate(child.modified_time),
				});
		}
	}
	return levels;
}
