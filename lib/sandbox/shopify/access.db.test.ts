import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { setStoreSettings } from "../stores";
import { sandboxForTests } from "../testing";
import { products } from "../testing/seeds";
import { uninstallShopifyApp } from ".";
import { signQuery } from "./oauth";
import { openTestShop, type TestShop } from "./testing";

const sandbox = sandboxForTests();
sandbox.stopClock();

const open = (settings = {}) => openTestShop(sandbox, { products: products({ A: 1 }), settings });
const shopQuery = `{ shop { name } }`;
const later = (ms: number) => {
	sandbox.putForward(ms);
	// Tokens stay in memory for a moment.
	return new Promise((resolve) => setTimeout(resolve, 300));
};
async function token(shop: TestShop, body: Record<string, string>) {
	const reply = await fetch(`${shop.baseUrl}/admin/oauth/access_token`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ client_id: shop.clientId, client_secret: shop.clientSecret, ...body }),
	});
	return { status: reply.status, body: (await reply.json()) as Record<string, string> };
}
const authorizeUrl = (shop: TestShop, more: Record<string, string> = {}) =>
	`${shop.baseUrl}/admin/oauth/authorize?${new URLSearchParams({
		client_id: shop.clientId,
		scope: "read_products,write_inventory",
		redirect_uri: "http://127.0.0.1:3000/api/oauth/shopify",
		state: "a b+c/d=",
		...more,
	})}`;
const answerConsent = (url: string, answer: string) =>
	fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams({ answer }) });
async function install(shop: TestShop): Promise<URL> {
	const reply = await answerConsent(authorizeUrl(shop), "install");
	expect(reply.status).toBe(302);
	return new URL(reply.headers.get("location") ?? "");
}

