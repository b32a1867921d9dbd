import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { byDay, byHour, daysKept, hoursKept } from "@/lib/stock/exposure";
import type { Strategy } from "@/lib/stock/strategy";
import { authorise, type Context } from "../context";

export type ExposedHour = { at: number; unitSeconds: number };

export type SkuExposure = {
	/** Units that the stores can sell between them and that are not there, now. */
	units: number;
	/** Units × seconds in the last 24 hours of the clock, the one that is passing included. */
	unitSeconds: number;
};

export type MerchantExposure = SkuExposure & {
	/** SKUs with units at risk now. */
	skus: number;
	/** Oldest first; the last is the hour that is passing. */
	hours: ExposedHour[];
	/** Of the shop's time zone, oldest first; the last is the day that is passing. */
	days: { day: string; unitSeconds: number }[];
	/** Those with most at risk now. */
	top: (SkuExposure & { id: string; code: string; name: string; strategy: Strategy })[];
};

const mostSkus = 5;

/** What all of a merchant's SKUs put at risk, by the strategies that are chosen (lib/stock/exposure.ts). */
export async function readExposure(ctx: Context): Promise<MerchantExposure> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [row] = await tx.execute<{
			units: number;
			skus: number;
			hours: number[];
			now_ms: number;
			time_zone: string;
		}>(sql`
			with kept as materialized (
				select units, exposed(hours, units, since, now()) as hours from exposures
				where merchant_id = ${ctx.merchantId}::uuid and (units > 0 or since > now() - interval '24 hours')
			),
			places as (
				select place, sum(unit_seconds) as unit_seconds
				from kept cross join lateral unnest(hours) with ordinality as h(unit_seconds, place) group by place
			)
			select coalesce(sum(units), 0)::float8 as units, (count(*) filter (where units > 0))::int as skus,
				array(select coalesce(p.unit_seconds, 0) from generate_series(1, ${hoursKept}) n left join places p on p.place = n order by n) as hours,
				extract(epoch from now())::float8 * 1000 as now_ms, (select time_zone from merchants where id = ${ctx.merchantId}::uuid) as time_zone
			from kept`);
		if (!row) throw new Error("a sum is always there");
		const hours = byHour(row.hours, row.now_ms);
		return {
			units: row.units,
			skus: row.skus,
			hours,
			days: byDay(
				[...(await readKept(tx, ctx.merchantId, hours[0]?.at ?? row.now_ms)), ...hours],
				row.now_ms,
				dayIn(row.time_zone),
			),
			unitSeconds: hours.reduce((sum, hour) => sum + hour.unitSeconds, 0),
			top: await readTop(tx, ctx.merchantId),
		};
	});
}

/** Hours from before those that the rows themselves know. */
async function readKept(tx: Transaction, merchantId: string, before: number): Promise<ExposedHour[]> {
	const rows = await tx.execute<ExposedHour>(sql`
		select extract(epoch from hour)::float8 * 1000 as at, unit_seconds as "unitSeconds" from exposure_hours
		where merchant_id = ${merchantId}::uuid and hour < to_timestamp(${before}::float8 / 1000)
			and hour > to_timestamp(${before}::float8 / 1000) - ${daysKept}::int * interval '1 day'`);
	return [...rows];
}

function dayIn(timeZone: string): (moment: number) => string {
	const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
	return (moment) => format.format(moment);
}

/** The same of one SKU, over its locations. */
export async function readSkuExposure(tx: Transaction, skuId: string): Promise<SkuExposure> {
	const [row] = await tx.execute<SkuExposure>(sql`
		select coalesce(sum(units), 0)::float8 as units, coalesce(sum(${daySum}), 0)::float8 as "unitSeconds"
		from exposures where sku_id = ${skuId}::uuid`);
	return row ?? { units: 0, unitSeconds: 0 };
}

const daySum = sql`(select sum(h) from unnest(exposed(hours, units, since, now())) h)`;

async function readTop(tx: Transaction, merchantId: string): Promise<MerchantExposure["top"]> {
	const rows = await tx.execute<MerchantExposure["top"][number]>(sql`
		with top as (
			select sku_id, sum(units)::float8 as units from exposures
			where merchant_id = ${merchantId}::uuid and units > 0 group by sku_id order by units desc, sku_id limit ${mostSkus}
		)
		select k.id, k.code, concat_ws(', ', k.title, k.options) as name, strategy_of(k.strategy, k.id, m.strategy) as strategy, top.units,
			(select coalesce(sum(${daySum}), 0)::float8 from exposures where sku_id = k.id) as "unitSeconds"
		from top join skus k on k.id = top.sku_id join merchants m on m.id = k.merchant_id
		order by top.units desc, k.code`);
	return [...rows];
}
