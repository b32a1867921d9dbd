/**
 * How a request proves itself. OAuth 1.0a with the four strings of an integration works on every version; the access token
 * alone as a bearer only where the store allows it (off by default since 2.4.4). Bodies are not signed.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { Connection } from "../channel-adapter";

/**
 * - `oauth`: signed for the address that is asked.
 * - `oauth_as_http`: https to us and http to the store, behind a proxy that ends TLS and does not say so.
 * - `bearer`: the access token alone.
 */
export type AuthScheme = "oauth" | "oauth_as_http" | "bearer";

export type Tokens = { consumerKey: string; consumerSecret: string; accessToken: string; accessTokenSecret: string };

/** Null: there is no token at all. `full` null: there is the access token alone. */
export function tokensOf({ access }: Pick<Connection, "access">): { token: string; full: Tokens | null } | null {
	const { consumerKey, consumerSecret, accessToken, accessTokenSecret } = access;
	if (!accessToken) return null;
	const full =
		consumerKey && consumerSecret && accessTokenSecret
			? { consumerKey, consumerSecret, accessToken, accessTokenSecret }
			: null;
	return { token: accessToken, full };
}

/** As `connect` found it, else what the credentials allow. */
export function authScheme(connection: Pick<Connection, "access" | "facts">): AuthScheme {
	if (!tokensOf(connection)?.full) return "bearer";
	const { auth } = connection.facts;
	return auth === "bearer" || auth === "oauth_as_http" ? auth : "oauth";
}

type Signed = { method: string; url: string; now: Date; nonce?: string };

/** The Authorization header. `url` as it is sent, its query percent-encoded with spaces as %20. */
export function signedHeader(
	tokens: Tokens,
	{ method, url, now, nonce = randomBytes(16).toString("hex") }: Signed,
): string {
	const oauth: [string, string][] = [
		["oauth_consumer_key", tokens.consumerKey],
		["oauth_nonce", nonce],
		["oauth_signature_method", "HMAC-SHA256"],
		["oauth_timestamp", String(Math.floor(now.getTime() / 1_000))],
		["oauth_token", tokens.accessToken],
		["oauth_version", "1.0"],
	];
	const [address = "", query = ""] = url.split("?", 2);
	const asked = query === "" ? [] : query.split("&").map(readPair);
	const base = signatureBase(method, address, [...asked, ...oauth]);
	const key = `${encode(tokens.consumerSecret)}&${encode(tokens.accessTokenSecret)}`;
	const signature = createHmac("sha256", key).update(base).digest("base64");
	return `OAuth ${[...oauth, ["oauth_signature", signature]].map(([name = "", value = ""]) => `${name}="${encode(value)}"`).join(", ")}`;
}

function readPair(pair: string): [string, string] {
	const [name = "", value = ""] = pair.split("=", 2);
	return [decodeURIComponent(name), decodeURIComponent(value)];
}

/**
 * RFC 5849 §3.4.1. Sorted by the decoded names, as 2.4.8 does; older versions sort them encoded, which is the same for as
 * long as no index of a filter has two digits (search.ts).
 */
export function signatureBase(method: string, address: string, pairs: readonly (readonly [string, string])[]): string {
	const sorted = [...pairs]
		.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
		.map(([name, value]) => `${encode(name)}=${encode(value)}`)
		.join("&");
	return [method, address, sorted].map(encode).join("&");
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 3986: what encodeURIComponent leaves alone and OAuth does not. */
export const encode = (text: string) =>
	encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
