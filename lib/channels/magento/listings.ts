import { z } from "zod";
import type { Connection } from "../channel-adapter";
import type { ListingIds, Page, RemoteLevel, RemoteListing } from "../listing";
import { noneOdd, sortOut } from "../odd-rows";
import { products } from "./api-types";
import { callMagento } from "./client";
import { holdsStock, isListed, listingOf, productKey } from "./mapper";
import { changeWalk, mageMoment, pageSizeOf, readPlace, startOf, step, writePlace } from "./paging";
import { type Filter, searchQuery } from "./search";
import { readStock } from "./stock";
import type { StockReading } from "./stock-reading";

const fields = "items[id,sku,name,price,status,type_id,updated_at,custom_attributes],total_count";

const ask = async (connection: Connection, filter: Filter, sortBy: string, page = 1) => {
	const query = searchQuery({ groups: [[filter]], sortBy, pageSize: pageSizeOf(connection), page, fields });
	return callMagento(connection, { method: "GET", path: "/V1/products", query }, products);
};

const idPlace = z.object({ afterId: z.string() });

/**
 * Products behind the last id, or by modification from `changedSince` on: a change of stock moves no stamp. `total` counts
 * products of every kind.
 */
export async function listListings(
	connection: Connection,
	changedSince: Date | null,
	page: string | null,
): Promise<Page<RemoteListing>> {
	if (!changedSince) {
		const { afterId } = page ? readPlace(idPlace, page) : { afterId: "0" };
		const found = await ask(connection, { field: "entity_id", value: afterId, condition: "gt" }, "entity_id");
		const last = found.items.at(-1)?.id;
		const next =
			last !== undefined && found.items.length === pageSizeOf(connection) ? writePlace({ afterId: last }) : null;
		return { ...(await withStock(connection, found.items)), next, total: page ? null : found.total_count };
	}
	const at = page ? readPlace(changeWalk, page) : startOf(changedSince);
	const filter = { field: "updated_at", value: mageMoment(at.since), condition: "gteq" };
	const found = await ask(connection, filter, "updated_at", at.page);
	const { rows, next } = step(at, found.items, found.total_count, {
		id: ({ id }) => id,
		stamp: ({ updated_at }) => updated_at ?? at.since,
		pageSize: pageSizeOf(connection),
	});
	return { ...(await withStock(connection, rows)), next: next && writePlace(next), total: null };
}

/** `productRef` is the product's id. */
export async function readProduct(connection: Connection, productRef: string): Promise<RemoteListing[]> {
	const { items } = await ask(connection, { field: "entity_id", value: productRef, condition: "eq" }, "entity_id");
	return noneOdd(await withStock(connection, items));
}

async function withStock(connection: Connection, rows: z.output<typeof products>["items"]) {
	const { whole, odd } = sortOut(rows, ({ id }) => id);
	const listed = whole.filter(isListed);
	const wanted = listed.filter(holdsStock).map(({ id, sku }) => ({ productId: id, sku }));
	const readings = await readStock(connection, wanted, "zero");
	const { mediaUrl } = connection.facts;
	const items = listed.map((row): RemoteListing => {
		const reading = readings.get(row.id);
		const listing = listingOf(row, reading?.quantity ?? null, typeof mediaUrl === "string" ? mediaUrl : null);
		const isUnread = holdsStock(row) && !reading && row.sku.includes("/");
		return isUnread ? { ...listing, leftOutReason: slashRefused } : listing;
	});
	return { items, odd };
}

const slashRefused =
	"The store's web server does not let the slash in its SKU through, so that its stock can't be read.";

/** What is gone, or has another SKU since it was listed, is absent; what keeps no count has none. */
export async function readLevels(
	connection: Connection,
	listings: readonly { externalKey: string; ids: ListingIds }[],
): Promise<RemoteLevel[]> {
	const readAt = connection.now();
	const wanted = listings.map(({ ids }) => ({ productId: ids.productId ?? "", sku: ids.sku ?? "" }));
	const readings = await readStock(connection, wanted);
	return [...readings].map(([productId, reading]) => levelOf(productId, reading, readAt));
}

const levelOf = (productId: string, { quantity, source, open }: StockReading, readAt: Date): RemoteLevel => ({
	externalKey: productKey(productId),
	quantity,
	readAt,
	...(quantity !== null && { reservations: { source, open } }),
});
