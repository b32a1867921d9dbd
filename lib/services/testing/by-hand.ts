/** For tests: a live store's worker, run by hand, and what store and ledger say then. */
import type { TestDatabase } from "@/db/testing";
import type { SandboxServer } from "@/lib/sandbox/server";
import { checkout, quantities } from "@/lib/sandbox/stores";
import { workChannel } from "../channels/work-channel";
import { drainMail } from "../mail/drain-mail";
import type { LiveStore } from "./live-store";

export function byHand(database: TestDatabase, { ctx }: Pick<SandboxServer, "ctx">, shop: LiveStore) {
	const sql = database.ownerClient;
	const client = database.client("app");
	const work = () => workChannel(shop.target, { maxMs: 3_000, lingerMs: 200, client });
	const drain = () => drainMail(shop.target, { maxMs: 3_000, lingerMs: 0, client });

	/** Of news that came by webhook nothing is heard. */
	async function poll(): Promise<void> {
		await sql`delete from inbox where channel_id = ${shop.channelId} and state = 0 and source = 'webhook'`;
		await sql`update channel_health set next_poll_at = now() where channel_id = ${shop.channelId}`;
		await work();
		await drain();
	}

	return {
		work,
		drain,
		poll,
		/** All levels are read, orders first, until nothing is left to be found; long after whatever happened. */
		async sweep(): Promise<void> {
			for (let round = 0; round < 3; round++) {
				await sql`
					update slots set read_due_at = now(), unexplained_since = case when unexplained <> 0 then now() - interval '1 minute' end
					where channel_id = ${shop.channelId}`;
				await poll();
			}
		},
		/** The order's id. */
		async buy(sku: string, quantity = 1): Promise<string> {
			const placed = await checkout(ctx, shop.storeId, [{ sku, quantity }]);
			if (placed.result !== "placed") throw new Error(placed.message);
			return placed.orderId;
		},
		/** By SKU. */
		async shown(): Promise<Record<string, number | null>> {
			const items = await quantities(ctx, shop.storeId);
			return Object.fromEntries(items.map(({ sku, quantity }) => [sku, quantity]));
		},
		/** By SKU. */
		async onHand(): Promise<Record<string, number>> {
			const rows = await sql<{ code: string; on_hand: number }[]>`
				select k.code, l.on_hand from levels l join skus k on k.id = l.sku_id where l.merchant_id = ${shop.ctx.merchantId}`;
			return Object.fromEntries(rows.map(({ code, on_hand }) => [code, on_hand]));
		},
	};
}
