import { describe, expect, test } from "vitest";
import { authorised, authScheme, sign, signatureBase } from "./auth";
import vectors from "./testing/signature-vectors.json";

const { woo_oauth1: vector } = vectors;
const now = new Date("2026-11-23T14:00:00Z");
const keys = { consumerKey: "ck_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", consumerSecret: "cs_bbbb" };

describe("OAuth 1.0a with one leg", () => {
	const { oauth_signature: signature, ...signed } = vector.params;
	const parameters = Object.entries(signed).map(([name, value]) => [name, String(value)] as const);

	test("the known base string is built, whatever order the parameters come in", () => {
		expect(signatureBase("GET", vector.request.url, parameters)).toBe(vector.baseString);
		expect(signatureBase("GET", vector.request.url, [...parameters].reverse())).toBe(vector.baseString);
	});

	test("the known signature follows from a consumer secret", () => {
		// The secret of the vector is that of its generator: forty times the letter b.
		expect(sign(vector.baseString, `cs_${"b".repeat(40)}`)).toBe(signature);
	});

	test("every parameter of the query is signed, and none of the body", () => {
		const { url, headers } = authorised(
			"oauth",
			keys,
			"PUT",
			"http://shop.test/wp-json/wc/v3/products/10?_fields=id",
			now,
		);
		const query = new URL(url).searchParams;
		const unsigned = [...query].filter(([name]) => name !== "oauth_signature");
		expect(query.get("oauth_signature")).toBe(
			sign(signatureBase("PUT", "http://shop.test/wp-json/wc/v3/products/10", unsigned), keys.consumerSecret),
		);
		expect(query.get("oauth_timestamp")).toBe("1795442400");
		expect(headers).toEqual({});
	});

	test("no nonce is used twice", () => {
		const nonces = Array.from({ length: 50 }, () =>
			new URL(authorised("oauth", keys, "GET", "http://shop.test/x", now).url).searchParams.get("oauth_nonce"),
		);
		expect(new Set(nonces).size).toBe(50);
	});
});

test("the secret never leaves by http", () => {
	const { url, headers } = authorised("oauth", keys, "GET", "http://shop.test/wp-json/wc/v3/orders", now);
	expect(url + JSON.stringify(headers)).not.toContain(keys.consumerSecret);
});

test.each([
	["http://shop.test", {}, "oauth"],
	["https://shop.test", {}, "basic"],
	["https://shop.test", { auth: "oauth_as_http" }, "oauth_as_http"],
	["http://shop.test", { auth: "basic" }, "oauth"],
])("%s with %o is asked by %s", (baseUrl, facts, scheme) => {
	expect(authScheme({ baseUrl, facts })).toBe(scheme);
});

test("behind a proxy that hides TLS the address is signed as the shop sees it", () => {
	const { url } = authorised("oauth_as_http", keys, "GET", "https://shop.test/wp-json/wc/v3/orders", now);
	const query = [...new URL(url).searchParams].filter(([name]) => name !== "oauth_signature");
	expect(url.startsWith("https://")).toBe(true);
	expect(new URL(url).searchParams.get("oauth_signature")).toBe(
		sign(signatureBase("GET", "http://shop.test/wp-json/wc/v3/orders", query), keys.consumerSecret),
	);
});
