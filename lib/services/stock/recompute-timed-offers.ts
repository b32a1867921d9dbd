import { asMerchant, clientFor, dbFor } from "@/db/client";
import { eachMerchant } from "../each-merchant";
import { wake } from "../sync/wake";
import { bites, recomputeOffers } from "./recompute-offers";

/**
 * Computes anew the offers that time alone changes, since nothing else would look at them where nothing sells: those that a
 * fast pace held units back from, those of a SKU that is in escrow and may go back to sharing, and those of a launch that
 * begins. A bite of SKUs at a time, so that no sale waits long for their levels. Returns how many SKUs there were.
 */
export async function recomputeTimedOffers(): Promise<number> {
	const due = await clientFor("writer")<{ merchant_id: string; sku_ids: string[] }[]>`
		select merchant_id, array_agg(distinct sku_id) as sku_ids from (
			select merchant_id, sku_id from slots where reoffer_at <= now() and sku_id is not null
			union select merchant_id, sku_id from slots where is_escrow and sku_id is not null
			union select merchant_id, id from skus where launch_from <= now() and launch_until > now()
		) due group by 1`;
	await eachMerchant(due, async ({ merchant_id, sku_ids }) => {
		for (const some of bites(sku_ids)) {
			const { pendingChannelIds } = await asMerchant(dbFor("app"), merchant_id, (tx) => recomputeOffers(tx, some));
			wake("work", pendingChannelIds);
		}
	});
	return due.reduce((sum, { sku_ids }) => sum + sku_ids.length, 0);
}
