/** The adapter against a sandbox store over HTTP. The store's own truth comes from the sandbox. */
import { describe, expect, test } from "vitest";
import { addToken, allScopes } from "@/lib/sandbox/bigcommerce/access";
import { setKnobs, setQuantity } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { many, skusOf, variant } from "@/lib/sandbox/testing/seeds";
import type { Check } from "../channel-adapter";
import { readAll } from "../testing/read-all";
import { bigcommerce } from ".";
import { type Options, openStore as open } from "./testing/open-store";

const sandbox = sandboxForTests();

const openStore = (options?: Options) => open(sandbox, options);

describe("connect", () => {
	const states = (checks: Check[]) => Object.fromEntries(checks.map(({ name, state }) => [name, state]));
	const found = (checks: Check[], name: Check["name"]) => checks.find((check) => check.name === name);

	test("a good store passes every check, nothing in it changes, and no secret is in an exchange", async () => {
		const shop = await openStore({ facts: { publicUrl: sandbox.origin } });
		const before = (await shop.call("GET", "/v3/inventory/items")).body;
		const { checks, store } = await bigcommerce.connect(shop.connection);
		expect(new Set(Object.values(states(checks)))).toEqual(new Set(["passed"]));
		expect(store).toMatchObject({
			storeKey: shop.store.secrets.storeHash,
			name: "Test Store",
			locations: [{ ref: "1", name: "Default location", isActive: true }],
			facts: {
				stockRules: { takesWhen: "order_placed", editsMoveStock: true, cancellationsGiveBack: true },
				currency: "USD",
				timeZone: "America/Chicago",
			},
		});
		expect(store?.facts.scopes).toContain("store_v2_orders");
		expect((await shop.call("GET", "/v3/inventory/items")).body).toEqual(before);
		const kept = JSON.stringify(shop.connection.http.exchanges);
		for (const secret of Object.values(shop.access)) expect(kept).not.toContain(secret);
	});

	test("when the store takes stock is read, and a store that does so late is warned of", async () => {
		const shop = await openStore({
			settings: { updateStockBehavior: "order_completed_or_shipped", refundsMoveStock: false },
		});
		const { checks, store } = await bigcommerce.connect(shop.connection);
		expect(store?.facts.stockRules).toEqual({
			takesWhen: "order_completed_or_shipped",
			editsMoveStock: true,
			cancellationsGiveBack: false,
		});
		expect(found(checks, "stock_management")).toMatchObject({ state: "warned" });
		expect(found(checks, "stock_management")?.fix).toContain("when an order is placed");
	});

	test.each([
		["store_v2_products", "inventory_read", "failed"],
		["store_v2_orders", "inventory_read", "failed"],
		["store_locations_read_only", "inventory_read", "failed"],
		["store_inventory", "inventory_write", "failed"],
	] as const)("a token without %s is told so by name", async (lacks, name, state) => {
		const shop = await openStore();
		const token = await addToken(sandbox.ctx, shop.store, { scopes: allScopes.filter((scope) => scope !== lacks) });
		const { checks } = await bigcommerce.connect(shop.connectWith({ accessToken: token.token }));
		expect(states(checks)).toMatchObject({ address: "passed", credentials: "passed", scopes: "failed", [name]: state });
		expect(found(checks, "scopes")?.sentence).toContain(lacks.replace("_read_only", ""));
	});

	test("a token that may only read stock can watch, and one that may not change orders is not offered to cancel", async () => {
		const shop = await openStore();
		const token = await addToken(sandbox.ctx, shop.store, {
			scopes: [
				...allScopes.filter((scope) => !/inventory|orders/.test(scope)),
				"store_inventory_read_only",
				"store_v2_orders_read_only",
			],
		});
		const { checks, store } = await bigcommerce.connect(shop.connectWith({ accessToken: token.token }));
		expect(states(checks)).toMatchObject({ scopes: "warned", inventory_read: "passed", inventory_write: "failed" });
		expect(store?.facts.scopes).not.toContain("store_v2_orders");
	});

	test("a wrong token, another store, a web page and silence are told apart", async () => {
		const shop = await openStore();
		const wrong = await bigcommerce.connect(shop.connectWith({ accessToken: "gone" }));
		expect(states(wrong.checks)).toMatchObject({ address: "passed", credentials: "failed", scopes: "skipped" });
		const page = await bigcommerce.connect(shop.connectWith(shop.access, { baseUrl: `${shop.baseUrl}/nowhere` }));
		expect(found(page.checks, "address")).toMatchObject({ state: "failed" });
		expect(found(page.checks, "address")?.fix).toContain("API path");
		await setKnobs(sandbox.ctx, shop.store.id, { outage: true });
		const down = await bigcommerce.connect(shop.connection);
		expect(found(down.checks, "address")).toMatchObject({ state: "failed" });
	});

	test("a clock that is wrong is named as such", async () => {
		const shop = await openStore();
		const late = shop.connectWith(shop.access, { now: () => new Date(Date.now() - 20 * 60_000) });
		expect(states((await bigcommerce.connect(late)).checks)).toMatchObject({ clock: "warned" });
	});
});

