/**
 * Who calls. An integration signs by OAuth 1.0a or, where the store allows it, shows its access token alone; a token of an
 * admin is good for an hour. Whatever is missing or wrong about a token is answered with the words for a missing right.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { sql } from "drizzle-orm";
import { sandboxTokens } from "@/db/schema";
import { type Call, type Caller, MageError } from "./wire";

/** 32 characters each, as Magento makes them. */
const secret = () => randomBytes(16).toString("hex");

export const newIntegration = () => ({
	consumerKey: secret(),
	consumerSecret: secret(),
	accessToken: secret(),
	accessTokenSecret: secret(),
	adminPassword: `Sandbox-${randomBytes(6).toString("hex")}`,
});

const unauthorised = (resources: string) =>
	new MageError(401, "The consumer isn't authorized to access %resources.", { resources });

/** Null: a stranger. `path`: behind the store's address, as it was sent. */
export async function authenticate(call: Call, request: Request, path: string): Promise<Caller | null> {
	const header = request.headers.get("authorization") ?? "";
	const bearer = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
	if (bearer) return byToken(call, bearer);
	return /^OAuth\s/i.test(header) ? bySignature(call, header, request.method, path) : null;
}

async function byToken({ ctx, store, settings, now }: Call, token: string): Promise<Caller | null> {
	if (token === store.secrets.accessToken)
		return settings.takesBearer && !settings.isRevoked ? { consumerId: 1, resources: settings.resources } : null;
	const [row] = await ctx.db.execute<{ token: string }>(sql`
		select token from sandbox.tokens where store_id = ${store.id} and token = ${token} and kind = 'admin'
			and expires_at > ${now.toISOString()}::timestamptz`);
	return row ? { consumerId: 0, resources: null } : null;
}

export async function adminToken(call: Call): Promise<string> {
	const { ctx, store, settings, now } = call;
	const given = (call.body ?? {}) as { username?: unknown; password?: unknown };
	if (settings.hasTwoFactor)
		throw new MageError(400, "Please use the 2fa provider-specific endpoints to obtain a token.");
	if (given.username !== "admin" || given.password !== store.secrets.adminPassword)
		throw new MageError(
			401,
			"The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.",
		);
	const token = `eyJ${randomBytes(24).toString("base64url")}`;
	const expiresAt = new Date(now.getTime() + settings.adminTokenMinutes * 60_000);
	await ctx.db.insert(sandboxTokens).values({ storeId: store.id, token, kind: "admin", expiresAt });
	return token;
}

const wanted = [
	"oauth_consumer_key",
	"oauth_signature",
	"oauth_signature_method",
	"oauth_nonce",
	"oauth_timestamp",
	"oauth_token",
] as const;
const largestLeadSeconds = 600;

function bySignature(call: Call, header: string, method: string, path: string): Caller {
	const { store, settings, now } = call;
	const given = new Map(
		[...header.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, decodeURIComponent(value)]),
	);
	for (const name of wanted)
		if (!given.get(name)) throw new MageError(400, "%1 is required. Enter and try again.", [name]);
	const algorithm = { "HMAC-SHA256": "sha256", ...(settings.signsSha1 && { "HMAC-SHA1": "sha1" }) }[
		given.get("oauth_signature_method") ?? ""
	];
	if (!algorithm)
		throw new MageError(400, "Signature method %1 is not supported", [given.get("oauth_signature_method")]);
	if (given.get("oauth_consumer_key") !== store.secrets.consumerKey)
		throw new MageError(401, "A consumer having the specified key does not exist");
	const seconds = Number(given.get("oauth_timestamp"));
	if (!(seconds > 0) || seconds > now.getTime() / 1_000 + largestLeadSeconds)
		throw new MageError(400, "The oauth_timestamp value in the oauth_timestamp parameter is invalid");
	if (!isFreshNonce(store.id, given.get("oauth_nonce") ?? ""))
		throw new MageError(401, "The nonce is already being used by the consumer with ID %1", [1]);
	if (given.get("oauth_token") !== store.secrets.accessToken)
		throw new MageError(401, "Specified token does not exist");
	if (settings.isRevoked) throw new MageError(401, "Access token has been revoked");
	const right = signatureOf(call, algorithm, given, method, path);
	if (!sameText(right, given.get("oauth_signature") ?? ""))
		throw new MageError(401, "The signature is invalid. Verify and try again.");
	return { consumerId: 1, resources: settings.resources };
}

function signatureOf(
	{ store, settings, home, query }: Call,
	algorithm: string,
	given: ReadonlyMap<string, string>,
	method: string,
	path: string,
): string {
	const address = settings.hidesTls ? home.replace(/^https:/, "http:") : home;
	const pairs = [...[...given].filter(([name]) => name !== "oauth_signature" && name !== "realm"), ...query]
		// By the decoded keys, as 2.4.8 sorts them.
		.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
		.map(([name, value]) => `${encode(name)}=${encode(value)}`)
		.join("&");
	const base = [method, `${address}${path}`, pairs].map(encode).join("&");
	const key = `${encode(store.secrets.consumerSecret ?? "")}&${encode(store.secrets.accessTokenSecret ?? "")}`;
	return createHmac(algorithm, key).update(base).digest("base64");
}

const encode = (text: string) =>
	encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function sameText(a: string, b: string): boolean {
	const [left, right] = [Buffer.from(a), Buffer.from(b)];
	return left.length === right.length && timingSafeEqual(left, right);
}

const shared = globalThis as { onecountMagentoNonces?: Map<string, Set<string>> };
const mostNonces = 50_000;

/** In memory, where a restart forgets them. */
function isFreshNonce(storeId: string, nonce: string): boolean {
	shared.onecountMagentoNonces ??= new Map();
	const used = shared.onecountMagentoNonces.get(storeId) ?? new Set();
	shared.onecountMagentoNonces.set(storeId, used);
	if (used.has(nonce)) return false;
	used.add(nonce);
	const [oldest] = used;
	if (used.size > mostNonces && oldest !== undefined) used.delete(oldest);
	return true;
}

export const mayUse = (caller: Caller | null, resource: string): boolean =>
	caller !== null && (caller.resources === null || caller.resources.includes(resource));

/** Throws as for a stranger where the caller's role does not have the resource. */
export function demand(caller: Caller | null, resource: string): void {
	if (!mayUse(caller, resource)) throw unauthorised(resource);
}
