import { beforeAll, describe, expect, test } from "vitest";
import { quantities, setQuantity } from "../stores";
import { sandboxForTests } from "../testing";
import { openTestShop, type TestShop } from "./testing";
import { quantityOf, seedProbe } from "./testing-probe";

const sandbox = sandboxForTests();
let shop: TestShop;
beforeAll(async () => {
	shop = await openTestShop(sandbox);
	await seedProbe(sandbox.ctx, shop.store.id);
});

const stock = (id: number) => quantityOf(sandbox.ctx, shop.store.id, id);
const put = (path: string, body: unknown) => shop.call("PUT", path, body);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("types", () => {
	test.each([["abc"], [""], ["1.5"], [1.5], [true], [[]]])("a single write refuses %j", async (stock_quantity) => {
		await put("/products/10", { stock_quantity: 9 });
		const reply = await put("/products/10", { stock_quantity });
		expect(reply.status).toBe(400);
		expect(reply.body.data.params.stock_quantity).toBe("stock_quantity is not of type integer.");
		expect(await stock(10)).toBe(9);
	});

	test.each([
		[-5, -5],
		[null, 0],
		["7", 7],
		[1e3, 1000],
	])("a single write takes %j for %d", async (stock_quantity, shown) => {
		const reply = await put("/products/10", { stock_quantity });
		expect(reply.body.stock_quantity).toBe(shown);
	});

	test.each([
		["abc", 0],
		["", 0],
		[[], 0],
		[true, 1],
		[1.5, 1],
		["1.5", 1],
		[-4, -4],
		[null, 9],
	])("a batch checks nothing: %j becomes %d", async (stock_quantity, shown) => {
		await put("/products/10", { stock_quantity: 9 });
		await put("/products/15/variations/16", { stock_quantity: 9 });
		const products = await shop.call("POST", "/products/batch", { update: [{ id: 10, stock_quantity }] });
		expect(products.body.update[0].stock_quantity).toBe(shown);
		const variations = await shop.call("POST", "/products/15/variations/batch", {
			update: [{ id: 16, stock_quantity }],
		});
		expect(variations.body.update[0].stock_quantity).toBe(shown);
	});

	test.each([[{}], [{ update: "x" }]])("a batch of %j is an empty list", async (body) => {
		const reply = await shop.call("POST", "/products/batch", body);
		expect(reply.status).toBe(200);
		expect(reply.body).toEqual([]);
	});

	test("the same product twice in one batch is written in order", async () => {
		const reply = await shop.call("POST", "/products/batch", {
			update: [
				{ id: 10, stock_quantity: 12 },
				{ id: 10, inventory_delta: -2 },
			],
		});
		expect(reply.body.update.map((row: { stock_quantity: number }) => row.stock_quantity)).toEqual([12, 10]);
	});

	test("fields of a batch's answer can't be chosen", async () => {
		const reply = await shop.call("POST", "/products/batch?_fields=id,stock_quantity", {
			update: [{ id: 10, stock_quantity: 1 }],
		});
		expect(reply.body).toEqual([]);
	});
});

describe("stock at the parent", () => {
	test("a variation's own count comes and goes, and the parent's stays", async () => {
		await put("/products/15", { stock_quantity: 28 });
		const path = "/products/15/variations/17";
		expect((await put(path, { stock_quantity: 50 })).body).toMatchObject({
			manage_stock: "parent",
			stock_quantity: 28,
		});
		expect((await put(path, { inventory_delta: -3 })).body.stock_quantity).toBe(28);
		expect((await put(path, { manage_stock: true, stock_quantity: 4 })).body).toMatchObject({
			manage_stock: true,
			stock_quantity: 4,
		});
		expect(await stock(15)).toBe(28);
		expect((await put(path, { manage_stock: false })).body).toMatchObject({
			manage_stock: "parent",
			stock_quantity: 28,
		});
		expect((await put(path, { manage_stock: "parent" })).body.manage_stock).toBe("parent");
		expect((await put("/products/10", { manage_stock: "parent" })).status).toBe(400);
	});
});

