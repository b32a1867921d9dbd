/** What lies where of SKUs, and who may take it, for whoever takes or gives back units at several locations. */
import type { Statement } from "@/db/statement";
import type { Shelf, Taken } from "@/lib/stock/places";
import { lockLevels } from "./lock-levels";

/** Units of a SKU at each location; and of one that is in escrow, what nobody holds in each pool. */
export type Stock = { available: Map<string, number>; pools: { locationIds: string[]; free: number }[] };

/** A SKU of which one of another is made, and how many of it. A SKU that is no bundle is made of one of itself. */
export type Part = { skuId: string; units: number };

const hasAll = (pool: { locationIds: string[] }, from: readonly string[]) =>
	from.every((id) => pool.locationIds.includes(id));

/** As a channel that sells from there finds it. */
export const shelfOf = ({ available, pools }: Stock, from: readonly string[]): Shelf => ({
	from,
	available,
	others: pools.filter((pool) => !hasAll(pool, from)),
});

/** What a channel takes is not there for the next. Of a pool that has all of its locations, it held as much as it takes. */
export function pass(stock: Stock, from: readonly string[], { locationId, units }: Taken): void {
	stock.available.set(locationId, (stock.available.get(locationId) ?? 0) - units);
	for (const pool of stock.pools) if (pool.locationIds.includes(locationId) && !hasAll(pool, from)) pool.free -= units;
}

/** By SKU; one that is no bundle is absent. */
export async function readParts(run: Statement, skuIds: readonly string[]): Promise<ReadonlyMap<string, Part[]>> {
	const rows = await run<{ bundle_id: string; parts: Part[] }>`
		select bundle_id, jsonb_agg(jsonb_build_object('skuId', component_id, 'units', units) order by component_id) as parts
		from sku_components where bundle_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))
		group by 1`;
	return new Map(rows.map(({ bundle_id, parts }) => [bundle_id, parts]));
}

/**
 * Levels before slots, as everybody does: nobody takes meanwhile what is left for others. A claim that would take of what is
 * free needs its slot, which is locked. `slotIds`: those that the caller locks besides, in the same order.
 */
export async function lockShelves(
	run: Statement,
	skuIds: readonly string[],
	slotIds: readonly number[] = [],
): Promise<void> {
	await lockLevels(run, skuIds);
	await run`
		with asked as (select value::uuid as sku_id from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)),
		listed as (
			select sku_id from asked
			union select bundle_id from sku_components where component_id in (select sku_id from asked)
		)
		select from slots where id in (
			select id from slots where sku_id in (select sku_id from listed)
			union all select value::bigint from jsonb_array_elements_text(${JSON.stringify(slotIds)}::text::jsonb))
		order by id for no key update`;
}

/** By SKU: components, not bundles. */
export async function readShelves(run: Statement, skuIds: readonly string[]): Promise<ReadonlyMap<string, Stock>> {
	const asked = JSON.stringify(skuIds);
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
		select k.sku_id, k.location_ids, (k.units - coalesce(sum(greatest(0, coalesce(s.bound::bigint + s.doubt, s.expected, 0)) * s.units * d.units), 0))::float8 as free
		from stock k
		cross join lateral (
			select k.sku_id as listed_id, 1 as units
			union all select bundle_id, units from sku_components where component_id = k.sku_id
		) d
		left join (slots s join channels c on c.id = s.channel_id) on s.sku_id = d.listed_id and c.location_ids <@ k.location_ids
			and c.pushing_since is not null
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
