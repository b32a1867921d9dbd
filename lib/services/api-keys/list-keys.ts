import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { ApiScope } from "@/lib/format/api-scopes";
import { authorise, type Context } from "../context";

export type KeyView = {
	id: string;
	name: string;
	/** The key's beginning; the rest is known to whoever copied it. */
	prefix: string;
	scopes: ApiScope[];
	/** Who made it; null: they have left. */
	madeBy: string | null;
	/** ISO 8601, as every moment here. */
	madeAt: string;
	lastUsedAt: string | null;
};

/** The keys that open something, newest first. */
export async function listKeys(ctx: Context): Promise<KeyView[]> {
	authorise(ctx, "manager");
	return asMerchant(
		ctx.db,
		ctx.merchantId,
		(tx) => statementsOf(tx)<KeyView>`
			select k.id, k.name, k.prefix, k.scopes, coalesce(u.name, u.email) as "madeBy",
				to_jsonb(k.created_at)#>>'{}' as "madeAt", to_jsonb(k.last_used_at)#>>'{}' as "lastUsedAt"
			from api_keys k left join users u on u.id = k.created_by
			where k.revoked_at is null order by k.created_at desc, k.id`,
	);
}
