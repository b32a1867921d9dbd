/**
 * A shop to look at: a merchant with a connected sandbox store on each platform, sharing forty SKUs, buyers who buy, and
 * something left for a person to do. Everything goes through the verbs that a merchant's own clicks would call.
 */
import { eq, sql } from "drizzle-orm";
import { asMerchant, clientFor, dbFor } from "@/db/client";
import { type Platform, users } from "@/db/schema";
import { listMemberships } from "@/lib/auth/memberships";
import { mintSignInLink } from "@/lib/auth/sign-in-links";
import { createMerchant, createUser } from "@/lib/auth/sign-up";
import { isConnectable } from "@/lib/channels/registry";
import { sandboxContext } from "@/lib/sandbox/context";
import { sandboxPlatform } from "@/lib/sandbox/platforms";
import type { SandboxContext, SandboxStore, SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { createSandboxStore, listSandboxStores } from "@/lib/sandbox/stores";
import { dryRun } from "../channels/dry-run";
import { sandboxOrigin } from "../channels/public-address";
import { switchPushingOn } from "../channels/switch-pushing";
import type { WorkTarget } from "../channels/work-target";
import { type Context, systemContext } from "../context";
import { readStore } from "../imports/read-store";
import { startFromCatalogue } from "../imports/start-from-catalogue";
import { acceptProposals } from "../mappings/accept-proposals";
import { proposeMappings } from "../mappings/propose-mappings";
import { newStoreSettings } from "../sandbox/change-sandbox";
import { connectSandboxStore } from "../sandbox/connect-sandbox-store";
import { catalogueFor, outdoorCatalogues } from "../sandbox/outdoor-catalogue";

const email = "demo@nordlicht.example";
const merchantName = "Nordlicht Outdoor";

type DemoStore = {
	name: string;
	platform: Platform;
	/** Absent: what a store of the platform sells. */
	products?: () => SeedProduct[];
	/** Orders a minute from made-up buyers; people set it to another number, or to none. */
	lifePerMinute: number;
	settings?: Record<string, unknown>;
	isConnected: boolean;
};

const german = { timezone: "Europe/Berlin", currency: "EUR" };

/** The first is the catalogue. Of platforms that have no sandbox nothing is made. */
const stores: DemoStore[] = [
	{ name: "Nordlicht Outdoor", platform: "shopify", lifePerMinute: 4, settings: german, isConnected: true },
	{ name: "Nordlicht Hofladen", platform: "woocommerce", lifePerMinute: 3, isConnected: true },
	{ name: "Nordlicht Trade", platform: "bigcommerce", lifePerMinute: 1, settings: german, isConnected: true },
	{ name: "Nordlicht at Amazon", platform: "amazon", lifePerMinute: 2, isConnected: true },
	{ name: "Nordlicht for Companies", platform: "magento", lifePerMinute: 1, isConnected: true },
	{ name: "Nordlicht Norge", platform: "api2cart", lifePerMinute: 1, isConnected: true },
	{ name: "Nordlicht Hut", platform: "square", lifePerMinute: 2, isConnected: true },
	{
		name: "Nordlicht Outlet",
		platform: "shopify",
		products: outdoorCatalogues.outlet,
		lifePerMinute: 0,
		settings: german,
		isConnected: false,
	},
];

/** So many stores are live before anybody is let in; the others come meanwhile, so that a start takes no longer for them. */
const waitedFor = 2;

export type Seeded = {
	signInUrl: string;
	/** Ends when the other stores are as they should be, with a sentence for each that is not. Never rejects. */
	others: Promise<string[]>;
};

/**
 * Makes what is missing and touches nothing that a person has changed since; each call gives a fresh one-time link.
 * `origin` is the browser's, `storesOrigin` how this process reaches its sandbox stores.
 */
export async function seedDemo({
	origin,
	storesOrigin = sandboxOrigin(),
}: {
	origin: string;
	storesOrigin?: string;
}): Promise<Seeded> {
	const { userId, merchantId } = await ensureMerchant();
	const ctx: Context = { ...systemContext(merchantId), actor: `user:${userId}`, role: "owner" };
	const sandbox = sandboxContext({ origin: storesOrigin });
	const made = await listSandboxStores(sandbox, merchantId);

	const ensureStore = async (demo: DemoStore, isCatalogue: boolean) => {
		const store =
			made.find(({ name, platform }) => name === demo.name && platform === demo.platform) ??
			(await createSandboxStore(sandbox, {
				platform: demo.platform,
				name: demo.name,
				madeBy: merchantId,
				products: demo.products?.() ?? catalogueFor(demo.platform),
				settings: { ...newStoreSettings(demo.platform, demo.name), ...demo.settings },
				lifePerMinute: demo.lifePerMinute,
			}));
		if (demo.isConnected) await bringLive(ctx, sandbox, store, { isCatalogue });
	};
	const shown = stores.filter(({ platform }) => sandboxPlatform(platform) && isConnectable(platform));
	// One after the other, so that the catalogue is the oldest.
	for (const [index, demo] of shown.slice(0, waitedFor).entries()) await ensureStore(demo, index === 0);
	const others = Promise.all(
		shown.slice(waitedFor).map(async (demo) => {
			try {
				await ensureStore(demo, false);
				return [];
			} catch (error) {
				return [`${demo.name} is not live: ${error instanceof Error ? error.message : String(error)}`];
			}
		}),
	);
	return {
		signInUrl: `${origin}${await mintSignInLink(userId)}`,
		others: others.then((sentences) => sentences.flat()),
	};
}

/** Has no password: the links let in, and Settings sets one. */
async function ensureMerchant(): Promise<{ userId: string; merchantId: string }> {
	const db = dbFor("auth");
	const made = await db.transaction(async (tx) => {
		const userId = await createUser(tx, { email, passwordHash: null });
		if (!userId) return null;
		const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
		return { userId, merchantId: await createMerchant(tx, { name: merchantName, timeZone, ownerId: userId }) };
	});
	if (made) return made;
	const [user] = await db
		.select({ id: users.id })
		.from(users)
		.where(eq(sql`lower(${users.email})`, email));
	const [membership] = user ? await listMemberships(db, user.id) : [];
	if (!user || !membership) throw new Error("the demo's user belongs to no shop");
	return { userId: user.id, merchantId: membership.merchantId };
}

/** From keys to pushing, as a merchant would: connect, read, link, look at what would change, switch on. */
async function bringLive(
	ctx: Context,
	sandbox: SandboxContext,
	store: SandboxStore,
	{ isCatalogue }: { isCatalogue: boolean },
): Promise<void> {
	if (await hasBeenLive(ctx, store)) return;
	const connection = await connectSandboxStore(ctx, sandbox, store);
	if (connection.result === "failed") {
		const failed = connection.checks.find(({ state }) => state === "failed");
		throw new Error(`the demo's store ${store.name} could not be connected: ${failed?.sentence}`);
	}
	const { channelId } = connection;
	await untilRead(ctx, { channelId, merchantId: ctx.merchantId, platform: store.platform as Platform });
	if (isCatalogue) await startFromCatalogue(ctx, channelId, { isDryRun: false });
	else {
		await proposeMappings(ctx, [channelId]);
		await acceptCertain(ctx, channelId);
	}
	await dryRun(ctx, channelId, { markSeen: true });
	await switchPushingOn(ctx, channelId);
}

const readWithinMs = 30_000;

/** The functions read a store that was just connected; should none be running, it is read here. */
async function untilRead(ctx: Context, target: WorkTarget): Promise<void> {
	for (const end = Date.now() + readWithinMs; Date.now() < end; ) {
		const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
			tx.execute(sql`select 1 from channels where id = ${target.channelId} and state <> 'importing'`),
		);
		if (rows.length > 0) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	await readStore(clientFor("app"), target);
}

/** Once pushing has been switched on, or the store was disconnected, it is the person's. */
async function hasBeenLive(ctx: Context, store: SandboxStore): Promise<boolean> {
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute(sql`
			select 1 from channels where is_sandbox and platform = ${store.platform} and base_url like ${`%/${store.id}`}
				and (pushing_since is not null or state = 'disconnected')`),
	);
	return rows.length > 0;
}

async function acceptCertain(ctx: Context, channelId: string): Promise<void> {
	const filter = { channelIds: [channelId] };
	let batchId: string | undefined;
	for (;;) {
		const step = await acceptProposals(ctx, { threshold: 0.95, filter, batchId });
		batchId = step.batchId;
		if (step.isDone) return;
	}
}
