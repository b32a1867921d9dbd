import type { TestDatabase } from "@/db/testing";
import type { MatchSku } from "@/lib/matching/propose";

/** Id of a SKU or listing of a made catalogue (`s17`, `l17`), as the database wants it. */
export const uuidOf = (id: string): string =>
	`0000000${id.startsWith("s") ? "a" : "b"}-0000-4000-8000-${id.slice(1).padStart(12, "0")}`;

/** A merchant's SKUs, counted an hour ago. */
export async function keepSkus(
	{ ownerClient: sql }: Pick<TestDatabase, "ownerClient">,
	{ merchantId, locationId }: { merchantId: string; locationId: string },
	skus: readonly MatchSku[],
	onHand: number,
): Promise<void> {
	const rows = JSON.stringify(skus.map((sku) => ({ ...sku, id: uuidOf(sku.id) })));
	await sql`
		insert into skus (id, merchant_id, code, title)
		select id, ${merchantId}, code, title from jsonb_to_recordset(${rows}::text::jsonb) as k(id uuid, code text, title text)`;
	await sql`
		insert into levels (merchant_id, sku_id, location_id, on_hand, counted_at, version)
		select ${merchantId}, id, ${locationId}, ${onHand}, now() - interval '1 hour', 1 from skus where merchant_id = ${merchantId}`;
	await sql`
		insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key)
		select ${merchantId}, id, ${locationId}, ${onHand}, ${onHand}, 1, 'count', 'start' from skus where merchant_id = ${merchantId}`;
}
