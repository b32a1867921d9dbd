/** Connecting sandbox stores over HTTP: each thing that can be wrong has a name and a fix, and nothing is written. */
import { describe, expect, test } from "vitest";
import { readingResources } from "@/lib/sandbox/magento/routes";
import type { MagentoSettings } from "@/lib/sandbox/magento/settings";
import { openTestShop } from "@/lib/sandbox/magento/testing";
import { sandboxForTests } from "@/lib/sandbox/testing";
import type { Check, Connection } from "../channel-adapter";
import { connectionsTo } from "../testing/connection";
import { magento } from ".";
import { catalogueWithNone } from "./testing/open-shop";

const sandbox = sandboxForTests();

async function openShop(settings: Partial<MagentoSettings> = {}) {
	const shop = await openTestShop(sandbox, { products: catalogueWithNone, settings });
	const connectionWith = connectionsTo({ baseUrl: shop.baseUrl, now: sandbox.now, channelId: "new" });
	const connect = (access: Record<string, string> = { ...shop.tokens }, more: Partial<Connection> = {}) =>
		magento.connect(connectionWith(access, more));
	return { ...shop, connect, connectionWith };
}
const states = (checks: Check[]) => Object.fromEntries(checks.map(({ name, state }) => [name, state]));
const check = (checks: Check[], name: Check["name"]) => checks.find((one) => one.name === name);

test("a good store passes every check but news, which it has none of, and nothing in it changes", async () => {
	const shop = await openShop();
	const before = await shop.lies("CUP");
	const { checks, store } = await shop.connect();
	expect(states(checks)).toEqual({
		address: "passed",
		credentials: "passed",
		scopes: "passed",
		inventory_read: "passed",
		inventory_write: "passed",
		stock_management: "passed",
		webhooks: "skipped",
		clock: "passed",
	});
	expect(store).toMatchObject({
		storeKey: shop.baseUrl.replace("http://", ""),
		name: new URL(shop.baseUrl).host,
		locations: [{ ref: "default", name: "Default Source", isActive: true }],
		facts: {
			auth: "oauth",
			restPath: "/rest",
			hasInventory: true,
			consumersRun: false,
			largestRows: null,
			minQty: 0,
			backorders: false,
			currency: "EUR",
			topology: { default: [{ stockId: 1, website: "base", sources: ["default"], storeIds: [1] }] },
		},
	});
	expect(await shop.lies("CUP")).toEqual(before);
	expect(await shop.lies("")).toBeNull();
});

test("secrets are in no exchange", async () => {
	const shop = await openShop();
	const connection = shop.connectionWith({ ...shop.tokens });
	await magento.connect(connection);
	const kept = JSON.stringify(connection.http.exchanges);
	for (const secret of Object.values(shop.tokens)) expect(kept).not.toContain(secret);
});

describe("credentials", () => {
	test("the token alone where the store takes it; with four strings the signature goes before", async () => {
		const shop = await openShop({ takesBearer: true });
		const { accessToken } = shop.tokens;
		expect((await shop.connect({ accessToken })).store?.facts.auth).toBe("bearer");
		expect((await shop.connect()).store?.facts.auth).toBe("oauth");
	});

	test("the token alone where the store does not take it says which switch, or to paste all four", async () => {
		const shop = await openShop();
		const { checks } = await shop.connect({ accessToken: shop.tokens.accessToken });
		expect(states(checks)).toMatchObject({ address: "passed", credentials: "failed", scopes: "skipped" });
		expect(check(checks, "credentials")?.fix).toContain("standalone Bearer tokens");
	});

	test("a wrong secret, and an integration that was taken back, are told apart", async () => {
		const shop = await openShop();
		const wrong = await shop.connect({ ...shop.tokens, accessTokenSecret: "z".repeat(32) });
		expect(check(wrong.checks, "credentials")?.sentence).toContain("signature");
		const revoked = await (await openShop({ isRevoked: true })).connect();
		expect(check(revoked.checks, "credentials")?.sentence).toContain("revoked");
	});
});

describe("rights", () => {
	const all = [
		"Magento_Catalog::products",
		"Magento_Catalog::catalog_inventory",
		"Magento_InventoryApi::source",
		"Magento_InventoryApi::stock",
		"Magento_InventoryApi::stock_source_link",
		"Magento_InventoryApi::stock_source_item_assign",
		"Magento_Sales::actions_view",
		"Magento_Sales::cancel",
		"Magento_Sales::shipment",
		"Magento_Sales::sales_creditmemo",
		"Magento_Logging::system_magento_logging_bulk_operations",
		"Magento_Backend::store",
	];
	const without = async (resource: string) =>
		(await openShop({ resources: all.filter((one) => one !== resource) })).connect();

	test("just these are enough, and are kept", async () => {
		const { checks, store } = await (await openShop({ resources: all })).connect();
		expect(check(checks, "scopes")?.state).toBe("passed");
		for (const needed of all.filter((one) => !one.startsWith("Magento_InventoryApi::s") || one.endsWith("assign")))
			expect(store?.facts.scopes).toContain(needed);
	});

	test.each([
		["Magento_Catalog::products", "inventory_read", "Catalog → Inventory → Products"],
		["Magento_Catalog::catalog_inventory", "inventory_read", "Catalog → Inventory"],
		["Magento_Sales::actions_view", "inventory_read", "Sales → Operations → Orders → Actions → View"],
		["Magento_InventoryApi::source", "inventory_read", "Stores → Inventory → Sources"],
		["Magento_InventoryApi::stock", "inventory_read", "Stores → Inventory → Stocks"],
		["Magento_InventoryApi::stock_source_link", "inventory_read", "Source to Stock Assigning"],
		["Magento_InventoryApi::stock_source_item_assign", "inventory_write", "Source Item Assigning"],
	] as const)("without %s %s fails, and names the box to tick", async (resource, name, box) => {
		const { checks } = await without(resource);
		expect(check(checks, name)).toMatchObject({ state: "failed", fix: expect.stringContaining(box) });
	});

	test.each(["Magento_Sales::cancel", "Magento_Sales::shipment", "Magento_Sales::sales_creditmemo"])(
		"without %s the rest still works, and the box is named",
		async (resource) => {
			const { checks, store } = await without(resource);
			expect(states(checks)).toMatchObject({ scopes: "warned", inventory_read: "passed", inventory_write: "passed" });
			expect(check(checks, "scopes")?.fix).toContain(resource);
			expect(store?.facts.scopes).not.toContain(resource);
		},
	);
});

