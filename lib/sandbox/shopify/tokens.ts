/**
 * Access that the store has granted. A store has its own permanent token; apps get tokens by the ways below. An
 * expiring token lives an hour; its refresh token 90 days, and is replaced on use, but the old one may be tried again
 * until the replacement is first used (a lost answer must not lock an app out).
 */
import { randomBytes } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { sandboxTokens } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { settingsOf } from "./settings";

const accessMs = 3_600_000;
const refreshMs = 90 * 86_400_000;
const replacedRefreshMs = 30 * 86_400_000;
const clientCredentialsMs = 86_399_000;
const codeMs = 60_000;

export type TokenPair = {
	access_token: string;
	scope: string;
	expires_in?: number;
	refresh_token?: string;
	refresh_token_expires_in?: number;
};

type TokenRow = typeof sandboxTokens.$inferSelect;
type TokenData = {
	scopes: string[];
	/** The refresh token that this one replaced: dead as soon as this one is used. */
	replaces?: string;
	/** When a refresh token was first exchanged. */
	exchangedAt?: string;
	redirectUri?: string;
	isUsed?: boolean;
};
const dataOf = (row: TokenRow) => row.data as TokenData;

const secret = (prefix: string) => `${prefix}_${randomBytes(16).toString("hex")}`;

/** `write_x` implies `read_x`. */
export function impliedScopes(scopes: readonly string[]): Set<string> {
	const all = new Set(scopes);
	for (const scope of scopes) if (scope.startsWith("write_")) all.add(scope.replace("write_", "read_"));
	return all;
}

/** A token stays in memory this long, so that a call does not cost a look-up. */
const cacheMs = 250;
const shared = globalThis as {
	onecountShopifyTokens?: WeakMap<Database, Map<string, { row: TokenRow | null; readAt: number }>>;
};
function cacheOf(db: Database) {
	shared.onecountShopifyTokens ??= new WeakMap();
	let cache = shared.onecountShopifyTokens.get(db);
	if (!cache) {
		cache = new Map();
		shared.onecountShopifyTokens.set(db, cache);
	}
	return cache;
}

async function findToken(ctx: SandboxContext, store: SandboxStore, token: string): Promise<TokenRow | null> {
	const cache = cacheOf(ctx.db);
	const key = `${store.id} ${token}`;
	const known = cache.get(key);
	if (known && performance.now() - known.readAt < cacheMs) return known.row;
	const [row = null] = await ctx.db
		.select()
		.from(sandboxTokens)
		.where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, token)));
	if (cache.size > 1_000) cache.clear();
	cache.set(key, { row, readAt: performance.now() });
	return row;
}

/** The scopes of a token that is good now; null for any other. */
export async function scopesOf(
	ctx: SandboxContext,
	store: SandboxStore,
	token: string | null,
): Promise<Set<string> | null> {
	const settings = settingsOf(store);
	if (!token || !settings.isInstalled) return null;
	if (token === store.secrets.accessToken) return impliedScopes(settings.scopes);
	const row = await findToken(ctx, store, token);
	if (row?.kind !== "access" || isOver(ctx, row)) return null;
	await markUsed(ctx, store, row);
	return impliedScopes(dataOf(row).scopes);
}

const isOver = (ctx: SandboxContext, row: TokenRow) => row.expiresAt !== null && row.expiresAt <= ctx.now();

/** The first use of a replacement ends what it replaced. */
async function markUsed(ctx: SandboxContext, store: SandboxStore, row: TokenRow): Promise<void> {
	const { replaces, isUsed } = dataOf(row);
	if (!replaces || isUsed) return;
	row.data = { ...row.data, isUsed: true };
	await ctx.db.transaction(async (tx) => {
		await tx.execute(
			sql`delete from sandbox.tokens where store_id = ${store.id} and token = ${replaces} and kind = 'refresh'`,
		);
		await tx.execute(sql`
			update sandbox.tokens set data = data || '{"isUsed": true}' where store_id = ${store.id} and data->>'replaces' = ${replaces}`);
	});
}

