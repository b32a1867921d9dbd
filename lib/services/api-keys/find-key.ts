/** The public API's door: the only place that turns a key into somebody who may act for a merchant. */
import { dbFor } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { type RateLimit, takeAttempt } from "@/lib/auth/rate-limit";
import type { ApiScope } from "@/lib/format/api-scopes";
import type { Context, MerchantId } from "../context";
import { TooOften, UnknownKey } from "../errors";
import { hashKey } from "./key-secret";

export type KeyContext = Context & { keyId: string; scopes: readonly ApiScope[]; actor: `api:${string}` };

/** Twenty requests a second, sustained: a catalogue of 10,000 SKUs is set in under nine minutes, and one key can't take a process. */
export const keyLimit: RateLimit = { attempts: 1_200, windowMs: 60_000 };

/**
 * Who acts by this `Authorization` header. Throws {@link UnknownKey} for one that opens nothing (never made and revoked
 * look alike), {@link TooOften} past the key's limit.
 */
export async function findKey(
	authorization: string | null,
	{ db = dbFor("auth"), app = dbFor("app"), now = () => new Date() } = {},
): Promise<KeyContext> {
	const [, key] = /^Bearer +(oc_[\w-]{43})$/i.exec(authorization?.trim() ?? "") ?? [];
	if (!key) throw new UnknownKey();
	const run = statementsOf(db);
	const [found] = await run<{ id: string; merchant_id: string; scopes: ApiScope[] }>`
		select id, merchant_id, scopes from api_keys where key_hash = ${hashKey(key)} and revoked_at is null`;
	if (!found) throw new UnknownKey();
	const attempt = await takeAttempt(db, `api:${found.id}`, keyLimit, now());
	if (!attempt.ok) throw new TooOften(attempt.retryAfterMs);
	await run`
		update api_keys set last_used_at = now()
		where id = ${found.id}::uuid and revoked_at is null and (last_used_at is null or last_used_at < now() - interval '1 minute')`;
	return {
		merchantId: found.merchant_id as MerchantId,
		actor: `api:${found.id}`,
		// Its scopes say what it may do; whatever they say, it may do no more than who adjusts stock.
		role: "support",
		db: app,
		now,
		keyId: found.id,
		scopes: found.scopes,
	};
}
