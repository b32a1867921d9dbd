/** For tests: a sandbox store that a merchant has connected, read, linked from its catalogue and switched pushing on for. */
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import type { SandboxServer } from "@/lib/sandbox/server";
import { createSandboxStore, sandboxKeys } from "@/lib/sandbox/stores";
import { connectStore } from "../channels/connect-store";
import { dryRun } from "../channels/dry-run";
import { switchPushingOn } from "../channels/switch-pushing";
import type { WorkTarget } from "../channels/work-target";
import { type Context, systemContext } from "../context";
import { readStore } from "../imports/read-store";
import { startFromCatalogue } from "../imports/start-from-catalogue";
import { makeMerchant } from "./fixtures";

export type LiveStore = { ctx: Context; storeId: string; channelId: string; target: WorkTarget };

/** One product for each SKU. */
export const productsOf = (stock: Record<string, number>): SeedProduct[] =>
	Object.entries(stock).map(([sku, quantity]) => ({
		title: sku,
		variants: [{ sku, gtin: null, options: null, price: "12.00", quantity }],
	}));

export async function liveStore(
	database: TestDatabase,
	sandbox: Pick<SandboxServer, "ctx">,
	platform: Platform,
	products: SeedProduct[],
): Promise<LiveStore> {
	const store = await connectedStore(database, sandbox, platform, products);
	await readStore(database.client("app"), store.target);
	await startFromCatalogue(store.ctx, store.channelId, { isDryRun: false });
	await dryRun(store.ctx, store.channelId, { markSeen: true });
	await switchPushingOn(store.ctx, store.channelId);
	return store;
}

/** Connected and not read: its import was asked for, and no event came. */
export async function connectedStore(
	database: TestDatabase,
	sandbox: Pick<SandboxServer, "ctx">,
	platform: Platform,
	products: SeedProduct[],
): Promise<LiveStore> {
	const { merchantId } = await makeMerchant(database);
	const ctx = systemContext(merchantId, database.db("app"));
	const { id: storeId } = await createSandboxStore(sandbox.ctx, { platform, name: `a ${platform} store`, products });
	const keys = await sandboxKeys(sandbox.ctx, storeId);
	const connected = await connectStore(ctx, {
		platform,
		...keys,
		webhookSecret: keys.webhookSecret ?? undefined,
		isSandbox: true,
	});
	if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
	const { channelId } = connected;
	return { ctx, storeId, channelId, target: { channelId, merchantId, platform } };
}
