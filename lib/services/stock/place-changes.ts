/** Where a change of a channel's stock that is no order moves it: a number typed in a store, or a decision about one. */
import type { Statement } from "@/db/statement";
import { stillTaken, type Taken, takeChange } from "@/lib/stock/places";
import { lockShelves, type Part, pass, readParts, readShelves, type Stock, shelfOf } from "./shelves";

export type StockChange = {
	channelId: string | null;
	/** What the channel sells from, in its order; one at least. */
	locationIds: readonly string[];
	skuId: string;
	/** Signed units of the SKU. */
	delta: number;
	/** What was taken, or below zero put, by an edit that this takes back. */
	undoes?: readonly Taken[];
};

/** `delta`: signed units of the SKU, which is a component where a bundle was changed. */
export type PlacedChange<Change> = { change: Change; skuId: string; locationId: string; delta: number };

/** Locks, for who moves them, all that changes of these SKUs are placed by; and `slotIds` with it, in one order. */
export async function lockPlaces(
	run: Statement,
	skuIds: readonly string[],
	slotIds: readonly number[] = [],
): Promise<void> {
	const made = await readParts(run, skuIds);
	await lockShelves(
		run,
		[...new Set(skuIds.flatMap((skuId) => partsOf(made, skuId).map((part) => part.skuId)))],
		slotIds,
	);
}

/**
 * Where each of these changes moves stock, one after the other (lib/stock/places.ts L4). It moves nothing itself, so that a
 * dry-run says the same. A bundle of a channel with one location stays whole.
 */
export async function placeChanges<Change extends StockChange>(
	run: Statement,
	changes: readonly Change[],
): Promise<PlacedChange<Change>[]> {
	const spread = changes.filter(isSpread);
	if (spread.length === 0) return changes.map(whole);
	const made = await readParts(run, [...new Set(spread.map(({ skuId }) => skuId))]);
	const skuIds = [...new Set(spread.flatMap(({ skuId }) => partsOf(made, skuId).map((part) => part.skuId)))];
	const shelves = await readShelves(run, skuIds);
	const histories = await readTaken(run, skuIds, spread);
	return changes.flatMap((change) => {
		const { locationIds, channelId, delta, undoes = [] } = change;
		if (!isSpread(change)) return [whole(change)];
		return partsOf(made, change.skuId).flatMap(({ skuId, units }) => {
			const stock = shelves.get(skuId) as Stock;
			const history = histories.get(`${channelId} ${skuId}`) ?? [];
			const before = [...stillTaken(history), ...undoes];
			const moves = takeChange(shelfOf(stock, locationIds), before, -delta * units);
			for (const move of moves) pass(stock, locationIds, move);
			histories.set(`${channelId} ${skuId}`, [...history, ...moves]);
			return moves.map((move) => ({ change, skuId, locationId: move.locationId, delta: -move.units }));
		});
	});
}

/** What placed changes take, for whoever takes them back. */
export const takenBy = (placed: readonly PlacedChange<unknown>[]): Taken[] =>
	placed.map(({ locationId, delta }) => ({ locationId, units: -delta }));

/** A count of what was thought is there moves nothing, and is still told: at the first location. */
const isSpread = ({ locationIds, delta }: StockChange) => locationIds.length > 1 && delta !== 0;

const whole = <Change extends StockChange>(change: Change): PlacedChange<Change> => ({
	change,
	skuId: change.skuId,
	locationId: change.locationIds[0] as string,
	delta: change.delta,
});

const partsOf = (made: ReadonlyMap<string, Part[]>, skuId: string): Part[] => made.get(skuId) ?? [{ skuId, units: 1 }];

/** Newest movements of a SKU at a location among which is looked for what a channel took there. */
const mostMovements = 200;

/** What channels that show more now took, and below zero gave back, as it happened: by channel and SKU. */
async function readTaken(
	run: Statement,
	skuIds: readonly string[],
	changes: readonly StockChange[],
): Promise<Map<string, Taken[]>> {
	const channelIds = [
		...new Set(changes.flatMap(({ channelId, delta }) => (delta > 0 && channelId !== null ? channelId : []))),
	];
	if (channelIds.length === 0) return new Map();
	const rows = await run<{ key: string; location_id: string; units: number }>`
		select m.channel_id || ' ' || m.sku_id as key, m.location_id, -m.delta as units
		from levels l cross join lateral (
			select * from movements where sku_id = l.sku_id and location_id = l.location_id order by version desc limit ${mostMovements}
		) m
		where l.sku_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))
			and m.channel_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(channelIds)}::text::jsonb))
			and m.kind in ('order', 'order_returned', 'channel_edit')
		order by m.id`;
	const taken = new Map<string, Taken[]>();
	for (const { key, location_id: locationId, units } of rows)
		taken.set(key, [...(taken.get(key) ?? []), { locationId, units }]);
	return taken;
}
