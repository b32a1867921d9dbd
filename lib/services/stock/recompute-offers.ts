import type { Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { paceMemoryMs } from "@/lib/stock/slot-news";
import { type Allowed, dealShares } from "./deal-shares";
import { lockLevels } from "./lock-levels";
import { recountExposures } from "./recount-exposures";
import { lockShelves } from "./shelves";

/** A channel's own sales of a listing, for its slots' expectation (lib/stock/slot-news.ts, hearSales). */
export type OwnSale = {
	listingId: string;
	/** Units of the listing; negative: given back. */
	units: number;
	/** When it happened, as far as the platform's stamps tell: milliseconds by our clock, not before and not after. */
	from: number;
	to: number;
	/** The first that is heard of an order, which was changed since (lib/stock `SaleOptions`). Absent: it was not. */
	isChanged?: boolean;
};

/** Which channels have something to push now. */
export type Offered = { pendingChannelIds: string[] };

/** Platforms stamp to the second and round down. */
export const stampSlackMs = 1_500;

/**
 * Computes anew what every listing of these SKUs, and of bundles that hold them, ought to show. For verbs that changed
 * a mapping or a policy; the pipeline calls `updateSlots` under locks that it holds already.
 */
export async function recomputeOffers(tx: Transaction, skuIds: string[]): Promise<Offered> {
	return recomputeWith(statementsOf(tx), skuIds);
}

/** As {@link recomputeOffers}. What a bundle holds others can't: how its components are shared may change with it. */
export async function recomputeWith(run: Statement, skuIds: readonly string[]): Promise<Offered> {
	const made = await run<{ sku_id: string }>`
		select component_id as sku_id from sku_components
		where bundle_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))`;
	const all = [...new Set([...skuIds, ...made.map(({ sku_id }) => sku_id)])];
	if (all.length > mostAtOnce) await lockShelves(run, all);
	else await lockLevels(run, all);
	const pending = new Set<string>();
	for (const some of bites(all))
		for (const channelId of (await updateSlots(run, some, [])).pendingChannelIds) pending.add(channelId);
	return { pendingChannelIds: [...pending] };
}

/** SKUs that one statement takes: what it joins must not grow with the catalogue. */
const mostAtOnce = 500;

/** So many SKUs at a time. */
export const bites = (skuIds: readonly string[]): string[][] =>
	Array.from({ length: Math.ceil(skuIds.length / mostAtOnce) }, (_, n) =>
		skuIds.slice(n * mostAtOnce, (n + 1) * mostAtOnce),
	);

/**
 * One statement: the channel's own sales change what its slots expect (lib/stock `hearSales`), and what is offered
 * follows the levels and the policy (lib/stock `resolvePolicy`, `offer` and `reoffer`); tests hold both equal. A slot that then already shows
 * its offer counts as confirmed: the channel that sold needs no telling.
 */
export async function updateSlots(
	run: Statement,
	skuIds: readonly string[],
	sales: readonly OwnSale[],
): Promise<Offered> {
	if (skuIds.length === 0 && sales.length === 0) return { pendingChannelIds: [] };
	const updated = run<{ channel_id: string; is_pending: boolean; pooled_sku_id: string | null } & Allowed>`
		with asked as (select value::uuid as sku_id from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb)),
		sku_set as (
			select sku_id from asked
			union select bundle_id from sku_components where component_id in (select sku_id from asked)
		),
		sale as (
			select * from jsonb_to_recordset(${JSON.stringify(sales)}::text::jsonb)
				as s("listingId" uuid, units int, "from" float8, "to" float8, "isChanged" boolean)
		),
		-- A sale that moves nothing of a SKU leaves its offers alone: its levels are not locked, and may be changing just now.
		touched as (
			select *, sku_id is null or sku_id = any(array(select sku_id from sku_set)) as is_offered_anew from slots
			where sku_id = any(array(select sku_id from sku_set)) or listing_id = any(array(select "listingId" from sale))
			order by id for no key update
		),
		own as (
			select s.id,
				coalesce(sum(sale.units) filter (where h.what = 'seen'), 0)::int as seen,
				coalesce(sum(sale.units) filter (where h.what <> 'seen'), 0)::int as unseen,
				bool_or(sale.units <> 0) as is_moved,
				bool_or(h.what = 'unclear' and sale.units <> 0) as is_unclear,
				coalesce(sum(sale.units) filter (where h.is_later), 0)::int as later,
				coalesce(sum(greatest(0, -sale.units)) filter (where not h.is_later), 0)::int as returned,
				coalesce(bool_or(sale."isChanged" and sale."to" > sale."from" and (s.proof_until is null or sale."to" + ${stampSlackMs}::int > extract(epoch from s.proof_until) * 1000)), false) as is_hidden
			from sale join touched s on s.listing_id = sale."listingId"
			cross join lateral (select case
				when s.shown_at is null or sale."from" > extract(epoch from greatest(s.shown_at, s.shown_until)) * 1000 then 'unseen'
				when sale."to" + ${stampSlackMs}::int <= extract(epoch from s.shown_at) * 1000 then 'seen'
				else 'unclear' end as what,
				coalesce(sale."from" > extract(epoch from s.proof_until) * 1000, false) as is_later) h
			where s.expected is not null
			group by s.id
		),
		-- Looked up once for each SKU, not for each of its slots.
		sku as (
			select id, is_bundle, strategy, buffer_units, buffer_seconds, share_percent, min_units, cap_units, out_of_stock_below
			from skus where id = any(array(select sku_id from touched where is_offered_anew))
		),
		part as (
			select sku_id, sku_id as part_id, 1 as units from (select distinct sku_id from touched where is_offered_anew) t
			where not exists (select from sku k where k.id = t.sku_id and k.is_bundle = 'yes')
			union all
			select bundle_id, component_id, units from sku_components where bundle_id = any(array(select id from sku where is_bundle = 'yes'))
		),
		level as (
			select sku_id, location_id, on_hand - reserved as available, version, counted_at is not null as is_counted,
				faded(sold_units, sold_at, ${paceMemoryMs}::int) as recent_units
			from levels where sku_id = any(array(select part_id from part))
		),
		-- All movements of what a SKU is made of, wherever they were: what its changes are told apart by.
		versions as (
			select p.sku_id, sum(l.version) as version from part p join level l on l.sku_id = p.part_id group by 1
		),
		-- Once for each SKU and choice of locations, not for each of its slots.
		stocked as (
			select sku_id, location_ids, min(floor(available / units)) as available, bool_and(is_counted) as is_counted, max(recent_units / units) as recent_units
			from (
				select d.sku_id, d.location_ids, p.part_id, p.units,
					coalesce(sum(l.available) filter (where l.is_counted), 0)::numeric as available,
					coalesce(bool_or(l.is_counted), false) as is_counted, coalesce(sum(l.recent_units), 0) as recent_units
				from (select distinct t.sku_id, c.location_ids from touched t join channels c on c.id = t.channel_id where t.is_offered_anew) d
				join part p on p.sku_id = d.sku_id
				left join level l on l.sku_id = p.part_id and l.location_id = any(d.location_ids)
				group by 1, 2, 3, 4
			) of_part
			group by 1, 2
		),
		-- Materialised: each number is worked out once, not wherever it stands below. Without it 200 SKUs on five channels take
		-- 33 ms instead of 26 (30 Nov 2026).
		next as materialized (
			select s.id,
				-- One channel that does not share makes it a pool, and strategy_of decides what the pool does. A bundle draws on others'.
				case when s.is_offered_anew and (s.is_escrow or k.is_bundle = 'yes' or coalesce(k.strategy, c.strategy, m.strategy) <> 'shared')
					then s.sku_id end as pooled_sku_id,
				case when not s.is_offered_anew or (s.is_escrow and o.most is not null) then s.offered else o.most end as offered,
				o.most, p.buffer_units, p.out_of_stock_below,
				case when not s.is_offered_anew then s.pace_units
					when stock.is_counted and pace.units > p.buffer_units then pace.units else 0 end as pace_units,
				stock.version as sku_version,
				-- Where the stock stood still a policy changed, and nothing was sold.
				case when stock.version <> s.sku_version then s.offered end as fell_from,
				coalesce(own.seen, 0) as seen,
				coalesce(own.unseen, 0) as unseen,
				case when s.maybe is not null then -least(coalesce(own.returned, 0), greatest(0, s.unexplained))
					when coalesce(own.seen, 0) > 0 then least(own.seen, greatest(0, -s.unexplained))
					when coalesce(own.seen, 0) < 0 then -least(-own.seen, greatest(0, s.unexplained))
					else 0 end as explains,
				coalesce(own.is_moved, false) as has_own,
				coalesce(own.is_unclear, false) as is_unclear,
				coalesce(own.later, 0) as later,
				coalesce(own.returned, 0) as returned,
				coalesce(own.is_hidden, false) as is_hidden,
				-- A write's answer was lost: what its first reading showed is worthless once a sale may or may not be in it.
				s.maybe is not null as in_doubt,
				s.maybe is not null and s.shown is not null and s.shown_at is not null and coalesce(own.is_unclear, false) as is_void
			from touched s
			join channels c on c.id = s.channel_id
			join merchants m on m.id = s.merchant_id
			left join sku k on k.id = s.sku_id
			left join stocked on stocked.sku_id = s.sku_id and stocked.location_ids = c.location_ids
			left join versions on versions.sku_id = s.sku_id
			left join own on own.id = s.id
			cross join lateral (
				select coalesce(s.buffer_units, k.buffer_units, c.buffer_units, m.buffer_units) as buffer_units,
					coalesce(s.buffer_seconds, k.buffer_seconds, c.buffer_seconds, m.buffer_seconds, 0) as buffer_seconds,
					coalesce(s.share_percent, k.share_percent, c.share_percent, m.share_percent, 100) as share_percent,
					coalesce(s.min_units, k.min_units, c.min_units, m.min_units, 0) as min_units,
					coalesce(s.cap_units, k.cap_units, c.cap_units, m.cap_units) as cap_units,
					coalesce(s.out_of_stock_below, k.out_of_stock_below, c.out_of_stock_below, m.out_of_stock_below, 0) as out_of_stock_below
			) p
			cross join lateral (
				select coalesce(stocked.is_counted, false) as is_counted, stocked.available::bigint as available,
					case when s.is_offered_anew then coalesce(versions.version, 0) else s.sku_version end as version,
					case when p.buffer_seconds = 0 then 0 else stocked.recent_units end as recent_units
			) stock
			cross join lateral (
				select floor(greatest(0, coalesce(stock.recent_units, 0) - 1) * p.buffer_seconds * 1000 / ${paceMemoryMs}::int + 0.5)::int as units
			) pace
			cross join lateral (
				select case when stock.is_counted then quantity end as most
				from offer_of(stock.available, greatest(p.buffer_units, pace.units), p.share_percent, s.units, p.min_units, p.cap_units, p.out_of_stock_below)
			) o
		)
		update slots s set
			offered = n.offered,
			offered_version = s.offered_version + (n.offered is distinct from s.offered)::int,
			offered_at = case when n.offered is distinct from s.offered then clock_timestamp() else s.offered_at end,
			sku_version = n.sku_version,
			pace_units = n.pace_units,
			-- Kept until it has come: a burst must not move the slot in its index with every sale.
			reoffer_at = case
				when n.pace_units = 0 then null
				when s.reoffer_at > now() then s.reoffer_at
				else now() + ${paceMemoryMs}::int * interval '1 ms' end,
			sold_units = case when sold.units > 0
				then faded(s.sold_units, s.sold_at, ${paceMemoryMs}::int) + sold.units
				else s.sold_units end,
			sold_at = case when sold.units > 0 then now() else s.sold_at end,
			expected = s.expected - case when n.in_doubt then n.seen else n.explains end - n.unseen,
			unexplained = s.unexplained + n.explains,
			unexplained_since = case
				when n.has_own and (s.unexplained + n.explains = 0 or (s.unexplained + n.explains < 0 and not n.in_doubt)) then null
				else s.unexplained_since end,
			expected_version = s.expected_version + n.has_own::int,
			bound = s.bound - n.seen - n.unseen,
			proof_quantity = case when not n.is_hidden then s.proof_quantity - n.later + n.returned end,
			proof_until = case when not n.is_hidden then s.proof_until end,
			shown = case when n.is_void then null when n.in_doubt and s.shown_at is not null then s.shown - n.unseen else s.shown end,
			shown_at = case when n.is_void then null else s.shown_at end,
			shown_until = case when n.is_void then null else s.shown_until end,
			read_due_at = case
				when n.is_void then now()
				-- Behind a fence, as after a lost answer, a read before its time proves nothing.
				when n.in_doubt or (s.is_fenced and s.shown_at is null and s.read_due_at is not null) then s.read_due_at
				when n.is_unclear or (n.has_own and s.unexplained + n.explains <> 0) then least(coalesce(s.read_due_at, now()), now())
				else s.read_due_at end,
			paced_until = case when not n.in_doubt and n.seen > n.explains then null else s.paced_until end,
			hint = case when n.is_unclear then null else s.hint end,
			confirmed_sku_version = case
				when s.push_id is null and not n.in_doubt and n.offered = s.expected - n.unseen + s.unexplained then greatest(s.confirmed_sku_version, n.sku_version)
				else s.confirmed_sku_version end,
			confirmed_at = case
				when s.push_id is null and not n.in_doubt and n.offered = s.expected - n.unseen + s.unexplained and n.sku_version > s.confirmed_sku_version then clock_timestamp()
				else s.confirmed_at end
		from next n cross join lateral (select greatest(0, n.seen + n.unseen, n.fell_from - n.offered) as units) sold
		where s.id = n.id
		returning s.channel_id, (s.is_pending or s.read_due_at is not null) as is_pending, n.pooled_sku_id,
			s.id::float8 as id, n.most, n.buffer_units, n.out_of_stock_below`;
	const recounted = recountExposures(run, skuIds, [...new Set(sales.map(({ listingId }) => listingId))]);
	const [rows] = await Promise.all([updated, recounted]);
	const pendingChannelIds = rows.filter((row) => row.is_pending).map((row) => row.channel_id);
	const pooled = [...new Set(rows.flatMap((row) => row.pooled_sku_id ?? []))];
	if (pooled.length > 0) {
		const dealt = await dealShares(run, pooled, skuIds, new Map(rows.map((row) => [row.id, row])), Date.now());
		const shared = await updateSlots(run, dealt.sharedAgain, []);
		pendingChannelIds.push(...dealt.pendingChannelIds, ...shared.pendingChannelIds);
	}
	return { pendingChannelIds: [...new Set(pendingChannelIds)] };
}
