import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import type { Platform } from "@/db/schema";
import { authorise, type Context } from "../context";

export type ChannelName = { id: string; name: string; platform: Platform };

/** What a filter can be set to; disconnected ones too, since the log remembers them. */
export async function readChannelNames(ctx: Context): Promise<ChannelName[]> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => [
		...(await tx.execute<ChannelName>(sql`
			select id, name, platform from channels where merchant_id = ${ctx.merchantId}::uuid order by name`)),
	]);
}