describe("what is not counted", () => {
	test("drops numbers in silence, and keeps its status by hand", async () => {
		expect((await put("/products/12", { stock_quantity: 7 })).body).toMatchObject({
			manage_stock: false,
			stock_quantity: null,
		});
		expect((await put("/products/12", { stock_status: "outofstock" })).body.stock_status).toBe("outofstock");
	});

	test("a counted product's status follows from its number, and stays when the count ends", async () => {
		const path = "/products/13";
		expect((await put(path, { stock_quantity: 0, stock_status: "instock" })).body.stock_status).toBe("outofstock");
		expect((await put(path, { stock_quantity: 5, stock_status: "outofstock" })).body.stock_status).toBe("instock");
		await put(path, { manage_stock: false });
		expect((await put(path, { manage_stock: true })).body).toMatchObject({
			stock_quantity: null,
			stock_status: "outofstock",
		});
		expect((await put(path, { manage_stock: false })).body).toMatchObject({
			manage_stock: false,
			stock_status: "outofstock",
		});
	});

	test("a shop that counts nothing shows no number", async () => {
		const other = await openTestShop(sandbox, { settings: { countsStock: false } });
		await seedProbe(sandbox.ctx, other.store.id);
		expect((await other.call("GET", "/products/10")).body).toMatchObject({ manage_stock: false, stock_quantity: null });
		expect((await other.call("GET", "/settings/products/woocommerce_manage_stock")).body.value).toBe("no");
	});
});

describe("inventory_delta", () => {
	test.each([
		[{ inventory_delta: "2" }, 12],
		[{ inventory_delta: 1.5 }, 11],
		[{ inventory_delta: "abc" }, 10],
		[{ inventory_delta: null }, 10],
		[{ inventory_delta: -5, stock_quantity: 3 }, 3],
		[{ inventory_delta: -100 }, -90],
	])("%j from 10 gives %d", async (body, shown) => {
		await put("/products/10", { stock_quantity: 10 });
		expect((await put("/products/10", body)).body.stock_quantity).toBe(shown);
	});

	test("is not atomic: of ten at once some are lost", async () => {
		const slow = await openTestShop(sandbox, { settings: { deltaWindowMs: 40 } });
		await seedProbe(sandbox.ctx, slow.store.id, [{ id: 10, quantity: 100 }]);
		await Promise.all(Array.from({ length: 10 }, () => slow.call("PUT", "/products/10", { inventory_delta: -1 })));
		expect(await quantityOf(sandbox.ctx, slow.store.id, 10)).toBeGreaterThan(90);
	});

	test("loses a sale that comes between its reading and its writing, and tells nobody", async () => {
		const slow = await openTestShop(sandbox, { settings: { deltaWindowMs: 1_000 } });
		await seedProbe(sandbox.ctx, slow.store.id, [{ id: 10, quantity: 100 }]);
		const delta = slow.call("PUT", "/products/10", { inventory_delta: -1 });
		await later(200);
		const order = await slow.call("POST", "/orders", { line_items: [{ product_id: 10, quantity: 5 }], set_paid: true });
		expect(order.status).toBe(201);
		expect((await delta).body.stock_quantity).toBe(99);
		expect(await quantityOf(sandbox.ctx, slow.store.id, 10)).toBe(99);
	});
});