export async function grantCode(
	ctx: SandboxContext,
	store: SandboxStore,
	scopes: string[],
	redirectUri: string,
): Promise<string> {
	const code = randomBytes(16).toString("hex");
	await insert(ctx, store, code, "code", { scopes, redirectUri }, codeMs);
	return code;
}

/** A code buys one token, once. */
export async function redeemCode(
	ctx: SandboxContext,
	store: SandboxStore,
	code: string,
	isExpiring: boolean,
): Promise<TokenPair | null> {
	const [row] = await ctx.db
		.delete(sandboxTokens)
		.where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, code), eq(sandboxTokens.kind, "code")))
		.returning();
	if (!row || isOver(ctx, row)) return null;
	const { scopes } = dataOf(row);
	return isExpiring ? grantPair(ctx, store, scopes) : grantPermanent(ctx, store, scopes);
}

export async function refresh(ctx: SandboxContext, store: SandboxStore, token: string): Promise<TokenPair | null> {
	const [row] = await ctx.db
		.select()
		.from(sandboxTokens)
		.where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, token), eq(sandboxTokens.kind, "refresh")));
	if (!row || isOver(ctx, row)) return null;
	await markUsed(ctx, store, row);
	if (!dataOf(row).exchangedAt) {
		const now = ctx.now();
		const lastChance = new Date(Math.min(now.getTime() + replacedRefreshMs, row.expiresAt?.getTime() ?? 0));
		await ctx.db
			.update(sandboxTokens)
			.set({ data: { ...row.data, exchangedAt: now.toISOString() }, expiresAt: lastChance })
			.where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, token)));
	}
	return grantPair(ctx, store, dataOf(row).scopes, token);
}

/** A permanent token for an expiring pair; the permanent one dies with it. */
export async function migrate(ctx: SandboxContext, store: SandboxStore, token: string): Promise<TokenPair | null> {
	if (token === store.secrets.accessToken) return grantPair(ctx, store, settingsOf(store).scopes);
	const [row] = await ctx.db
		.delete(sandboxTokens)
		.where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, token), eq(sandboxTokens.kind, "access")))
		.returning();
	cacheOf(ctx.db).delete(`${store.id} ${token}`);
	return row && !isOver(ctx, row) ? grantPair(ctx, store, dataOf(row).scopes) : null;
}

export async function grantClientCredentials(ctx: SandboxContext, store: SandboxStore): Promise<TokenPair> {
	const { scopes } = settingsOf(store);
	const token = secret("shpat");
	await insert(ctx, store, token, "access", { scopes }, clientCredentialsMs);
	return { access_token: token, scope: scopes.join(","), expires_in: clientCredentialsMs / 1_000 };
}

async function grantPermanent(ctx: SandboxContext, store: SandboxStore, scopes: string[]): Promise<TokenPair> {
	const token = secret("shpat");
	await insert(ctx, store, token, "access", { scopes }, null);
	return { access_token: token, scope: scopes.join(",") };
}

async function grantPair(
	ctx: SandboxContext,
	store: SandboxStore,
	scopes: string[],
	replaces?: string,
): Promise<TokenPair> {
	const access = secret("shpat");
	const refreshToken = secret("shprt");
	await insert(ctx, store, access, "access", { scopes, replaces }, accessMs);
	await insert(ctx, store, refreshToken, "refresh", { scopes, replaces }, refreshMs);
	return {
		access_token: access,
		scope: scopes.join(","),
		expires_in: accessMs / 1_000,
		refresh_token: refreshToken,
		refresh_token_expires_in: refreshMs / 1_000,
	};
}

async function insert(
	ctx: SandboxContext,
	store: SandboxStore,
	token: string,
	kind: "code" | "access" | "refresh",
	data: TokenData,
	livesMs: number | null,
): Promise<void> {
	await ctx.db.insert(sandboxTokens).values({
		storeId: store.id,
		token,
		kind,
		data,
		expiresAt: livesMs === null ? null : new Date(ctx.now().getTime() + livesMs),
		createdAt: ctx.now(),
	});
}
