/**
 * A merchant with two stores that outlive the app: connected, imported, linked and live by the verbs that people use,
 * on a database of its own. Shops after the first are clones of it, each with addresses of its own.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { clientFor, closePools, dbFor } from "@/db/client";
import { freePort } from "@/db/free-port";
import { migrateDatabase } from "@/db/migrate";
import type { Knobs, Platform } from "@/db/schema";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { createSandboxStore, sandboxKeys, setKnobs } from "@/lib/sandbox/stores";
import { connectStore } from "@/lib/services/channels/connect-store";
import { dryRun } from "@/lib/services/channels/dry-run";
import { switchPushingOn } from "@/lib/services/channels/switch-pushing";
import { systemContext } from "@/lib/services/context";
import { readStore } from "@/lib/services/imports/read-store";
import { startFromCatalogue } from "@/lib/services/imports/start-from-catalogue";
import { acceptProposals } from "@/lib/services/mappings/accept-proposals";
import { findTarget } from "@/lib/services/sync/find-work";

export type Store = { storeId: string; channelId: string; platform: Platform };

export type Shop = {
	databaseUrl: string;
	/** Unguarded, for looking at everything. */
	owner: postgres.Sql;
	merchantId: string;
	stores: [Store, Store];
	skus: string[];
	/** Of each SKU in each store, and on hand, when it began. */
	stock: number;
	/** What was counted since, by SKU. */
	counted: Map<string, number>;
	sandbox: SandboxServer;
	/** Where the app is to listen. */
	port: number;
	sealingKeys: string;
	close(): Promise<void>;
};

/** The databases of one server, under names that nobody else takes. */
export type Databases = { url(name: string): string; create(name: string, template?: string): Promise<void> };

export type ShopPlan = {
	platforms: [Platform, Platform];
	skus: number;
	/** Variants of a product; 1 when it is not given. */
	variantsEach?: number;
	stock: number;
	settings?: Record<string, unknown>;
	knobs?: Partial<Knobs>;
	/** Shopify tells of an order three times over; here once, so that no second piece of mail makes up for a lost one. */
	isToldOnce?: boolean;
};

/** A day on which nothing makes up for mail that was acknowledged and lost: told once, and the lists an hour behind. */
export const unforgiving = { isToldOnce: true, knobs: { listLagMs: 3_600_000 } } satisfies Partial<ShopPlan>;

export type Seeded = Pick<Shop, "merchantId" | "stores" | "skus" | "stock"> & { database: string; origins: string[] };

let isEnvironmentSet = false;

/** What the verbs read of the environment here; read once, so it is the same for every shop. */
export async function proofEnvironment(): Promise<string> {
	if (!isEnvironmentSet) {
		isEnvironmentSet = true;
		process.env.ONECOUNT_KEYS = `proof:${randomBytes(32).toString("base64")}`;
		process.env.ONECOUNT_SANDBOX = "on";
		process.env.PORT = String(await freePort());
	}
	return process.env.ONECOUNT_KEYS ?? "";
}

let turn: Promise<unknown> = Promise.resolve();

/** Verbs take the process's own database: for as long as `work` lasts it is this one, for one at a time. */
export function inDatabase<T>(url: string, work: () => Promise<T>): Promise<T> {
	const done = turn.then(async () => {
		const before = process.env.ONECOUNT_DATABASE_URL;
		process.env.ONECOUNT_DATABASE_URL = url;
		try {
			return await work();
		} finally {
			if (before === undefined) delete process.env.ONECOUNT_DATABASE_URL;
			else process.env.ONECOUNT_DATABASE_URL = before;
		}
	});
	turn = done.catch(() => {});
	return done;
}

/** Makes the first shop, and leaves its database for clones. */
export async function seedShop(databases: Databases, database: string, plan: ShopPlan): Promise<Seeded> {
	await proofEnvironment();
	const opened = `${database}_opened`;
	await databases.create(opened);
	const url = databases.url(opened);
	await migrateDatabase(url);
	const seeded = await inDatabase(url, async () => {
		const sandbox = await startSandboxServer({ databaseUrl: url });
		try {
			return await openStores(url, sandbox, plan);
		} finally {
			await sandbox.stop();
			await closePools(url);
		}
	});
	// Whoever tells browsers of news comes back to the database it was opened in; nobody ever comes to this one.
	await databases.create(database, opened);
	return { ...seeded, database };
}

