import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import {
	authorizeUrl,
	callbackMessage,
	clientCredentialsGrant,
	exchangeCode,
	newState,
	normaliseShop,
	refreshAccess,
	verifyCallback,
} from "./oauth";
import { type Answer, scriptedStore } from "./testing/scripted-store";
import vectors from "./testing/signature-vectors.json";

describe("normaliseShop", () => {
	test.each([
		"nordlicht",
		" Nordlicht ",
		"nordlicht.myshopify.com",
		"https://nordlicht.myshopify.com/admin?x=1",
		"http://NORDLICHT.myshopify.com",
		"https://admin.shopify.com/store/nordlicht",
		"admin.shopify.com/store/nordlicht/products?selectedView=all",
	])("%s is the shop nordlicht", (typed) => {
		expect(normaliseShop(typed)).toBe("nordlicht.myshopify.com");
	});

	test.each([
		"",
		"https://nordlicht.de",
		"nordlicht.myshopify.com.evil.example",
		"evil.example/nordlicht.myshopify.com",
		"a.b.myshopify.com",
		"-x",
		"nord licht",
		"user@nordlicht.myshopify.com",
		"nordlicht.myshopify.com:444",
	])("%s is none", (typed) => {
		expect(normaliseShop(typed)).toBeNull();
	});
});

describe("the callback", () => {
	const { secret, query, message, hmac } = vectors.shopify_oauth_callback;
	const signed = (changes: Record<string, string> = {}, signature = hmac) =>
		new URLSearchParams({ ...query, ...changes, hmac: signature });
	const expected = { clientSecret: secret, state: query.state, now: new Date(Number(query.timestamp) * 1_000 + 5_000) };
	const resigned = (changes: Record<string, string>) => {
		const params = signed(changes);
		params.set("hmac", createHmac("sha256", secret).update(callbackMessage(params)).digest("hex"));
		return params;
	};

	test("is signed over the vector's message", () => {
		expect(callbackMessage(signed({ signature: "old" }))).toBe(message);
	});

	test("of the official vector is accepted", () => {
		expect(verifyCallback(signed(), expected)).toEqual({
			verdict: "accepted",
			shop: "demo-shop.myshopify.com",
			code: "0907a61c0c8d55e99db179b68161bc00",
		});
	});

	test.each([
		["any changed parameter", signed({ shop: "other.myshopify.com" }), expected, "signature"],
		["another secret", signed(), { ...expected, clientSecret: "shpss_other" }, "signature"],
		["no signature", signed({}, ""), expected, "signature"],
		["another browser's state", signed(), { ...expected, state: "other" }, "state"],
		["no state kept", resigned({ state: "" }), { ...expected, state: "" }, "state"],
		["a late replay", signed(), { ...expected, now: new Date(Number(query.timestamp) * 1_000 + 91_000) }, "expired"],
		["no time", resigned({ timestamp: "soon" }), expected, "expired"],
		["another host", resigned({ shop: "myshopify.com.evil.example" }), expected, "shop"],
		["a merchant who said no", resigned({ code: "" }), expected, "denied"],
	])("is refused for %s", (_, params, want, reason) => {
		expect(verifyCallback(params, want)).toEqual({ verdict: "rejected", reason });
	});
});

test("the way to Shopify asks for an offline token with the rights we need", () => {
	const url = new URL(
		authorizeUrl({
			baseUrl: "https://nordlicht.myshopify.com",
			clientId: "abc",
			redirectUri: "https://stock.example.com/api/oauth/shopify",
			state: "s",
		}),
	);
	expect(url.origin + url.pathname).toBe("https://nordlicht.myshopify.com/admin/oauth/authorize");
	expect(Object.fromEntries(url.searchParams)).toEqual({
		client_id: "abc",
		scope: "read_products,read_inventory,write_inventory,read_locations,read_orders,write_orders",
		redirect_uri: "https://stock.example.com/api/oauth/shopify",
		state: "s",
		"grant_options[]": "",
	});
});

test.each([
	"https://evil.myshopify.com.attacker.com",
	"https://evil.myshopify.com@attacker.com",
	"https://evil.myshopify.com:8443",
	"http://nordlicht.myshopify.com",
	"nordlicht.myshopify.com",
	"//attacker.com",
	"/sandbox/shopify/../../settings",
	"https://nordlicht.myshopify.com\n.attacker.com",
])("no browser is sent to %j", (baseUrl) => {
	expect(() => authorizeUrl({ baseUrl, clientId: "abc", redirectUri: "", state: "s" })).toThrow("never sent");
});

