import { type SQL, sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import {
	type GridFilter,
	gridPageSize,
	type ListingRow,
	type ListingState,
	type SkuCandidate,
} from "@/lib/matching/grid";
import { authorise, type Context } from "../context";
import { listingState, wantedListings } from "./filter-sql";
import { linkedState } from "./linked-state";
import { listingRange, type PageRange } from "./read-grid";

/** One page of listings, each with its link or what it may be. */
export async function readListingRows(ctx: Context, filter: GridFilter, range: PageRange): Promise<ListingRow[]> {
	authorise(ctx, "viewer");
	return readWhere(ctx, sql`${wantedListings(filter)} and ${listingRange(range)}`);
}

export async function readListingRowsById(ctx: Context, listingIds: readonly string[]): Promise<ListingRow[]> {
	authorise(ctx, "viewer");
	return readWhere(
		ctx,
		sql`l.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(listingIds)}::text::jsonb))`,
	);
}

async function readWhere(ctx: Context, where: SQL): Promise<ListingRow[]> {
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<{
			id: string;
			channel_id: string;
			sku: string | null;
			title: string;
			options: string | null;
			image_url: string | null;
			price: string | null;
			state: ListingState;
			version: number;
			reason: string | null;
			sku_id: string | null;
			code: string | null;
			sku_title: string | null;
			units: number | null;
			shows: number | null;
			offered: number | null;
			unexplained: number | null;
			held_reason: string | null;
			is_in_flight: boolean;
			is_pushing: boolean;
			candidates: SkuCandidate[] | null;
			parked: number;
		}>(sql`
			select l.id, l.channel_id, l.sku, l.title, l.options, l.image_url, l.price, ${listingState} as state, coalesce(m.version, 0) as version,
				case when m.state = 'left_out' then m.reason when m.listing_id is null then l.left_out_reason end as reason,
				k.id as sku_id, k.code, k.title as sku_title, m.units,
				s.expected + s.unexplained as shows, s.offered, s.unexplained, s.held_reason, s.push_id is not null as is_in_flight,
				(c.state = 'live' and c.paused_at is null and o.pushes_paused_at is null) as is_pushing,
				case when m.state is distinct from 'linked' then (
					select jsonb_agg(jsonb_build_object('skuId', pk.id, 'code', pk.code, 'title', pk.title, 'score', p.score, 'tier', p.tier) order by p.score desc, p.tier, p.sku_id)
					from proposals p join skus pk on pk.id = p.sku_id where p.listing_id = l.id and p.rejected_at is null
				) end as candidates,
				case when m.state is distinct from 'linked' then (
					select count(*) from listing_refs r join order_lines ol on ol.channel_id = r.channel_id and ol.listing_ref = r.ref
					where r.listing_id = l.id and ol.sku_id is null and ol.taken > 0
				) else 0 end::int as parked
			from listings l
			join channels c on c.id = l.channel_id
			join merchants o on o.id = l.merchant_id
			left join mappings m on m.listing_id = l.id
			left join skus k on k.id = m.sku_id
			left join slots s on s.listing_id = l.id and s.location_ref = c.location_ref
			where ${where} order by l.title, l.id limit ${gridPageSize}`),
	);
	return [...rows].map((row) => ({
		id: row.id,
		channelId: row.channel_id,
		sku: row.sku,
		title: row.title,
		options: row.options,
		imageUrl: row.image_url,
		price: row.price,
		shows: row.shows,
		state: row.state,
		version: row.version,
		link:
			row.sku_id && row.state === "linked"
				? {
						skuId: row.sku_id,
						code: row.code ?? "",
						title: row.sku_title ?? "",
						units: row.units ?? 1,
						offered: row.offered,
						...linkedState({
							...row,
							isInFlight: row.is_in_flight,
							isPushing: row.is_pushing,
							heldReason: row.held_reason,
						}),
					}
				: null,
		candidates: row.candidates ?? [],
		reason: row.reason,
		parkedLines: row.parked,
	}));
}
