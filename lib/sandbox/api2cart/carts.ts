/** The stores that an API2Cart account has, each under its store key. */
import { randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { calmKnobs, sandboxStores } from "@/db/schema";
import { storeBaseUrl } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { settingsOf } from "./settings";
import { plainView } from "./views/plain";
import { shopifyView } from "./views/shopify";
import type { CartView, Shelf } from "./views/view";
import { woocommerceView } from "./views/woocommerce";

const views: Record<string, CartView> = { woocommerce: woocommerceView, shopify: shopifyView };

/** How a store of this kind is read. */
export const viewOf = (platform: string): CartView => views[platform] ?? plainView(platform);

/** One connected store: the sandbox store behind it, and how it is read. */
export type Cart = {
	storeKey: string;
	cartId: string;
	/** API2Cart's number of it. */
	number: string;
	url: string;
	label: string;
	backing: SandboxStore;
	platform: SandboxPlatform;
	view: CartView;
};

/** The kinds of stores that can lie behind; handed in, since the list of them names this one, too. */
export type Behind = (platform: string) => SandboxPlatform | null;

export const shelfOf = (
	ctx: SandboxContext,
	accountId: string,
	{ backing, platform }: Cart,
	db: Executor = ctx.db,
): Shelf => ({
	ctx,
	db,
	store: backing,
	platform,
	accountId,
});

type CartData = { backingId: string; cartId: string; number: string; label: string };
export type ListedCart = CartData & { storeKey: string; url: string };

export const newStoreKey = () => randomBytes(16).toString("hex");

export async function addCart(
	ctx: SandboxContext,
	account: Pick<SandboxStore, "id">,
	backing: SandboxStore,
	given: { storeKey: string; label: string; cartId: string | null },
): Promise<void> {
	const data: CartData = {
		backingId: backing.id,
		cartId: given.cartId ?? viewOf(backing.platform).cartId,
		number: String(1_000 + Math.floor(ctx.random() * 9_000_000)),
		label: given.label,
	};
	await ctx.db.execute(sql`
		insert into sandbox.tokens (store_id, token, kind, data, created_at)
		values (${account.id}, ${given.storeKey}, 'store_key', ${JSON.stringify(data)}::jsonb, ${ctx.now().toISOString()}::timestamptz)`);
}

export async function listCarts(ctx: SandboxContext, account: Pick<SandboxStore, "id">): Promise<ListedCart[]> {
	const rows = await ctx.db.execute<{ token: string; data: CartData; platform: string }>(sql`
		select t.token, t.data, s.platform from sandbox.tokens t join sandbox.stores s on s.id = t.data->>'backingId'
		where t.store_id = ${account.id} and t.kind = 'store_key' order by t.created_at, t.token`);
	return rows.map(({ token, data, platform }) => ({
		...data,
		storeKey: token,
		url: storeBaseUrl(ctx, { platform, id: data.backingId }),
	}));
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
export async function openCart(
	ctx: SandboxContext,
	behind: Behind,
	account: SandboxStore,
	storeKey: string,
): Promise<Cart | null> {
	const [row] = await ctx.db.execute<{ data: CartData; backing: SandboxStore }>(sql`
		select t.data, jsonb_build_object('id', s.id, 'platform', s.platform, 'name', s.name, 'madeBy', s.made_by, 'secrets', s.secrets,
			'settings', s.settings, 'knobs', s.knobs, 'counters', s.counters, 'nextId', s.next_id, 'lifePerMinute', s.life_per_minute) backing
		from sandbox.tokens t join sandbox.stores s on s.id = t.data->>'backingId'
		where t.store_id = ${account.id} and t.kind = 'store_key' and t.token = ${storeKey}`);
	const platform = row && behind(row.backing.platform);
	return row && platform
		? {
				...row.data,
				storeKey,
				url: storeBaseUrl(ctx, row.backing),
				backing: row.backing,
				platform,
				view: settingsOf(account).isPlain ? plainView(row.backing.platform) : viewOf(row.backing.platform),
			}
		: null;
}

export const shelfIn = ({ ctx, store, cart }: { ctx: SandboxContext; store: SandboxStore; cart: Cart }) =>
	shelfOf(ctx, store.id, cart);

/** The store that the account was made with: buyers and shopkeepers go there. */
export async function firstCart(ctx: SandboxContext, behind: Behind, account: SandboxStore): Promise<Cart> {
	const cart = await openCart(ctx, behind, account, account.secrets.storeKey ?? "");
	if (!cart)
		throw new Error(`Nothing lies behind the API2Cart account ${account.id}: fill it, or name a store that exists.`);
	return cart;
}

/** The first time that an account is filled a store is made behind it, unless its settings name one. */
export async function ensureFirstCart(ctx: SandboxContext, behind: Behind, account: SandboxStore): Promise<Cart> {
	const storeKey = account.secrets.storeKey ?? "";
	const known = await openCart(ctx, behind, account, storeKey);
	if (known) return known;
	const { backing, cartId } = settingsOf(account);
	const store = backing.storeId
		? await findBacking(ctx, backing.storeId)
		: await makeBacking(ctx, account, backing.platform, behind);
	if (!store || store.platform === account.platform)
		throw new Error(`API2Cart can't stand in front of ${backing.storeId ?? backing.platform}.`);
	await addCart(ctx, account, store, { storeKey, label: account.name, cartId });
	return firstCart(ctx, behind, account);
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
	const platform = kind === account.platform ? null : behind(kind);
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