describe("listings", () => {
	test("what holds stock is listed once, under every name that an order may give it", async () => {
		const shop = await openStore();
		expect(
			shop.listings.map(({ sku, title, options, isManaged, quantity, refs }) => [
				sku ?? title,
				options,
				isManaged,
				quantity,
				refs.length,
			]),
		).toEqual([
			["CUP", null, true, 20, 2],
			["LOOSE", null, false, null, 2],
			["TEE-S", "S", true, 5, 1],
			["TEE-M", "M", true, 7, 1],
			["TEE-L", "L", true, 0, 1],
			["Poster", "Matte, Glossy", true, 20, 3],
		]);
		expect(shop.listing("CUP")).toMatchObject({ gtin: "04006381333931", price: "9.50" });
	});

	test("SKUs of every kind come through, and what has none or shares one is listed all the same", async () => {
		const skus = ["a/b c", "ä–日本", "Case", "case", "x".repeat(200), "", "", "DOUBLE", "DOUBLE", "1,2", "007", "50%"];
		const shop = await openStore({
			products: skus.map((sku, index) => ({ title: sku, variants: [variant(sku, index, { price: "0.125" })] })),
		});
		expect(shop.listings.map(({ sku, quantity }) => [sku, quantity])).toEqual(
			skus.map((sku, index) => [sku || null, index]),
		);
		expect(shop.listings[0]?.price).toBe("0.125");
		const double = shop.listings.filter(({ sku }) => sku === "DOUBLE");
		const [, second] = double;
		if (!second) throw new Error("two were seeded");
		await shop.write([{ externalKey: second.externalKey, ids: second.ids, quantity: 40, expected: 8 }]);
		const levels = await bigcommerce.readLevels(shop.connection, double);
		expect(levels.map(({ quantity }) => quantity)).toEqual([7, 40]);
	});

	test("the whole catalogue is read in pages, and nothing is skipped while some of it is deleted and sold", async () => {
		const products = many(530, () => 5);
		const shop = await openStore({ products });
		expect(shop.listings).toHaveLength(530);
		const first = await bigcommerce.listListings(shop.connection, null, null);
		for (const listing of first.items.slice(0, 20))
			await shop.call("DELETE", `/v3/catalog/products/${listing.ids.productId}`);
		await shop.buy("P300");
		const rest = await readAll((page) => bigcommerce.listListings(shop.connection, null, page ?? first.next));
		expect([...first.items, ...rest].map(({ sku }) => sku)).toEqual(skusOf(products));
	});

	test("what changed since a moment is found, oldest first, over pages of one second and by the second", async () => {
		const products = many(280, () => 5);
		const shop = await openStore({ products });
		sandbox.putForward(60_000);
		const since = sandbox.now();
		await shop.call("PUT", `/v3/catalog/products/${shop.listing("P7").ids.productId}`, { name: "Seven" });
		const changed = await readAll((page) => bigcommerce.listListings(shop.connection, since, page));
		expect(changed.map(({ title }) => title)).toEqual(["Seven"]);
		const all = await readAll((page) => bigcommerce.listListings(shop.connection, new Date(0), page));
		expect(new Set(all.map(({ sku }) => sku)).size).toBe(280);
		expect(all).toHaveLength(280);
	});

	test("another way of tracking is another listing, and one that is gone is none", async () => {
		const shop = await openStore();
		const { productId = "" } = shop.listing("TEE-S").ids;
		expect(await bigcommerce.readProduct(shop.connection, productId)).toHaveLength(3);
		await shop.call("PUT", `/v3/catalog/products/${productId}`, { inventory_tracking: "product" });
		expect(
			(await bigcommerce.readProduct(shop.connection, productId)).map(({ externalKey, quantity }) => [
				externalKey,
				quantity,
			]),
		).toEqual([[`product:${productId}`, 0]]);
		await shop.call("DELETE", `/v3/catalog/products/${productId}`);
		expect(await bigcommerce.readProduct(shop.connection, productId)).toEqual([]);
	});
});

