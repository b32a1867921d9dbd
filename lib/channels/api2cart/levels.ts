import type { Connection } from "../channel-adapter";
import type { ListingIds, RemoteLevel } from "../listing";
import { fields, type Product, product, products } from "./api-types";
import { childrenOf, inPortions } from "./children";
import { callA2c } from "./client";
import { isGone } from "./codes";
import { childKey, childShown, productKey, productShown } from "./mapper";
import { readPage } from "./paging";

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
		const [only = ""] = portion;
		const rows = portion.length === 1 ? await readOne(connection, only) : await readSome(connection, portion);
		for (const row of rows)
			levels.push({
				externalKey: productKey(row.id),
				quantity: productShown(row, connection.locationRef).quantity,
				readAt,
				changedAt: asDate(row.modified_at),
			});
	}
	return levels;
}

async function readOne(connection: Connection, id: string): Promise<Product[]> {
	try {
		const query = { id, response_fields: fields.product };
		return [(await callA2c(connection, { verb: "GET", method: "product.info", query }, product)).result];
	} catch (error) {
		if (isGone(error)) return [];
		throw error;
	}
}

async function readSome(connection: Connection, ids: readonly string[]): Promise<Product[]> {
	const list = { method: "product.list", fields: fields.products, filters: { product_ids: ids.join(",") } };
	const rows: Product[] = [];
	let cursor: string | null = null;
	do {
		const page: { result: { product: Product[] }; next: string | null } = await readPage(
			connection,
			list,
			cursor,
			products,
		);
		rows.push(...page.result.product);
		cursor = page.next;
	} while (cursor !== null && rows.length < ids.length);
	return rows;
}

async function childLevels(connection: Connection, productIds: readonly string[]): Promise<RemoteLevel[]> {
	const levels: RemoteLevel[] = [];
	for (const portion of inPortions(productIds)) {
		const readAt = connection.now();
		const byProduct = await childrenOf(connection, portion);
		for (const [productId, children] of byProduct) {
			for (const child of children)
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