describe("lists", () => {
	test("variations are in no list of products, but for an exact list of SKUs", async () => {
		const ids = (reply: { body: { id: number }[] }) => reply.body.map(({ id }) => id).sort((a, b) => a - b);
		expect(ids(await shop.call("GET", "/products?per_page=100"))).toEqual([10, 11, 12, 13, 14, 15, 19]);
		expect(ids(await shop.call("GET", "/products?include=10,16"))).toEqual([10]);
		expect(ids(await shop.call("GET", "/products?sku=SKU-A,SKU-V-S"))).toEqual([10, 16]);
		expect(ids(await shop.call("GET", "/variations?include=16,20"))).toEqual([16, 20]);
		expect((await shop.call("GET", "/products/16")).body).toMatchObject({ type: "variation", parent_id: 15 });
		expect((await shop.call("GET", "/products/15")).body.variations).toEqual([16, 17, 18]);
	});

	test("pages count, and past the end there is nothing", async () => {
		const page = await shop.call("GET", "/products?per_page=3&page=3&orderby=id&order=asc");
		expect(page.body.map(({ id }: { id: number }) => id)).toEqual([19]);
		expect(page.headers.get("x-wp-total")).toBe("7");
		expect(page.headers.get("x-wp-totalpages")).toBe("3");
		expect((await shop.call("GET", "/products?per_page=3&page=9")).body).toEqual([]);
		const byOffset = await shop.call("GET", "/products?per_page=3&offset=5&orderby=id&order=asc");
		expect(byOffset.body.map(({ id }: { id: number }) => id)).toEqual([15, 19]);
	});

	test("without the route of all variations there is only each product's", async () => {
		const old = await openTestShop(sandbox, { settings: { hasVariationsRoute: false } });
		await seedProbe(sandbox.ctx, old.store.id);
		expect((await old.call("GET", "/variations")).body.code).toBe("rest_no_route");
		expect((await old.call("GET", "/products/15/variations")).body).toHaveLength(3);
	});

	test("the trash answers by id and stands in no list, until somebody asks for it", async () => {
		const made = await shop.call("POST", "/products", { name: "Gone", sku: "GONE" });
		const path = `/products/${made.body.id}`;
		expect((await shop.call("DELETE", path)).body.status).toBe("publish");
		expect((await shop.call("GET", path)).body.status).toBe("trash");
		expect((await shop.call("GET", `/products?include=${made.body.id}`)).body).toEqual([]);
		expect((await shop.call("GET", "/products?status=trash")).body).toHaveLength(1);
		expect((await put(path, { status: "publish" })).body.status).toBe("publish");
		await shop.call("DELETE", `${path}?force=true`);
		expect((await shop.call("GET", path)).body.code).toBe("woocommerce_rest_product_invalid_id");
	});
});

describe("modified stamps", () => {
	const changed = async (query: string, at = shop) =>
		(await at.call("GET", `/products?per_page=100&${query}`)).body.map(({ id }: { id: number }) => id) as number[];

	test("modified_after is the shop's own time, UTC by a flag, a zone by itself, and wrong by both", async () => {
		const reply = await put("/products/11", { stock_quantity: 40 });
		const gmt = Date.parse(`${reply.body.date_modified_gmt}Z`);
		const local = Date.parse(`${reply.body.date_modified}Z`);
		const text = (at: number) => new Date(at - 2_000).toISOString().slice(0, 19);
		expect(await changed(`modified_after=${text(local)}`)).toContain(11);
		expect(await changed(`modified_after=${text(gmt)}&dates_are_gmt=true`)).toContain(11);
		expect(await changed(`modified_after=${text(gmt)}Z`)).toContain(11);
		expect(await changed(`modified_after=${encodeURIComponent(`${text(local)}+01:00`)}`)).toContain(11);
		expect(await changed(`modified_after=${text(gmt)}.250Z`)).toContain(11);
		expect(await changed(`modified_after=${text(gmt)}Z&dates_are_gmt=true`)).toEqual([]);
	});

	test("modified_after leaves out its own second", async () => {
		const { body } = await put("/products/11", {});
		expect(await changed(`modified_after=${body.date_modified_gmt}&dates_are_gmt=true`)).not.toContain(11);
	});

	test("every save moves the stamp, a variation's its parent's too", async () => {
		const before = sandbox.now().toISOString().slice(0, 19);
		sandbox.putForward(2_000);
		await put("/products/19/variations/20", { stock_quantity: 9 });
		expect(await changed(`modified_after=${before}&dates_are_gmt=true`)).toEqual([19]);
		const variations = await shop.call("GET", `/products/19/variations?modified_after=${before}&dates_are_gmt=true`);
		expect(variations.body).toHaveLength(1);
	});

	test("a shop whose stamps lie sells without moving them", async () => {
		const lying = await openTestShop(sandbox, { settings: { salesMoveStamps: false } });
		await seedProbe(sandbox.ctx, lying.store.id);
		const since = `modified_after=2026-11-23T13:53:00&dates_are_gmt=true`;
		await lying.call("POST", "/orders", { line_items: [{ product_id: 10, quantity: 1 }], set_paid: true });
		expect(await changed(since, lying)).toEqual([]);
		await lying.call("PUT", "/products/10", { stock_quantity: 3 });
		expect(await changed(since, lying)).toEqual([10]);
	});
});

