import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { seal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";
import { secretBoundTo } from "./deliver-messages";
import { mintSecret } from "./sign";

/** So long messages bear both signatures: time for the receiver to change over. */
const overlapHours = 24;

/** A new signing secret, told here and never again; the one before it ends a day later. */
export async function renewSecret(ctx: Context, endpointId: string): Promise<{ secret: string }> {
	authorise(ctx, "manager");
	const id = guidOf(endpointId, "endpoint");
	const secret = mintSecret();
	const sealed = seal(secret, secretBoundTo(id), env().sealingKeys);
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const renewed = await run<{ id: string }>`
			update webhook_endpoints set sealed_previous = sealed_secret, previous_until = now() + ${overlapHours}::int * interval '1 hour', sealed_secret = ${sealed}
			where id = ${id}::uuid returning id`;
		if (renewed.length === 0) throw new NotFound("endpoint");
		await run`
			insert into audit_log (merchant_id, actor, action, subject)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'endpoint.secret_renewed', ${id})`;
	});
	return { secret };
}
