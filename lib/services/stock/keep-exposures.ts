import { asMerchant, clientFor, dbFor } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { hoursKept } from "@/lib/stock/exposure";

/**
 * Keeps, for every merchant, what all SKUs put at risk in each hour that is over and that their rows still know: a day of
 * them. Asked for every hour; a missed one costs nothing for most of a day. Hours without any are not kept. Returns how many
 * hours are kept now that were not.
 */
export async function keepExposures(): Promise<number> {
	const merchants = await clientFor("writer")<{ id: string }[]>`select id from merchants order by id`;
	let kept = 0;
	for (const { id } of merchants) kept += await asMerchant(dbFor("app"), id, (tx) => keep(statementsOf(tx), id));
	return kept;
}

async function keep(run: ReturnType<typeof statementsOf>, merchantId: string): Promise<number> {
	const rows = await run<{ is_new: boolean }>`
		with known as materialized (
			select exposed(hours, units, since, now()) as hours from exposures
			where merchant_id = ${merchantId}::uuid and (units > 0 or since > now() - interval '24 hours')
		),
		over as (
			select hour, 1 + (extract(epoch from hour)::bigint / 3600) % ${hoursKept}::int as place
			from (select to_timestamp((extract(epoch from now())::bigint / 3600 - n) * 3600) as hour from generate_series(1, ${hoursKept}::int - 1) n) h
		)
		insert into exposure_hours (merchant_id, hour, unit_seconds)
		select ${merchantId}::uuid, o.hour, sum(k.hours[o.place]) from over o cross join known k
		group by o.hour having sum(k.hours[o.place]) > 0
		-- A SKU that was deleted meanwhile was at risk then all the same.
		on conflict (merchant_id, hour) do update set unit_seconds = greatest(exposure_hours.unit_seconds, excluded.unit_seconds)
		returning xmax = 0 as is_new`;
	return rows.filter(({ is_new }) => is_new).length;
}
