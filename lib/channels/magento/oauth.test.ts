import { expect, test } from "vitest";
import { authScheme, signatureBase, signedHeader } from "./oauth";
import { searchQuery } from "./search";

const tokens = {
	consumerKey: "c".repeat(32),
	consumerSecret: "s".repeat(32),
	accessToken: "t".repeat(32),
	accessTokenSecret: "x".repeat(32),
};
const now = new Date(1_700_000_000_000);
const nonce = "abcdef0123456789";
const at = "searchCriteria[filter_groups][0][filters][0]";
const encoded = (pairs: [string, string][]) => pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");

test("the signature is the one that was computed for a known request", () => {
	const query = encoded([
		["searchCriteria[pageSize]", "2"],
		[`${at}[field]`, "sku"],
		[`${at}[value]`, "A B/1"],
	]);
	const header = signedHeader(tokens, {
		method: "GET",
		url: `https://shop.test/rest/V1/products?${query}`,
		now,
		nonce,
	});
	const signature = /oauth_signature="([^"]+)"/.exec(header)?.[1] ?? "";
	expect(decodeURIComponent(signature)).toBe("rrqf+v0o+/3UGDnN3oIhj0H0iX4aHJyxGv73ZelKq/8=");
	expect(header).toMatch(
		/^OAuth oauth_consumer_key="c{32}", oauth_nonce="abcdef0123456789", oauth_signature_method="HMAC-SHA256"/,
	);
});

test("another method, address, secret or parameter has another signature", () => {
	const sign = (change: Partial<Parameters<typeof signedHeader>[1]>, secret = tokens.accessTokenSecret) =>
		signedHeader(
			{ ...tokens, accessTokenSecret: secret },
			{ method: "GET", url: "https://a.test/x?b=1", now, nonce, ...change },
		);
	const all = [
		sign({}),
		sign({ method: "POST" }),
		sign({ url: "http://a.test/x?b=1" }),
		sign({ url: "https://a.test/x?b=2" }),
		sign({}, "y".repeat(32)),
	];
	expect(new Set(all.map((header) => /oauth_signature="([^"]+)"/.exec(header)?.[1])).size).toBe(all.length);
});

test("what we ask for is sorted alike decoded and encoded, which versions do differently", () => {
	const query = searchQuery({
		groups: Array.from({ length: 3 }, () =>
			Array.from({ length: 9 }, () => ({ field: "sku", value: "Ä, (1)*'!", condition: "eq" })),
		),
		sortBy: "entity_id",
		pageSize: 5,
		fields: "items[id]",
	});
	const encode = (text: string) => encodeURIComponent(text);
	const names = query.map(([name]) => name);
	const byDecoded = [...names].sort((a, b) => (a < b ? -1 : 1));
	const byEncoded = [...names].sort((a, b) => (encode(a) < encode(b) ? -1 : 1));
	expect(byEncoded).toEqual(byDecoded);
	expect(() =>
		searchQuery({
			groups: [Array.from({ length: 10 }, () => ({ field: "sku", value: "A" }))],
			sortBy: "x",
			pageSize: 1,
		}),
	).toThrow("one-digit");
});

test("the base string is of RFC 5849", () => {
	expect(
		signatureBase("GET", "https://a.test/x", [
			["b", "2 "],
			["a", "1!"],
			["a", "0"],
		]),
	).toBe("GET&https%3A%2F%2Fa.test%2Fx&a%3D0%26a%3D1%2521%26b%3D2%2520");
});

test("four strings sign, the access token alone is a bearer, and what connecting found stays", () => {
	expect(authScheme({ access: tokens, facts: {} })).toBe("oauth");
	expect(authScheme({ access: tokens, facts: { auth: "oauth_as_http" } })).toBe("oauth_as_http");
	expect(authScheme({ access: { accessToken: tokens.accessToken }, facts: { auth: "oauth" } })).toBe("bearer");
});