describe("installing an app", () => {
	test("the signature over the way back is the documented one", () => {
		expect(
			signQuery(
				{
					code: "0907a61c0c8d55e99db179b68161bc00",
					host: "YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvZGVtby1zaG9w",
					shop: "demo-shop.myshopify.com",
					state: "a b+c/d=",
					timestamp: "1795392000",
				},
				"shpss_0123456789abcdef0123456789abcdef",
			),
		).toBe("df360d8e233a1ea3a18380e2bcaadd100faec8cb641f7a29e0fd9d7fa830562e");
	});

	test("the merchant is asked, and the app comes back signed with a code that buys one token", async () => {
		const shop = await open();
		const page = await fetch(authorizeUrl(shop));
		expect(page.headers.get("content-type")).toContain("text/html");
		const html = await page.text();
		expect(html).toContain("write_inventory");
		expect(html).toContain("Shopify sandbox");
		const back = await install(shop);
		const params = Object.fromEntries(back.searchParams);
		const { hmac, ...signed } = params;
		expect(params.state).toBe("a b+c/d=");
		expect(params.shop).toBe(`${shop.store.id}.myshopify.com`);
		const message = Object.keys(signed)
			.sort()
			.map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(signed[name] ?? "")}`)
			.join("&");
		expect(hmac).toBe(createHmac("sha256", shop.clientSecret).update(message).digest("hex"));

		const bought = await token(shop, { code: params.code ?? "", expiring: "1" });
		expect(bought.body).toMatchObject({
			scope: "read_products,write_inventory",
			expires_in: 3600,
			refresh_token_expires_in: 7776000,
		});
		expect((await shop.graphql(shopQuery, {}, bought.body.access_token)).data.shop.name).toBe("Test shop");
		expect((await token(shop, { code: params.code ?? "", expiring: "1" })).status).toBe(400);
	});

	test("without expiring the token is permanent", async () => {
		const shop = await open();
		const { body } = await token(shop, { code: (await install(shop)).searchParams.get("code") ?? "", expiring: "0" });
		expect(Object.keys(body).sort()).toEqual(["access_token", "scope"]);
	});

	test("the merchant may say no", async () => {
		const shop = await open();
		const reply = await answerConsent(authorizeUrl(shop), "cancel");
		const back = new URL(reply.headers.get("location") ?? "");
		expect(back.searchParams.get("error")).toBe("access_denied");
		expect(back.searchParams.get("code")).toBeNull();
	});

	test("an unknown app and a redirect to what is no web address are refused", async () => {
		const shop = await open();
		expect((await fetch(authorizeUrl(shop, { client_id: "other" }))).status).toBe(400);
		expect((await fetch(authorizeUrl(shop, { redirect_uri: "javascript:alert(1)" }))).status).toBe(400);
	});

	test("scopes on the page can't carry markup", async () => {
		const shop = await open();
		const html = await (await fetch(authorizeUrl(shop, { scope: "<script>alert(1)</script>" }))).text();
		expect(html).not.toContain("<script>");
	});

	test("a wrong secret buys nothing", async () => {
		const shop = await open();
		const code = (await install(shop)).searchParams.get("code") ?? "";
		expect((await token(shop, { code, client_secret: "shpss_wrong" })).body.error).toBe("invalid_client");
	});
});

describe("tokens", () => {
	test("an expiring token is dead after an hour, and refreshing gives a new pair", async () => {
		const shop = await open();
		const { body: first } = await token(shop, {
			code: (await install(shop)).searchParams.get("code") ?? "",
			expiring: "1",
		});
		await later(3_601_000);
		expect((await shop.graphql(shopQuery, {}, first.access_token)).errors).toBe(
			"[API] Invalid API key or access token (unrecognized login or wrong password)",
		);
		const { body: second } = await token(shop, {
			grant_type: "refresh_token",
			refresh_token: first.refresh_token ?? "",
		});
		expect(second.access_token).not.toBe(first.access_token);
		expect(second.refresh_token).not.toBe(first.refresh_token);
		expect((await shop.graphql(shopQuery, {}, second.access_token)).data.shop).toBeDefined();
	});

	test("a refresh token may be tried again until its replacement is first used", async () => {
		const shop = await open();
		const { body: first } = await token(shop, {
			code: (await install(shop)).searchParams.get("code") ?? "",
			expiring: "1",
		});
		const refresh = (refresh_token = "") => token(shop, { grant_type: "refresh_token", refresh_token });
		await refresh(first.refresh_token);
		const again = await refresh(first.refresh_token);
		expect(again.status).toBe(200);
		await shop.graphql(shopQuery, {}, again.body.access_token);
		expect(await refresh(first.refresh_token)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
		expect((await refresh(again.body.refresh_token)).status).toBe(200);
	});

	test("client credentials give a token for a day", async () => {
		const shop = await open();
		const { body } = await token(shop, { grant_type: "client_credentials" });
		expect(body.expires_in).toBe(86399);
		expect((await shop.graphql(shopQuery, {}, body.access_token)).data.shop).toBeDefined();
	});

	test("a permanent token can be exchanged for an expiring pair, and is dead then", async () => {
		const shop = await open();
		const { body: old } = await token(shop, { code: (await install(shop)).searchParams.get("code") ?? "" });
		const type = "urn:shopify:params:oauth:token-type:offline-access-token";
		const { body } = await token(shop, {
			grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
			subject_token: old.access_token ?? "",
			subject_token_type: type,
			requested_token_type: type,
			expiring: "1",
		});
		expect((await shop.graphql(shopQuery, {}, body.access_token)).data.shop).toBeDefined();
		expect((await shop.graphql(shopQuery, {}, old.access_token)).errors).toContain("Invalid API key");
	});

	test("any other token is answered with 401", async () => {
		const shop = await open();
		const reply = await fetch(`${shop.baseUrl}/admin/api/2026-10/graphql.json`, { method: "POST", body: "{}" });
		expect(reply.status).toBe(401);
	});

	test("removing the app kills every token", async () => {
		const shop = await open();
		await uninstallShopifyApp(sandbox.ctx, shop.store);
		expect((await shop.graphql(shopQuery)).errors).toContain("Invalid API key");
	});
});

describe("scopes", () => {
	test("what a token lacks is denied by field, and named", async () => {
		const shop = await open({ scopes: ["read_products"] });
		const answer = await shop.graphql(`{ shop { name } orders(first: 1) { nodes { id } } }`);
		expect(answer.errors[0]).toMatchObject({ path: ["orders"], extensions: { code: "ACCESS_DENIED" } });
		expect(answer.errors[0].message).toContain("Required access: `read_orders` access scope");
	});

	test("a right to write is a right to read, not the other way", async () => {
		const shop = await open({ scopes: ["write_inventory"] });
		expect((await shop.graphql(`{ inventoryItems(first: 1) { nodes { id } } }`)).errors).toBeUndefined();
		await setStoreSettings(sandbox.ctx, shop.store.id, { scopes: ["read_inventory"] });
		const answer = await shop.graphql(
			`mutation { inventoryItemUpdate(id: "gid://shopify/InventoryItem/1", input: { tracked: true }) { userErrors { message } } }`,
		);
		expect(answer.errors[0].message).toContain("Access denied for inventoryItemUpdate field.");
		expect(answer.data).toEqual({ inventoryItemUpdate: null });
	});

	test("the app can ask what it was granted", async () => {
		const shop = await open({ scopes: ["write_inventory"] });
		const { data } = await shop.graphql(`{ currentAppInstallation { accessScopes { handle } } }`);
		expect(data.currentAppInstallation.accessScopes).toEqual([
			{ handle: "read_inventory" },
			{ handle: "write_inventory" },
		]);
	});
});

describe("versions and paths", () => {
	const post = (shop: TestShop, path: string) =>
		fetch(`${shop.baseUrl}${path}`, {
			method: "POST",
			headers: { "x-shopify-access-token": shop.accessToken, "content-type": "application/json" },
			body: JSON.stringify({ query: shopQuery }),
		});

	test.each([
		["/admin/api/2026-10/graphql.json", 200],
		["/admin/api/2023-01/graphql.json", 200],
		["/admin/api/2027-01/graphql.json", 404],
		["/admin/api/latest/graphql.json", 404],
		["/admin/api/2026-10/orders.json", 404],
	])("%s answers %d", async (path, status) => {
		const reply = await post(await open(), path);
		expect(reply.status).toBe(status);
		expect(reply.headers.get("x-shopify-api-version")).toBe("2026-10");
		expect(reply.headers.get("x-request-id")).toBeTruthy();
	});

	test("a body without a query is a bad request", async () => {
		const shop = await open();
		const reply = await fetch(`${shop.baseUrl}/admin/api/2026-10/graphql.json`, {
			method: "POST",
			headers: { "x-shopify-access-token": shop.accessToken },
			body: "not json",
		});
		expect([reply.status, await reply.json()]).toEqual([
			400,
			{ errors: { query: "Required parameter missing or invalid" } },
		]);
	});

	test("a store that does not exist is not found", async () => {
		expect((await fetch(`${sandbox.origin}/sandbox/shopify/nobody/`)).status).toBe(404);
		expect((await fetch(`${sandbox.origin}/sandbox/elsewhere/nobody/`)).status).toBe(404);
	});
});
