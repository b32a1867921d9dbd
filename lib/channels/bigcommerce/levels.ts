/**
 * What can be sold at the channel's location. An item has no row there until somebody first sets its number; it can't be
 * bought from there until then, so that it shows none: a zero, where the catalogue says that it is counted.
 */
import type { Connection } from "../channel-adapter";
import type { ListingIds, RemoteLevel } from "../listing";
import { inventoryItems, type Product, tracking } from "./api-types";
import { callBigCommerce } from "./client";
import { holdsStock, keyOf, levelsAt, productKey, variantKey } from "./mapper";

/** The largest page of inventory; what is asked for by id fits in one, so that no row can slip between two. */
const largestPage = 1_000;
/** Ids in one address: ours, so that no address grows beyond what proxies take. */
const idsInOneCall = 250;

export type Wanted = { externalKey: string; ids: ListingIds };

/** By listing key; null: never set at the location. What BigCommerce has no row of at all is absent. */
export async function inventoryOf(
	connection: Connection,
	by: "product_id:in" | "variant_id:in",
	ids: readonly string[],
): Promise<Map<string, number | null>> {
	const query = {
		[by]: ids.join(","),
		"location_id:in": connection.locationRef,
		page: 1,
		limit: largestPage,
	};
	const { data } = await callBigCommerce(
		connection,
		{ method: "GET", path: "/v3/inventory/items", query },
		inventoryItems,
	);
	return levelsAt(data.data, connection.locationRef);
}

/** Of products that were just read: what is counted, by listing key. Nothing without a location. */
export async function levelsOfProducts(connection: Connection, rows: readonly Product[]): Promise<Map<string, number>> {
	const levels = new Map<string, number>();
	if (connection.locationRef === "") return levels;
	const counted = rows.filter(({ inventory_tracking }) => inventory_tracking !== "none");
	for (const some of inPieces(counted, ({ variants }) => Math.max(1, variants.length))) {
		const found = await inventoryOf(
			connection,
			"product_id:in",
			some.map(({ id }) => id),
		);
		for (const row of some) {
			const keys = holdsStock(row) === "product" ? [productKey(row.id)] : row.variants.map(({ id }) => variantKey(id));
			for (const key of keys) levels.set(key, found.get(key) ?? 0);
		}
	}
	return levels;
}

/** `readAt` is taken before the call that read it. What is gone is absent; what no longer keeps its own count has none. */
export async function readLevels(connection: Connection, listings: readonly Wanted[]): Promise<RemoteLevel[]> {
	const result: RemoteLevel[] = [];
	const unseen: Wanted[] = [];
	for (const some of [
		...inPieces(listings.filter(({ ids }) => ids.variantId)),
		...inPieces(listings.filter(({ ids }) => !ids.variantId)),
	]) {
		const readAt = connection.now();
		const isVariants = Boolean(some[0]?.ids.variantId);
		const found = await inventoryOf(
			connection,
			isVariants ? "variant_id:in" : "product_id:in",
			some.map(({ ids }) => ids.variantId ?? ids.productId ?? ""),
		);
		for (const wanted of some) {
			const quantity = found.get(keyOf(wanted.ids));
			if (quantity === undefined) unseen.push(wanted);
			else result.push({ externalKey: wanted.externalKey, quantity: quantity ?? 0, readAt });
		}
	}
	return unseen.length > 0 ? [...result, ...(await levelsByCatalogue(connection, unseen))] : result;
}

/** What has no row in the inventory: gone, counted elsewhere or not at all, or never set. The catalogue tells which. */
async function levelsByCatalogue(connection: Connection, listings: readonly Wanted[]): Promise<RemoteLevel[]> {
	const result: RemoteLevel[] = [];
	for (const some of inPieces(listings)) {
		const readAt = connection.now();
		const ids = [...new Set(some.map(({ ids }) => ids.productId ?? ""))];
		const query = {
			"id:in": ids.join(","),
			limit: idsInOneCall,
			include: "variants",
			include_fields: "inventory_tracking",
		};
		const call = { method: "GET" as const, path: "/v3/catalog/products", query };
		const { data } = await callBigCommerce(connection, call, tracking);
		const byId = new Map(data.data.map((row) => [row.id, row]));
		for (const { externalKey, ids } of some) {
			const row = byId.get(ids.productId ?? "");
			const isThere = row && (!ids.variantId || row.variants.some(({ id }) => id === ids.variantId));
			if (!isThere) continue;
			const isCounted = row.inventory_tracking === (ids.variantId ? "variant" : "product");
			result.push({ externalKey, quantity: isCounted ? 0 : null, readAt });
		}
	}
	return result;
}

/** By listing key, as they are now; null: never set at the location. */
export async function levelsNow(
	connection: Connection,
	rows: readonly { ids: ListingIds }[],
): Promise<Map<string, number | null>> {
	const variants = rows.flatMap(({ ids }) => (ids.variantId ? [ids.variantId] : []));
	const products = rows.flatMap(({ ids }) => (ids.variantId ? [] : [ids.productId ?? ""]));
	return new Map([
		...(variants.length > 0 ? await inventoryOf(connection, "variant_id:in", variants) : []),
		...(products.length > 0 ? await inventoryOf(connection, "product_id:in", products) : []),
	]);
}

/** So many that their ids fit in an address and their rows on a page. */
function inPieces<T>(items: readonly T[], rowsOf: (item: T) => number = () => 1): T[][] {
	const pieces: T[][] = [];
	let rows = 0;
	for (const item of items) {
		const last = pieces.at(-1);
		rows += rowsOf(item);
		if (last && last.length < idsInOneCall && rows <= largestPage) last.push(item);
		else {
			pieces.push([item]);
			rows = rowsOf(item);
		}
	}
	return pieces;
}
