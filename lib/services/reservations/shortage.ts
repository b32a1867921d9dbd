import type { Statement } from "@/db/statement";
import { lockEscrow } from "../stock/lock-escrow";

export type Wanted = { skuId: string; locationId: string; units: number };
export type Short = { sku: string; locationId: string; wanted: number; available: number };

/**
 * Which of these levels, locked by the caller, have not so many units left. What nobody has counted has none; where the
 * listings split the stock only what none of them holds can be given, such as the buffer.
 */
export async function findShort(run: Statement, wanted: readonly Wanted[]): Promise<Short[]> {
	const split = await run<{ sku_id: string }>`
		select distinct l.sku_id from levels l
		where l.is_escrow and l.sku_id in (select "skuId" from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb) as w("skuId" uuid))`;
	await lockEscrow(
		run,
		split.map(({ sku_id }) => sku_id),
	);
	return run<Short>`
		select k.code as sku, w."locationId", w.units as wanted, a.units as available
		from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb) as w("skuId" uuid, "locationId" uuid, units int)
		join skus k on k.id = w."skuId"
		left join levels l on l.sku_id = w."skuId" and l.location_id = w."locationId"
		-- Of each pool that has the location, what no listing holds that sells only from there (lib/stock/places.ts, L1).
		cross join lateral (
			select min(lies.units - coalesce(held.units, 0)) as units
			from pools p
			cross join lateral (
				select sum(on_hand - reserved) as units from levels where sku_id = l.sku_id and location_id = any(p.location_ids) and counted_at is not null
			) lies
			cross join lateral (
				select sum(greatest(0, coalesce(s.bound + s.doubt, s.expected, 0)) * s.units * drawn.units) as units
				from (
					select l.sku_id, 1 as units
					union all select bundle_id, units from sku_components where component_id = l.sku_id
				) drawn
				join slots s on s.sku_id = drawn.sku_id
				join channels c on c.id = s.channel_id and c.location_ids <@ p.location_ids
			) held
			where l.is_escrow and l.location_id = any(p.location_ids)
		) free
		cross join lateral (
			select case when l.counted_at is null then 0 else greatest(0, least(l.on_hand - l.reserved, free.units))::int end as units
		) a
		where a.units < w.units order by k.code, w."locationId"`;
}

export const shortSentence = (short: readonly Short[]): string =>
	short.map(({ sku, wanted, available }) => `${sku}: ${wanted} wanted, ${available} available`).join("; ");
