import type { Statement } from "@/db/statement";
import { ceiling, type Sellable } from "@/lib/stock/bound";
import { type Demand, demandOf, hearDemand, shareOut } from "@/lib/stock/escrow";
import {
	hearPace,
	noPace,
	type Pace,
	paceFrom,
	paceValues,
	type Stand,
	type Strategy,
	stand,
} from "@/lib/stock/strategy";

/** A SKU's stock at one location, where its listings may have to split it. */
type Pool = {
	sku_id: string;
	location_id: string;
	available: number;
	/** Held back from all of its listings. */
	buffer: number;
	version: number;
	strategy: Strategy;
	is_launch: boolean;
	is_escrow: boolean;
	pace: number[] | null;
	pace_at: number | null;
	/** A bundle that is listed draws on it as well: shares of that are not dealt, so it stays shared. */
	is_in_bundle: boolean;
	/** Units sold since the pace was last brought up to date, by channel. */
	sold: Record<string, number>;
	/** In how many orders. */
	orders: number;
};

type Holder = {
	id: number;
	sku_id: string;
	location_id: string;
	channel_id: string;
	units: number;
	bound: number | null;
	doubt: number;
	shown: number;
	demand_units: number;
	demand_at: number | null;
	/** False: nothing can be written there now, so what it holds it keeps. */
	is_written: boolean;
};

export type Dealt = {
	pendingChannelIds: string[];
	/** SKUs that have just gone back to being shared: their offers are by the formula again. */
	sharedAgain: string[];
};

/**
 * Decides for each of these SKUs whether its listings share the stock or split it, and deals the shares (lib/stock strategy
 * and escrow). In the caller's transaction, which holds the locks of their levels and slots.
 */
export async function dealShares(run: Statement, skuIds: readonly string[], now: number): Promise<Dealt> {
	const pools = await readPools(run, skuIds);
	const decided = pools.map((pool) => {
		const units = Object.values(pool.sold).reduce((sum, sold) => sum + sold, 0);
		const pace = hearPace(paceOf(pool), units, now, pool.orders);
		return { pool, pace, stand: standOf(pool, pace, now) };
	});
	await storeStands(run, decided, now);
	const escrow = decided.filter((one) => one.stand.isEscrow).map(({ pool }) => pool);
	const holders = await readHolders(run, escrow);
	const dealt = escrow.flatMap((pool) => deal(pool, holders.filter(isOf(pool)), now));
	return {
		pendingChannelIds: await storeShares(run, dealt),
		sharedAgain: decided.filter((one) => one.pool.is_escrow && !one.stand.isEscrow).map(({ pool }) => pool.sku_id),
	};
}

const paceOf = ({ pace, pace_at }: Pool): Pace => (pace && pace_at !== null ? paceFrom(pace, pace_at) : noPace);

function standOf(pool: Pool, pace: Pace, now: number): Stand | { isEscrow: false; why: "in_bundle" } {
	if (pool.is_in_bundle) return { isEscrow: false, why: "in_bundle" };
	const { available, is_escrow: wasEscrow, is_launch: isLaunch } = pool;
	return stand(pool.strategy, { available, pace, now, wasEscrow, isLaunch });
}

const isOf = (pool: Pool) => (holder: Holder) =>
	holder.sku_id === pool.sku_id && holder.location_id === pool.location_id;

const heldBy = ({ bound, doubt, shown }: Holder): number =>
	Math.max(0, shown, bound === null ? 0 : ceiling({ bound, doubt } as Sellable));

const demandAt = (holder: Holder, pool: Pool, now: number): Demand =>
	hearDemand({ units: holder.demand_units, at: holder.demand_at ?? now }, pool.sold[holder.channel_id] ?? 0, now);

type Share = { id: number; offered: number; version: number; demand: number };

/** What can't be written to keeps what it holds; the others split the rest. */
function deal(pool: Pool, holders: readonly Holder[], now: number): Share[] {
	const kept = holders.filter((holder) => !holder.is_written);
	const written = holders
		.filter((holder) => holder.is_written)
		.map((holder) => ({ holder, demand: demandAt(holder, pool, now) }));
	const left = pool.available - pool.buffer - kept.reduce((sum, holder) => sum + heldBy(holder) * holder.units, 0);
	const shares = shareOut(
		left,
		written.map(({ holder, demand }) => ({
			units: holder.units,
			holds: heldBy(holder),
			demand: demandOf(demand, now),
			most: Number.POSITIVE_INFINITY,
		})),
	);
	const share = (holder: Holder, offered: number, demand: Demand): Share => ({
		id: holder.id,
		offered,
		version: pool.version,
		demand: demand.units,
	});
	return [
		...written.map(({ holder, demand }, index) => share(holder, shares[index] as number, demand)),
		...kept.map((holder) => share(holder, heldBy(holder), demandAt(holder, pool, now))),
	];
}

