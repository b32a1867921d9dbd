/**
 * A merchant with sandbox stores that speak the real protocol over HTTP, connected, linked and live, on real Postgres
 * and with the real loops: what a proof of the whole pipeline needs.
 */

import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { createSandboxStore, quantities } from "@/lib/sandbox/stores";
import { dryRun } from "@/lib/services/channels/dry-run";
import { switchPushingOn } from "@/lib/services/channels/switch-pushing";
import { type Context, systemContext } from "@/lib/services/context";
import { startFromCatalogue } from "@/lib/services/imports/start-from-catalogue";
import { acceptProposals } from "@/lib/services/mappings/accept-proposals";
import { newStoreSettings } from "@/lib/services/sandbox/change-sandbox";
import { connectSandboxStore } from "@/lib/services/sandbox/connect-sandbox-store";
import { makeMerchant } from "@/lib/services/testing/fixtures";
import { type Runner, startRunner } from "@/lib/services/testing/runner";
import { hasten } from "./mix";

export type LiveStore = { storeId: string; channelId: string };

export type LiveShop = {
	database: TestDatabase;
	sandbox: SandboxServer;
	runner: Runner;
	ctx: Context;
	merchantId: string;
	stores: LiveStore[];
	/** What a store shows, by its own truth, by SKU. */
	shown(store: LiveStore): Promise<Map<string, number>>;
	/** Resolves once nothing is due any more: no mail, no offer, no read, no write in flight. */
	rest(withinMs: number): Promise<void>;
	close(): Promise<void>;
};

export type LiveShopOptions = {
	platforms: Platform[];
	/** Units by SKU, the same in every store. */
	stock: Record<string, number>;
	/** Settings of every store, over those that its platform makes. */
	settings?: Record<string, unknown>;
	random?: () => number;
};

/** Ten thousand listings, on a machine that does other things too. */
const importMs = 180_000;

export async function openLiveShop(database: TestDatabase, options: LiveShopOptions): Promise<LiveShop> {
	const runner = await startRunner(database);
	const sandbox = await startSandboxServer({ databaseUrl: database.url, random: options.random });
	const { merchantId } = await makeMerchant(database);
	const ctx = systemContext(merchantId, database.db("app"));
	const sql = database.ownerClient;
	const products = Object.entries(options.stock).map(([sku, quantity]) => ({
		title: sku,
		variants: [{ sku, gtin: null, options: null, price: "12.00", quantity }],
	}));
	const stores: LiveStore[] = [];
	for (const platform of options.platforms) {
		const name = `a ${platform} store`;
		const settings = { ...newStoreSettings(platform, name), ...(await hasten(platform)), ...options.settings };
		const store = await createSandboxStore(sandbox.ctx, { platform, name, products, settings });
		const connected = await connectSandboxStore(ctx, sandbox.ctx, store);
		if (connected.result !== "connected") throw new Error(`not connected: ${JSON.stringify(connected.checks)}`);
		const { channelId } = connected;
		await until("the import", importMs, async () => {
			const [row] = await sql`select 1 from channels where id = ${channelId} and state = 'read_only'`;
			return row !== undefined;
		});
		if (stores.length === 0) await startFromCatalogue(ctx, channelId, { isDryRun: false });
		else {
			await until("proposals for all", 30_000, async () => {
				const [row] = await sql<{ count: number }[]>`
					select count(*)::int as count from proposals p join listings l on l.id = p.listing_id where l.channel_id = ${channelId}`;
				return (row?.count ?? 0) >= products.length;
			});
			await acceptProposals(ctx, { threshold: 0.95, filter: {} });
		}
		stores.push({ storeId: store.id, channelId });
	}
	for (const { channelId } of stores) {
		await dryRun(ctx, channelId, { markSeen: true });
		await switchPushingOn(ctx, channelId);
	}
	const shop: LiveShop = {
		database,
		sandbox,
		runner,
		ctx,
		merchantId,
		stores,
		async shown({ storeId }) {
			const rows = await quantities(sandbox.ctx, storeId);
			return new Map(rows.map(({ sku, quantity }) => [sku, quantity ?? 0]));
		},
		rest: (withinMs) => restOf(shop, withinMs),
		async close() {
			await runner.stop();
			await sandbox.stop();
		},
	};
	await shop.rest(60_000);
	return shop;
}

async function restOf({ database, merchantId, sandbox, runner }: LiveShop, withinMs: number): Promise<void> {
	const sql = database.ownerClient;
	let calm = 0;
	await until("rest", withinMs, async () => {
		await runner.sweep();
		const [row] = await sql<{ due: number }[]>`
			select ((select count(*) from slots where merchant_id = ${merchantId} and (is_pending or push_id is not null or read_due_at is not null))
				+ (select count(*) from inbox where merchant_id = ${merchantId} and state = 0)
				+ (select count(*) from sandbox.deliveries where state = 'waiting'))::int as due`;
		calm = row?.due === 0 ? calm + 1 : 0;
		return calm >= 3;
	});
	if (sandbox && runner.errors.length > 0) throw runner.errors[0];
}

export async function until(what: string, withinMs: number, look: () => Promise<boolean>): Promise<void> {
	for (const end = Date.now() + withinMs; !(await look()); ) {
		if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
