import type { Statement } from "@/db/statement";
import type { OrderSnapshot } from "@/lib/stock/order";
import { stampSlackMs } from "../stock/recompute-offers";
import type { Part } from "../stock/shelves";
import type { HeardOrder } from "./heard-order";
import { lineKey } from "./place-returns";
import type { TakenPart } from "./take-places";

export type LineRow = {
	order_ref: string;
	line_ref: string;
	title: string;
	sku_text: string | null;
	listing_id: string | null;
	sku_id: string | null;
	/** What it was taken from, where its SKU is made of something else by now. */
	parts: Part[] | null;
	location_id: string | null;
	/** What the channel sells from. */
	location_ids: string[];
	/** Where it was taken, unless all at `location_id`. */
	taken_from: TakenPart[] | null;
	consumed_before: number;
	consumed: number;
	taken_before: number;
	taken: number;
	number: string;
	from_ms: number;
	to_ms: number;
	/** The stamps may be so much too late; below zero: they are so much too early. */
	clock_ahead_ms: number;
	/** An older version of the order was known. */
	is_known: boolean;
	version_at: number;
	version_step: number;
	inbox_id: number;
	/** Another state of the same stamp was known: stamp and step alone would name two causes alike, once it goes to and fro. */
	is_tie: boolean;
	units: number | null;
	/** Units of the listing that came back at other locations of the store, by its id. */
	elsewhere: Record<string, number>;
	elsewhere_before: Record<string, number>;
	status: OrderSnapshot["status"];
	/** Null: the order was not known. */
	status_before: string | null;
};

/**
 * Keeps the newer version of each order and brings its lines up to it. A line keeps the mapping under which it was
 * first consumed, so that a later relink can't turn a return into another SKU's. Lines that the newer snapshot no
 * longer has are given back whole. A line that the first count of its stock holds already starts as consumed, and moves
 * only what changes from then on: one placed before that count and heard of after it, or waiting for its link since. A
 * line that joins an order we knew is a sale of now.
 */
