/**
 * Keys of `@idempotent`, remembered for a day: the same key with the same input replays the first answer, even one with
 * user errors; another input, a call still under way and a call that broke have a code of their own.
 */
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";

const rememberedMs = 86_400_000;
/** A call that has not finished by then never will: its process is gone. */
const longestCallMs = 60_000;

export type Claim<Reply> =
	| { state: "claimed" }
	| { state: "replayed"; reply: Reply }
	| { state: "mismatch" | "concurrent" | "previous_failed" };

export const keyMessages = {
	mismatch: "The same idempotency key cannot be used with different operation parameters.",
	concurrent: "This request is currently in progress, please try again.",
	previous_failed: "A previous request with this idempotency key failed. Use a new key.",
};

export async function claimKey<Reply>(
	ctx: SandboxContext,
	store: SandboxStore,
	key: string,
	input: unknown,
): Promise<Claim<Reply>> {
	const now = ctx.now();
	const request = createHash("sha256").update(JSON.stringify(input)).digest("base64");
	const claimed = await ctx.db.execute(sql`
		insert into sandbox.idempotency as i (store_id, key, request, at)
		values (${store.id}, ${key}, ${request}, ${now.toISOString()}::timestamptz)
		on conflict (store_id, key) do update set request = excluded.request, reply = null, at = excluded.at
		where i.at < ${new Date(now.getTime() - rememberedMs).toISOString()}::timestamptz
		returning 1`);
	if (claimed.length > 0) return { state: "claimed" };
	const [known] = await ctx.db.execute<{
		request: string;
		reply: { broke: true } | { reply: Reply } | null;
		at: string;
	}>(sql`select request, reply, at from sandbox.idempotency where store_id = ${store.id} and key = ${key}`);
	if (!known) return { state: "concurrent" };
	if (known.request !== request) return { state: "mismatch" };
	if (known.reply === null)
		return { state: now.getTime() - Date.parse(known.at) > longestCallMs ? "previous_failed" : "concurrent" };
	return "broke" in known.reply ? { state: "previous_failed" } : { state: "replayed", reply: known.reply.reply };
}

/** In the transaction of the effect itself: both are there or neither. */
export async function rememberReply(tx: Transaction, storeId: string, key: string, reply: unknown): Promise<void> {
	await tx.execute(sql`
		update sandbox.idempotency set reply = ${JSON.stringify({ reply })}::jsonb where store_id = ${storeId} and key = ${key}`);
}

export async function rememberFailure(ctx: SandboxContext, storeId: string, key: string): Promise<void> {
	await ctx.db.execute(sql`
		update sandbox.idempotency set reply = '{"broke": true}' where store_id = ${storeId} and key = ${key} and reply is null`);
}

/** For mutations that take their own transactions: the answer is remembered right after the effect. */
export async function once<Reply>(
	ctx: SandboxContext,
	store: SandboxStore,
	key: string,
	input: unknown,
	work: () => Promise<Reply>,
	refuse: (message: string) => Reply,
): Promise<Reply> {
	const claim = await claimKey<Reply>(ctx, store, key, input);
	if (claim.state === "replayed") return claim.reply;
	if (claim.state !== "claimed") return refuse(keyMessages[claim.state]);
	try {
		const reply = await work();
		await ctx.db.transaction((tx) => rememberReply(tx, store.id, key, reply));
		return reply;
	} catch (error) {
		await rememberFailure(ctx, store.id, key);
		throw error;
	}
}
