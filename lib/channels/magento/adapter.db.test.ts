/** The adapter against a sandbox store over HTTP. The store's own truth comes from the sandbox. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { cancelOrder, invoiceOrder, refundOrder, shipOrder } from "@/lib/sandbox/magento/orders";
import { deleteProduct, editProduct } from "@/lib/sandbox/magento/seed";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { setQuantity, setStoreSettings } from "@/lib/sandbox/stores";
import { magento } from ".";
import { type Options, openShop as open, readAll } from "./testing/open-shop";

let database: TestDatabase;
let server: SandboxServer;
/** The store's clock, put forward instead of waiting. */
let aheadMs = 0;
beforeAll(async () => {
	database = await testDatabase();
	server = await startSandboxServer({ databaseUrl: database.url, now: () => new Date(Date.now() + aheadMs) });
});
afterAll(async () => {
	await server.stop();
	await database.close();
});

const openShop = (options: Options = {}) => open(server, options);

describe("listings", () => {
	test("what holds stock is listed once, a configurable product by its children", async () => {
		const shop = await openShop();
		expect(shop.listings.map(({ sku, isManaged, quantity, refs }) => [sku, isManaged, quantity, refs.length])).toEqual([
			["CUP", true, 20, 1],
			["LOOSE", false, null, 1],
			["TEE-S", true, 5, 1],
			["TEE-M", true, 7, 1],
			["MUG", true, 0, 1],
		]);
		expect(shop.listing("CUP")).toMatchObject({ gtin: "04006381333931", price: "9.5", title: "Cup" });
	});

	test("hundreds of products come in pages, each once, while others are made and deleted", async () => {
		const products = Array.from({ length: 230 }, (_, index) => ({
			title: `Product ${index}`,
			variants: [{ sku: `P${index}`, gtin: null, options: null, price: "1.00", quantity: index + 1 }],
		}));
		const shop = await openShop({ products });
		expect(shop.listings).toHaveLength(230);
		const first = await magento.listListings(shop.connection, null, null);
		expect(first.total).toBe(230);
		await deleteProduct(server.ctx, shop.store, "P3");
		const rest = await readAll((page) => magento.listListings(shop.connection, null, page ?? first.next));
		const keys = [...first.items, ...rest].map(({ sku }) => sku);
		expect(new Set(keys).size).toBe(230);
	});

	test("a product that was saved is found by its stamp; a change of stock moves none", async () => {
		const shop = await openShop();
		aheadMs += 10_000;
		const since = server.ctx.now();
		await setQuantity(server.ctx, shop.store.id, "CUP", 3);
		await editProduct(server.ctx, shop.store, "TEE-M", { name: "Tee, medium" });
		const changed = await readAll((page) => magento.listListings(shop.connection, since, page));
		expect(changed.map(({ sku, title }) => [sku, title])).toEqual([["TEE-M", "Tee, medium"]]);
	});

	test("one product is read by its id, and none when it is gone", async () => {
		const shop = await openShop();
		const { productId = "" } = shop.listing("CUP").ids;
		expect(await magento.readProduct(shop.connection, productId)).toEqual([shop.listing("CUP")]);
		await deleteProduct(server.ctx, shop.store, "CUP");
		expect(await magento.readProduct(shop.connection, productId)).toEqual([]);
	});
});

describe("levels", () => {
	test("are what can be sold, with what open orders have to ship of what lies there", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		expect(await shop.level("CUP")).toEqual({ quantity: 17, source: 20, open: 3 });
		await shipOrder(server.ctx, shop.store, orderId);
		expect(await shop.level("CUP")).toEqual({ quantity: 17, source: 17, open: 0 });
		expect(await shop.level("LOOSE")).toEqual({ quantity: null });
	});

	test("of what is sold out come from the list of orders, and fall below zero where less lies there than was sold", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("TEE-S", 5);
		expect(await shop.level("TEE-S")).toEqual({ quantity: 0, source: 5, open: 5 });
		await setQuantity(server.ctx, shop.store.id, "TEE-S", 2);
		expect(await shop.level("TEE-S")).toEqual({ quantity: -3, source: 2, open: 5 });
		await cancelOrder(server.ctx, shop.store, orderId);
		expect((await shop.level("TEE-S"))?.open).toBe(5);
	});

	test("keep the threshold of a product back, whether it can be sold or not", async () => {
		const shop = await openShop({ settings: { minQty: 2 } });
		expect(await shop.level("CUP")).toEqual({ quantity: 18, source: 20, open: 2 });
		await setQuantity(server.ctx, shop.store.id, "CUP", 2);
		expect(await shop.level("CUP")).toEqual({ quantity: 0, source: 2, open: 2 });
	});

	test("what is gone or renamed is absent", async () => {
		const shop = await openShop();
		await deleteProduct(server.ctx, shop.store, "CUP");
		await editProduct(server.ctx, shop.store, "TEE-M", { sku: "TEE-MEDIUM" });
		const levels = await magento.readLevels(shop.connection, shop.listings);
		expect(levels.map(({ externalKey }) => externalKey).sort()).toEqual(
			["LOOSE", "TEE-S", "MUG"].map((sku) => shop.listing(sku).externalKey).sort(),
		);
	});
});

