import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import { writeCsv } from "@/lib/format/csv";
import type { GridFilter } from "@/lib/matching/grid";
import { authorise, type Context } from "../context";
import { listingState, wantedListings } from "./filter-sql";

/** The listings of a filter with their links, in the columns that the import takes: edit the column sku and bring it back. */
export async function exportMappings(ctx: Context, filter: GridFilter): Promise<string> {
	authorise(ctx, "viewer");
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<{
			channel: string;
			listing: string | null;
			key: string;
			title: string;
			sku: string | null;
			units: number | null;
			state: string;
			suggestion: string | null;
		}>(sql`
			select c.name as channel, l.sku as listing, l.external_key as key, l.title, k.code as sku, m.units, ${listingState} as state,
				case when m.listing_id is null then (
					select pk.code from proposals p join skus pk on pk.id = p.sku_id
					where p.listing_id = l.id and p.rejected_at is null order by p.score desc, p.tier, p.sku_id limit 1
				) end as suggestion
			from listings l join channels c on c.id = l.channel_id
			left join mappings m on m.listing_id = l.id left join skus k on k.id = m.sku_id
			where ${wantedListings(filter)} order by c.name, l.sku, l.id`),
	);
	return writeCsv(
		["channel", "listing", "listing_key", "title", "sku", "units", "state", "suggestion"],
		[...rows].map((row) => [
			row.channel,
			row.listing,
			row.key,
			row.title,
			row.sku,
			row.units,
			row.state,
			row.suggestion,
		]),
	);
}
