import { z } from "zod";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { apiScopes } from "@/lib/format/api-scopes";
import { authorise, type Context } from "../context";
import { Unacceptable } from "../errors";
import { mintKey } from "./key-secret";

export const keyInput = z.object({
	name: z.string().trim().min(1, "Name the key by what will use it.").max(80, "A key's name has up to 80 characters."),
	scopes: z.array(z.enum(apiScopes)).min(1, "Tick what the key may do."),
});

const mostKeys = 50;

/** A key of the public API. `key` is told here and never again. */
export async function makeKey(
	ctx: Context & { userId: string },
	input: unknown,
): Promise<{ id: string; key: string; prefix: string }> {
	authorise(ctx, "manager");
	const { name, scopes } = keyInput.parse(input);
	const { key, prefix, keyHash } = mintKey();
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const list = JSON.stringify([...new Set(scopes)]);
		const [made] = await run<{ id: string }>`
			insert into api_keys (merchant_id, name, prefix, key_hash, scopes, created_by)
			select ${ctx.merchantId}::uuid, ${name}, ${prefix}, ${keyHash}, array(select jsonb_array_elements_text(${list}::text::jsonb)), ${ctx.userId}::uuid
			where (select count(*) from api_keys where revoked_at is null) < ${mostKeys}::int
			returning id`;
		if (!made)
			throw new Unacceptable(`There are ${mostKeys} keys already. Revoke one that nothing uses.`, "too_many_keys");
		await run`
			insert into audit_log (merchant_id, actor, action, subject, data)
			values (${ctx.merchantId}::uuid, ${ctx.actor}, 'api_key.made', ${made.id}, ${JSON.stringify({ name, prefix, scopes })}::text::jsonb)`;
		return { id: made.id, key, prefix };
	});
}
