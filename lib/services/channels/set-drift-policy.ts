import { z } from "zod";
import { asMerchant } from "@/db/client";
import { driftPolicies } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";

/** What becomes of a number that somebody changed in the store and that nothing explains (R7). */
export async function setDriftPolicy(ctx: Context, channelId: string, policy: unknown): Promise<void> {
	authorise(ctx, "manager");
	const chosen = z.enum(driftPolicies).parse(policy);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const changed = await run`
			update channels set drift_policy = ${chosen} where id::text = ${channelId} returning id`;
		if (changed.length === 0) throw new NotFound("channel");
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'channel.drift_policy_set', ${channelId}, ${JSON.stringify({ policy: chosen })}::text::jsonb)`;
	});
}
