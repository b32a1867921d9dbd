/**
 * Making and handling sandbox stores: what the sandbox page and tests do. These are the store owner's and the buyers'
 * hands, not the wire: no knob stands between them and the store.
 */
import { randomBytes } from "node:crypto";
import { and, desc, eq, sql } from "drizzle-orm";
import { calmKnobs, type Knobs, type Platform, sandboxRequests, sandboxStores, sandboxWebhooks } from "@/db/schema";
import { findStore, forgetStore } from "./context";
import { knobsOf } from "./knobs";
import { sandboxPlatform } from "./platforms";
import { flushRequests } from "./requests";
import type {
	CheckoutResult,
	OwnersStep,
	Payment,
	Restriction,
	SandboxContext,
	SandboxKeys,
	SandboxPlatform,
	SandboxStore,
	SeedProduct,
	ShownItem,
} from "./sandbox-platform";

export class NoSuchSandboxStore extends Error {
	override name = "NoSuchSandboxStore";
	constructor(storeId: string) {
		super(`There is no sandbox store ${storeId}.`);
	}
}

/** This platform's sandbox store was not taught to do it. */
export class NoSuchHand extends Error {
	override name = "NoSuchHand";
	constructor(platform: SandboxPlatform, hand: "take" | "remove" | "restrict") {
		super(`Sandbox stores of ${platform.label} have no hand "${hand}".`);
	}
}

export async function createSandboxStore(
	ctx: SandboxContext,
	options: {
		platform: Platform;
		name: string;
		madeBy?: string | null;
		products?: SeedProduct[];
		knobs?: Partial<Knobs>;
		/** Over those that the platform makes. */
		settings?: Record<string, unknown>;
		lifePerMinute?: number;
	},
): Promise<SandboxStore> {
	const platform = sandboxPlatform(options.platform);
	if (!platform) throw new Error(`There are no sandbox stores for ${options.platform}.`);
	const made = platform.make(ctx.random);
	const [store] = await ctx.db
		.insert(sandboxStores)
		.values({
			id: `${slug(options.name)}-${randomBytes(4).toString("hex")}`,
			platform: options.platform,
			name: options.name,
			madeBy: options.madeBy ?? null,
			secrets: made.secrets,
			settings: { ...made.settings, ...options.settings },
			knobs: { ...calmKnobs, ...options.knobs },
			lifePerMinute: options.lifePerMinute ?? 0,
		})
		.returning();
	if (!store) throw new Error("The sandbox store was not written.");
	await platform.seed(ctx, store, options.products ?? []);
	return store;
}

const slug = (name: string) =>
	name
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "")
		.slice(0, 24) || "store";

/** Newest first; `madeBy` null or absent lists everybody's. */
export async function listSandboxStores(ctx: SandboxContext, madeBy?: string | null): Promise<SandboxStore[]> {
	return ctx.db
		.select()
		.from(sandboxStores)
		.where(madeBy ? eq(sandboxStores.madeBy, madeBy) : undefined)
		.orderBy(desc(sandboxStores.createdAt));
}

export async function getSandboxStore(ctx: SandboxContext, storeId: string): Promise<SandboxStore | null> {
	const [store] = await ctx.db.select().from(sandboxStores).where(eq(sandboxStores.id, storeId));
	return store ?? null;
}

export async function deleteSandboxStore(ctx: SandboxContext, storeId: string): Promise<void> {
	await ctx.db.delete(sandboxStores).where(eq(sandboxStores.id, storeId));
	forgetStore(ctx.db, storeId);
}

/** Changes the knobs that are given; the rest stay as they are. */
export async function setKnobs(ctx: SandboxContext, storeId: string, knobs: Partial<Knobs>): Promise<Knobs> {
	return knobsOf(await change(ctx, storeId, { knobs: sql`${sandboxStores.knobs} || ${JSON.stringify(knobs)}::jsonb` }));
}

/** All zero again: a good day. */
export const calmStore = (ctx: SandboxContext, storeId: string): Promise<Knobs> => setKnobs(ctx, storeId, calmKnobs);

export async function setStoreSettings(
	ctx: SandboxContext,
	storeId: string,
	settings: Record<string, unknown>,
): Promise<SandboxStore> {
	return change(ctx, storeId, { settings: sql`${sandboxStores.settings} || ${JSON.stringify(settings)}::jsonb` });
}

/** Orders a minute from made-up buyers; 0: quiet. */
export async function setLife(ctx: SandboxContext, storeId: string, lifePerMinute: number): Promise<void> {
	await change(ctx, storeId, { lifePerMinute });
}

type Changes = Parameters<ReturnType<SandboxContext["db"]["update"]>["set"]>[0];

async function change(ctx: SandboxContext, storeId: string, changes: Changes): Promise<SandboxStore> {
	const [store] = await ctx.db.update(sandboxStores).set(changes).where(eq(sandboxStores.id, storeId)).returning();
	if (!store) throw new NoSuchSandboxStore(storeId);
	forgetStore(ctx.db, storeId);
	return store;
}

async function open(ctx: SandboxContext, storeId: string): Promise<[SandboxPlatform, SandboxStore]> {
	const store = await findStore(ctx.db, storeId);
	const platform = store && sandboxPlatform(store.platform);
	if (!store || !platform) throw new NoSuchSandboxStore(storeId);
	return [platform, store];
}

export type SoldLine = { sku: string; quantity: number };

/** What a merchant would copy out of the store's admin in order to connect it. */
export async function sandboxKeys(ctx: SandboxContext, storeId: string): Promise<SandboxKeys> {
	const [platform, store] = await open(ctx, storeId);
	return platform.keys(ctx, store);
}

