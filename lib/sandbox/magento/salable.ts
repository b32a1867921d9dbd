/**
 * What a stock can sell: what lies at its enabled sources with status 1, plus its reservations, less the threshold. Where the
 * index says that nothing is salable the number is 0, whatever the sum; the index learns of orders with a delay.
 */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { isStockHolder, type ProductRow, sourceItemsOf } from "./rows";
import { countedSources, type MagentoSettings, type Stock } from "./settings";
import { decimal } from "./wire";

export type StockConfiguration = { managesStock: boolean; minQty: number; backorders: number };

export const configurationOf = (row: ProductRow, settings: MagentoSettings): StockConfiguration => ({
	managesStock: row.is_managed && settings.managesStock,
	minQty: row.data.min_qty ?? settings.minQty,
	backorders: row.data.backorders ?? settings.backorders,
});

export type Salable = {
	/** As the API answers it. */
	qty: number;
	isSalable: boolean;
	/** False: no source of the stock has it. */
	isAssigned: boolean;
	managesStock: boolean;
	/** What is left by the sum, whatever the index says. */
	left: number;
};

type Asking = { db: Executor; storeId: string; settings: MagentoSettings; now: Date };

export async function salableOf(
	{ db, storeId, settings, now }: Asking,
	stock: Stock,
	rows: readonly ProductRow[],
): Promise<Map<string, Salable>> {
	const skus = rows.filter(isStockHolder).map(({ sku }) => sku);
	const counted = new Set(countedSources(settings, stock));
	const items = await sourceItemsOf(db, storeId, skus);
	const reserved = await reservedOf(db, storeId, stock.id, skus, now.getTime() - settings.salabilityLagMs);
	const result = new Map<string, Salable>();
	for (const row of rows) {
		const { managesStock, minQty, backorders } = configurationOf(row, settings);
		if (!isStockHolder(row)) {
			result.set(row.sku, { qty: 0, isSalable: true, isAssigned: true, managesStock: false, left: 0 });
			continue;
		}
		if (!managesStock) {
			result.set(row.sku, { qty: 0, isSalable: true, isAssigned: true, managesStock, left: 0 });
			continue;
		}
		const own = items.filter(({ sku, source_code }) => sku === row.sku && stock.sources.includes(source_code));
		const open = own.filter(({ source_code, status }) => status === 1 && counted.has(source_code));
		const lies = open.reduce((sum, { quantity }) => sum + quantity, 0);
		const { all, seen } = reserved.get(row.sku) ?? { all: 0, seen: 0 };
		const isSalable = open.length > 0 && (backorders > 0 || lies + seen - minQty > 0);
		const left = decimal(lies + all - minQty);
		result.set(row.sku, { qty: isSalable ? left : 0, isSalable, isAssigned: own.length > 0, managesStock, left });
	}
	return result;
}

/** Reservations of a stock in all, and those that the index knows of; negative while orders are open. */
async function reservedOf(
	db: Executor,
	storeId: string,
	stockId: number,
	skus: readonly string[],
	seenUntil: number,
): Promise<Map<string, { all: number; seen: number }>> {
	if (skus.length === 0) return new Map();
	const rows = await db.execute<{ sku: string; all: number; seen: number }>(sql`
		select sku, sum((data->>'quantity')::numeric)::float8 as all,
			coalesce(sum((data->>'quantity')::numeric) filter (where (data->>'at')::bigint <= ${seenUntil}::bigint), 0)::float8 as seen
		from sandbox.items where store_id = ${storeId} and kind = 'reservation' and (data->>'stock_id')::int = ${stockId}::int
			and sku in (select value from jsonb_array_elements_text(${JSON.stringify(skus)}::jsonb)) group by sku`);
	return new Map(rows.map(({ sku, all, seen }) => [sku, { all, seen }]));
}
