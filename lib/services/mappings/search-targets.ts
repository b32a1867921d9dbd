import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import { normaliseCode } from "@/lib/matching/codes";
import type { FoundListing, FoundSku } from "@/lib/matching/grid";
import { authorise, type Context } from "../context";
import { availableUnits } from "./read-sku-rows";

const atMost = 20;
const pattern = (text: string) => `%${text.trim().replace(/[\\%_]/g, "\\$&")}%`;

/** Listings of a channel by SKU, title or barcode: the same SKU first, then what nobody has linked. */
export async function searchListings(ctx: Context, channelId: string, text: string): Promise<FoundListing[]> {
	authorise(ctx, "viewer");
	const code = normaliseCode(text) ?? "";
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<FoundListing>(sql`
			select l.id as "listingId", l.sku, l.title, s.expected + s.unexplained as shows, coalesce(m.version, 0) as version, k.code as "linkedTo"
			from listings l
			join channels c on c.id = l.channel_id
			left join mappings m on m.listing_id = l.id
			left join skus k on k.id = m.sku_id and m.state = 'linked'
			left join slots s on s.listing_id = l.id and s.location_ref = c.location_ref
			where l.channel_id = ${channelId} and l.gone_at is null
				and (l.sku ilike ${pattern(text)} or l.title ilike ${pattern(text)} or l.sku_normalised = ${code} or l.gtin = ${text.trim()} or l.external_key = ${text.trim()})
			order by (l.sku_normalised = ${code}) desc nulls last, (k.id is null) desc, l.title, l.id
			limit ${atMost}`),
	);
	return [...rows];
}

/** Master SKUs by code, title or barcode. */
export async function searchSkus(ctx: Context, text: string): Promise<FoundSku[]> {
	authorise(ctx, "viewer");
	const code = normaliseCode(text) ?? "";
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<FoundSku>(sql`
			select k.id as "skuId", k.code, k.title, ${availableUnits} as available
			from skus k
			where k.archived_at is null
				and (k.code ilike ${pattern(text)} or k.title ilike ${pattern(text)} or k.code_normalised = ${code} or k.gtin = ${text.trim().padStart(14, "0")})
			order by (k.code_normalised = ${code}) desc, k.code
			limit ${atMost}`),
	);
	return [...rows];
}