async function openStores(url: string, sandbox: SandboxServer, plan: ShopPlan): Promise<Omit<Seeded, "database">> {
	const merchantId = await makeMerchant(url);
	const ctx = systemContext(merchantId, dbFor("app", url));
	const skus = Array.from({ length: plan.skus }, (_, n) => `SKU-${n + 1}`);
	const stores: Store[] = [];
	for (const platform of plan.platforms) {
		const { id: storeId } = await createSandboxStore(sandbox.ctx, {
			platform,
			name: `store ${stores.length + 1}`,
			settings: plan.settings,
			products: productsOf(skus, plan),
		});
		const keys = await sandboxKeys(sandbox.ctx, storeId);
		const connected = await connectStore(ctx, { platform, ...keys, isSandbox: true });
		if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
		const { channelId } = connected;
		const target = await findTarget(channelId);
		if (!target) throw new Error("the channel was not kept");
		await readStore(clientFor("app", url), target);
		if (stores.length === 0) await startFromCatalogue(ctx, channelId, { isDryRun: false });
		else for (let isDone = false; !isDone; ) ({ isDone } = await acceptProposals(ctx, { threshold: 0.95, filter: {} }));
		stores.push({ storeId, channelId, platform });
	}
	for (const { storeId, channelId } of stores) {
		// Not before the catalogue was read: a list that is behind does not have it.
		if (plan.knobs) await setKnobs(sandbox.ctx, storeId, plan.knobs);
		await dryRun(ctx, channelId, { markSeen: true });
		await switchPushingOn(ctx, channelId);
	}
	if (plan.isToldOnce)
		await sandbox.ctx.db.execute(sql`delete from sandbox.webhooks where topic in ('orders/paid', 'orders/updated')`);
	const [first, second] = stores;
	if (!first || !second) throw new Error("a shop has two stores");
	const origins = [sandbox.origin, `http://127.0.0.1:${process.env.PORT}`];
	return { merchantId, stores: [first, second], skus, stock: plan.stock, origins };
}

function productsOf(skus: readonly string[], { stock, variantsEach = 1 }: ShopPlan): SeedProduct[] {
	const products: SeedProduct[] = [];
	for (let from = 0; from < skus.length; from += variantsEach)
		products.push({
			title: `Article ${from + 1}`,
			variants: skus.slice(from, from + variantsEach).map((sku) => ({
				sku,
				gtin: null,
				options: variantsEach > 1 ? sku : null,
				price: "12.00",
				quantity: stock,
			})),
		});
	return products;
}

export async function cloneShop(databases: Databases, seeded: Seeded, database: string): Promise<Shop> {
	await databases.create(database, seeded.database);
	const databaseUrl = databases.url(database);
	const owner = postgres(databaseUrl, { max: 3, onnotice: () => {} });
	const port = await freePort();
	const sandbox = await startSandboxServer({ databaseUrl });
	const [oldSandbox = "", oldApp = ""] = seeded.origins;
	await owner`update channels set base_url = replace(base_url, ${oldSandbox}, ${sandbox.origin})`;
	await owner`update sandbox.webhooks set url = replace(url, ${oldApp}, ${`http://127.0.0.1:${port}`})`;
	return {
		...seeded,
		databaseUrl,
		owner,
		counted: new Map(),
		port,
		sandbox,
		sealingKeys: await proofEnvironment(),
		async close() {
			await sandbox.stop();
			await Promise.all([closePools(databaseUrl), owner.end({ timeout: 5 })]);
		},
	};
}

async function makeMerchant(url: string): Promise<string> {
	const owner = postgres(url, { max: 1, onnotice: () => {} });
	const merchantId = randomUUID();
	await owner`insert into merchants (id, name, slug, strategy) values (${merchantId}, 'Nordlicht Outdoor', ${merchantId}, 'shared')`;
	await owner`insert into locations (merchant_id, name) values (${merchantId}, 'Main')`;
	await owner.end();
	return merchantId;
}
