/**
 * What can be sold at the channel's location. An item has no row there until somebody first sets its number; it can't be
 * bought from there until then, so that it shows none: a zero, where the catalogue says that it is counted.
 */
import type { Connection } from "../channel-adapter";
import type { ListingIds, RemoteLevel } from "../listing";
import { type InventoryItem, inventoryItems, type Product, tracking } from "./api-types";
import { callBigCommerce } from "./client";
import { holdsStock, keyOf, levelsAt, productKey, variantKey } from "./mapper";
import { heedLevels } from "./refused-calls";

/** The largest page of inventory; what is asked for by id fits in one, so that no row can slip between two unless the store makes them smaller. */
const largestPage = 1_000;
/** Ids in one address: ours, so that no address grows beyond what proxies take. */
const idsInOneCall = 250;

export type Wanted = { externalKey: string; ids: ListingIds };

type Place = "at its location" | "at all locations";

/** By listing key; null: never set at the location. What BigCommerce has no row of is absent. No more ids than fit in an address. */
async function inventoryOf(
	connection: Connection,
	by: "product_id:in" | "variant_id:in",
	ids: readonly string[],
	place: Place,
): Promise<Map<string, number | null>> {
	const rows: InventoryItem[] = [];
	for (let page = 1; ; page++) {
		const query = {
			[by]: ids.join(","),
			...(place === "at its location" && { "location_id:in": connection.locationRef }),
			page,
			limit: largestPage,
		};
		const call = { method: "GET" as const, path: "/v3/inventory/items", query };
		const { data } = await callBigCommerce(connection, call, inventoryItems);
		rows.push(...data.data);
		if (page >= (data.meta?.pagination?.total_pages ?? 1)) return levelsAt(rows, connection.locationRef);
	}
}

/** By pieces that fit in an address; `readAt` is taken before the call. */
async function* inventoryInPieces<T extends { ids: ListingIds }>(
	connection: Connection,
	listings: readonly T[],
	place: Place,
) {
	const variants = listings.filter(({ ids }) => ids.variantId);
	const products = listings.filter(({ ids }) => !ids.variantId);
	for (const some of [...inPieces(variants), ...inPieces(products)]) {
		const by = some[0]?.ids.variantId ? "variant_id:in" : "product_id:in";
		const ids = some.map(({ ids }) => ids.variantId ?? ids.productId ?? "");
		const readAt = connection.now();
		yield { some, readAt, found: await inventoryOf(connection, by, ids, place) };
	}
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
			"at its location",
		);
		for (const row of some) {
			const keys = holdsStock(row) === "product" ? [productKey(row.id)] : row.variants.map(({ id }) => variantKey(id));
			for (const key of keys) levels.set(key, found.get(key) ?? 0);
		}
	}
	return levels;
}

/** What is gone is absent; what no longer keeps its own count has none. */
export async function readLevels(connection: Connection, listings: readonly Wanted[]): Promise<RemoteLevel[]> {
	const result: RemoteLevel[] = [];
	const unseen: Wanted[] = [];
	for await (const { some, readAt, found } of inventoryInPieces(connection, listings, "at its location")) {
		for (const wanted of some) {
			const quantity = found.get(keyOf(wanted.ids));
			if (quantity === undefined) unseen.push(wanted);
			else result.push({ externalKey: wanted.externalKey, quantity: quantity ?? 0, readAt });
		}
	}
	for await (const { listing, readAt, isCounted } of catalogued(connection, unseen))
		result.push({ externalKey: listing.externalKey, quantity: isCounted ? 0 : null, readAt });
	heedLevels(connection, result);
	return result;
}

/** By listing key, as they are now; null: never set at the location. What BigCommerce has no row of is absent. */
export async function levelsNow(
	connection: Connection,
	listings: readonly { ids: ListingIds }[],
): Promise<Map<string, number | null>> {
	const levels = new Map<string, number | null>();
	for await (const { found } of inventoryInPieces(connection, listings, "at its location"))
		for (const [key, level] of found) levels.set(key, level);
	return levels;
}

/**
 * Those that were seen to have no number at the location: the inventory has them without one, or it has them at no location
 * and the catalogue counts them without a unit. What was asked for and not answered was not seen.
 */
export async function seenUnset<T extends { ids: ListingIds }>(
	connection: Connection,
	listings: readonly T[],
): Promise<Set<T>> {
	const unset = new Set<T>();
	const unseen: T[] = [];
	for await (const { some, found } of inventoryInPieces(connection, listings, "at all locations")) {
		for (const one of some) {
			const level = found.get(keyOf(one.ids));
			if (level === null) unset.add(one);
			else if (level === undefined) unseen.push(one);
		}
	}
	for await (const { listing, isCounted, units } of catalogued(connection, unseen))
		if (isCounted && units === 0) unset.add(listing);
	return unset;
}

/**
 * What has no row in the inventory: gone, counted elsewhere or not at all, or never set. The catalogue tells which; what is
 * gone is left out. `units`: at the default location or at all of them, which is stated both ways.
 */
async function* catalogued<T extends { ids: ListingIds }>(connection: Connection, listings: readonly T[]) {
	for (const some of inPieces(listings)) {
		const readAt = connection.now();
		const ids = [...new Set(some.map(({ ids }) => ids.productId ?? ""))];
		const query = {
			"id:in": ids.join(","),
			limit: idsInOneCall,
			include: "variants",
			include_fields: "inventory_tracking,inventory_level",
		};
		const call = { method: "GET" as const, path: "/v3/catalog/products", query };
		const { data } = await callBigCommerce(connection, call, tracking);
		const byId = new Map(data.data.map((row) => [row.id, row]));
		for (const listing of some) {
			const { productId = "", variantId } = listing.ids;
			const row = byId.get(productId);
			const holder = variantId ? row?.variants.find(({ id }) => id === variantId) : row;
			if (!row || !holder) continue;
			const isCounted = row.inventory_tracking === (variantId ? "variant" : "product");
			yield { listing, readAt, isCounted, units: holder.inventory_level ?? 0 };
		}
	}
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