const readPools = (run: Statement, skuIds: readonly string[]) =>
	run<Pool>`
		select l.sku_id, l.location_id, l.on_hand - l.reserved as available, coalesce(k.buffer_units, m.buffer_units) as buffer,
			l.version::float8 as version, strategy_of(k.strategy, k.id, m.strategy) as strategy,
			coalesce(now() >= k.launch_from and now() < k.launch_until, false) as is_launch, l.is_escrow,
			l.pace, extract(epoch from l.pace_at)::float8 * 1000 as pace_at, b.is_in_bundle, coalesce(sold.units, '{}') as sold,
			coalesce(sold.orders, 0) as orders
		from levels l
		join skus k on k.id = l.sku_id and k.is_bundle = 'no'
		join merchants m on m.id = l.merchant_id
		cross join lateral (
			select exists (select from sku_components sc join slots s on s.sku_id = sc.bundle_id where sc.component_id = l.sku_id) as is_in_bundle
		) b
		left join lateral (
			select jsonb_object_agg(channel_id, units) as units, sum(orders)::int as orders from (
				select channel_id, sum(-delta)::int as units, count(distinct order_ref) as orders from movements
				where sku_id = l.sku_id and location_id = l.location_id and version > l.pace_version and kind = 'order' and channel_id is not null
				group by channel_id
			) by_channel
		) sold on true
		where l.sku_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))
			and l.counted_at is not null
		order by l.sku_id, l.location_id`;

async function storeStands(
	run: Statement,
	decided: readonly { pool: Pool; pace: Pace; stand: { isEscrow: boolean; why: string } }[],
	now: number,
): Promise<void> {
	if (decided.length === 0) return;
	const input = decided.map(({ pool, pace, stand: { isEscrow, why } }) => ({
		sku: pool.sku_id,
		location: pool.location_id,
		isEscrow,
		why,
		pace: paceValues(pace),
		at: pace.at === 0 ? null : pace.at,
		version: pool.version,
	}));
	await run`
		with n as (
			select * from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb)
				as n(sku uuid, location uuid, "isEscrow" boolean, why text, pace jsonb, at float8, version bigint)
		),
		stood as (
			update slots s set is_escrow = n."isEscrow" from n
			where s.sku_id = n.sku and s.location_id = n.location and s.is_escrow <> n."isEscrow"
		)
		update levels l set is_escrow = n."isEscrow", stand_why = n.why,
			escrow_since = case when not n."isEscrow" then null else coalesce(l.escrow_since, to_timestamp(${now}::float8 / 1000)) end,
			pace = array(select value::float8 from jsonb_array_elements_text(n.pace)), pace_at = to_timestamp(n.at / 1000), pace_version = n.version
		from n where l.sku_id = n.sku and l.location_id = n.location`;
}

async function readHolders(run: Statement, pools: readonly Pool[]): Promise<Holder[]> {
	if (pools.length === 0) return [];
	return run<Holder>`
		select s.id::float8 as id, s.sku_id, s.location_id, s.channel_id, s.units, s.bound, s.doubt,
			case when s.bound is null then greatest(0, coalesce(s.expected, 0)) else 0 end as shown,
			s.demand_units, extract(epoch from s.demand_at)::float8 * 1000 as demand_at,
			(c.state = 'live' and c.pushing_since is not null and s.expected is not null and s.held_reason is null
				and l.gone_at is null and l.is_managed) as is_written
		from slots s join channels c on c.id = s.channel_id join listings l on l.id = s.listing_id
		where s.sku_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(pools.map(({ sku_id }) => sku_id))}::text::jsonb))
		order by s.id`;
}

/** As `updateSlots` does it for a number that all share. */
async function storeShares(run: Statement, shares: readonly Share[]): Promise<string[]> {
	if (shares.length === 0) return [];
	const rows = await run<{ channel_id: string }>`
		update slots s set
			offered = n.offered,
			offered_version = s.offered_version + (n.offered is distinct from s.offered)::int,
			offered_at = case when n.offered is distinct from s.offered then clock_timestamp() else s.offered_at end,
			sku_version = n.version,
			demand_units = n.demand, demand_at = now(),
			confirmed_at = case when n.version > s.confirmed_sku_version and n.offered = s.expected + s.unexplained and s.push_id is null and s.maybe is null
				then clock_timestamp() else s.confirmed_at end,
			confirmed_sku_version = case when n.offered = s.expected + s.unexplained and s.push_id is null and s.maybe is null
				then greatest(s.confirmed_sku_version, n.version) else s.confirmed_sku_version end
		from jsonb_to_recordset(${JSON.stringify(shares)}::text::jsonb) as n(id bigint, offered int, version bigint, demand float8)
		where s.id = n.id
		returning case when s.is_pending then s.channel_id end as channel_id`;
	return [...new Set(rows.flatMap(({ channel_id }) => channel_id ?? []))];
}
