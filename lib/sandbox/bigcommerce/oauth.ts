/**
 * The login host and the control panel's side of installing an app: it begins there, with a code for the app's callback;
 * what the app's pages are later opened with is a signed token.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { sandboxTokens } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { addToken, allScopes, kinds, revokeTokens } from "./access";
import { changeShop, uninstalledEvent } from "./news";

const codeLifeMs = 60_000;
const owner = { id: 7, username: "owner@example.com", email: "owner@example.com" };

const contextOf = (store: SandboxStore) => `stores/${store.secrets.storeHash}`;

export async function login(
	ctx: SandboxContext,
	store: SandboxStore,
	request: Request,
	path: string,
): Promise<Response> {
	if (path === "/login/oauth2/token" && request.method === "POST") return exchange(ctx, store, request);
	if (path === "/manage/apps/install" && request.method === "GET") return install(ctx, store, request);
	return new Response("Not Found", { status: 404 });
}

/** The merchant's click on "Install": `redirect_uri` stands for the callback in the app's profile. */
async function install(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Response> {
	const query = new URL(request.url).searchParams;
	const callback = query.get("redirect_uri") ?? "";
	if (!/^https?:\/\//.test(callback)) return new Response("The app has no callback.", { status: 400 });
	const back = new URL(callback);
	for (const [name, value] of Object.entries(await grantCode(ctx, store, callback))) back.searchParams.set(name, value);
	return new Response(null, { status: 302, headers: { location: back.href } });
}

/** What the callback is opened with. */
export async function grantCode(
	ctx: SandboxContext,
	store: SandboxStore,
	redirectUri: string,
	scopes: readonly string[] = allScopes,
): Promise<Record<string, string>> {
	const code = randomBytes(16).toString("hex");
	const scope = scopes.join(" ");
	await ctx.db.insert(sandboxTokens).values({
		storeId: store.id,
		token: code,
		kind: kinds.code,
		data: { redirectUri, scope },
		expiresAt: new Date(ctx.now().getTime() + codeLifeMs),
	});
	return { account_uuid: "8d4d492f-17a1-4d95-b396-e1c5720815a5", code, context: contextOf(store), scope };
}

async function exchange(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Response> {
	const given = await readBody(request);
	const { clientId = "", clientSecret = "" } = store.secrets;
	if (!isSame(given.client_id, clientId) || !isSame(given.client_secret, clientSecret))
		return refuse("invalid_client", "Client authentication failed.");
	if (given.grant_type !== "authorization_code")
		return refuse("unsupported_grant_type", "The grant type is not supported.");
	const isIt = and(
		eq(sandboxTokens.storeId, store.id),
		eq(sandboxTokens.token, String(given.code ?? "")),
		eq(sandboxTokens.kind, kinds.code),
	);
	const [used] = await ctx.db.delete(sandboxTokens).where(isIt).returning();
	const isFresh = used?.expiresAt && used.expiresAt.getTime() > ctx.now().getTime();
	const isAsGranted =
		given.context === contextOf(store) &&
		given.scope === used?.data.scope &&
		given.redirect_uri === used?.data.redirectUri;
	if (!isFresh || !isAsGranted) return refuse("invalid_grant", "The authorization code is invalid or has expired.");
	const scope = String(used.data.scope);
	// A newer grant of the same app replaces the older.
	await revokeTokens(ctx, store, clientId);
	const { token } = await addToken(ctx, store, { clientId, clientSecret, scopes: scope.split(" ") });
	return Response.json({
		access_token: token,
		scope,
		user: owner,
		owner,
		context: contextOf(store),
		account_uuid: "8d4d492f-17a1-4d95-b396-e1c5720815a5",
	});
}

async function readBody(request: Request): Promise<Record<string, unknown>> {
	const text = await request.text();
	try {
		return (JSON.parse(text) ?? {}) as Record<string, unknown>;
	} catch {
		return Object.fromEntries(new URLSearchParams(text));
	}
}

function isSame(given: unknown, wanted: string): boolean {
	const [a, b] = [Buffer.from(String(given ?? "")), Buffer.from(wanted)];
	return wanted !== "" && a.length === b.length && timingSafeEqual(a, b);
}

const refuse = (error: string, description: string) =>
	Response.json({ error, error_description: description }, { status: 400 });

/** The token that the app's load, uninstall and remove-user addresses are opened with; a day long. */
export function signedPayload(ctx: SandboxContext, store: SandboxStore): string {
	const now = Math.floor(ctx.now().getTime() / 1_000);
	const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
	const head = part({ alg: "HS256", typ: "JWT" });
	const payload = part({
		aud: store.secrets.clientId,
		iss: "bc",
		iat: now,
		nbf: now - 5,
		exp: now + 86_400,
		jti: randomBytes(8).toString("hex"),
		sub: contextOf(store),
		user: { id: owner.id, email: owner.email, locale: "en-US" },
		owner: { id: owner.id, email: owner.email },
		url: "/",
		channel_id: null,
	});
	const mac = createHmac("sha256", store.secrets.clientSecret ?? "")
		.update(`${head}.${payload}`)
		.digest("base64url");
	return `${head}.${payload}.${mac}`;
}

/** The merchant removes the app: its webhooks tell so once and are gone, and its token with them. */
export async function uninstall(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	await changeShop(ctx, store, async (_tx, tell) => tell(uninstalledEvent()));
	await revokeTokens(ctx, store, store.secrets.clientId ?? "");
}
