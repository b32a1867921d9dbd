/** How the service answers, whatever the call. */
import { describe, expect, test } from "vitest";
import {
	checkout,
	createSandboxStore,
	deleteSandboxStore,
	quantities,
	sandboxKeys,
	setKnobs,
	setStoreSettings,
} from "../stores";
import { sandboxForTests } from "../testing";
import { product, products, sized } from "../testing/seeds";
import { openTestAccount } from "./testing";

const sandbox = sandboxForTests();

const tee = sized("Tee", { S: 3, M: 3 });
const three = products({ A: 5, B: 5, C: 5 });

describe("who may ask", () => {
	test("a wrong account key is code 2, a wrong store key 4, both with HTTP 200", async () => {
		const account = await openTestAccount(sandbox, { products: three });
		expect(await account.call("product.list", { accountKey: "wrong" })).toMatchObject({ return_code: 2, result: {} });
		expect(await account.call("product.list", { storeKey: "f".repeat(32) })).toMatchObject({ return_code: 4 });
		expect(await account.call("product.list", { storeKey: null })).toMatchObject({ return_code: 4 });
		expect(await account.call("account.cart.list", { storeKey: null })).toMatchObject({
			return_code: 0,
			result: { carts_count: 1, carts: [{ store_key: account.access.storeKey, cart_id: "WoocommerceApi" }] },
		});
		const reply = await fetch(`${account.baseUrl}/v1.1/product.list.json`);
		expect(reply.status).toBe(200);
	});

	test("a method that is none, and a verb that is not its own, are code 3", async () => {
		const account = await openTestAccount(sandbox, { products: three });
		expect(await account.call("product.lists")).toMatchObject({ return_code: 3 });
		expect(await account.call("product.update", { verb: "POST", body: {} })).toMatchObject({ return_code: 3 });
	});

	test("an error's result may be a list", async () => {
		const account = await openTestAccount(sandbox, { products: three, settings: { errorsCarryList: true } });
		expect(await account.call("product.info", { query: { id: "none" } })).toEqual({
			return_code: 112,
			return_message: "Product with id none not found",
			result: [],
		});
	});
});

describe("lists", () => {
	test("leave stock out unless it is asked for", async () => {
		const account = await openTestAccount(sandbox, { products: [product("A", 5), tee] });
		const { result } = await account.call("product.list");
		expect(Object.keys(result.product[0]).sort()).toEqual(["categories_ids", "description", "id", "name", "price"]);
		expect((await account.call("product.list", { query: { params: "id,quantity" } })).result.product).toMatchObject([
			{ quantity: 5 },
			{ quantity: 6 },
		]);
		const children = await account.call("product.child_item.list", { query: { product_id: result.product[1].id } });
		expect(children.result).toMatchObject({
			total_count: 2,
			children: [{ inventory_level: 3 }, { inventory_level: 3 }],
		});
	});

	test("are walked by a cursor that goes alone and must be encoded", async () => {
		const account = await openTestAccount(sandbox, { products: three });
		const first = await account.call("product.list", { query: { count: 2 } });
		expect(first.result.product).toHaveLength(2);
		const cursor = first.pagination?.next ?? "";
		expect(cursor).toMatch(/[+/=]/);
		const second = await account.call("product.list", { query: { page_cursor: cursor } });
		expect(second).toMatchObject({ result: { products_count: 1 }, pagination: { next: null } });
		const withFilter = await account.call("product.list", { query: { page_cursor: cursor, sku: "A" } });
		expect(withFilter).toMatchObject({ return_code: 109 });
		const unencoded = await fetch(`${account.baseUrl}/v1.1/product.list.json?page_cursor=${cursor}`, {
			headers: { "x-api-key": account.access.accountKey, "x-store-key": account.access.storeKey },
		});
		expect(await unencoded.json()).toMatchObject({ return_code: 109 });
		expect(await account.call("order.list", { query: { page_cursor: cursor } })).toMatchObject({ return_code: 109 });
	});

	test("don't tell where they go on when nobody names the pagination", async () => {
		const account = await openTestAccount(sandbox, { products: three });
		const cut = await account.call("product.list", { query: { count: 1, response_fields: "{result{product{id}}}" } });
		expect(cut).toEqual({ return_code: 0, return_message: "", result: { product: [{ id: expect.any(String) }] } });
	});

	test.each([
		[{ count: 251 }, 109],
		[{ count: -1 }, 109],
		[{ start: "x" }, 109],
		[{ count: 0 }, 0],
		[{ modified_from: "yesterday" }, 109],
		[{ modified_from: "2026-11-23T10:00:00+0000" }, 0],
		[{ response_fields: "{result" }, 109],
	])("with %j answer %i", async (query, code) => {
		const account = await openTestAccount(sandbox, { products: three });
		expect((await account.call("product.list", { query: query as Record<string, string> })).return_code).toBe(code);
	});

	test("of child items cross to other products on the second page", async () => {
		const wide = (name: string) => ({
			title: name,
			variants: [1, 2, 3].map((n) => ({ sku: `${name}${n}`, gtin: null, options: `${n}`, price: "1.00", quantity: n })),
		});
		const account = await openTestAccount(sandbox, { products: [wide("A"), wide("B")] });
		const [{ id }] = (await account.call("product.list")).result.product;
		const first = await account.call("product.child_item.list", { query: { product_id: id, count: 2 } });
		expect(first.result.total_count).toBe(3);
		const second = await account.call("product.child_item.list", {
			query: { page_cursor: first.pagination?.next ?? "" },
		});
		expect(second.result.children.map(({ sku }: { sku: string }) => sku)).toEqual(["A3", "B1"]);
		const counted = await account.call("product.child_item.list", { query: { product_id: id, count: 2, start: 2 } });
		expect(counted.result.children.map(({ sku }: { sku: string }) => sku)).toEqual(["A3"]);
	});

	test("find by name and by SKU, and say so when there is none", async () => {
		const account = await openTestAccount(sandbox, { products: [product("A", 5), tee] });
		const find = (query: Record<string, string>) => account.call("product.find", { query });
		expect((await find({ find_value: "item a" })).result.product).toHaveLength(1);
		expect((await find({ find_value: "A", find_where: "sku" })).result.product).toHaveLength(1);
		expect(await find({ find_value: "nothing" })).toMatchObject({ return_code: 112 });
		expect(
			(await account.call("product.child_item.find", { query: { find_value: "TEE-M" } })).result.children,
		).toHaveLength(1);
		expect((await account.call("product.count")).result).toEqual({ products_count: 2 });
	});
});

