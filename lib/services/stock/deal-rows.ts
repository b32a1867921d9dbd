/** What dealing shares reads and writes (deal-shares.ts). */
import type { Statement } from "@/db/statement";
import { type Pace, paceValues, type Strategy } from "@/lib/stock/strategy";

/** A SKU's stock at locations that overlap, be it by way of others: its listings may have to split it. */
export type Pool = {
	sku_id: string;
	root_id: string;
	/** All of its locations. */
	location_ids: string[];
	available: number;
	strategy: Strategy;
	/** Of the channels that sell it, alone or in a bundle. */
	platforms: string[];
	is_launch: boolean;
	is_escrow: boolean;
	pace: number[] | null;
	pace_at: number | null;
	/** Units sold since the pace was last brought up to date, by channel. */
	sold: Record<string, number>;
	/** In how many orders. */
	orders: number;
};

/**
 * Of these SKUs that are no bundles, and of what of `changed` the bundles among them are made of. A SKU of which bundles are
 * listed is shared as carefully as they are, unless it has a choice of its own.
 */
export const readPools = (run: Statement, skuIds: readonly string[], changed: readonly string[]): Promise<Pool[]> =>
	run<Pool>`
		with asked as (select value::uuid as sku_id from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)),
		wanted as (
			select sku_id from asked
			union select component_id from sku_components
			where bundle_id in (select sku_id from asked)
				and component_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(changed)}::text::jsonb))
		),
		root as (
			select distinct on (root_id) root_id, location_ids from pools order by root_id, cardinality(location_ids) desc
		),
		-- Each of them and the bundles that hold it, and where those are sold: in one pass for all, however they are planned.
		listed as materialized (
			select sku_id, sku_id as listed_id from wanted
			union all select component_id, bundle_id from sku_components where component_id = any(array(select sku_id from wanted))
		),
		one as materialized (
			select id, strategy, now() >= launch_from and now() < launch_until as is_launch from skus
			where id = any(array(select listed_id from listed))
		),
		seller as materialized (
			select s.sku_id, c.platform::text as platform, coalesce(c.strategy, m.strategy) as strategy
			from slots s join channels c on c.id = s.channel_id and c.state <> 'disconnected' join merchants m on m.id = c.merchant_id
			where s.sku_id = any(array(select listed_id from listed)) and (select gone_at is null from listings where id = s.listing_id)
		),
		sold_by as (
			select listed.sku_id, array_agg(distinct seller.platform order by seller.platform) as platforms,
				min(array_position(array['escrow', 'adaptive', 'shared'], coalesce(one.strategy, seller.strategy))) as care
			from listed join one on one.id = listed.listed_id join seller on seller.sku_id = listed.listed_id group by 1
		),
		launch as (
			select listed.sku_id, bool_or(one.is_launch) as is_launch from listed join one on one.id = listed.listed_id group by 1
		),
		stock as (
			select l.sku_id, r.root_id, r.location_ids, sum(l.on_hand - l.reserved)::int as available, bool_or(l.is_escrow) as is_escrow,
				(array_agg(array_to_json(l.pace) order by l.pace_at desc nulls last))[1] as pace,
				extract(epoch from max(l.pace_at))::float8 * 1000 as pace_at
			from levels l join root r on l.location_id = any(r.location_ids)
			where l.sku_id in (select sku_id from wanted) and l.counted_at is not null
			group by 1, 2, 3
		)
		select t.*, coalesce(k.strategy, (array['escrow', 'adaptive', 'shared'])[sold_by.care], m.strategy) as strategy,
			coalesce(sold_by.platforms, '{}') as platforms, coalesce(launch.is_launch, false) as is_launch,
			coalesce(sold.units, '{}') as sold, coalesce(sold.orders, 0) as orders
		from stock t
		join skus k on k.id = t.sku_id and k.is_bundle = 'no'
		join merchants m on m.id = k.merchant_id
		left join sold_by on sold_by.sku_id = t.sku_id
		left join launch on launch.sku_id = t.sku_id
		left join lateral (
			select jsonb_object_agg(channel_id, units) as units, sum(orders)::int as orders from (
				select v.channel_id, sum(-v.delta)::int as units, count(distinct v.order_ref) as orders
				from levels l cross join lateral (
					select channel_id, order_ref, delta from movements
					where sku_id = l.sku_id and location_id = l.location_id and version > l.pace_version and kind = 'order' and channel_id is not null
				) v
				where l.sku_id = t.sku_id and l.location_id = any(t.location_ids)
				group by 1
			) by_channel
		) sold on true
		order by t.sku_id, t.root_id`;

