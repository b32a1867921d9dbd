import type { Statement } from "@/db/statement";
import { formatNumber } from "@/lib/format/number";
import { type Shelf, type Taken, takeUnits } from "@/lib/stock/places";
import { lockEscrow } from "../stock/lock-escrow";
import { lockShelves, readShelves, type Stock } from "../stock/shelves";

/** Units wanted of a SKU. `locationId` null: from wherever they lie. */
export type Wanted = { skuId: string; sku: string; locationId: string | null; units: number };
export type Placed = { skuId: string; locationId: string; units: number };
export type Short = Pick<Wanted, "sku" | "locationId"> & { wanted: number; available: number };

/**
 * Where what is wanted is taken, of levels that the caller has locked, and of what there is too little: with anything short
 * nothing is to be taken. What nobody has counted has none; where the listings split the stock only what none of them
 * holds can be given, such as the buffer. Units that may be anywhere are taken as a sale is (lib/stock/places.ts), from
 * all `locationIds` in their order, after those that name their place.
 */
export async function placeUnits(
	run: Statement,
	wanted: readonly Wanted[],
	locationIds: readonly string[],
): Promise<{ placed: Placed[]; short: Short[] }> {
	const skuIds = [...new Set(wanted.map(({ skuId }) => skuId))];
	await lockSplit(run, skuIds);
	const shelves = await readShelves(run, skuIds);
	const units = new Map<string, Placed>();
	const short: Short[] = [];
	for (const one of [...wanted].sort(namedFirst)) {
		const stock = shelves.get(one.skuId) as Stock;
		const shelf = shelfOf(stock, one.locationId === null ? locationIds : [one.locationId]);
		const available = roomIn(shelf);
		if (available < one.units) {
			short.push({ sku: one.sku, locationId: one.locationId, wanted: one.units, available });
			continue;
		}
		for (const taken of takeUnits(shelf, one.units)) {
			take(stock, taken);
			const key = `${one.skuId} ${taken.locationId}`;
			const before = units.get(key)?.units ?? 0;
			units.set(key, { skuId: one.skuId, locationId: taken.locationId, units: before + taken.units });
		}
	}
	return { placed: [...units.values()], short: short.sort((a, b) => (a.sku < b.sku ? -1 : 1)) };
}

const namedFirst = (a: Wanted, b: Wanted) => Number(a.locationId === null) - Number(b.locationId === null);

/** Nobody else takes of what is free of a SKU whose stock is split. Its slots first, as a claim has them: each would wait for the other. */
async function lockSplit(run: Statement, skuIds: readonly string[]): Promise<void> {
	const split = await run<{ sku_id: string }>`
		select distinct sku_id from levels
		where is_escrow and sku_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))`;
	if (split.length === 0) return;
	const splitIds = split.map(({ sku_id }) => sku_id);
	await lockShelves(run, splitIds);
	await lockEscrow(run, splitIds);
}

/** As a cart finds it, which no pool holds anything for. */
const shelfOf = ({ available, pools }: Stock, from: readonly string[]): Shelf => ({ from, available, others: pools });

/** As many as can be had from there together. */
function roomIn({ from, available, others }: Shelf): number {
	const pools = others.map((pool) => ({ ...pool }));
	return from.reduce((sum, id) => {
		const around = pools.filter(({ locationIds }) => locationIds.includes(id));
		const units = Math.max(0, Math.min(available.get(id) ?? 0, ...around.map(({ free }) => free)));
		for (const pool of around) pool.free -= units;
		return sum + units;
	}, 0);
}

function take(stock: Stock, { locationId, units }: Taken): void {
	stock.available.set(locationId, (stock.available.get(locationId) ?? 0) - units);
	for (const pool of stock.pools) if (pool.locationIds.includes(locationId)) pool.free -= units;
}

export const shortSentence = (short: readonly Short[]): string =>
	short
		.map(({ sku, wanted, available }) => `${sku}: ${formatNumber(wanted)} wanted, ${formatNumber(available)} available`)
		.join("; ");
