import type { Statement } from "@/db/statement";
import { ceiling } from "@/lib/stock/bound";
import type { Slot } from "@/lib/stock/slot";
import type { SlotRow } from "../pushes/slot-rows";

/** What the column holds. */
const mostAtRisk = 2_147_483_647;

/**
 * Counts anew how many units of these SKUs (of bundles: of what they are made of) are at risk (lib/stock/exposure.ts), after
 * their slots or levels changed, in the same transaction. The caller holds the locks of the levels and of all slots that
 * they depend on, as `updateSlots` does, so nobody else counts at this moment. Where nothing differs nothing is written:
 * a sale takes as much from its channel as from the stock.
 *
 * `listingIds`: the SKUs of these listings too, of which it holds those slots. One statement; ask for it together with the one that changes the slots.
 */
export async function recountExposures(
	run: Statement,
	skuIds: readonly string[],
	listingIds: readonly string[] = [],
): Promise<void> {
	if (skuIds.length === 0 && listingIds.length === 0) return;
	await run`
		with asked as (
			select value::uuid as sku_id from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)
			union select sku_id from slots
			where listing_id = any(array(select value::uuid from jsonb_array_elements_text(${JSON.stringify(listingIds)}::text::jsonb)))
		),
		pool as materialized (
			select sku_id from asked where sku_id is not null
			union select component_id from sku_components where bundle_id = any(array(select sku_id from asked))
		),
		drawn as (
			select sku_id as pool_id, sku_id, 1 as units from pool
			union all
			select component_id, bundle_id, units from sku_components where component_id = any(array(select sku_id from pool))
		),
		slot as (
			select s.sku_id, (select location_ids from channels where id = s.channel_id) as location_ids,
				greatest(0, coalesce(s.bound::bigint + s.doubt, s.expected, 0)) * s.units as units
			from slots s
			where s.sku_id = any(array(select sku_id from drawn))
				and s.channel_id <> all(array(select id from channels where state = 'disconnected'))
				-- Of a listing that is gone nothing is shown, and nothing sells.
				and (s.shown is not null or exists (select from listings i where i.id = s.listing_id and i.gone_at is null))
		),
		place as materialized (select root_id, location_ids from pools),
		-- Summed up instead of joined: how many rows there are of each is more than a planner can know. What a set of
		-- locations lacks, its parts lack too: of those that overlap the set that lacks most.
		next as (
			-- Stores show numbers that nobody counted, such as 999999999: together more than a column holds.
			select sku_id, location_id, least(greatest(0, max(lacking)), ${mostAtRisk}::int)::int as units
			from (
				select sku_id, root_id as location_id, sum(held) - sum(available) as lacking
				from (
					select d.pool_id as sku_id, p.root_id, p.location_ids, s.units * d.units as held, null::int as available
					from drawn d join slot s using (sku_id) join place p on s.location_ids <@ p.location_ids
					union all
					select l.sku_id, p.root_id, p.location_ids, 0, greatest(0, l.on_hand - l.reserved)
					from levels l join place p on l.location_id = any(p.location_ids)
					where l.sku_id = any(array(select sku_id from pool)) and l.counted_at is not null
				) both_sides
				group by sku_id, root_id, location_ids having max(available) is not null
			) of_pool
			group by 1, 2
		)
		insert into exposures (merchant_id, sku_id, location_id, units, since)
		select e.merchant_id, n.sku_id, n.location_id, e.units, clock_timestamp()
		from next n
		cross join lateral (
			select k.merchant_id, case when k.is_bundle = 'yes' then 0 else n.units end as units from skus k where k.id = n.sku_id offset 0
		) e
		where e.units is distinct from (select units from exposures k where k.sku_id = n.sku_id and k.location_id = n.location_id)
		-- In one order for everybody.
		order by n.sku_id, n.location_id
		on conflict (merchant_id, sku_id, location_id) do update set units = excluded.units, since = greatest(exposures.since, excluded.since),
			hours = exposed(exposures.hours, exposures.units, exposures.since, excluded.since)`;
}

/**
 * As {@link recountExposures}, for who holds the locks of some slots only: one at a time counts, and whoever comes later sees
 * what the others have written.
 */
export async function recountWithOthers(run: Statement, skuIds: readonly string[]): Promise<void> {
	if (skuIds.length === 0) return;
	const lock = run`
		select from exposures where sku_id = any(array(
			select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)
			union select component_id from sku_components where bundle_id = any(array(
				select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)))))
		order by sku_id, location_id for no key update`;
	await Promise.all([lock, recountExposures(run, skuIds)]);
}

/** SKUs of those slots that can sell more or less than they could. */
export const heldOtherwise = (changes: readonly { row: SlotRow; after: Slot }[]): string[] =>
	changes.flatMap(({ row, after }) => (heldBy(row.slot) === heldBy(after) ? [] : (row.skuId ?? [])));

const heldBy = ({ sellable, expected }: Slot): number => (sellable ? ceiling(sellable) : Math.max(0, expected ?? 0));
