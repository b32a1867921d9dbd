import type { Connection } from "../channel-adapter";
import type { OddRow, Page, RemoteListing } from "../listing";
import { noneOdd, sortOut } from "../odd-rows";
import { fields, type ListedProduct, product, products } from "./api-types";
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
	return { ...(await withChildren(connection, rows)), next, total: null };
}

/** `productRef` is the product's id, as in a listing's ids and in signals. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	try {
		const query = { id: productRef, response_fields: fields.product };
		const { result } = await callA2c(connection, { verb: "GET", method: "product.info", query }, product);
		return noneOdd(await withChildren(connection, [result]));
	} catch (error) {
		if (isGone(error)) return [];
		throw error;
	}
}

type Read = { items: RemoteListing[]; odd: OddRow[] };

/** With a child item that can't be read, the product can't be. */
async function withChildren(connection: Connection, rows: readonly ListedProduct[]): Promise<Read> {
	const { whole: products, odd } = sortOut(rows, ({ id }) => id);
	const byProduct = await childrenOf(
		connection,
		products.map(({ id }) => id),
	);
	const read: Read = { items: [], odd };
	for (const row of products) {
		const { whole, odd } = sortOut(byProduct.get(row.id) ?? [], ({ parent_id }) => parent_id);
		if (odd.length > 0) read.odd.push(...odd);
		else read.items.push(...listingsOf(row, whole, connection.locationRef));
	}
	return read;
}
