/**
 * How a store lets us in: by Shopify's OAuth (an app that merchants install, with expiring offline tokens), by client
 * credentials (a merchant's own app in the same organisation), or by a pasted token of an older custom app.
 * What is kept is the connection's `access`; `kind` says how it is renewed.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { z } from "zod";
import type { AppCredentials, Connection, RefreshedAccess } from "../channel-adapter";
import { ChannelError } from "../errors";
import type { HttpClient, HttpReply } from "../http";
import { jsonIn } from "../json-in";
import { grantReply } from "./api-types";
import { askedScopes } from "./facts";

/**
 * - `token`: `{ kind, accessToken }`, never expires and is never refreshed.
 * - `oauth`: `{ kind, accessToken, refreshToken, refreshExpiresAt, scope }`.
 * - `client_credentials`: `{ kind, clientId, clientSecret, accessToken, scope }`.
 */
export type AccessKind = "token" | "oauth" | "client_credentials";

/** What people type → `nordlicht.myshopify.com`; null for what can't be a Shopify store (a shop's own domain can't be resolved to one). */
export function normaliseShop(typed: string): string | null {
	const text = typed.trim().toLowerCase();
	const inAdmin = /^(?:https?:\/\/)?admin\.shopify\.com\/store\/([^/?#]+)/.exec(text)?.[1];
	const host = inAdmin ?? text.replace(/^https?:\/\//, "").replace(/[/?#].*$/, "");
	const name = host.replace(/\.myshopify\.com$/, "");
	return /^[a-z0-9][a-z0-9-]*$/.test(name) ? `${name}.myshopify.com` : null;
}

export const isShopDomain = (shop: string) => /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i.test(shop);

/** The only places that a browser is ever sent to: a shop by its exact name, or a sandbox store's path on this very site. */
const isShopBase = (baseUrl: string) =>
	/^\/sandbox\/shopify\/[A-Za-z0-9_-]+$/.test(baseUrl) ||
	(baseUrl.startsWith("https://") && isShopDomain(baseUrl.slice("https://".length)));

/** 32 random bytes, to be kept in a signed cookie until the callback. */
export const newState = () => randomBytes(32).toString("hex");

/** Where the merchant agrees. An empty `grant_options[]` asks for an offline token. Throws for what is no shop's address. */
export function authorizeUrl(to: { baseUrl: string; clientId: string; redirectUri: string; state: string }): string {
	if (!isShopBase(to.baseUrl)) throw new Error(`A browser is never sent to ${to.baseUrl} to agree.`);
	const query = new URLSearchParams({
		client_id: to.clientId,
		scope: Object.keys(askedScopes).join(","),
		redirect_uri: to.redirectUri,
		state: to.state,
		"grant_options[]": "",
	});
	return `${to.baseUrl}/admin/oauth/authorize?${query}`;
}

/** A person waits for it. */
const askShopTimeoutMs = 8_000;

/**
 * Asks the page where the merchant will agree, before a browser is sent there: a mistyped name would lead to an error
 * page that is none of ours, or to silence. Throws ChannelError; what the page says is for the merchant to read.
 */
export async function askForShop(http: HttpClient, baseUrl: string): Promise<void> {
	const url = `${baseUrl}/admin/oauth/authorize`;
	const { status } = await http.send({ method: "GET", url, timeoutMs: askShopTimeoutMs });
	if (status === 404) throw noShop(status);
}

const noShop = (status: number) =>
	new ChannelError("not_a_store", "No Shopify store answers at this address.", {
		fix: "Check the shop's name: it is what stands before .myshopify.com.",
		code: `HTTP_${status}`,
	});

export type CallbackVerdict =
	| { verdict: "accepted"; shop: string; code: string }
	| { verdict: "rejected"; reason: "signature" | "state" | "expired" | "shop" | "denied" };

const callbackAgeMs = 90_000;

/** Pure: whether a callback comes from Shopify, belongs to the browser that asked, and is fresh. */
export function verifyCallback(
	query: URLSearchParams,
	expected: { clientSecret: string; state: string; now: Date },
): CallbackVerdict {
	const given = Buffer.from(query.get("hmac") ?? "", "hex");
	const right = createHmac("sha256", expected.clientSecret).update(callbackMessage(query)).digest();
	if (given.length !== right.length || !timingSafeEqual(given, right))
		return { verdict: "rejected", reason: "signature" };
	if (!sameText(query.get("state") ?? "", expected.state)) return { verdict: "rejected", reason: "state" };
	const sentAt = Number(query.get("timestamp")) * 1_000;
	// Also for a timestamp that is none.
	if (!(Math.abs(expected.now.getTime() - sentAt) <= callbackAgeMs)) return { verdict: "rejected", reason: "expired" };
	const shop = query.get("shop") ?? "";
	if (!isShopDomain(shop)) return { verdict: "rejected", reason: "shop" };
	const code = query.get("code");
	return code ? { verdict: "accepted", shop: shop.toLowerCase(), code } : { verdict: "rejected", reason: "denied" };
}

/** What the callback's signature covers: every other parameter, sorted, percent-encoded (a space as %20). */
export function callbackMessage(query: URLSearchParams): string {
	return [...query]
		.filter(([name]) => name !== "hmac" && name !== "signature")
		.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
		.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
		.join("&");
}

function sameText(a: string, b: string): boolean {
	const [left, right] = [Buffer.from(a), Buffer.from(b)];
	return b !== "" && left.length === right.length && timingSafeEqual(left, right);
}

type Endpoint = { http: HttpClient; baseUrl: string; now: () => Date };

/** The code of a verified callback → a first pair of tokens. */
export function exchangeCode(to: Endpoint, app: AppCredentials, code: string): Promise<RefreshedAccess> {
	return grant(to, app, { code, expiring: "1" }, (reply) => oauthAccess(reply, to.now()));
}

/** The refresh token changes with each use; until the new one is used, the old one may be tried again. */
export function refreshGrant(to: Endpoint, app: AppCredentials, refreshToken: string): Promise<RefreshedAccess> {
	return grant(to, app, { grant_type: "refresh_token", refresh_token: refreshToken }, (reply) =>
		oauthAccess(reply, to.now()),
	);
}

/** For an app and a store of one organisation; lasts about a day. */
export function clientCredentialsGrant(to: Endpoint, app: AppCredentials): Promise<RefreshedAccess> {
	return grant(to, app, { grant_type: "client_credentials" }, (reply) => ({
		access: { kind: "client_credentials", ...app, accessToken: reply.access_token, scope: reply.scope },
		expiresAt: after(to.now(), reply.expires_in),
	}));
}

/** Renews by the access's own kind; a pasted token stays what it is. Throws ChannelError `access_revoked` when it is over. */
export async function refreshAccess(connection: Connection, app: AppCredentials): Promise<RefreshedAccess> {
	const { access } = connection;
	if (access.kind === "client_credentials")
		return clientCredentialsGrant(connection, {
			clientId: access.clientId ?? app.clientId,
			clientSecret: access.clientSecret ?? app.clientSecret,
		});
	if (access.kind === "oauth" && access.refreshToken) return refreshGrant(connection, app, access.refreshToken);
	return { access, expiresAt: null };
}

type Grant = z.output<typeof grantReply>;

function oauthAccess(reply: Grant, now: Date): RefreshedAccess {
	const refreshExpiresAt = after(now, reply.refresh_token_expires_in);
	return {
		access: {
			kind: "oauth",
			accessToken: reply.access_token,
			scope: reply.scope,
			...(reply.refresh_token ? { refreshToken: reply.refresh_token } : {}),
			...(refreshExpiresAt ? { refreshExpiresAt: refreshExpiresAt.toISOString() } : {}),
		},
		expiresAt: after(now, reply.expires_in),
	};
}

const after = (now: Date, seconds: number | undefined) =>
	seconds === undefined ? null : new Date(now.getTime() + seconds * 1_000);

async function grant(
	to: Endpoint,
	app: AppCredentials,
	ask: Record<string, string>,
	read: (reply: Grant) => RefreshedAccess,
): Promise<RefreshedAccess> {
	const reply = await to.http.send({
		method: "POST",
		url: `${to.baseUrl}/admin/oauth/access_token`,
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ client_id: app.clientId, client_secret: app.clientSecret, ...ask }),
	});
	if (reply.status !== 200) throw grantError(reply);
	const parsed = grantReply.safeParse(jsonIn(reply.text));
	if (!parsed.success)
		throw new ChannelError("unreadable", "Shopify's answer to the sign-in can't be read.", { cause: parsed.error });
	return read(parsed.data);
}

function grantError({ status, headers, text }: HttpReply): ChannelError {
	const code = `HTTP_${status}`;
	if (status === 429 || status === 430)
		return new ChannelError("throttled", "Shopify asks to wait before the next sign-in.", {
			code,
			retryAfterMs: 1_000 * (Number(headers["retry-after"]) || 2),
		});
	if (status >= 500) return new ChannelError("unreachable", `Shopify is having trouble (${status}).`, { code });
	if (status === 404 || status < 400) return noShop(status);
	// Some refusals of Shopify's are pages, which begin with these words.
	if (jsonIn(text) === undefined && !/oauth error/i.test(text))
		return new ChannelError("unreachable", "Something in front of the store refuses our calls.", {
			fix: "Look at this server's proxy or firewall.",
			code,
		});
	// The app's trouble, and no word about what any store has agreed to.
	if (/invalid_client|could not find shopify api application/i.test(text))
		return new ChannelError("app_misconfigured", "Shopify does not know the app by this client id and secret.", {
			fix: "Compare both with the app's settings at Shopify.",
			code,
		});
	return new ChannelError("access_revoked", "Shopify does not let this app into the store.", {
		fix: "Check its client id and secret, and that the app is installed on this store and belongs to the same organisation.",
		code,
	});
}