describe("seeded shops", () => {
	test("simple products, variants and pools stand as they were given", async () => {
		const seeded = await openTestShop(sandbox, {
			products: [
				{ title: "Cup", variants: [{ sku: "CUP", gtin: "4006381333931", options: null, price: "9.5", quantity: 7 }] },
				{
					title: "Tee",
					variants: [
						{ sku: "TEE-S", gtin: null, options: "S / Blue", price: "20", quantity: 3 },
						{ sku: "TEE-M", gtin: null, options: "M / Blue", price: "20", quantity: null },
					],
				},
				{
					title: "Pool",
					sharedPool: true,
					variants: [
						{ sku: "POOL-1", gtin: null, options: "1", price: "5", quantity: 4 },
						{ sku: "POOL-2", gtin: null, options: "2", price: "5", quantity: 6 },
					],
				},
			],
		});
		const bySku = async (sku: string) => (await seeded.call("GET", `/products?sku=${sku}`)).body[0];
		expect(await bySku("CUP")).toMatchObject({ type: "simple", stock_quantity: 7, global_unique_id: "4006381333931" });
		expect(await bySku("TEE-S")).toMatchObject({ type: "variation", manage_stock: true, stock_quantity: 3 });
		expect(await bySku("TEE-M")).toMatchObject({ type: "variation", manage_stock: false, stock_quantity: null });
		expect(await bySku("POOL")).toMatchObject({ type: "variable", manage_stock: true, stock_quantity: 10 });
		expect(await bySku("POOL-2")).toMatchObject({ manage_stock: "parent", stock_quantity: 10 });
		expect((await bySku("TEE-S")).attributes.map((one: { option: string }) => one.option)).toEqual(["S", "Blue"]);
		await setQuantity(sandbox.ctx, seeded.store.id, "POOL-1", 8);
		await setQuantity(sandbox.ctx, seeded.store.id, "CUP", 2);
		expect(
			Object.fromEntries((await quantities(sandbox.ctx, seeded.store.id)).map(({ sku, quantity }) => [sku, quantity])),
		).toEqual({
			CUP: 2,
			"TEE-S": 3,
			"TEE-M": null,
			"POOL-1": 8,
			"POOL-2": 8,
		});
		const shown = await quantities(sandbox.ctx, seeded.store.id);
		const pools = Object.fromEntries(shown.map(({ sku, pool }) => [sku, pool]));
		expect(pools["POOL-1"]).toBeTruthy();
		expect(pools).toMatchObject({ CUP: undefined, "TEE-S": undefined, "POOL-2": pools["POOL-1"] });
	});
});

test("hosts that block PUT are got around", async () => {
	const overridden = await shop.call("POST", "/products/11?_method=PUT", { stock_quantity: 21 });
	expect(overridden.body.stock_quantity).toBe(21);
	expect((await shop.call("POST", "/products/11", { stock_quantity: 22 })).body.stock_quantity).toBe(22);
});
