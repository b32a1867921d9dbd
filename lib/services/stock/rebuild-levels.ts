import type { Statement } from "@/db/statement";
import { lockLevels } from "./lock-levels";
import { type Offered, updateSlots } from "./recompute-offers";

export type RebuiltLevels = Offered & {
	/** Levels that differed from their movements or reservations and no longer do. Zero in health: a rebuild gives the same bytes (R3). */
	changed: number;
};

/** Makes a merchant's levels anew from the ledger and the open reservations, which are the truth, and what is offered from them. */
export async function rebuildLevels(run: Statement, merchantId: string): Promise<RebuiltLevels> {
	const moved = await run<{ sku_id: string }>`
		select distinct sku_id from movements where merchant_id = ${merchantId}::uuid
		union select sku_id from levels where merchant_id = ${merchantId}::uuid and (on_hand <> 0 or version <> 0 or reserved <> 0)`;
	const skuIds = moved.map(({ sku_id }) => sku_id);
	await run`
		insert into levels (merchant_id, sku_id, location_id)
		select distinct ${merchantId}::uuid, m.sku_id, m.location_id from movements m
		join skus k on k.id = m.sku_id where m.merchant_id = ${merchantId}::uuid
		order by 2, 3 on conflict do nothing`;
	await lockLevels(run, skuIds);
	// Read only now: with the levels locked nobody appends to their ledgers.
	const changed = await run<{ sku_id: string }>`
		with held as (
			select h.sku_id, h.location_id, sum(h.units)::int as units
			from reservations r join reservation_lines h on h.reservation_id = r.id
			where r.merchant_id = ${merchantId}::uuid and r.state = 'open' group by 1, 2
		)
		update levels l set on_hand = t.on_hand, reserved = t.reserved, version = t.version, counted_at = coalesce(l.counted_at, t.counted_at)
		from (
			select l.sku_id, l.location_id, coalesce(sum(m.delta), 0)::int as on_hand, count(m.id) as version,
				coalesce((select units from held h where h.sku_id = l.sku_id and h.location_id = l.location_id), 0) as reserved,
				min(m.at) filter (where m.kind in ('count', 'import', 'adjustment')) as counted_at
			from levels l left join movements m on m.sku_id = l.sku_id and m.location_id = l.location_id
			where l.merchant_id = ${merchantId}::uuid group by 1, 2
		) t
		where l.sku_id = t.sku_id and l.location_id = t.location_id
			and (l.on_hand <> t.on_hand or l.reserved <> t.reserved or l.version <> t.version or (l.counted_at is null and t.counted_at is not null))
		returning l.sku_id`;
	const offered = await updateSlots(run, [...new Set(changed.map(({ sku_id }) => sku_id))], []);
	return { changed: changed.length, ...offered };
}