describe("limits", () => {
	test("more than five calls of a store at once are code 7, more than ten of an account code 10", async () => {
		const account = await openTestAccount(sandbox, { products: three, settings: { racyWindowMs: 400 } });
		const [{ id }] = (await account.call("product.list")).result.product;
		const write = () => account.call("product.update", { verb: "PUT", body: { id, increase_quantity: 1 } });
		const codes = (await Promise.all(Array.from({ length: 7 }, write))).map(({ return_code }) => return_code);
		expect(codes.filter((code) => code === 7)).toHaveLength(2);
		expect(codes.filter((code) => code === 0)).toHaveLength(5);
		await setStoreSettings(sandbox.ctx, account.store.id, { mostCalls: { account: 3, store: 5 } });
		const again = (await Promise.all(Array.from({ length: 5 }, write))).map(({ return_code }) => return_code);
		expect(again.filter((code) => code === 10)).toHaveLength(2);
		expect((await account.call("product.list")).return_code).toBe(0);
	});

	test("the cart's own throttle is code 110 until the minute is over", async () => {
		const account = await openTestAccount(sandbox, { products: three, settings: { cartCallsPerMinute: 2 } });
		const codes = [];
		for (let call = 0; call < 3; call++) codes.push((await account.call("product.count")).return_code);
		expect(codes).toEqual([0, 0, 110]);
		sandbox.putForward(60_000);
		expect((await account.call("product.count")).return_code).toBe(0);
	});

	test("trouble of its own is a page or code 9, an outage a page, congestion code 110", async () => {
		const account = await openTestAccount(sandbox, { products: three });
		const ask = async () => {
			const reply = await fetch(`${account.baseUrl}/v1.1/product.count.json`, {
				headers: { "x-api-key": account.access.accountKey, "x-store-key": account.access.storeKey },
			});
			return { status: reply.status, text: await reply.text() };
		};
		await setKnobs(sandbox.ctx, account.store.id, { throttleRate: 1 });
		expect(await ask()).toMatchObject({ status: 200, text: expect.stringContaining('"return_code":110') });
		await setKnobs(sandbox.ctx, account.store.id, { throttleRate: 0, errorRate: 1 });
		const answers = await Promise.all(Array.from({ length: 12 }, ask));
		for (const { status, text } of answers) expect(status === 502 ? text : JSON.parse(text)).toBeTruthy();
		await setKnobs(sandbox.ctx, account.store.id, { outage: true });
		expect(await ask()).toMatchObject({ status: 503, text: expect.stringContaining("<html>") });
	});
});

