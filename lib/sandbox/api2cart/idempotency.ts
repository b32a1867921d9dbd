/** Replies of an idempotency key are remembered; the same key again is answered from memory, whatever else the call says. */
import { sql } from "drizzle-orm";
import { pause } from "../knobs";
import { textOf } from "./stock-api";
import { A2cError, type StoreCall } from "./wire";

const waitMs = 20;
const longestWaitMs = 30_000;

/** `work` answers with the whole envelope, refusals included: they are remembered as well. */
export async function once(call: StoreCall, work: () => Promise<object>): Promise<object> {
	const given = textOf(call.body, "idempotency_key") ?? call.query.get("idempotency_key");
	if (!given) return work();
	const { ctx, store, cart, settings } = call;
	const key = `${cart.storeKey} ${given}`;
	for (let waited = 0; waited < longestWaitMs; waited += waitMs) {
		const now = ctx.now();
		const oldest = new Date(now.getTime() - settings.keysRememberedMs).toISOString();
		const [claimed] = await ctx.db.execute<{ key: string }>(sql`
			insert into sandbox.idempotency (store_id, key, request, at) values (${store.id}, ${key}, ${call.method}, ${now.toISOString()}::timestamptz)
			on conflict (store_id, key) do update set request = excluded.request, reply = null, at = excluded.at
			where sandbox.idempotency.at < ${oldest}::timestamptz returning key`);
		if (claimed) {
			const reply = await work();
			await ctx.db.execute(sql`
				update sandbox.idempotency set reply = ${JSON.stringify(reply)}::jsonb where store_id = ${store.id} and key = ${key}`);
			return reply;
		}
		const [known] = await ctx.db.execute<{ reply: object | null }>(
			sql`select reply from sandbox.idempotency where store_id = ${store.id} and key = ${key}`,
		);
		if (known?.reply) return known.reply;
		await pause(waitMs);
	}
	throw new A2cError(9, "Internal service error.");
}
