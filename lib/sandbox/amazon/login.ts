/** Login with Amazon: the consent page, and the tokens. Another kind of server than the API: its errors have another shape. */
import { randomBytes, randomUUID } from "node:crypto";
import { storeBaseUrl } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { hasEnded, kindOfSecret, newSecret, type SecretKind } from "./app-secret";
import { settingsOf } from "./settings";
import { grantlessScopes, type TokenKind } from "./token-kinds";
import { dropToken, findToken, putToken } from "./tokens";
import { noToken, SpError, unauthorized } from "./wire";

const codeLifeMs = 5 * 60_000;
/** Ours: Amazon states none. */
const startLifeMs = 30 * 60_000;

export const newSecrets = (random: () => number): Record<string, string> => ({
	applicationId: `amzn1.sp.solution.${randomUUID()}`,
	clientId: `amzn1.application-oa2-client.${randomBytes(16).toString("hex")}`,
	clientSecret: newSecret(),
	refreshToken: `Atzr|${randomBytes(96).toString("base64url")}`,
	sellerId: `A${letters(13, random)}`,
	queueKeyId: `AKIA${letters(16, random)}`,
	queueSecret: randomBytes(30).toString("base64"),
});

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const letters = (count: number, random: () => number) =>
	Array.from({ length: count }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");

const refusal = (status: number, error: string, description: string) =>
	json(status, { error, error_description: description, request_id: randomUUID() });

const json = (status: number, body: unknown) =>
	new Response(JSON.stringify(body), {
		status,
		headers: { "content-type": "application/json;charset=UTF-8", "cache-control": "no-store" },
	});

export async function giveToken(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<Response> {
	if (request.method !== "POST") return refusal(400, "invalid_request", "The request method is not supported.");
	if (!/^application\/x-www-form-urlencoded/i.test(request.headers.get("content-type") ?? ""))
		return refusal(
			400,
			"invalid_request",
			"The Content-Type is not supported. Must be application/x-www-form-urlencoded",
		);
	const form = new URLSearchParams(await request.text());
	const { secrets } = store;
	const secret = kindOfSecret(store, form.get("client_secret"));
	// What was replaced and has ended is unknown; of the one that nobody replaced only the API says that it has.
	if (form.get("client_id") !== secrets.clientId || !secret || (secret === "previous" && hasEnded(ctx, store, secret)))
		return refusal(401, "invalid_client", "Client authentication failed");
	const settings = settingsOf(store);
	switch (form.get("grant_type")) {
		case "refresh_token":
			if (form.get("refresh_token") !== secrets.refreshToken)
				return refusal(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token");
			if (settings.isRevoked)
				return refusal(
					400,
					"invalid_grant",
					"The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
				);
			return granted(ctx, store, secret, "seller");
		case "authorization_code": {
			const code = await findToken<{ redirectUri: string }>(ctx.db, store.id, "code", form.get("code") ?? "");
			const isGood =
				code !== null &&
				code.data.redirectUri === form.get("redirect_uri") &&
				Date.parse(code.expires_at ?? "") > ctx.now().getTime() &&
				(await dropToken(ctx.db, store.id, "code", code.token));
			return isGood
				? granted(ctx, store, secret, "seller")
				: refusal(400, "invalid_grant", "The request has an invalid grant parameter : code");
		}
		case "client_credentials": {
			const kind = grantlessScopes[form.get("scope") ?? ""];
			return kind
				? granted(ctx, store, secret, kind)
				: refusal(400, "invalid_scope", "The requested scope is invalid.");
		}
		default:
			return refusal(400, "unsupported_grant_type", "The authorization grant type is not supported by the server");
	}
}

async function granted(
	ctx: SandboxContext,
	store: SandboxStore,
	secret: SecretKind,
	kind: TokenKind,
): Promise<Response> {
	const token = `Atza|${randomBytes(96).toString("base64url")}`;
	const now = ctx.now();
	const { tokenLifeMs } = settingsOf(store);
	await putToken(ctx.db, store.id, {
		token,
		kind: "access",
		// Which of them it was is known for as long as it is so.
		data: { kind, secret: secret === "current" ? store.secrets.clientSecret : store.secrets.previousSecret },
		expiresAt: new Date(now.getTime() + tokenLifeMs),
		createdAt: now,
	});
	return json(200, {
		access_token: token,
		token_type: "bearer",
		expires_in: Math.round(tokenLifeMs / 1_000),
		...(kind === "seller"
			? { refresh_token: store.secrets.refreshToken }
			: { scope: Object.keys(grantlessScopes).find((scope) => grantlessScopes[scope] === kind) }),
	});
}

/** Throws what Amazon answers to a caller that it does not let in. */
export async function authenticate(
	ctx: SandboxContext,
	store: SandboxStore,
	request: Request,
	as: TokenKind,
): Promise<void> {
	const token = request.headers.get("x-amz-access-token");
	if (!token) throw noToken();
	// Refused by its form, before any look-up.
	if (!/Language=/.test(request.headers.get("user-agent") ?? ""))
		throw new SpError(400, "InvalidInput", "User-Agent header is missing or malformed.");
	const known = await findToken<{ kind: string; secret: string }>(ctx.db, store.id, "access", token);
	if (!known) throw unauthorized("The access token you provided is revoked, malformed or invalid.");
	const secret = kindOfSecret(store, known.data.secret);
	if (!secret || hasEnded(ctx, store, secret)) throw unauthorized("The LWA secret token you provided has expired.");
	if (Date.parse(known.expires_at ?? "") <= ctx.now().getTime())
		throw unauthorized("The access token you provided has expired.");
	if (known.data.kind !== as) throw unauthorized();
}

/** The app's page in the Appstore, and its "Authorize now": opens the app's log-in URI, `login_uri`, which stands in its registration. */
export async function appstorePage(ctx: SandboxContext, store: SandboxStore, url: URL): Promise<Response> {
	const loginUri = url.searchParams.get("login_uri") ?? "";
	if (!/^https?:\/\//.test(loginUri) || !URL.canParse(loginUri)) return page(400, "The app has no log-in URI.");
	const now = ctx.now();
	const token = randomBytes(16).toString("hex");
	const expiresAt = new Date(now.getTime() + startLifeMs);
	await putToken(ctx.db, store.id, { token, kind: "start", data: {}, expiresAt, createdAt: now });
	const to = new URL(loginUri);
	const callback = `${storeBaseUrl(ctx, store)}/apps/authorize/confirm/${store.secrets.applicationId}`;
	to.searchParams.set("amazon_callback_uri", callback);
	to.searchParams.set("amazon_state", token);
	to.searchParams.set("selling_partner_id", store.secrets.sellerId ?? "");
	return new Response(null, { status: 302, headers: { location: to.href } });
}

/** Where the app sends back who began in the Appstore: goes on as if they had come from the app. */
export async function confirmPage(ctx: SandboxContext, store: SandboxStore, url: URL): Promise<Response> {
	const started = url.searchParams.get("amazon_state") ?? "";
	const known = await findToken(ctx.db, store.id, "start", started);
	const isFresh = known !== null && Date.parse(known.expires_at ?? "") > ctx.now().getTime();
	if (!isFresh || !(await dropToken(ctx.db, store.id, "start", started))) return page(400, "This page has expired.");
	const asked = new URL(url);
	asked.searchParams.set("application_id", url.pathname.slice(url.pathname.lastIndexOf("/") + 1));
	return consentPage(ctx, store, asked);
}

const page = (status: number, text: string) =>
	new Response(`<!doctype html><title>Amazon</title><h1>${text}</h1>`, {
		status,
		headers: { "content-type": "text/html" },
	});

/** Seller Central's page: whoever comes is signed in, and agrees or not as the account is set. */
export async function consentPage(ctx: SandboxContext, store: SandboxStore, url: URL): Promise<Response> {
	const { searchParams: query } = url;
	const redirectUri = query.get("redirect_uri") ?? "";
	if (query.get("application_id") !== store.secrets.applicationId) return page(400, "Error MD1000");
	if (!URL.canParse(redirectUri)) return page(400, "Error MD5101");
	const back = new URL(redirectUri);
	if (query.has("state")) back.searchParams.set("state", query.get("state") ?? "");
	if (settingsOf(store).consents) {
		const token = randomBytes(10).toString("hex");
		const now = ctx.now();
		const expiresAt = new Date(now.getTime() + codeLifeMs);
		await putToken(ctx.db, store.id, { token, kind: "code", data: { redirectUri }, expiresAt, createdAt: now });
		back.searchParams.set("selling_partner_id", store.secrets.sellerId ?? "");
		back.searchParams.set("spapi_oauth_code", token);
	}
	return new Response(null, { status: 302, headers: { location: back.href } });
}