describe("in front of a store that was there before", () => {
	test("shows what happens in it, and what is written is there", async () => {
		const shop = await createSandboxStore(sandbox.ctx, { platform: "woocommerce", name: "Shop", products: three });
		const account = await openTestAccount(sandbox, {
			settings: { backing: { platform: "woocommerce", storeId: shop.id } },
		});
		expect(account.backing.id).toBe(shop.id);
		await checkout(sandbox.ctx, shop.id, [{ sku: "A", quantity: 2 }]);
		const list = async () => (await account.call("product.list", { query: { params: "id,quantity" } })).result.product;
		expect((await list())[0].quantity).toBe(3);
		expect((await account.call("order.list")).result.orders_count).toBe(1);
		await account.call("product.update", { verb: "PUT", body: { id: (await list())[0].id, increase_quantity: 4 } });
		expect((await quantities(sandbox.ctx, shop.id))[0]?.quantity).toBe(7);
		expect(await quantities(sandbox.ctx, account.store.id)).toEqual(await quantities(sandbox.ctx, shop.id));
	});

	test("that is removed leaves an account with nothing to show and a key that opens nothing", async () => {
		const account = await openTestAccount(sandbox, { products: three });
		await deleteSandboxStore(sandbox.ctx, account.backing.id);
		expect(await quantities(sandbox.ctx, account.store.id)).toEqual([]);
		expect(await account.call("product.count")).toMatchObject({ return_code: 4 });
	});

	test("can't be itself, nor one that does not exist", async () => {
		const open = (backing: { platform: string; storeId: string | null }) =>
			openTestAccount(sandbox, { settings: { backing } });
		await expect(open({ platform: "api2cart", storeId: null })).rejects.toThrow("in front of");
		await expect(open({ platform: "woocommerce", storeId: "nowhere" })).rejects.toThrow("in front of");
	});
});

describe("an account with two stores", () => {
	const added = async () => {
		const account = await openTestAccount(sandbox, { products: three });
		const other = await createSandboxStore(sandbox.ctx, {
			platform: "shopify",
			name: "Other",
			products: [product("Z", 9)],
		});
		const { baseUrl, access } = await sandboxKeys(sandbox.ctx, other.id);
		const body = {
			cart_id: "Shopify",
			store_url: baseUrl,
			shopify_access_token: access.accessToken,
			shopify_shared_secret: "x",
		};
		const add = (more: object = {}) =>
			account.call("account.cart.add", { verb: "POST", storeKey: null, body: { ...body, ...more } });
		return { account, add };
	};

	test("checks credentials, refuses what it has, and keeps the stores apart", async () => {
		const { account, add } = await added();
		expect(await add({ cart_id: "Magento1212" })).toMatchObject({ return_code: 109 });
		expect(await add({ shopify_access_token: "" })).toMatchObject({ return_code: 114 });
		expect(await add({ shopify_access_token: "shpat_wrong" })).toMatchObject({ return_code: 100 });
		expect(await add({ store_url: "https://nowhere.example" })).toMatchObject({ return_code: 106 });
		const { return_code, result } = await add();
		expect(return_code).toBe(0);
		expect(result.store_key).toMatch(/^[0-9a-f]{32}$/);
		expect(await add()).toMatchObject({ return_code: 8 });
		const count = async (storeKey: string) =>
			(await account.call("product.count", { storeKey })).result?.products_count;
		expect(await count(result.store_key)).toBe(1);
		expect(await count(account.access.storeKey)).toBe(3);
		const info = await account.call("cart.info", {
			storeKey: result.store_key,
			query: { response_fields: "{result{warehouses{id,name},stores_info{default_warehouse_id}}}" },
		});
		expect(info.result.warehouses).toHaveLength(2);
		expect(info.result.stores_info[0].default_warehouse_id).toBe(info.result.warehouses[0].id);
		await account.call("cart.delete", { verb: "DELETE", storeKey: result.store_key });
		expect(await account.call("product.count", { storeKey: result.store_key })).toMatchObject({ return_code: 4 });
	});

	test("a new store key takes the place of the old one", async () => {
		const { account } = await added();
		const next = "0123456789abcdef0123456789abcdef";
		expect(await account.call("account.config.update", { verb: "PUT", query: { new_store_key: next } })).toMatchObject({
			return_code: 0,
		});
		expect(await account.call("product.count")).toMatchObject({ return_code: 4 });
		expect(await account.call("product.count", { storeKey: next })).toMatchObject({ return_code: 0 });
	});
});