export async function seedStore(ctx: SandboxContext, storeId: string, products: SeedProduct[]): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	await platform.seed(ctx, store, products);
}

export async function checkout(
	ctx: SandboxContext,
	storeId: string,
	lines: SoldLine[],
	payment?: Payment,
): Promise<CheckoutResult> {
	const [platform, store] = await open(ctx, storeId);
	return platform.checkout(ctx, store, lines, payment);
}

export async function cancelOrder(
	ctx: SandboxContext,
	storeId: string,
	orderId: string,
	restock: boolean,
): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	await platform.cancel(ctx, store, orderId, restock);
}

export async function refundOrder(
	ctx: SandboxContext,
	storeId: string,
	orderId: string,
	lines: SoldLine[],
	restock: boolean | "elsewhere",
): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	await platform.refund(ctx, store, orderId, lines, restock);
}

export async function editOrder(
	ctx: SandboxContext,
	storeId: string,
	orderId: string,
	sku: string,
	quantity: number,
): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	await platform.edit(ctx, store, orderId, [{ sku, quantity }]);
}

/** Several lines in one edit: units of one SKU for those of another, for example. */
export async function exchangeLines(
	ctx: SandboxContext,
	storeId: string,
	orderId: string,
	lines: readonly SoldLine[],
): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	await platform.edit(ctx, store, orderId, lines);
}

/** The owner ships, marks as paid, trashes …; throws where the platform knows no such step. */
export async function takeStep(ctx: SandboxContext, storeId: string, orderId: string, step: OwnersStep): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	if (!platform.take) throw new NoSuchHand(platform, "take");
	await platform.take(ctx, store, orderId, step);
}

/** The owner deletes the product that carries this SKU, past any trash. */
export async function removeProduct(ctx: SandboxContext, storeId: string, sku: string): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	if (!platform.remove) throw new NoSuchHand(platform, "remove");
	await platform.remove(ctx, store, sku);
}

/** The owner takes rights back from the keys that the store hands out. */
export async function restrictKeys(ctx: SandboxContext, storeId: string, to: Restriction): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	if (!platform.restrict) throw new NoSuchHand(platform, "restrict");
	await platform.restrict(ctx, store, to);
	forgetStore(ctx.db, storeId);
}

export type StandingWebhook = { id: string; topic: string; url: string };

/** The webhooks that would be told of a change now. */
export async function standingWebhooks(ctx: SandboxContext, storeId: string): Promise<StandingWebhook[]> {
	const { id, topic, url, status } = sandboxWebhooks;
	return ctx.db
		.select({ id, topic, url })
		.from(sandboxWebhooks)
		.where(and(eq(sandboxWebhooks.storeId, storeId), eq(status, "active")))
		.orderBy(id);
}

const whenGivenUp = (platform: SandboxPlatform) => platform.afterFailures(1_000, 1_000);

/** Whether stores of this platform ever drop a webhook. */
export function dropsWebhooks(platform: string): boolean {
	const sandbox = sandboxPlatform(platform);
	return sandbox !== null && whenGivenUp(sandbox) !== "keep";
}

/** As after failures without end: the platform switches these webhooks off or deletes them. False: it never does. */
export async function giveUpWebhooks(
	ctx: SandboxContext,
	storeId: string,
	webhooks: readonly StandingWebhook[],
): Promise<boolean> {
	const [platform] = await open(ctx, storeId);
	const verdict = whenGivenUp(platform);
	if (verdict === "keep") return false;
	for (const { id } of webhooks) {
		const one = and(eq(sandboxWebhooks.storeId, storeId), eq(sandboxWebhooks.id, id));
		if (verdict === "delete") await ctx.db.delete(sandboxWebhooks).where(one);
		else await ctx.db.update(sandboxWebhooks).set({ status: "disabled" }).where(one);
	}
	return true;
}

/** Somebody types a number in the store's own admin. */
export async function setQuantity(ctx: SandboxContext, storeId: string, sku: string, quantity: number): Promise<void> {
	const [platform, store] = await open(ctx, storeId);
	await platform.setQuantity(ctx, store, sku, quantity);
}

/** What the store shows now, by its own truth. */
export async function quantities(ctx: SandboxContext, storeId: string): Promise<ShownItem[]> {
	const [platform, store] = await open(ctx, storeId);
	return platform.quantities(ctx, store);
}

/** What came over the wire since an id, oldest first. */
export async function wireRequests(ctx: SandboxContext, storeId: string, sinceId = 0, limit = 200) {
	await flushRequests(ctx.db);
	return ctx.db
		.select()
		.from(sandboxRequests)
		.where(and(eq(sandboxRequests.storeId, storeId), sql`${sandboxRequests.id} > ${sinceId}`))
		.orderBy(sandboxRequests.id)
		.limit(limit);
}

/** How many requests of each sort came; for tests that count calls. */
export async function countWireRequests(ctx: SandboxContext, storeId: string): Promise<Record<string, number>> {
	await flushRequests(ctx.db);
	const rows = await ctx.db.execute<{ what: string; count: number }>(
		sql`select what, count(*)::int count from sandbox.requests where store_id = ${storeId} group by what`,
	);
	return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
}

/** How the news fares: waiting, sent, failed, lost, dropped. */
export async function countDeliveries(ctx: SandboxContext, storeId: string): Promise<Record<string, number>> {
	const rows = await ctx.db.execute<{ state: string; count: number }>(
		sql`select state, count(*)::int count from sandbox.deliveries where store_id = ${storeId} group by state`,
	);
	return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