export type Decided = { pool: Pool; pace: Pace; stand: { isEscrow: boolean; why: string } };

/**
 * How each stands now, and with it its listings; a bundle splits as soon as one of its components is split. A store to
 * which nobody has switched pushing on yet has no part: what it shows is not ours to lower, and held for it the units would
 * be missing in every other store.
 */
export async function storeStands(run: Statement, decided: readonly Decided[], now: number): Promise<void> {
	if (decided.length === 0) return;
	const input = decided.map(({ pool, pace, stand: { isEscrow, why } }) => ({
		sku: pool.sku_id,
		locations: pool.location_ids,
		isEscrow,
		why,
		pace: paceValues(pace),
		at: pace.at === 0 ? null : pace.at,
	}));
	await run`
		with n as (
			select n.sku, array(select jsonb_array_elements_text(n.locations)::uuid) as locations, n."isEscrow", n.why, n.pace, n.at
			from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb)
				as n(sku uuid, locations jsonb, "isEscrow" boolean, why text, pace jsonb, at float8)
		),
		stood as (
			update slots s set is_escrow = e.is_escrow
			from (
				select s.id, n."isEscrow" and c.pushing_since is not null as is_escrow
				from n join slots s on s.sku_id = n.sku and s.location_id = any(n.locations) join channels c on c.id = s.channel_id
			) e
			where s.id = e.id and s.is_escrow <> e.is_escrow
		)
		update levels l set is_escrow = n."isEscrow", stand_why = n.why,
			escrow_since = case when not n."isEscrow" then null else coalesce(l.escrow_since, to_timestamp(${now}::float8 / 1000)) end,
			pace = array(select value::float8 from jsonb_array_elements_text(n.pace)), pace_at = to_timestamp(n.at / 1000), pace_version = l.version
		from n where l.sku_id = n.sku and l.location_id = any(n.locations)`;
	await run`
		update slots s set is_escrow = e.is_escrow
		from (
			select distinct b.id, c.pushing_since is not null and exists (
				select from sku_components sc join levels l on l.sku_id = sc.component_id and l.location_id = any(c.location_ids)
				where sc.bundle_id = b.sku_id and l.is_escrow
			) as is_escrow
			from sku_components mine join slots b on b.sku_id = mine.bundle_id join channels c on c.id = b.channel_id
			where mine.component_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(input.map(({ sku }) => sku))}::text::jsonb))
		) e
		where s.id = e.id and s.is_escrow <> e.is_escrow`;
}

/** A listing that has a share. */
export type Holder = {
	id: number;
	channel_id: string;
	location_ids: string[];
	root_id: string;
	units: number;
	/** What one unit of its SKU is made of: itself, or a bundle's components. */
	parts: { skuId: string; units: number }[];
	bound: number | null;
	doubt: number;
	shown: number;
	demand_units: number;
	demand_at: number | null;
	/** False: nothing can be written there now, so what it holds it keeps. */
	is_written: boolean;
};

/** All that split one of these SKUs' stock, alone or in a bundle. */
export async function readHolders(run: Statement, skuIds: readonly string[]): Promise<Holder[]> {
	if (skuIds.length === 0) return [];
	return run<Holder>`
		with asked as (select value::uuid as sku_id from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))
		select s.id::float8 as id, s.channel_id, c.location_ids, p.root_id, s.units, s.bound, s.doubt,
			case when s.bound is null then greatest(0, coalesce(s.expected, 0)) else 0 end as shown,
			coalesce((select jsonb_agg(jsonb_build_object('skuId', component_id, 'units', units) order by component_id) from sku_components where bundle_id = s.sku_id),
				jsonb_build_array(jsonb_build_object('skuId', s.sku_id, 'units', 1))) as parts,
			s.demand_units, extract(epoch from s.demand_at)::float8 * 1000 as demand_at,
			(c.state = 'live' and c.pushing_since is not null and s.expected is not null and s.held_reason is null
				and l.gone_at is null and l.is_managed) as is_written
		from slots s
		join channels c on c.id = s.channel_id
		join listings l on l.id = s.listing_id
		join lateral (select root_id from pools where c.location_ids <@ location_ids limit 1) p on true
		where s.is_escrow and s.sku_id in (
			select sku_id from asked
			union select bundle_id from sku_components where component_id in (select sku_id from asked))
		order by s.id`;
}

