import type { Connection } from "../channel-adapter";
import type { Page, RemoteListing } from "../listing";
import { fields, type Product, product, products } from "./api-types";
import { childrenOf } from "./children";
import { callA2c } from "./client";
import { isGone } from "./codes";
import { listingsOf } from "./mapper";
import { writeMoment } from "./times";
import { walkList } from "./walk";

/** Products page by page, each with its child items. `total` is null: it counts products, and of a page only. */
export async function listListings(
	connection: Connection,
	changedSince: Date | null,
	page: string | null,
): Promise<Page<RemoteListing>> {
	const filters = changedSince ? { modified_from: writeMoment(changedSince.getTime()) } : {};
	const list = { method: "product.list", fields: fields.products, filters };
	const { rows, next } = await walkList(connection, page, { list, shape: products });
	return { items: await withChildren(connection, rows), next, total: null };
}

/** `productRef` is the product's id, as in a listing's ids and in signals. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	try {
		const query = { id: productRef, response_fields: fields.product };
		const { result } = await callA2c(connection, { verb: "GET", method: "product.info", query }, product);
		return await withChildren(connection, [result]);
	} catch (error) {
		if (isGone(error)) return [];
		throw error;
	}
}

async function withChildren(connection: Connection, rows: readonly Product[]): Promise<RemoteListing[]> {
	const byProduct = await childrenOf(
		connection,
		rows.map(({ id }) => id),
	);
	return rows.flatMap((row) => listingsOf(row, byProduct.get(row.id) ?? [], connection.locationRef));
}