describe("which store it is", () => {
	const www = "https://www.m.example/";

	test("is by the address that it gives itself, so that the right to ask for it is needed", async () => {
		const told = { baseUrls: { base_url: www, secure_base_url: www } };
		expect((await (await openShop(told)).connect()).store?.storeKey).toBe("www.m.example");
		const { checks } = await (await openShop({ ...told, resources: ["Magento_Catalog::products"] })).connect();
		expect(check(checks, "scopes")).toMatchObject({
			state: "failed",
			fix: expect.stringContaining("Stores → Settings → All Stores"),
		});
		const shop = await openShop({
			...told,
			resources: readingResources().filter((one) => !/Backend::store$/.test(one)),
		});
		expect(states((await shop.connect()).checks)).toMatchObject({ scopes: "failed", inventory_read: "passed" });
	});

	test.each([
		["", www, "www.m.example"],
		["{{base_url}}", "{{unsecure_base_url}}", null],
		["//www.m.example", "", null],
	])("“%s” and “%s” for addresses are no reason to break off", async (secure_base_url, base_url, key) => {
		const shop = await openShop({ baseUrls: { base_url, secure_base_url } });
		const { checks, store } = await shop.connect();
		expect(checks.filter(({ state }) => state === "failed")).toEqual([]);
		expect(store?.storeKey).toBe(key ?? shop.baseUrl.replace("http://", ""));
	});
});

describe("stock", () => {
	test("no source that a website sells from fails, and says where to make one", async () => {
		const { checks, store } = await (
			await openShop({ stocks: [{ id: 1, name: "Empty", websites: [], sources: ["default"] }] })
		).connect();
		expect(check(checks, "stock_management")).toMatchObject({
			state: "failed",
			fix: expect.stringContaining("Sales Channels"),
		});
		expect(store?.locations).toMatchObject([{ ref: "default", isActive: false }]);
	});

	test("several sources in one stock, and several stocks of one source, are warned of", async () => {
		const two = { code: "west", name: "West", enabled: true };
		const main = { code: "default", name: "Main", enabled: true };
		const beside = await openShop({
			sources: [main, two],
			stocks: [{ id: 1, name: "All", websites: ["base"], sources: ["default", "west"] }],
		});
		expect(check((await beside.connect()).checks, "stock_management")).toMatchObject({
			state: "warned",
			sentence: expect.stringContaining("west"),
		});
		const websites = [
			{ id: 1, code: "base", name: "Main Website" },
			{ id: 2, code: "b2b", name: "B2B" },
		];
		const twice = await openShop({
			websites,
			stocks: [
				{ id: 1, name: "One", websites: ["base"], sources: ["default"] },
				{ id: 2, name: "Two", websites: ["b2b"], sources: ["default"] },
			],
		});
		expect(check((await twice.connect()).checks, "stock_management")).toMatchObject({
			state: "warned",
			sentence: expect.stringContaining("sell a unit twice"),
		});
	});

	test("a store that counts nothing fails", async () => {
		const { checks } = await (await openShop({ managesStock: false })).connect();
		expect(check(checks, "stock_management")).toMatchObject({
			state: "failed",
			fix: expect.stringContaining("Manage Stock"),
		});
	});

	test("without the inventory modules it is one number a product, and no location", async () => {
		const { checks, store } = await (await openShop({ hasInventory: false, language: "de" })).connect();
		expect(states(checks)).toMatchObject({
			inventory_read: "passed",
			inventory_write: "passed",
			stock_management: "passed",
		});
		expect(store).toMatchObject({ locations: [], facts: { hasInventory: false } });
	});
});

describe("address", () => {
	test("a store without rewrites answers below index.php", async () => {
		expect((await (await openShop({ hasRewrites: false })).connect()).store?.facts.restPath).toBe("/index.php/rest");
	});

	test("maintenance, a page and another site are named", async () => {
		const maintained = await (await openShop({ isInMaintenance: true })).connect();
		expect(check(maintained.checks, "address")).toMatchObject({
			state: "failed",
			sentence: "The store is in maintenance.",
		});
		const shop = await openShop();
		const elsewhere = await shop.connect({ ...shop.tokens }, { baseUrl: `${sandbox.origin}/sandbox/magento/nowhere` });
		expect(check(elsewhere.checks, "address")).toMatchObject({
			state: "failed",
			fix: expect.stringContaining("front page"),
		});
		expect(states(elsewhere.checks)).toMatchObject({ credentials: "skipped", clock: "skipped" });
	});

	test("a clock that is minutes late is warned of", async () => {
		const shop = await openShop();
		const { checks } = await shop.connect({ ...shop.tokens }, { now: () => new Date(Date.now() - 5 * 60_000) });
		expect(check(checks, "clock")?.state).toBe("warned");
	});
});