export async function takeLines(
	run: Statement,
	merchantId: string,
	channelId: string,
	heard: readonly HeardOrder[],
	elsewhere: ReadonlyMap<string, Record<string, number>>,
): Promise<LineRow[]> {
	const orders = heard.map(({ order, inboxId, isLiveRead, isAnswer = false }) => ({
		ref: order.orderRef,
		number: order.number,
		status: order.status,
		placedAt: order.placedAt,
		at: order.version.at,
		step: order.version.step,
		inboxId,
		isLiveRead,
		isAnswer,
	}));
	const lines = heard.flatMap(({ order }) =>
		order.lines.map((line) => ({
			ref: order.orderRef,
			lineRef: line.lineRef,
			listingRef: line.listingRef,
			sku: line.sku,
			title: line.title,
			taken: line.taken,
			elsewhere: elsewhere.get(lineKey(order.orderRef, line.lineRef)) ?? {},
		})),
	);
	return run<LineRow>`
		with incoming as (
			select * from jsonb_to_recordset(${JSON.stringify(orders)}::text::jsonb) as o(
				ref text, number text, status text, "placedAt" timestamptz, at bigint, step int, "inboxId" bigint, "isLiveRead" boolean, "isAnswer" boolean)
		),
		before as (
			select o.* from incoming i cross join lateral (
				select order_ref, version_at, version_step, heard_at, status from orders where channel_id = ${channelId}::uuid and order_ref = i.ref offset 0
			) o
		),
		accepted as (
			insert into orders (channel_id, order_ref, merchant_id, number, status, placed_at, version_at, version_step)
			select ${channelId}::uuid, ref, ${merchantId}::uuid, number, status, "placedAt", at, step from incoming
			on conflict (channel_id, order_ref) do update set number = excluded.number,
				-- News of an order that is gone may come late; it does not come back.
				status = case when orders.gone_at is null then excluded.status else orders.status end,
				-- An order that goes back in its life keeps its step, so that its earlier state is none the newer for being told again.
				version_at = excluded.version_at, heard_at = now(),
				version_step = case when orders.version_at = excluded.version_at then greatest(orders.version_step, excluded.version_step) else excluded.version_step end
			-- The race between two deliveries of one order is settled here: an older version moves nothing.
			where (orders.version_at, orders.version_step) < (excluded.version_at, excluded.version_step)
				or ((orders.version_at, orders.version_step) = (excluded.version_at, excluded.version_step)
					and (select "isLiveRead" from incoming i where i.ref = excluded.order_ref))
				or (orders.version_at = excluded.version_at and (select "isAnswer" from incoming i where i.ref = excluded.order_ref))
			returning order_ref
		),
		named as (
			select ref as order_ref, "lineRef" as line_ref, max("listingRef") as listing_ref, max(sku) as sku_text, max(title) as title, sum(taken)::int as taken,
				(array_agg(elsewhere))[1] as elsewhere
			from jsonb_to_recordset(${JSON.stringify(lines)}::text::jsonb) as l(ref text, "lineRef" text, "listingRef" text, sku text, title text, taken int, elsewhere jsonb)
			where ref in (select order_ref from accepted)
			group by 1, 2
		),
		known as (
			select l.* from accepted a cross join lateral (
				select * from order_lines where channel_id = ${channelId}::uuid and order_ref = a.order_ref offset 0
			) l
		),
		-- Materialised: under row-level security a condition that holds a coalesce is kept from every index.
		merged as materialized (
			select order_ref, line_ref, coalesce(n.listing_ref, k.listing_ref) as listing_ref, coalesce(n.sku_text, k.sku_text) as sku_text,
				coalesce(n.title, k.title) as title, coalesce(n.taken, 0) as taken, k.taken as taken_known,
				coalesce(n.elsewhere, '{}') as elsewhere, coalesce(k.elsewhere, '{}') as elsewhere_known,
				coalesce(k.consumed, 0) as consumed_before, k.listing_id, k.sku_id, k.parts, k.location_id, k.taken_from, k.units
			from named n full join known k using (order_ref, line_ref)
		),
		resolved as (
			select m.order_ref, m.line_ref, m.listing_ref, m.sku_text, m.title, m.taken, m.elsewhere,
				case when e.is_in_count and m.taken_known is null then m.elsewhere else m.elsewhere_known end as elsewhere_before,
				case when e.is_in_count then coalesce(m.taken_known, m.taken) else coalesce(m.taken_known, 0) end as taken_before,
				case when e.is_in_count then coalesce(m.taken_known, m.taken) * p.units else m.consumed_before end as consumed_before,
				coalesce(m.listing_id, r.listing_id) as listing_id,
				case when m.sku_id is not null then m.sku_id else p.sku_id end as sku_id,
				case when m.sku_id is not null then m.parts end as parts,
				case when m.sku_id is not null then m.location_id else c.location_id end as location_id,
				case when m.sku_id is not null then m.taken_from end as taken_from, c.location_ids,
				case when m.sku_id is not null then m.units else p.units end as units
			from merged m
			join incoming i on i.ref = m.order_ref
			left join before b on b.order_ref = m.order_ref
			join channels c on c.id = ${channelId}::uuid
			left join lateral (
				select listing_id from listing_refs where channel_id = ${channelId}::uuid and ref = m.listing_ref offset 0
			) r on true
			left join lateral (
				select sku_id, units from mappings where listing_id = r.listing_id and state = 'linked' offset 0
			) p on true
			cross join lateral first_count(case when m.sku_id is null then p.sku_id end, c.location_ids) counted
			cross join lateral (
				-- Heard of before the count by our own clock, or placed before its number was read by the platform's.
				select coalesce((m.taken_known is not null or b.order_ref is null)
					and (b.heard_at < counted.first_at or placed_until(i."placedAt", ${channelId}::uuid, ${stampSlackMs}::int) <= counted.read_at), false) as is_in_count
			) e
		),
		kept as (
			insert into order_lines (channel_id, order_ref, line_ref, merchant_id, listing_ref, sku_text, title, taken, elsewhere, listing_id, sku_id, location_id, units, consumed)
			select ${channelId}::uuid, order_ref, line_ref, ${merchantId}::uuid, listing_ref, sku_text, title, taken, elsewhere, listing_id,
				case when location_id is not null then sku_id end, location_id, units,
				case when location_id is not null and sku_id is not null then taken * units else 0 end
			from resolved
			on conflict (channel_id, order_ref, line_ref) do update set listing_ref = excluded.listing_ref, sku_text = excluded.sku_text,
				title = excluded.title, taken = excluded.taken, elsewhere = excluded.elsewhere, listing_id = excluded.listing_id, sku_id = excluded.sku_id,
				location_id = excluded.location_id, units = excluded.units, consumed = excluded.consumed
		)
		select r.order_ref, r.line_ref, r.title, r.sku_text, r.listing_id,
			case when r.location_id is not null then r.sku_id end as sku_id, r.parts, r.location_id, r.location_ids, r.taken_from, r.consumed_before, r.taken_before, r.taken, r.units, r.elsewhere, r.elsewhere_before, i.status, b.status as status_before,
			coalesce(b.version_at = i.at, false) as is_tie,
			case when r.location_id is not null and r.sku_id is not null then r.taken * r.units else 0 end as consumed,
			i.number, i.at::float8 as version_at, i.step as version_step, i."inboxId"::float8 as inbox_id,
			coalesce(b.version_at::float8, extract(epoch from i."placedAt") * 1000)::float8 as from_ms, i.at::float8 as to_ms,
			(select clock_ahead_ms from channel_health where channel_id = ${channelId}::uuid) as clock_ahead_ms, b.order_ref is not null as is_known
		from resolved r join incoming i on i.ref = r.order_ref left join before b on b.order_ref = r.order_ref
		order by i."inboxId", r.order_ref, r.line_ref`;
}
