/**
 * How a request proves itself. WooCommerce reads Basic credentials only where WordPress knows that it is reached by
 * https; elsewhere it ignores them without a word, and wants OAuth 1.0a with one leg: parameters in the query, signed
 * with the consumer secret and no token. The body is not signed.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { Connection } from "../channel-adapter";

/**
 * - `basic`: https.
 * - `oauth`: plain http.
 * - `oauth_as_http`: https to us and http to the shop, behind a proxy that ends TLS and does not say so. The shop then
 *   signs its address as http.
 */
export type AuthScheme = "basic" | "oauth" | "oauth_as_http";

/** As `connect` found it, else by the address. */
export function authScheme({ baseUrl, facts }: Pick<Connection, "baseUrl" | "facts">): AuthScheme {
	if (!baseUrl.startsWith("https://")) return "oauth";
	return facts.auth === "oauth_as_http" ? "oauth_as_http" : "basic";
}

export type Keys = { consumerKey: string; consumerSecret: string };
type Method = "GET" | "POST" | "PUT" | "DELETE";

/** The address to ask and the headers to send. */
export function authorised(
	scheme: AuthScheme,
	keys: Keys,
	method: Method,
	url: string,
	now: Date,
): { url: string; headers: Record<string, string> } {
	if (scheme === "basic") {
		const pair = Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString("base64");
		return { url, headers: { authorization: `Basic ${pair}` } };
	}
	const signedUrl = scheme === "oauth_as_http" ? url.replace(/^https:/, "http:") : url;
	const oauth: [string, string][] = [
		["oauth_consumer_key", keys.consumerKey],
		["oauth_nonce", randomBytes(16).toString("hex")],
		["oauth_signature_method", "HMAC-SHA256"],
		["oauth_timestamp", String(Math.floor(now.getTime() / 1_000))],
	];
	const [, query = ""] = url.split("?", 2);
	const parameters = [...new URLSearchParams(query), ...oauth];
	const signature = sign(signatureBase(method, signedUrl, parameters), keys.consumerSecret);
	const added = [...oauth, ["oauth_signature", signature]].map(([name = "", value = ""]) => `${name}=${encode(value)}`);
	return { url: `${url}${query ? "&" : "?"}${added.join("&")}`, headers: {} };
}

/** RFC 5849 §3.4.1: method, address without query, sorted parameters; each percent-encoded. */
export function signatureBase(method: string, url: string, parameters: readonly (readonly [string, string])[]): string {
	const [address = ""] = url.split("?", 1);
	const sorted = parameters
		.map(([name, value]) => [encode(name), encode(value)] as const)
		.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
		.map(([name, value]) => `${name}=${value}`)
		.join("&");
	return [method, address, sorted].map(encode).join("&");
}

export const sign = (base: string, consumerSecret: string) =>
	createHmac("sha256", `${encode(consumerSecret)}&`)
		.update(base)
		.digest("base64");

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 3986: what encodeURIComponent leaves alone and OAuth does not. */
const encode = (text: string) =>
	encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