test("a sandbox store is agreed with on this very site", () => {
	const url = authorizeUrl({ baseUrl: "/sandbox/shopify/toy-1", clientId: "abc", redirectUri: "", state: "s" });
	expect(url).toMatch(/^\/sandbox\/shopify\/toy-1\/admin\/oauth\/authorize\?/);
});

test("no two states are alike", () => {
	expect(newState()).toMatch(/^[0-9a-f]{64}$/);
	expect(newState()).not.toBe(newState());
});

describe("tokens", () => {
	const app = { clientId: "client", clientSecret: "shpss_secret" };
	const at = new Date("2026-11-24T10:00:00Z");
	let store: Awaited<ReturnType<typeof scriptedStore>> | undefined;
	afterEach(() => store?.close());
	async function answering(answer: Answer) {
		store = await scriptedStore(() => answer);
		return { ...store.connection, now: () => at };
	}
	const pair = {
		json: {
			access_token: "shpat_new",
			scope: "read_products,write_inventory",
			expires_in: 3_600,
			refresh_token: "shprt_new",
			refresh_token_expires_in: 7_776_000,
		},
	};
	const kept = {
		access: {
			kind: "oauth",
			accessToken: "shpat_new",
			scope: "read_products,write_inventory",
			refreshToken: "shprt_new",
			refreshExpiresAt: "2027-02-22T10:00:00.000Z",
		},
		expiresAt: new Date("2026-11-24T11:00:00Z"),
	};

	test("a code becomes an expiring pair", async () => {
		expect(await exchangeCode(await answering(pair), app, "code")).toEqual(kept);
		expect(store?.asked[0]).toMatchObject({
			path: "/admin/oauth/access_token",
			body: { client_id: "client", client_secret: "shpss_secret", code: "code", expiring: "1" },
		});
	});

	test("a refresh keeps the new refresh token, since the old one dies with its use", async () => {
		const connection = await answering(pair);
		const access = { kind: "oauth", accessToken: "shpat_old", refreshToken: "shprt_old" };
		expect(await refreshAccess({ ...connection, access }, app)).toEqual(kept);
		expect(store?.asked[0]?.body).toEqual({
			client_id: "client",
			client_secret: "shpss_secret",
			grant_type: "refresh_token",
			refresh_token: "shprt_old",
		});
	});

	test("an app of the merchant's own asks anew with its own credentials", async () => {
		const connection = await answering({ json: { access_token: "shpat_day", scope: "", expires_in: 86_399 } });
		const access = { kind: "client_credentials", clientId: "own", clientSecret: "shpss_own", accessToken: "shpat_old" };
		expect(await refreshAccess({ ...connection, access }, app)).toEqual({
			access: {
				kind: "client_credentials",
				clientId: "own",
				clientSecret: "shpss_own",
				accessToken: "shpat_day",
				scope: "",
			},
			expiresAt: new Date(at.getTime() + 86_399_000),
		});
		expect(store?.asked[0]?.body).toMatchObject({ grant_type: "client_credentials", client_id: "own" });
	});

	test("a pasted token is never refreshed", async () => {
		const connection = await answering(pair);
		expect(await refreshAccess(connection, app)).toEqual({ access: connection.access, expiresAt: null });
		expect(store?.asked).toEqual([]);
	});

	test.each<[string, Answer, string]>([
		["a refresh token that is used up", { status: 400, json: { error: "invalid_grant" } }, "access_revoked"],
		["an app that has another secret by now", { status: 401, json: { error: "invalid_client" } }, "app_misconfigured"],
		[
			"an app that Shopify refuses by a page",
			{ status: 400, text: "<h1>Oauth error invalid_request</h1>" },
			"access_revoked",
		],
		["a firewall's page", { status: 403, text: "<html>Just a moment...</html>" }, "unreachable"],
		["no such shop", { status: 404, text: "" }, "not_a_store"],
		["an outage", { status: 503, text: "" }, "unreachable"],
		["too many", { status: 429, headers: { "retry-after": "4" }, text: "" }, "throttled"],
		["a web page", { text: "<html>" }, "unreadable"],
		["silence", "silence", "timeout"],
	])("%s", async (_, answer, reason) => {
		await expect(clientCredentialsGrant(await answering(answer), app)).rejects.toMatchObject({ reason });
	});
});
