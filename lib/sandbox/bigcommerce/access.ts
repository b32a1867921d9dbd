/** Who calls: a token in X-Auth-Token, of an API account that the merchant made or of an app that was installed. */
import { randomBytes } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { sandboxTokens } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { settingsOf } from "./settings";
import { BcError, type Call, type Caller } from "./wire";

export const kinds = { access: "access_token", code: "auth_code" } as const;

/** All that an integration of stock may be granted. */
export const allScopes = [
	"store_v2_information_read_only",
	"store_v2_products",
	"store_inventory",
	"store_locations_read_only",
	"store_v2_orders",
	"store_v2_transactions_read_only",
] as const;

const readOnly = (scope: string) => (scope.endsWith("_read_only") ? scope : `${scope}_read_only`);

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
const word = (random: () => number, length: number) =>
	Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join("");

/** `account…`: the merchant's own API account. `app…`: the app that can be installed. */
export const newSecrets = (random: () => number): Record<string, string> => ({
	storeHash: word(random, 10),
	accountClientId: word(random, 31),
	accountClientSecret: randomBytes(32).toString("hex"),
	accountToken: word(random, 31),
	clientId: word(random, 31),
	clientSecret: randomBytes(32).toString("hex"),
});

/** A further token of the store. */
export async function addToken(
	ctx: SandboxContext,
	store: SandboxStore,
	is: Partial<Caller> & { scopes: readonly string[] },
): Promise<Caller & { token: string }> {
	const token = word(Math.random, 31);
	const caller: Caller = {
		clientId: is.clientId ?? word(Math.random, 31),
		clientSecret: is.clientSecret ?? randomBytes(32).toString("hex"),
		scopes: is.scopes,
	};
	await ctx.db.insert(sandboxTokens).values({ storeId: store.id, token, kind: kinds.access, data: { ...caller } });
	return { ...caller, token };
}

/** All tokens of an app, as after it was uninstalled. */
export async function revokeTokens(ctx: SandboxContext, store: SandboxStore, clientId: string): Promise<void> {
	const rows = await ctx.db
		.select({ token: sandboxTokens.token, data: sandboxTokens.data })
		.from(sandboxTokens)
		.where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.kind, kinds.access)));
	for (const { token, data } of rows) {
		if ((data as Partial<Caller>).clientId !== clientId) continue;
		await ctx.db.delete(sandboxTokens).where(and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, token)));
	}
}

/** Throws 401 for a token that is none. */
export async function authenticate(ctx: SandboxContext, store: SandboxStore, headers: Headers): Promise<Caller> {
	const token = headers.get("x-auth-token") ?? "";
	const { accountToken, accountClientId = "", accountClientSecret = "" } = store.secrets;
	const { accountMay } = settingsOf(store);
	if (token !== "" && token === accountToken && accountMay !== "nothing")
		return {
			clientId: accountClientId,
			clientSecret: accountClientSecret,
			scopes: accountMay === "all" ? allScopes : allScopes.map(readOnly),
		};
	const [row] = await ctx.db
		.select({ data: sandboxTokens.data })
		.from(sandboxTokens)
		.where(
			and(eq(sandboxTokens.storeId, store.id), eq(sandboxTokens.token, token), eq(sandboxTokens.kind, kinds.access)),
		);
	if (!row)
		throw new BcError(
			401,
			"Unauthorized - the v3 Auth client ID or token in the request are not a valid combination for this store.",
		);
	return row.data as Caller;
}

/** `scope` without `_read_only` grants reading as well. Throws 403. */
export function demand({ caller, method }: Pick<Call, "caller" | "method">, scope: string): void {
	const held = new Set(caller.scopes);
	const isRead = method === "GET" && held.has(`${scope}_read_only`);
	if (!held.has(scope) && !isRead) throw new BcError(403, "You don't have a required scope to access the endpoint");
}
