/**
 * What can be sold of products, and what lies there. Salable units are read by product id, a page at a time, and after them what
 * lies at the sources: a shipment in between then makes too few of them rather than too many. Where the store says that nothing
 * is salable it also hides what is below zero; then its list of orders tells what is open.
 */
import type { Connection } from "../channel-adapter";
import { sortOut } from "../odd-rows";
import { products, salables, sourceItems } from "./api-types";
import { callMagento } from "./client";
import { readLegacy } from "./legacy";
import { holdsStock } from "./mapper";
import { readOpenUnits } from "./open-units";
import { inLists, largestPageOf, searchQuery } from "./search";
import { readSettings } from "./stock-item";
import { isHidden, type Lying, readingOf, type Salable, type StockReading, type Wanted } from "./stock-reading";
import { hasInventory, type SellingStock, sellingStocks, sourcesBeside } from "./topology";

/** Each product is a few look-ups inside the store. */
const salablesAtOnce = 50;

/** By product id; what the store no longer has is absent. `hidden`: whether what is below zero is worth the list of orders. */
export async function readStock(
	connection: Connection,
	wanted: readonly Wanted[],
	hidden: "orders" | "zero" = "orders",
): Promise<Map<string, StockReading>> {
	if (wanted.length === 0) return new Map();
	if (!hasInventory(connection)) return readLegacy(connection, wanted);
	const stocks = sellingStocks(connection);
	const salable = await readSalable(connection, stocks, wanted);
	const isHiddenHere = ({ sku }: Wanted) => isHidden(salable.get(sku), stocks.length);
	const present = await presentOf(connection, wanted, salable);
	const there = wanted.filter(({ productId }) => present.has(productId));
	const settings = await readSettings(connection, {
		// What is shown as salable with nothing left is not counted, or sells on backorder, or the index is late.
		anew: skusOf(there.filter((one) => !isHiddenHere(one) && salable.get(one.sku)?.some(({ qty }) => qty === 0))),
		// What is not counted is never hidden; of the rest only the threshold is to be known.
		known: skusOf(there.filter((one) => (isHiddenHere(one) ? hidden === "orders" : stocks.length > 1))),
	});
	const openUnits =
		hidden === "orders" && there.some(isHiddenHere)
			? await readOpenUnits(connection, stocks)
			: new Map<string, number>();
	const lying = await readLying(connection, stocks, there);
	return new Map(
		there.map(({ productId, sku }) => {
			const at = {
				stocks,
				own: connection.locationRef,
				lies: lying.get(sku) ?? [],
				salable: salable.get(sku) ?? [],
				open: openUnits.get(productId) ?? 0,
			};
			return [productId, readingOf(at, settings.get(sku) ?? null)];
		}),
	);
}

const skusOf = (wanted: readonly Wanted[]) => wanted.map(({ sku }) => sku);

async function readSalable(
	connection: Connection,
	stocks: readonly SellingStock[],
	wanted: readonly Wanted[],
): Promise<Map<string, Salable[]>> {
	const result = new Map<string, Salable[]>();
	for (const { stockId, website } of stocks) {
		for (const ids of inPieces(wanted, Math.min(salablesAtOnce, largestPageOf(connection)))) {
			const query = searchQuery({
				groups: [[{ field: "entity_id", value: ids.map(({ productId }) => productId).join(","), condition: "in" }]],
				sortBy: "entity_id",
				pageSize: ids.length,
			});
			const path = `/V1/inventory/export-stock-salable-qty/website/${encodeURIComponent(website)}`;
			const { items } = await callMagento(connection, { method: "GET", path, query }, salables);
			for (const { sku, qty, is_salable } of items)
				result.set(sku, [...(result.get(sku) ?? []), { stockId, qty, isSalable: is_salable }]);
		}
	}
	return result;
}

/** Ids of those that the store still has under the SKU that we know; the list leaves out what is not assigned to the stock. */
async function presentOf(
	connection: Connection,
	wanted: readonly Wanted[],
	salable: ReadonlyMap<string, Salable[]>,
): Promise<Set<string>> {
	const present = new Set(wanted.filter(({ sku }) => salable.has(sku)).map(({ productId }) => productId));
	const absent = wanted.filter(({ productId }) => !present.has(productId));
	for (const some of inPieces(absent, Math.min(100, largestPageOf(connection)))) {
		const query = searchQuery({
			groups: [[{ field: "entity_id", value: some.map(({ productId }) => productId).join(","), condition: "in" }]],
			sortBy: "entity_id",
			pageSize: some.length,
			fields: "items[id,sku,type_id],total_count",
		});
		const { items } = await callMagento(connection, { method: "GET", path: "/V1/products", query }, products);
		for (const found of sortOut(items, ({ id }) => id).whole)
			if (holdsStock(found) && some.some(({ productId, sku }) => productId === found.id && sku === found.sku))
				present.add(found.id);
	}
	return present;
}

/** By SKU, spelled exactly so: the store's look-up takes no account of case, and what it sells from does. */
export async function readLying(
	connection: Connection,
	stocks: readonly SellingStock[],
	wanted: readonly Pick<Wanted, "sku">[],
): Promise<Map<string, Lying[]>> {
	const codes = sourcesBeside(stocks, connection.locationRef);
	const most = Math.max(1, Math.floor(largestPageOf(connection) / codes.length));
	const result = new Map<string, Lying[]>();
	for (const { filters, values } of inLists(
		"sku",
		wanted.map(({ sku }) => sku),
		Math.min(100, most),
	)) {
		const asked = new Set(values);
		const query = searchQuery({
			groups: [filters, [{ field: "source_code", value: codes.join(","), condition: "in" }]],
			sortBy: "source_item_id",
			pageSize: largestPageOf(connection),
		});
		const { items } = await callMagento(
			connection,
			{ method: "GET", path: "/V1/inventory/source-items", query },
			sourceItems,
		);
		for (const { sku, source_code, quantity, status } of items)
			if (asked.has(sku)) result.set(sku, [...(result.get(sku) ?? []), { sourceCode: source_code, quantity, status }]);
	}
	return result;
}

export function inPieces<T>(items: readonly T[], size: number): T[][] {
	const pieces: T[][] = [];
	for (let i = 0; i < items.length; i += size) pieces.push(items.slice(i, i + size));
	return pieces;
}