/** A SKU in a pool of locations, and what there is of it to deal, with what is to be left to carts (lib/stock/carts.ts). */
export type Stock = { sku_id: string; root_id: string; location_ids: string[]; available: number; for_carts: number };

/**
 * The stocks that these draw on: less what those have that split it and are not dealt to now (a bundle's other component has
 * listings of its own, whose turn comes with their own stock).
 */
export async function readStocks(run: Statement, holders: readonly Holder[]): Promise<Stock[]> {
	if (holders.length === 0) return [];
	const skuIds = [...new Set(holders.flatMap(({ parts }) => parts.map(({ skuId }) => skuId)))];
	return run<Stock>`
		with part as (select value::uuid as sku_id from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)),
		-- Summed up before it is joined: worked out for each stock it would be what all of them hold, over and over.
		other as (
			select k.sku_id, c.location_ids, sum(greatest(s.bound::bigint + s.doubt, s.expected, s.offered, 0) * s.units * k.units) as units
			from (
				select sku_id, sku_id as listed_id, 1 as units from part
				union all
				select p.sku_id, sc.bundle_id, sc.units from part p join sku_components sc on sc.component_id = p.sku_id
			) k
			join slots s on s.sku_id = k.listed_id and s.is_escrow
			join channels c on c.id = s.channel_id
			where s.id not in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(holders.map(({ id }) => id))}::text::jsonb))
			group by 1, 2
		),
		held as (
			select o.sku_id, p.location_ids, sum(o.units) as units from other o join pools p on o.location_ids <@ p.location_ids group by 1, 2
		)
		select k.sku_id, p.root_id, p.location_ids, (lies.units - coalesce(h.units, 0))::float8 as available, lies.for_carts
		from part k
		cross join pools p
		left join held h on h.sku_id = k.sku_id and h.location_ids = p.location_ids
		cross join lateral (
			select coalesce(sum(on_hand - reserved), 0) as units, coalesce(sum(cart_units) filter (where cart_until > now()), 0)::int as for_carts
			from levels where sku_id = k.sku_id and location_id = any(p.location_ids) and counted_at is not null
		) lies
		where p.root_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(holders.map(({ root_id }) => root_id))}::text::jsonb))
		order by 1, 3`;
}

/** `offered` null: it is not counted where the channel sells from. */
export type Share = { id: number; offered: number | null; demand: number };

/** As `updateSlots` does it for a number that all share; it has brought their versions up to date already. */
export async function storeShares(run: Statement, shares: readonly Share[]): Promise<string[]> {
	if (shares.length === 0) return [];
	const rows = await run<{ channel_id: string }>`
		update slots s set
			offered = n.offered,
			offered_version = s.offered_version + (n.offered is distinct from s.offered)::int,
			offered_at = case when n.offered is distinct from s.offered then clock_timestamp() else s.offered_at end,
			demand_units = n.demand, demand_at = now(),
			confirmed_at = case when s.sku_version > s.confirmed_sku_version and n.offered = s.expected + s.unexplained and s.push_id is null and s.maybe is null
				then clock_timestamp() else s.confirmed_at end,
			confirmed_sku_version = case when n.offered = s.expected + s.unexplained and s.push_id is null and s.maybe is null
				then greatest(s.confirmed_sku_version, s.sku_version) else s.confirmed_sku_version end
		from jsonb_to_recordset(${JSON.stringify(shares)}::text::jsonb) as n(id bigint, offered int, demand float8)
		where s.id = n.id
		returning case when s.is_pending then s.channel_id end as channel_id`;
	return [...new Set(rows.flatMap(({ channel_id }) => channel_id ?? []))];
}
