/** The stores that an API2Cart account has, each under its store key. */
import { randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { calmKnobs, sandboxStores } from "@/db/schema";
import { storeBaseUrl } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { settingsOf } from "./settings";
import { shopifyView } from "./views/shopify";
import type { CartView } from "./views/view";
import { woocommerceView } from "./views/woocommerce";
import { A2cError } from "./wire";

export const views: Record<string, CartView> = { woocommerce: woocommerceView, shopify: shopifyView };

/** One connected store: the sandbox store behind it, and how it is read. */
export type Cart = {
	storeKey: string;
	cartId: string;
	/** API2Cart's number of it. */
	number: string;
	url: string;
	label: string;
	backing: SandboxStore;
	view: CartView;
};

/** The kinds of stores that can lie behind; handed in, since the list of them names this one, too. */
export type Behind = (platform: string) => SandboxPlatform | null;

export function platformBehind(behind: Behind, { backing }: Cart): SandboxPlatform {
	const platform = behind(backing.platform);
	if (!platform) throw new Error(`There are no sandbox stores for ${backing.platform}.`);
	return platform;
}

type CartData = { backingId: string; cartId: string; number: string; url: string; label: string };

export const newStoreKey = () => randomBytes(16).toString("hex");

export async function addCart(
	ctx: SandboxContext,
	account: Pick<SandboxStore, "id">,
	backing: SandboxStore,
	given: { storeKey: string; label: string; cartId: string | null },
): Promise<void> {
	const data: CartData = {
		backingId: backing.id,
		cartId: given.cartId ?? views[backing.platform]?.cartId ?? backing.platform,
		number: String(1_000 + Math.floor(ctx.random() * 9_000_000)),
		url: storeBaseUrl(ctx, backing),
		label: given.label,
	};
	await ctx.db.execute(sql`
		insert into sandbox.tokens (store_id, token, kind, data, created_at)
		values (${account.id}, ${given.storeKey}, 'store_key', ${JSON.stringify(data)}::jsonb, ${ctx.now().toISOString()}::timestamptz)`);
}

export async function listCarts(
	ctx: SandboxContext,
	account: Pick<SandboxStore, "id">,
): Promise<(CartData & { storeKey: string })[]> {
	const rows = await ctx.db.execute<{ token: string; data: CartData }>(
		sql`select token, data from sandbox.tokens where store_id = ${account.id} and kind = 'store_key' order by created_at, token`,
	);
	return rows.map(({ token, data }) => ({ ...data, storeKey: token }));
}

export async function removeCart(
	ctx: SandboxContext,
	account: Pick<SandboxStore, "id">,
	storeKey: string,
): Promise<void> {
	await ctx.db.execute(
		sql`delete from sandbox.tokens where store_id = ${account.id} and token = ${storeKey} and kind = 'store_key'`,
	);
	await ctx.db.execute(
		sql`delete from sandbox.webhooks where store_id = ${account.id} and data->>'storeKey' = ${storeKey}`,
	);
}

/** Null: no such key, or the store behind it is gone. */
export async function openCart(ctx: SandboxContext, account: SandboxStore, storeKey: string): Promise<Cart | null> {
	const [row] = await ctx.db.execute<{ data: CartData; backing: SandboxStore }>(sql`
		select t.data, jsonb_build_object('id', s.id, 'platform', s.platform, 'name', s.name, 'madeBy', s.made_by, 'secrets', s.secrets,
			'settings', s.settings, 'knobs', s.knobs, 'counters', s.counters, 'nextId', s.next_id, 'lifePerMinute', s.life_per_minute) backing
		from sandbox.tokens t join sandbox.stores s on s.id = t.data->>'backingId'
		where t.store_id = ${account.id} and t.kind = 'store_key' and t.token = ${storeKey}`);
	const view = row && views[row.backing.platform];
	return row && view ? { ...row.data, storeKey, backing: row.backing, view } : null;
}

/** The store that the account was made with: buyers and shopkeepers go there. */
export async function firstCart(ctx: SandboxContext, account: SandboxStore): Promise<Cart> {
	const cart = await openCart(ctx, account, account.secrets.storeKey ?? "");
	if (!cart)
		throw new Error(`Nothing lies behind the API2Cart account ${account.id}: fill it, or name a store that exists.`);
	return cart;
}

/** The first time that an account is filled a store is made behind it, unless its settings name one. */
export async function ensureFirstCart(ctx: SandboxContext, account: SandboxStore, behind: Behind): Promise<Cart> {
	const storeKey = account.secrets.storeKey ?? "";
	const known = await openCart(ctx, account, storeKey);
	if (known) return known;
	const { backing, cartId } = settingsOf(account);
	const store = backing.storeId
		? await findBacking(ctx, backing.storeId)
		: await makeBacking(ctx, account, backing.platform, behind);
	if (!store || !views[store.platform])
		throw new Error(`API2Cart can't stand in front of ${backing.storeId ?? backing.platform}.`);
	await addCart(ctx, account, store, { storeKey, label: account.name, cartId });
	return firstCart(ctx, account);
}

export async function findBacking(ctx: SandboxContext, storeId: string): Promise<SandboxStore | null> {
	const [store] = await ctx.db.select().from(sandboxStores).where(eq(sandboxStores.id, storeId));
	return store ?? null;
}

/** Of the same owner, who finds it among the sandbox stores and may connect it directly, too. */
async function makeBacking(
	ctx: SandboxContext,
	account: SandboxStore,
	kind: string,
	behind: Behind,
): Promise<SandboxStore | null> {
	const platform = behind(kind);
	if (!platform) return null;
	const { secrets, settings } = platform.make(ctx.random);
	const [store] = await ctx.db
		.insert(sandboxStores)
		.values({
			id: `${account.id}-behind`,
			platform: kind,
			name: `${account.name} (${platform.label})`,
			madeBy: account.madeBy,
			secrets,
			settings,
			knobs: calmKnobs,
		})
		.returning();
	if (store) await platform.seed(ctx, store, []);
	return store ?? null;
}

export const noSuchKey = () => new A2cError(4, "Store access denied: incorrect store key.");
