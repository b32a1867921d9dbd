import { createHash, randomUUID } from "node:crypto";
import canonicalize from "canonicalize";
import { asMerchant, type Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { KeyContext } from "../api-keys/find-key";
import { problem } from "./problem";
import type { Answer } from "./route";

/** What the caller asks for, under the key that it chose for it. */
export type OnceRequest = { idempotencyKey: string; method: string; path: string; body: unknown };

export type Once = { status: number; text: string; isRepeated: boolean; pendingChannelIds: readonly string[] };

/**
 * Does a write once, however often it is asked for: the change and its answer are committed together. Asked again, the
 * first answer is given, a refusal too; something else under the same key is refused; while the first is under way, so is
 * the second. Who asks holds a lock that ends with the transaction, so a process that dies leaves nothing "under way".
 *
 * What a verb throws undoes all of it, and nothing is kept: the same request may be sent again.
 */
export async function once(
	ctx: KeyContext,
	request: OnceRequest,
	write: (tx: Transaction, requestId: string) => Promise<Answer>,
): Promise<Once> {
	const { idempotencyKey } = request;
	const fingerprint = fingerprintOf(request);
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const [lock] = await run<{ is_mine: boolean }>`
			select pg_try_advisory_xact_lock(hashtextextended(${`api:${ctx.keyId}:${idempotencyKey}`}, 0)) as is_mine`;
		if (!lock?.is_mine)
			return refused(
				409,
				"in_progress",
				"The first request with this Idempotency-Key is still under way. Ask again in a moment.",
			);
		const [known] = await run<{ fingerprint: string; status: number; answer: string }>`
			select fingerprint, status, answer from api_requests
			where api_key_id = ${ctx.keyId}::uuid and idempotency_key = ${idempotencyKey}`;
		if (known && known.fingerprint !== fingerprint)
			return refused(
				422,
				"idempotency_key_reused",
				"This Idempotency-Key was used for another request. Make a new one for each thing you want done.",
			);
		if (known) return { status: known.status, text: known.answer, isRepeated: true, pendingChannelIds: [] };

		const requestId = randomUUID();
		const answer = await write(tx, requestId);
		const text = JSON.stringify(answer.body);
		await run`
			insert into api_requests (id, merchant_id, api_key_id, idempotency_key, fingerprint, status, answer)
			values (${requestId}::uuid, ${ctx.merchantId}::uuid, ${ctx.keyId}::uuid, ${idempotencyKey}, ${fingerprint}, ${answer.status}::int, ${text})`;
		return { status: answer.status, text, isRepeated: false, pendingChannelIds: answer.pendingChannelIds ?? [] };
	});
}

const fingerprintOf = ({ method, path, body }: OnceRequest): string =>
	createHash("sha256")
		.update(`${method} ${path} ${canonicalize(body) ?? ""}`)
		.digest("hex");

function refused(...about: Parameters<typeof problem>): Once {
	const { status, body } = problem(...about);
	return { status, text: JSON.stringify(body), isRepeated: false, pendingChannelIds: [] };
}
