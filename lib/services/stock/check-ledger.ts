import type { Statement } from "@/db/statement";

export type LedgerFault = {
	skuId: string;
	locationId: string;
	/**
	 * `sum`: on hand is not the sum of the movements. `version`: not their number. `gap`: a movement's version does not
	 * follow the one before. `balance`: a movement's balance is not the one before plus its delta. `reserved`: not the sum of
	 * the open reservations.
	 */
	what: "sum" | "version" | "gap" | "balance" | "reserved";
	/** The movement's version; null for the level as a whole. */
	version: number | null;
	expected: number;
	found: number;
};

export type CheckedLedger = {
	levels: number;
	movements: number;
	/** All that there are, for the worst day's first few. */
	faultCount: number;
	faults: LedgerFault[];
};

const mostFaults = 100;

/**
 * Proves R3 for a merchant at any time, in one snapshot: each level is the sum of its movements, which chain without a
 * gap, and what it has reserved the sum of its open reservations.
 */
export async function checkLedger(run: Statement, merchantId: string): Promise<CheckedLedger> {
	const [row] = await run<{ levels: number; movements: number; fault_count: number; faults: LedgerFault[] | null }>`
		with chain as (
			select sku_id, location_id, version, delta, balance,
				lag(version, 1, 0::bigint) over w as version_before, lag(balance, 1, 0) over w as balance_before
			from movements where merchant_id = ${merchantId}::uuid
			window w as (partition by sku_id, location_id order by version)
		),
		totals as (
			select sku_id, location_id, sum(delta) as on_hand, count(*) as version from chain group by 1, 2
		),
		held as (
			select h.sku_id, h.location_id, sum(h.units) as units
			from reservations r join reservation_lines h on h.reservation_id = r.id
			where r.merchant_id = ${merchantId}::uuid and r.state = 'open' group by 1, 2
		),
		kept as (select sku_id, location_id, on_hand, reserved, version from levels where merchant_id = ${merchantId}::uuid),
		faults as (
			select sku_id, location_id, 'gap' as what, version, version_before + 1 as expected, version as found
			from chain where version <> version_before + 1
			union all
			select sku_id, location_id, 'balance', version, balance_before + delta, balance
			from chain where balance <> balance_before + delta
			union all
			select sku_id, location_id, 'sum', null, coalesce(t.on_hand, 0), coalesce(l.on_hand, 0)
			from totals t full join kept l using (sku_id, location_id) where coalesce(t.on_hand, 0) <> coalesce(l.on_hand, 0)
			union all
			select sku_id, location_id, 'version', null, coalesce(t.version, 0), coalesce(l.version, 0)
			from totals t full join kept l using (sku_id, location_id) where coalesce(t.version, 0) <> coalesce(l.version, 0)
			union all
			select sku_id, location_id, 'reserved', null, coalesce(h.units, 0), coalesce(l.reserved, 0)
			from held h full join kept l using (sku_id, location_id) where coalesce(h.units, 0) <> coalesce(l.reserved, 0)
		),
		first as (select * from faults order by sku_id, location_id, version nulls last limit ${mostFaults}::int)
		select (select count(*) from kept)::int as levels, (select count(*) from chain)::float8 as movements,
			(select count(*) from faults)::int as fault_count,
			(select jsonb_agg(jsonb_build_object('skuId', sku_id, 'locationId', location_id, 'what', what, 'version', version,
				'expected', expected, 'found', found)) from first) as faults`;
	return {
		levels: row?.levels ?? 0,
		movements: row?.movements ?? 0,
		faultCount: row?.fault_count ?? 0,
		faults: row?.faults ?? [],
	};
}
