/**
 * A merchant with sandbox stores that speak the real protocol over HTTP, connected, linked and live, on real Postgres
 * and with the real loops: what a proof of the whole pipeline needs.
 */

import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import type { SandboxStore, SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { createSandboxStore, quantities } from "@/lib/sandbox/stores";
import { dryRun } from "@/lib/services/channels/dry-run";
import { switchPushingOn } from "@/lib/services/channels/switch-pushing";
import { type Context, systemContext } from "@/lib/services/context";
import { startFromCatalogue } from "@/lib/services/imports/start-from-catalogue";
import { newStoreSettings } from "@/lib/services/sandbox/change-sandbox";
import { connectSandboxStore } from "@/lib/services/sandbox/connect-sandbox-store";
import { wake } from "@/lib/services/sync/wake";
import { makeMerchant } from "@/lib/services/testing/fixtures";
import { type Runner, startRunner } from "@/lib/services/testing/runner";
import { acceptCertain } from "./accept-certain";
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
	const parts = { database, sandbox, ctx };
	const open = async (platform: Platform) =>
		connect(parts, await makeStore(sandbox, platform, products, options.settings));
	const [platform, ...others] = options.platforms;
	if (!platform) throw new Error("a shop needs a store");
	const first = await open(platform);
	await startFromCatalogue(ctx, first.channelId, { isDryRun: false });
	const stores = [first, ...(await Promise.all(others.map(open)))];
	await until("proposals for all", 30_000, async () => {
		const [row] = await sql<{ count: number }[]>`
			select count(*)::int as count from proposals p join listings l on l.id = p.listing_id
			where l.channel_id <> ${first.channelId}`;
		return (row?.count ?? 0) >= others.length * products.length;
	});
	await acceptCertain(ctx);
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

/** `settings`: over those that its platform makes. */
export async function makeStore(
	sandbox: SandboxServer,
	platform: Platform,
	products: SeedProduct[],
	settings: Record<string, unknown> = {},
): Promise<SandboxStore> {
	const name = `a ${platform} store`;
	return createSandboxStore(sandbox.ctx, {
		platform,
		name,
		products,
		settings: { ...newStoreSettings(platform, name), ...(await hasten(platform)), ...settings },
	});
}

/** Resolves once its listings are imported: it is read-only then. */
export async function connect(
	{ database, sandbox, ctx }: Pick<LiveShop, "database" | "sandbox" | "ctx">,
	store: SandboxStore,
): Promise<LiveStore> {
	const connected = await connectSandboxStore(ctx, sandbox.ctx, store);
	if (connected.result !== "connected") throw new Error(`not connected: ${JSON.stringify(connected.checks)}`);
	const { channelId } = connected;
	await until("the import", importMs, async () => {
		const [row] = await database.ownerClient`select 1 from channels where id = ${channelId} and state = 'read_only'`;
		return row !== undefined;
	});
	return { storeId: store.id, channelId };
}

/** The news that was lost comes with the next poll, which this does not wait a minute for. */
export async function pollAll({ database, stores }: Pick<LiveShop, "database" | "stores">): Promise<void> {
	await database.ownerClient`update channel_health set next_poll_at = now(), deep_polled_at = null`;
	wake(
		"work",
		stores.map(({ channelId }) => channelId),
	);
}

async function restOf({ database, merchantId, sandbox, runner }: LiveShop, withinMs: number): Promise<void> {
	const sql = database.ownerClient;
	let calm = 0;
	await until("rest", withinMs, async () => {
		await runner.sweep();
		const [row] = await sql<{ due: number }[]>`
			-- Brought below zero, a store that is to show none is left there until units are free.
			select ((select count(*) from slots where merchant_id = ${merchantId}
					and ((is_pending and (offered > 0 or expected > 0)) or push_id is not null or read_due_at is not null))
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