describe("levels", () => {
	test("are what can be sold at the channel's location, safety stock left off", async () => {
		const locations = [
			{ id: 1, code: "A", label: "Shop", enabled: true, isDefault: true },
			{ id: 2, code: "B", label: "Depot", enabled: true, isDefault: false },
		];
		const shop = await openStore({ settings: { locations } });
		const { productId } = shop.listing("CUP").ids;
		await shop.call("PUT", "/v3/inventory/locations/1/items", {
			settings: [{ identity: { product_id: Number(productId) }, safety_stock: 3 }],
		});
		await shop.call("PUT", "/v3/inventory/adjustments/absolute", {
			items: [{ location_id: 2, product_id: Number(productId), quantity: 50 }],
		});
		const at = async (locationRef: string) => {
			const [level] = await bigcommerce.readLevels({ ...shop.connection, locationRef }, [shop.listing("CUP")]);
			return level?.quantity;
		};
		expect([await at("1"), await at("2")]).toEqual([17, 50]);
	});

	test("below zero is told as it is", async () => {
		const shop = await openStore();
		await setQuantity(sandbox.ctx, shop.store.id, "TEE-S", -4);
		const [level] = await bigcommerce.readLevels(shop.connection, [shop.listing("TEE-S")]);
		expect(level?.quantity).toBe(-4);
	});

	test("what was never set shows none, what is no longer counted has no number, and what is gone is absent", async () => {
		const shop = await openStore();
		await shop.call("PUT", `/v3/catalog/products/${shop.listing("CUP").ids.productId}`, { inventory_tracking: "none" });
		await shop.call("DELETE", `/v3/catalog/products/${shop.listing("Poster").ids.productId}`);
		const { productId, variantId } = shop.listing("TEE-M").ids;
		await shop.call("DELETE", `/v3/catalog/products/${productId}/variants/${variantId}`);
		const wanted = ["TEE-S", "TEE-L", "TEE-M", "CUP", "Poster"].map(shop.listing);
		const levels = await bigcommerce.readLevels(shop.connection, wanted);
		expect(new Map(levels.map(({ externalKey, quantity }) => [externalKey, quantity]))).toEqual(
			new Map([
				[shop.listing("TEE-S").externalKey, 5],
				[shop.listing("TEE-L").externalKey, 0],
				[shop.listing("CUP").externalKey, null],
			]),
		);
	});

	test("a thousand are read by their ids, each once", async () => {
		const products = many(600, (index) => index);
		const shop = await openStore({ products });
		const levels = await bigcommerce.readLevels(shop.connection, shop.listings);
		expect(levels.map(({ quantity }) => quantity)).toEqual(products.map((_, index) => index));
	});
});
