import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";
import { wake } from "../sync/wake";

/**
 * Reads all levels of a channel anew, however lately they were read, at the pace of the steady re-reading; how far it is
 * stands on the channel. Throws Unacceptable for a channel that is not live: it is read when pushing is switched on.
 */
export async function verifyNow(ctx: Context, channelId: string): Promise<void> {
	authorise(ctx, "support");
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [channel] = await run<{ id: string; name: string; state: string }>`
			select id, name, state from channels where id::text = ${channelId}`;
		if (!channel) throw new NotFound("channel");
		if (channel.state !== "live")
			throw new Unacceptable(
				`Pushing is not on for ${channel.name}, so there is nothing that it ought to show yet. Switch it on, and its numbers are verified from then on.`,
				"not_live",
			);
		await run`update channel_health set verify_asked_at = clock_timestamp() where channel_id = ${channel.id}::uuid`;
	});
	wake("verify", [channelId]);
}
