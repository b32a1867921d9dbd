import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { NotFound } from "../errors";
import { guidOf } from "../guid";

/** From the next request on the key opens nothing. Revoked twice, it was revoked the first time. */
export async function revokeKey(ctx: Context, keyId: string): Promise<void> {
	authorise(ctx, "manager");
	await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [key] = await run<{ was_revoked: boolean }>`
			select revoked_at is not null as was_revoked from api_keys where id = ${guidOf(keyId, "key")}::uuid for update`;
		if (!key) throw new NotFound("key");
		if (key.was_revoked) return;
		await run`update api_keys set revoked_at = now() where id = ${keyId}::uuid`;
		await run`
			insert into audit_log (merchant_id, actor, action, subject)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'api_key.revoked', ${keyId})`;
	});
}
