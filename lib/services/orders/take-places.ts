import type { Statement } from "@/db/statement";
import { giveBack, retake, type Taken, takeUnits } from "@/lib/stock/places";
import { lockLevels } from "../stock/lock-levels";

/** Units of a SKU that a line took at a location; of a bundle, of each component. */
export type TakenPart = Taken & { skuId: string };

type Part = { skuId: string; units: number };

/** What a line has consumed, and from where. */
export type PlacedLine = {
	channel_id: string;
	order_ref: string;
	line_ref: string;
	sku_id: string;
	/** What its SKU was made of, where that has changed since. */
	parts: Part[] | null;
	/** Where all of it was taken, unless `taken_from` says otherwise. */
	location_id: string;
	taken_from: TakenPart[] | null;
	/** What the channel sells from now. */
	location_ids: string[];
	/** Units of its SKU. */
	consumed_before: number;
	consumed: number;
};

/** One movement of a line. `delta`: signed units of the SKU. */
export type PlacedMove<Line> = { line: Line; skuId: string; locationId: string; delta: number };

/** Most lines are of channels with one location, and were taken there. */
export const needsPlaces = (line: Pick<PlacedLine, "location_ids" | "taken_from">): boolean =>
	line.location_ids.length > 1 || line.taken_from !== null;

/**
 * Where each of these lines takes what it has consumed more, and gives back what it has consumed less (lib/stock/places.ts),
 * one after the other; kept with the line. The caller's transaction then holds the levels and slots that this was decided by:
 * nobody takes meanwhile what was left for others.
 */
export async function takePlaces<Line extends PlacedLine>(
	run: Statement,
	lines: readonly Line[],
): Promise<PlacedMove<Line>[]> {
	if (lines.length === 0) return [];
	const made = await readParts(run, [...new Set(lines.map(({ sku_id }) => sku_id))]);
	const partsOf = ({ parts, sku_id }: Line) => parts ?? made.get(sku_id) ?? [{ skuId: sku_id, units: 1 }];
	const skuIds = [...new Set(lines.flatMap((line) => partsOf(line).map(({ skuId }) => skuId)))];
	const shelves = await readShelves(run, skuIds);
	const moves: PlacedMove<Line>[] = [];
	const kept: { line: Line; taken: TakenPart[] }[] = [];
	for (const line of lines) {
		const before = line.taken_from ?? wholeAt(line, partsOf(line));
		const taken = partsOf(line).flatMap(({ skuId, units }) => {
			const own = before.filter((one) => one.skuId === skuId);
			const shelf = shelves.get(skuId) ?? { available: new Map(), pools: [] };
			const changes = changeOf(shelf, line, own, (line.consumed - line.consumed_before) * units);
			for (const change of changes) {
				pass(shelf, line, change);
				moves.push({ line, skuId, locationId: change.locationId, delta: -change.units });
			}
			return retake(own, changes).map((one) => ({ ...one, skuId }));
		});
		kept.push({ line, taken });
	}
	await keep(run, kept);
	return moves;
}

const wholeAt = (line: PlacedLine, parts: readonly Part[]): TakenPart[] =>
	parts.map(({ skuId, units }) => ({ skuId, locationId: line.location_id, units: line.consumed_before * units }));

/** What lies where of a SKU; and of one that is in escrow, what nobody holds in each pool. */
type Shelf = { available: Map<string, number>; pools: { locationIds: string[]; free: number }[] };

const hasAll = (pool: { locationIds: string[] }, { location_ids }: PlacedLine) =>
	location_ids.every((id) => pool.locationIds.includes(id));

function changeOf({ available, pools }: Shelf, line: PlacedLine, taken: readonly Taken[], units: number): Taken[] {
	if (units < 0) return giveBack(taken, -units).map((one) => ({ ...one, units: -one.units }));
	if (units === 0) return [];
	return takeUnits({ from: line.location_ids, available, others: pools.filter((pool) => !hasAll(pool, line)) }, units);
}

/** What a line takes is not there for the next. Of a pool that has all of its locations, it held as much as it takes. */
function pass(shelf: Shelf, line: PlacedLine, { locationId, units }: Taken): void {
	shelf.available.set(locationId, (shelf.available.get(locationId) ?? 0) - units);
	for (const pool of shelf.pools) if (pool.locationIds.includes(locationId) && !hasAll(pool, line)) pool.free -= units;
}

async function readParts(run: Statement, skuIds: readonly string[]): Promise<Map<string, Part[]>> {
	const rows = await run<{ bundle_id: string; parts: Part[] }>`
		select bundle_id, jsonb_agg(jsonb_build_object('skuId', component_id, 'units', units) order by component_id) as parts
		from sku_components where bundle_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))
		group by 1`;
	return new Map(rows.map(({ bundle_id, parts }) => [bundle_id, parts]));
}

/** Levels before slots, as everybody does. A claim that would take of what is free needs its slot, which is locked. */
async function readShelves(run: Statement, skuIds: readonly string[]): Promise<Map<string, Shelf>> {
	const asked = JSON.stringify(skuIds);
	await lockLevels(run, skuIds);
	await run`
		with asked as (select value::uuid as sku_id from jsonb_array_elements_text(${asked}::text::jsonb))
		select from slots where sku_id in (
			select sku_id from asked
			union select bundle_id from sku_components where component_id in (select sku_id from asked))
		order by id for no key update`;
	const levels = await run<{ sku_id: string; location_id: string; available: number }>`
		select sku_id, location_id, on_hand - reserved as available from levels
		where sku_id in (select value::uuid from jsonb_array_elements_text(${asked}::text::jsonb)) and counted_at is not null`;
	const pools = await run<{ sku_id: string; location_ids: string[]; free: number }>`
		with stock as (
			select l.sku_id, p.location_ids, sum(l.on_hand - l.reserved) as units
			from levels l join pools p on l.location_id = any(p.location_ids)
			where l.sku_id in (select value::uuid from jsonb_array_elements_text(${asked}::text::jsonb)) and l.counted_at is not null
			group by 1, 2 having bool_or(l.is_escrow)
		)
		select k.sku_id, k.location_ids, (k.units - coalesce(sum(greatest(0, coalesce(s.bound + s.doubt, s.expected, 0)) * s.units * d.units), 0))::int as free
		from stock k
		cross join lateral (
			select k.sku_id as listed_id, 1 as units
			union all select bundle_id, units from sku_components where component_id = k.sku_id
		) d
		left join (slots s join channels c on c.id = s.channel_id) on s.sku_id = d.listed_id and c.location_ids <@ k.location_ids
		group by k.sku_id, k.location_ids, k.units`;
	return new Map(
		skuIds.map((skuId) => [
			skuId,
			{
				available: new Map(levels.filter((one) => one.sku_id === skuId).map((one) => [one.location_id, one.available])),
				pools: pools
					.filter((one) => one.sku_id === skuId)
					.map(({ location_ids: locationIds, free }) => ({ locationIds, free })),
			},
		]),
	);
}

async function keep(run: Statement, lines: readonly { line: PlacedLine; taken: TakenPart[] }[]): Promise<void> {
	const input = lines.map(({ line: { channel_id, order_ref, line_ref }, taken }) => ({
		channel_id,
		order_ref,
		line_ref,
		taken,
	}));
	await run`
		update order_lines l set taken_from = n.taken
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as n(channel_id uuid, order_ref text, line_ref text, taken jsonb)
		where l.channel_id = n.channel_id and l.order_ref = n.order_ref and l.line_ref = n.line_ref`;
}
