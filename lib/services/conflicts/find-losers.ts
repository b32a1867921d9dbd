import type { Statement } from "@/db/statement";
import { type Contender, type LosingPolicy, losersOf } from "@/lib/stock/losing-order";

/** A sale that found too few: so many units of a SKU at a location are short. */
export type Shortage = { skuId: string; locationId: string; units: number };

export type Loser = Contender & { orderNumber: string; lostUnits: number };

/** An order that was heard of longer ago than this is being packed: it stands. */
const contendsMs = 60 * 60_000;
/** Newest movements of a SKU among which contenders are looked for: more than a flash sale makes in the time of a race. */
const mostMovements = 500;

export async function readLosingPolicy(run: Statement, merchantId: string): Promise<LosingPolicy> {
	const [row] = await run<{ rule: LosingPolicy["rule"]; channel_id: string | null }>`
		select losing_rule as rule, losing_channel_id as channel_id from merchants where id = ${merchantId}::uuid`;
	if (!row) throw new Error("the merchant of a sale is there");
	return { rule: row.rule, channelId: row.channel_id };
}

/** The orders that lose a shortage, by the merchant's rule, of those that are open and recent. Under the level's lock. */
export async function findLosers(
	run: Statement,
	merchantId: string,
	shortage: Shortage,
	policy: LosingPolicy,
): Promise<Loser[]> {
	const rows = await run<{
		channel_id: string;
		order_ref: string;
		number: string;
		units: number;
		order_units: number;
		placed_at: number;
		version: number;
	}>`
		with recent as (
			select channel_id, order_ref, -sum(delta)::int as units, max(version)::float8 as version
			from (
				select * from movements where sku_id = ${shortage.skuId}::uuid and location_id = ${shortage.locationId}::uuid
				order by version desc limit ${mostMovements}
			) m
			where kind in ('order', 'order_returned') and at > clock_timestamp() - ${contendsMs}::int * interval '1 ms'
			group by 1, 2
		),
		-- What an order has lost already, by a conflict that nobody settled by finding the units.
		lost as (
			select channel_id, order_ref, sum(units)::int as units from conflicts
			where merchant_id = ${merchantId}::uuid and kind = 'oversold' and sku_id = ${shortage.skuId}::uuid
				and facts->>'locationId' = ${shortage.locationId} and created_at > clock_timestamp() - 2 * ${contendsMs}::int * interval '1 ms'
				and (state <> 'decided' or decision->>'choice' in ('backorder', 'cancel', 'cancel_in_store'))
			group by 1, 2
		)
		select r.channel_id, r.order_ref, o.number, r.units - coalesce(l.units, 0) as units, sold.units as order_units,
			extract(epoch from o.placed_at)::float8 * 1000 as placed_at, r.version
		from recent r
		join orders o on o.channel_id = r.channel_id and o.order_ref = r.order_ref and o.status = 'open'
		left join lost l on l.channel_id = r.channel_id and l.order_ref = r.order_ref
		cross join lateral (
			select coalesce(sum(taken), 0)::int as units from order_lines where channel_id = r.channel_id and order_ref = r.order_ref
		) sold
		where r.units > coalesce(l.units, 0)`;
	const contenders = rows.map((row) => ({
		channelId: row.channel_id,
		orderRef: row.order_ref,
		orderNumber: row.number,
		units: row.units,
		orderUnits: row.order_units,
		placedAt: row.placed_at,
		version: row.version,
	}));
	return losersOf(contenders, shortage.units, policy).map(({ order, units }) => ({ ...order, lostUnits: units }));
}
