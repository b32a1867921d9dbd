import type { Connection } from "../channel-adapter";
import type { Page, RemoteListing } from "../listing";
import { envelope, type Product, product, products } from "./api-types";
import { callBigCommerce, isGone } from "./client";
import { levelsOfProducts } from "./levels";
import { listingsOf } from "./mapper";
import { pageSize, walkChanges } from "./paging";

const include = "variants,primary_image";
const includeFields = "name,sku,upc,gtin,price,inventory_tracking,date_modified,custom_url";

/**
 * Products by id, or by modification from `changedSince` on, with their variants, and what lies at the channel's location
 * in calls of their own. `total` is null: BigCommerce counts products, not what holds stock.
 */
export async function listListings(
	connection: Connection,
	changedSince: Date | null,
	page: string | null,
): Promise<Page<RemoteListing>> {
	const ask = async (query: Record<string, string | number>) =>
		(
			await callBigCommerce(
				connection,
				{
					method: "GET",
					path: "/v3/catalog/products",
					query: { ...query, direction: "asc", limit: pageSize, include, include_fields: includeFields },
				},
				products,
			)
		).data.data;
	const { rows, next } = changedSince
		? await walkChanges(
				changedSince,
				page,
				(row: Product) => Date.parse(row.date_modified ?? "") || 0,
				({ since, page }) => ask({ "date_modified:min": since, sort: "date_modified", page }),
			)
		: await byId(page, ask);
	return { items: await withLevels(connection, rows), next, total: null };
}

/** Behind the last id: what is deleted meanwhile moves nobody. */
async function byId(
	page: string | null,
	ask: (query: Record<string, string | number>) => Promise<Product[]>,
): Promise<{ rows: Product[]; next: string | null }> {
	const rows = await ask({ sort: "id", ...(page && { "id:greater": page }) });
	return { rows, next: rows.length === pageSize ? (rows.at(-1)?.id ?? null) : null };
}

/** `productRef` is the product's id, as in a listing's ids and in signals. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	try {
		const path = `/v3/catalog/products/${productRef}`;
		const query = { include, include_fields: includeFields };
		const { data } = await callBigCommerce(connection, { method: "GET", path, query }, envelope(product));
		return await withLevels(connection, [data.data]);
	} catch (error) {
		if (isGone(error)) return [];
		throw error;
	}
}

async function withLevels(connection: Connection, rows: readonly Product[]): Promise<RemoteListing[]> {
	const levels = await levelsOfProducts(connection, rows);
	const { storefrontUrl } = connection.facts;
	const context = { levels, storefrontUrl: typeof storefrontUrl === "string" ? storefrontUrl : null };
	return rows.flatMap((row) => listingsOf(row, context));
}
