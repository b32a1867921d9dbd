import type postgres from "postgres";
import { asMerchantPrepared } from "@/db/statement";
import { wake } from "../sync/wake";
import { lockLevels } from "./lock-levels";
import { updateSlots } from "./recompute-offers";

/** Something was freed, or time has passed, where listings split their stock: their shares are dealt anew. */
export async function dealAgain(client: postgres.Sql, merchantId: string, skuIds: readonly string[]): Promise<void> {
	if (skuIds.length === 0) return;
	const { pendingChannelIds } = await asMerchantPrepared(
		client,
		merchantId,
		async (run) => {
			await lockLevels(run, skuIds);
			return updateSlots(run, skuIds, []);
		},
		{ isRedone: true },
	);
	wake("work", pendingChannelIds);
}