describe("writing", () => {
	test("puts the number on top of what open orders have to ship, so that it is what can be sold", async () => {
		const shop = await openShop();
		await shop.buy("CUP", 3);
		const result = await magento.writeQuantities(shop.connection, [shop.row("CUP", 7, 3), shop.row("TEE-M", 2)], "key");
		expect(result.rows).toEqual([
			{ externalKey: shop.listing("CUP").externalKey, result: "applied", shown: null },
			{ externalKey: shop.listing("TEE-M").externalKey, result: "applied", shown: null },
		]);
		expect(await shop.lies("CUP")).toEqual({ quantity: 10, status: 1 });
		expect(await shop.shows("CUP")).toBe(7);
		expect(await shop.level("CUP")).toEqual({ quantity: 7, source: 10, open: 3 });
		expect(await shop.shows("TEE-M")).toBe(2);
	});

	test("zero closes the listing and leaves what open orders have to ship; a raise opens it again", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		await magento.writeQuantities(shop.connection, [shop.row("CUP", 0, 20)], "key");
		expect(await shop.lies("CUP")).toEqual({ quantity: 20, status: 0 });
		expect(await shop.shows("CUP")).toBe(0);
		expect(await shop.level("CUP")).toEqual({ quantity: 0, source: 20, open: 3 });
		await shipOrder(server.ctx, shop.store, orderId, null);
		expect(await shop.level("CUP")).toEqual({ quantity: 0, source: 17, open: 0 });
		await magento.writeQuantities(shop.connection, [shop.row("CUP", 6, 0)], "key-2");
		expect(await shop.lies("CUP")).toEqual({ quantity: 6, status: 1 });
		expect(await shop.shows("CUP")).toBe(6);
	});

	test("one bad row fails all: none is sent, and alone it is refused with its cause", async () => {
		const shop = await openShop();
		await setStoreSettings(server.ctx, shop.store.id, { isStrict: true });
		const bad = { ...shop.row("MUG", 1), ids: { productId: "1", sku: " MUG" } };
		const alone = await magento.writeQuantities(shop.connection, [bad], "key");
		expect(alone.rows).toMatchObject([{ result: "refused", error: { code: "SKU" } }]);
	});
});

describe("orders", () => {
	test("a configurable product's two lines are one, by its child and the progress of its parent", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("TEE-S", 2);
		const [order] = await shop.orders();
		expect(order).toMatchObject({ orderRef: orderId, status: "open" });
		expect(order?.lines).toMatchObject([{ listingRef: shop.listing("TEE-S").externalKey, sku: "TEE-S", taken: 2 }]);
		expect(await magento.readOrder(shop.connection, orderId)).toEqual(order);
		expect(await magento.readOrder(shop.connection, "999999")).toBeNull();
	});

	test("what is neither paid nor shipped is given back by a cancellation, and what is paid can't be cancelled", async () => {
		const shop = await openShop({ settings: { paysAtOnce: false } });
		const open = await shop.buy("CUP", 2);
		expect(await magento.cancelOrder?.(shop.connection, open)).toEqual({ result: "cancelled" });
		expect(await magento.readOrder(shop.connection, open)).toMatchObject({
			status: "cancelled",
			lines: [{ taken: 0 }],
		});
		expect(await shop.shows("CUP")).toBe(20);
		const paid = await shop.buy("CUP", 2);
		await invoiceOrder(server.ctx, shop.store, paid);
		expect(await magento.cancelOrder?.(shop.connection, paid)).toMatchObject({
			result: "refused",
			error: { code: "NOT_CANCELLED" },
		});
	});

	test("a refund gives nothing back by itself; what was returned to stock is found in the level", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		await refundOrder(server.ctx, shop.store, orderId, null, () => true);
		expect(await magento.readOrder(shop.connection, orderId)).toMatchObject({
			status: "closed",
			lines: [{ taken: 3 }],
		});
		expect(await shop.level("CUP")).toEqual({ quantity: 20, source: 20, open: 0 });
	});
});
