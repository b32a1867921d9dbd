/**
 * Our rows → source items. What is salable is what lies at all sources of a stock, so that ours gets the number less what lies at
 * the others. A number of zero closes the listing by its status and leaves its units lying there to be shipped, except of what
 * sells on backorder: that is merely brought to nothing salable.
 */
import type { Connection } from "../channel-adapter";
import type { WriteOutcome, WriteRow } from "../listing";
import { MagentoError } from "./client";
import { readLying, readStock } from "./stock";
import { knownSettings } from "./stock-item";
import { sellingStocks, sourcesBeside } from "./topology";

export type SourceItem = { sku: string; source_code: string; quantity: number; status: 0 | 1 };
export type SourceRow = { externalKey: string; item: SourceItem };

export async function sourceRows(
	connection: Connection,
	rows: readonly WriteRow[],
): Promise<{ rows: SourceRow[]; refused: WriteOutcome[] }> {
	const stocks = sellingStocks(connection);
	const own = connection.locationRef;
	const others = sourcesBeside(stocks, own).filter((code) => code !== own);
	const lying =
		others.length > 0
			? await readLying(
					connection,
					stocks,
					rows.map(({ ids }) => ({ sku: ids.sku ?? "" })),
				)
			: new Map();
	const toBackorder = await openOfBackorders(connection, rows);
	const made: SourceRow[] = [];
	const refused: WriteOutcome[] = [];
	for (const row of rows) {
		const sku = row.ids.sku ?? "";
		const beside = (lying.get(sku) ?? [])
			.filter(
				({ sourceCode, status }: { sourceCode: string; status: number }) => status === 1 && others.includes(sourceCode),
			)
			.reduce((sum: number, { quantity }: { quantity: number }) => sum + quantity, 0);
		const backorder = toBackorder.get(row.externalKey);
		const total = row.quantity + (backorder ?? row.open ?? 0);
		const closes = row.quantity === 0 && backorder === undefined;
		if (beside > total || (closes && beside > 0)) {
			refused.push({ externalKey: row.externalKey, result: "refused", error: tooMuchBeside(beside, others) });
			continue;
		}
		const item: SourceItem = { sku, source_code: own, quantity: total - beside, status: closes ? 0 : 1 };
		made.push({ externalKey: row.externalKey, item });
	}
	return { rows: made, refused };
}

/** Of rows at zero that sell on backorder, as far as that is known: what their open orders have to ship, as of now. */
async function openOfBackorders(connection: Connection, rows: readonly WriteRow[]): Promise<Map<string, number>> {
	const closing = rows.filter(
		({ quantity, ids }) =>
			quantity === 0 && (knownSettings(connection, ids.sku ?? "")?.backorders ?? connection.facts.backorders === true),
	);
	const readings = await readStock(
		connection,
		closing.map(({ ids }) => ({ productId: ids.productId ?? "", sku: ids.sku ?? "" })),
	);
	return new Map(
		closing.flatMap(({ externalKey, ids }) => {
			const reading = readings.get(ids.productId ?? "");
			return reading && reading.quantity !== null ? [[externalKey, reading.open] as const] : [];
		}),
	);
}

const tooMuchBeside = (units: number, others: readonly string[]) =>
	new MagentoError(
		"refused",
		`${units} units at ${others.map((code) => `“${code}”`).join(", ")} are sold beside this source, which is more than may be.`,
		{
			fix: "In Magento take them off those sources, or give the website a stock of this source alone (Stores → Inventory → Stocks).",
			code: "OTHER_SOURCES",
		},
	);
