import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import { writeCsv } from "@/lib/format/csv";
import { authorise, type Context } from "../context";

/** The same columns as the import takes: a line per SKU and location, ready to be edited and brought back. */
export async function exportSkus(ctx: Context): Promise<string> {
	authorise(ctx, "viewer");
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<{
			code: string;
			title: string;
			gtin: string | null;
			on_hand: number | null;
			location: string | null;
			buffer: number | null;
		}>(sql`
			select k.code, k.title, k.gtin, case when v.counted_at is not null and k.is_bundle = 'no' then v.on_hand end as on_hand, o.name as location, k.buffer_units as buffer
			from skus k left join levels v on v.sku_id = k.id and k.is_bundle = 'no' left join locations o on o.id = v.location_id
			where k.archived_at is null order by k.code, o.name`),
	);
	return writeCsv(
		["sku", "title", "gtin", "on_hand", "location", "buffer"],
		[...rows].map((row) => [row.code, row.title, row.gtin, row.on_hand, row.location, row.buffer]),
	);
}
