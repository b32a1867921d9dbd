import { asMerchant } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import type { LinkPreview } from "@/lib/matching/grid";
import { authorise, type Context } from "../context";
import { stampSlackMs } from "../stock/recompute-offers";

export type WantedLink = { listingId: string; skuId: string; units: number };

/** What linking would do, before anybody does it: what each channel shows, and what it will be set to. Writes nothing. */
export async function previewLinks(ctx: Context, links: readonly WantedLink[]): Promise<LinkPreview[]> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, (tx) => previewInside(statementsOf(tx), links));
}

/**
 * The same sum as updateSlots (lib/services/stock/recompute-offers.ts), less the units of orders that waited for the
 * link, and without a buffer for the pace, which is over in a minute; a test holds the two equal.
 */
export async function previewInside(run: Statement, links: readonly WantedLink[]): Promise<LinkPreview[]> {
	if (links.length === 0) return [];
	const rows = await run<{
		listing_id: string;
		channel_id: string;
		listing: string;
		sku: string;
		units: number;
		shows: number | null;
		will_show: number | null;
		parked_lines: number;
		parked_units: number;
	}>`
		with asked as (
			select row_number() over () as nth, a."listingId" as listing_id, a."skuId" as sku_id, a.units
			from jsonb_to_recordset(${JSON.stringify(links)}::text::jsonb) as a("listingId" uuid, "skuId" uuid, units int)
		),
		parked as (
			select a.listing_id, count(*)::int as lines, sum(ol.taken * a.units)::int as units
			from asked a
			join listing_refs r on r.listing_id = a.listing_id
			join listings l on l.id = a.listing_id
			join channels c on c.id = l.channel_id and c.location_id is not null
			join order_lines ol on ol.channel_id = r.channel_id and ol.listing_ref = r.ref and ol.sku_id is null and ol.taken > 0
			join orders o on o.channel_id = ol.channel_id and o.order_ref = ol.order_ref
			cross join lateral first_count(a.sku_id, c.location_ids) counted
			-- Heard of or placed before the first count: in it already.
			where not coalesce(o.heard_at < counted.first_at or placed_until(o.placed_at, o.channel_id, ${stampSlackMs}::int) <= counted.read_at, false)
			group by 1
		)
		select a.listing_id, c.id as channel_id, coalesce(nullif(l.sku, ''), l.title) as listing, k.code as sku, a.units,
			s.expected + s.unexplained as shows,
			case when stock.is_counted then o.quantity end as will_show,
			coalesce(pk.lines, 0) as parked_lines, coalesce(pk.units, 0) as parked_units
		from asked a
		join listings l on l.id = a.listing_id
		join channels c on c.id = l.channel_id
		join merchants m on m.id = l.merchant_id
		join skus k on k.id = a.sku_id
		left join slots s on s.listing_id = l.id and s.location_ref = c.location_ref
		left join parked pk on pk.listing_id = a.listing_id
		cross join lateral (
			select min(floor((available - coalesce(pk.units, 0) * of_part.units) / of_part.units))::bigint as available, bool_and(is_counted) as is_counted
			from (
				select part.units, coalesce(sum(v.on_hand - v.reserved) filter (where v.counted_at is not null), 0)::numeric as available,
					coalesce(bool_or(v.counted_at is not null), false) as is_counted
				from (
					select coalesce(sc.component_id, k.id) as id, coalesce(sc.units, 1) as units
					from (select) one left join sku_components sc on sc.bundle_id = k.id
				) part
				left join levels v on v.sku_id = part.id and v.location_id = any(c.location_ids)
				group by part.id, part.units
			) of_part
		) stock
		cross join lateral offer_of(stock.available, coalesce(s.buffer_units, k.buffer_units, c.buffer_units, m.buffer_units),
			coalesce(s.share_percent, k.share_percent, c.share_percent, m.share_percent, 100), a.units,
			coalesce(s.min_units, k.min_units, c.min_units, m.min_units, 0), coalesce(s.cap_units, k.cap_units, c.cap_units, m.cap_units),
			coalesce(s.out_of_stock_below, k.out_of_stock_below, c.out_of_stock_below, m.out_of_stock_below, 0)) o
		order by a.nth`;
	return rows.map((row) => ({
		listingId: row.listing_id,
		channelId: row.channel_id,
		listing: row.listing,
		sku: row.sku,
		units: row.units,
		shows: row.shows,
		willShow: row.will_show,
		parkedLines: row.parked_lines,
		parkedUnits: row.parked_units,
	}));
}
