import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import { wake } from "../sync/wake";
import { recomputeWith } from "./recompute-offers";

/** Something was freed, or time has passed, where listings split their stock: their shares are dealt anew. */
export async function dealAgain(client: postgres.Sql, merchantId: string, skuIds: readonly string[]): Promise<void> {
	if (skuIds.length === 0) return;
	const { pendingChannelIds } = await asMerchantPrepared(client, merchantId, (run) => recomputeWith(run, skuIds), {
		isRedone: true,
	});
	wake("work", pendingChannelIds);
}
