import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import { channels } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { type DriftClass, type DriftPolicy, driftChoices, driftClasses, driftPolicies } from "@/lib/stock/drift";
import { authorise, type Context } from "../context";
import { NotFound, Unacceptable } from "../errors";

const inputs = z.object({ class: z.enum(driftClasses), policy: z.enum(driftPolicies) });
/** What may be given: of which class of drift, and what becomes of it. */
export type DriftPolicyInput = z.input<typeof inputs>;

/**
 * What becomes of one class of drift in this channel (R7). Throws Unacceptable for a policy that the class can't have
 * (lib/stock `driftChoices`).
 */
export async function setDriftPolicy(ctx: Context, channelId: string, input: unknown): Promise<void> {
	authorise(ctx, "manager");
	const { class: driftClass, policy } = inputs.parse(input);
	if (!driftChoices[driftClass].includes(policy))
		throw new Unacceptable(driftClass === "unseen_sale" ? soldIsSold : ourOwnNumber, "policy_not_allowed");
	if (driftClass === "unseen_sale") return;
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const changed = await tx
			.update(channels)
			.set(change(driftClass, policy))
			.where(sql`${channels.id}::text = ${channelId}`)
			.returning({ id: channels.id });
		if (changed.length === 0) throw new NotFound("channel");
		await statementsOf(tx)`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'channel.drift_policy_set', ${channelId}, ${JSON.stringify({ class: driftClass, policy })}::text::jsonb)`;
	});
}

const soldIsSold = "What the store has sold is sold, so it always counts. There is nothing else to choose for it.";
const ourOwnNumber =
	"That number was only ever our own, from before a write that was lost: counting it would put sold units back on sale. Choose that our number wins, or that a person decides.";

function change(driftClass: Exclude<DriftClass, "unseen_sale">, policy: DriftPolicy) {
	switch (driftClass) {
		case "manual_edit":
			return { driftPolicy: policy };
		case "lost_write":
			return { driftLostWrite: policy };
		case "rounding":
			return { driftRounding: policy };
		case "bundle":
			return { driftBundle: policy };
	}
}
