/** What a store's numbers for one product come to: what can be sold, what lies there, and what open orders keep of it. Pure. */
import type { StockSettings } from "./stock-item";
import { type SellingStock, sourcesBeside } from "./topology";

/** What is asked for. */
export type Wanted = { productId: string; sku: string };

export type StockReading = {
	/** Null: it keeps no count. */
	quantity: number | null;
	/** Whole units that lie there and are counted, those of a closed listing at our source too. */
	source: number;
	open: number;
	/** Of `source`, what lies at the stock's other sources. */
	beside: number;
};

export type Salable = { stockId: number; qty: number; isSalable: boolean };
export type Lying = { sourceCode: string; quantity: number; status: number };

/** Not salable in one of the stocks, or not assigned to it: what it says of the number is nothing. */
export const isHidden = (salable: readonly Salable[] | undefined, stocks: number) =>
	!salable || salable.length < stocks || salable.some(({ isSalable }) => !isSalable);

type At = {
	stocks: readonly SellingStock[];
	own: string;
	lies: readonly Lying[];
	salable: readonly Salable[];
	open: number;
};

/** Quantities have four decimals: of 2.7 metres two pieces can be sold. */
export function readingOf({ stocks, own, lies, salable, open }: At, settings: StockSettings | null): StockReading {
	if (settings && !settings.isManaged) return { quantity: null, source: 0, open: 0, beside: 0 };
	const counts = (sources: readonly string[]) =>
		lies
			.filter(({ sourceCode, status }) => status === 1 && sources.includes(sourceCode))
			.reduce((sum, { quantity }) => sum + quantity, 0);
	const others = sourcesBeside(stocks, own).filter((code) => code !== own);
	const ownUnits = lies.find(({ sourceCode }) => sourceCode === own);
	const beside = counts(others);
	const minQty = settings?.minQty ?? 0;
	if (isHidden(salable, stocks.length)) {
		const source = Math.floor(round(beside + (ownUnits?.quantity ?? 0)));
		const unsold = Math.ceil(round(open + minQty));
		return { quantity: Math.min(0, source - unsold), source, open: unsold, beside };
	}
	const source = Math.floor(round(counts(sourcesBeside(stocks, own))));
	// The threshold is in each stock's difference, and is kept back once.
	const reserved = stocks.reduce(
		(sum, { stockId, sources }) => {
			const qty = salable.find((one) => one.stockId === stockId)?.qty ?? 0;
			return sum + counts(sources) - qty;
		},
		-minQty * (stocks.length - 1),
	);
	const quantity = Math.floor(round(counts(sourcesBeside(stocks, own)) - reserved));
	return { quantity, source, open: source - quantity, beside };
}

/** decimal(12,4), without what a double adds to it. */
const round = (value: number) => Math.round(value * 10_000) / 10_000;
