/** The adapter against a sandbox account over HTTP, in front of stores of two kinds. The truth comes from the store behind. */
import { describe, expect, test } from "vitest";
import type { BackingKind } from "@/lib/sandbox/api2cart/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import {
	cancelOrder,
	editOrder,
	quantities,
	refundOrder,
	removeProduct,
	setKnobs,
	setQuantity,
	setStoreSettings,
} from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { catalogue, many, poster, variant } from "@/lib/sandbox/testing/seeds";
import { readAll } from "../testing/read-all";
import { api2cart } from ".";
import { type Options, openShop as open } from "./testing/open-shop";

const sandbox = sandboxForTests();

const openShop = (options: Options = {}) => open(sandbox, options);

const both: BackingKind[] = ["woocommerce", "shopify"];

describe.each(both)("in front of %s", (behind) => {
	test("what holds stock is listed once, under the names that orders give it", async () => {
		const shop = await openShop({ behind });
		expect(shop.listings.map(({ sku, isManaged, quantity }) => [sku, isManaged, quantity])).toEqual([
			["CUP", true, 20],
			["LOOSE", false, null],
			["TEE-S", true, 5],
			["TEE-M", true, 7],
		]);
		expect(shop.listing("CUP").gtin).toBe("04006381333931");
		for (const sku of ["CUP", "TEE-M"]) {
			const order = await api2cart.readOrder(shop.connection, await shop.buy(sku));
			expect(shop.listing(sku).refs).toContain(order?.lines[0]?.listingRef);
			expect(order?.lines).toMatchObject([{ sku, taken: 1 }]);
		}
	});

	test("levels are read where the stock lies", async () => {
		const shop = await openShop({ behind });
		await shop.buy("CUP", 2);
		await shop.buy("TEE-S");
		const asked = sandbox.now();
		const levels = await api2cart.readLevels(shop.connection, shop.listings);
		const byKey = new Map(levels.map((level) => [level.externalKey, level]));
		const skus = ["CUP", "LOOSE", "TEE-S", "TEE-M"];
		expect(skus.map((sku) => byKey.get(shop.listing(sku).externalKey)?.quantity)).toEqual([18, null, 4, 7]);
		for (const { readAt } of levels) expect(readAt.getTime()).toBeGreaterThanOrEqual(asked.getTime());
	});

	test("differences are written, and a sale in between stays sold", async () => {
		const shop = await openShop({ behind });
		await shop.buy("CUP", 3);
		const rows = [shop.row("CUP", 15), shop.row("TEE-S", 9), shop.row("TEE-M", 0)];
		const written = await api2cart.writeQuantities(shop.connection, rows, "key-1");
		expect(written.trouble).toBeNull();
		expect(written.rows.map(({ result }) => result)).toEqual(["applied", "applied", "applied"]);
		expect(await Promise.all(["CUP", "TEE-S", "TEE-M"].map(shop.shows))).toEqual([12, 9, 0]);
	});

	test("orders changed since a moment, each once, and what a cancellation gives back", async () => {
		const shop = await openShop({ behind });
		await shop.buy("CUP");
		sandbox.putForward(60_000);
		const since = sandbox.now();
		const [kept, cancelled] = [await shop.buy("CUP", 2), await shop.buy("TEE-S", 1)];
		await cancelOrder(sandbox.ctx, shop.store.id, cancelled, true);
		const orders = await readAll((page) => api2cart.listOrders(shop.connection, since, page));
		expect(new Map(orders.map(({ orderRef, status, lines }) => [orderRef, [status, lines[0]?.taken]]))).toEqual(
			new Map([
				[kept, ["open", 2]],
				[cancelled, ["cancelled", 0]],
			]),
		);
		expect(orders).toHaveLength(2);
		expect(await api2cart.readOrder(shop.connection, "999999")).toBeNull();
	});

	test("an order that is cancelled through API2Cart gives its units back once", async () => {
		const shop = await openShop({ behind });
		const orderId = await shop.buy("CUP", 3);
		for (let time = 0; time < 2; time++)
			expect(await api2cart.cancelOrder?.(shop.connection, orderId)).toEqual({ result: "cancelled" });
		expect(await shop.shows("CUP")).toBe(20);
	});

	test("of a refund the units stay sold, and a removed unit does not", async () => {
		const shop = await openShop({ behind });
		const orderId = await shop.buy("CUP", 4);
		await refundOrder(sandbox.ctx, shop.store.id, orderId, [{ sku: "CUP", quantity: 1 }], false);
		const taken = async () => (await api2cart.readOrder(shop.connection, orderId))?.lines[0]?.taken;
		expect(await taken()).toBe(4);
		await editOrder(sandbox.ctx, shop.store.id, orderId, "CUP", 2);
		expect(await taken()).toBeLessThan(4);
	});
});

describe("a store that is seen through its own hands alone", () => {
	test("is imported, written and sold from all the same", async () => {
		const shop = await openShop({ settings: { isPlain: true, cartId: "Ecwid" } });
		expect(shop.listings.map(({ externalKey, quantity }) => [externalKey, quantity])).toContainEqual([
			"product:CUP",
			20,
		]);
		const written = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 12), shop.row("TEE-S", 9)], "key");
		expect(written.rows.map(({ result }) => result)).toEqual(["applied", "applied"]);
		const orderId = await shop.buy("CUP", 5);
		expect(await shop.shows("CUP")).toBe(7);
		expect(await api2cart.readOrder(shop.connection, orderId)).toMatchObject({
			lines: [{ listingRef: "product:CUP", taken: 5 }],
		});
		await editOrder(sandbox.ctx, shop.store.id, orderId, "CUP", 2);
		expect((await api2cart.readOrder(shop.connection, orderId))?.lines[0]?.taken).toBe(2);
		expect(await api2cart.cancelOrder?.(shop.connection, orderId)).toEqual({ result: "cancelled" });
		expect(await shop.shows("CUP")).toBe(12);
	});
});

describe("connect", () => {
	const states = (shop: { report: Awaited<ReturnType<typeof api2cart.connect>> }) =>
		Object.fromEntries(shop.report.checks.map(({ name, state }) => [name, state]));

	test("a good store passes, says which it is, and nothing in it changes", async () => {
		const shop = await openShop();
		const before = await quantities(sandbox.ctx, shop.store.id);
		const { checks, store } = await api2cart.connect(
			shop.connectWith(shop.access, { facts: { publicUrl: sandbox.origin }, now: () => new Date() }),
		);
		expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(["passed"]));
		expect(store?.storeKey).toMatch(/^WoocommerceApi:127\.0\.0\.1:\d+\/sandbox\/woocommerce\//);
		expect(store?.facts).toMatchObject({
			cartId: "WoocommerceApi",
			applies: "at_once",
			cancelledStatus: "cancelled",
			unknownStatuses: [],
		});
		expect(JSON.stringify(store)).not.toContain(shop.access.storeKey);
		expect(await quantities(sandbox.ctx, shop.store.id)).toEqual(before);
	});

	test("warehouses are locations, the default one first", async () => {
		const shop = await openShop({ behind: "shopify" });
		expect(shop.report.store?.locations.map(({ name }) => name)).toEqual(["Shop location", "Warehouse"]);
	});

	test("a marketplace is known to apply later", async () => {
		const shop = await openShop({ settings: { cartId: "Walmart" } });
		expect(shop.report.store?.facts).toMatchObject({ cartId: "Walmart", applies: "later" });
	});

	test("each key that is wrong, and a store that API2Cart has lost, is named with what to do", async () => {
		const shop = await openShop();
		const check = async (access: Record<string, string>) => {
			const { checks, store } = await api2cart.connect(shop.connectWith(access));
			expect(store).toBeNull();
			return checks.find(({ state }) => state === "failed");
		};
		expect(await check({ ...shop.access, accountKey: "wrong" })).toMatchObject({ name: "credentials", fix: /API key/ });
		expect(await check({ ...shop.access, storeKey: "0".repeat(32) })).toMatchObject({
			name: "credentials",
			fix: /store's key/,
		});
		await setStoreSettings(sandbox.ctx, shop.store.id, { isConnected: false });
		expect(await check(shop.access)).toMatchObject({ name: "credentials", sentence: /can't get into the store/ });
		await setKnobs(sandbox.ctx, shop.store.id, { outage: true });
		expect(await check(shop.access)).toMatchObject({ name: "address" });
	});

	test("keys are in no exchange", async () => {
		const shop = await openShop();
		const kept = JSON.stringify(shop.connection.http.exchanges);
		expect(kept).not.toContain(shop.access.accountKey);
		expect(kept).not.toContain(shop.access.storeKey);
		expect(states(shop)).toMatchObject({ credentials: "passed" });
	});
});

const wide = (name: string, count: number): SeedProduct => ({
	title: name,
	variants: Array.from({ length: count }, (_, index) =>
		variant(`${name}-${index}`, index, { options: `Size ${index}` }),
	),
});

describe("listings", () => {
	test("hundreds of products come in pages, each once, while the catalogue changes", async () => {
		const shop = await openShop({ products: many(300) });
		const first = await api2cart.listListings(shop.connection, null, null);
		expect(first.items).toHaveLength(250);
		await setQuantity(sandbox.ctx, shop.store.id, "P3", 9);
		const rest = await api2cart.listListings(shop.connection, null, first.next);
		expect(rest.next).toBeNull();
		expect(new Set([...first.items, ...rest.items].map(({ externalKey }) => externalKey)).size).toBe(300);
	});

	test("none is missed when more go between two pages than the pages overlap", async () => {
		const shop = await openShop({ products: many(300) });
		const first = await api2cart.listListings(shop.connection, null, null);
		for (let n = 0; n < 30; n++) await removeProduct(sandbox.ctx, shop.store.id, `P${n}`);
		const rest = await readAll((page) => api2cart.listListings(shop.connection, null, page ?? first.next));
		expect(rest.map(({ sku }) => sku)).toEqual(Array.from({ length: 50 }, (_, n) => `P${250 + n}`));
	});

	test("pages that are shorter than asked for are no end", async () => {
		const shop = await openShop({ products: [...many(7), ...catalogue], settings: { shortPage: 2 } });
		expect(shop.listings).toHaveLength(11);
	});

	test.each([false, true])(
		"a product with more child items than a page holds is read whole (cursor only: %s)",
		async (refusesStart) => {
			const shop = await openShop({
				products: [wide("A", 3), wide("B", 260), wide("C", 4)],
				settings: { refusesStart },
			});
			expect(shop.listings).toHaveLength(267);
			const levels = await api2cart.readLevels(shop.connection, [shop.listing("B-259"), shop.listing("A-1")]);
			expect(levels.map(({ quantity }) => quantity).sort()).toEqual([1, 259]);
		},
	);

	test.each([
		["counted by places", {}],
		["by a cursor that forgets what was asked for", { cursorForgetsIds: true }],
		["by such a cursor alone", { cursorForgetsIds: true, refusesStart: true }],
		["where one that is gone hides the others", { missesOneMissesAll: true }],
	])("levels that are asked for are all read, in short pages, %s", async (_, settings) => {
		const shop = await openShop({ products: many(20, (index) => index + 1), settings: { shortPage: 3 } });
		await setStoreSettings(sandbox.ctx, shop.store.id, settings);
		const asked = shop.listings.filter((_, index) => index % 2 === 0);
		const gone = shop.listing("P8");
		await removeProduct(sandbox.ctx, shop.store.id, "P8");
		const levels = await api2cart.readLevels(shop.connection, asked);
		expect(new Map(levels.map(({ externalKey, quantity }) => [externalKey, quantity]))).toEqual(
			new Map(asked.filter((one) => one !== gone).map(({ externalKey, quantity }) => [externalKey, quantity])),
		);
	});

	test("ids and SKUs of any form survive", async () => {
		const skus = ["a/b c", "Größe 42 – ☃", "9007199254740993123", "cup", "CUP", "a,b", "50%+off&x=1", "x".repeat(200)];
		const shop = await openShop({
			products: [
				...skus.map((sku) => ({ title: sku, variants: [variant(sku, 4)] })),
				{ title: "Tee", variants: [variant("t/S", 5, { options: "S" }), variant("t/M ü", 6, { options: "M" })] },
			],
			settings: { idsAreSkus: true },
		});
		expect(shop.listings.map(({ sku }) => sku)).toEqual([...skus, "t/S", "t/M ü"]);
		expect(new Set(shop.listings.map(({ externalKey }) => externalKey)).size).toBe(10);
		expect(await api2cart.readLevels(shop.connection, shop.listings)).toHaveLength(10);
		for (const listing of shop.listings) {
			const row = { externalKey: listing.externalKey, ids: listing.ids, quantity: 1, expected: listing.quantity ?? 0 };
			const { rows } = await api2cart.writeQuantities(shop.connection, [row], `key ${listing.externalKey}`);
			expect(rows).toEqual([{ externalKey: listing.externalKey, result: "applied", shown: null }]);
			const order = await api2cart.readOrder(shop.connection, await shop.buy(listing.sku ?? ""));
			expect(listing.refs).toContain(order?.lines[0]?.listingRef);
		}
	}, 60_000);

	test("ids beyond 2^53 stay exact", async () => {
		const shop = await openShop({ behind: "shopify", products: many(6) });
		const ids = shop.listings.map(({ ids }) => ids.productId ?? "");
		expect(ids.some((id) => !Number.isSafeInteger(Number(id)))).toBe(true);
		const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 8));
		expect(
			(await api2cart.writeQuantities(shop.connection, rows, "k")).rows.every(({ result }) => result === "applied"),
		).toBe(true);
		expect(await shop.shows("P5")).toBe(8);
	});

	test("blank SKUs and SKUs that two share are told apart by id", async () => {
		const products = ["", "", "TWICE", "TWICE"].map((sku, index) => ({
			title: `T${index}`,
			variants: [variant(sku, index + 1)],
		}));
		const shop = await openShop({ products });
		expect(shop.listings.map(({ sku, quantity }) => [sku, quantity])).toEqual([
			[null, 1],
			[null, 2],
			["TWICE", 3],
			["TWICE", 4],
		]);
	});

	test("a zero with nothing else said is unknown", async () => {
		const shop = await openShop({ settings: { hides: "all" } });
		expect(shop.listings.map(({ quantity }) => quantity)).toEqual([null, null, null, null]);
		expect(shop.report.checks.find(({ name }) => name === "stock_management")).toMatchObject({ state: "warned" });
		const silent = await openShop({ settings: { hides: "flags" } });
		expect(silent.listing("TEE-S")).toMatchObject({ isManaged: true, quantity: 5 });
	});

	test("a report that is still made is waited for, and asked for again by its id", async () => {
		const shop = await openShop({ products: many(2) });
		await setStoreSettings(sandbox.ctx, shop.store.id, { reportMs: 60_000 });
		const since = new Date(0);
		const list = () => api2cart.listListings(shop.connection, since, null);
		await expect(list()).rejects.toMatchObject({ reason: "throttled", code: "REPORT_NOT_READY", retryAfterMs: 60_000 });
		await expect(list()).rejects.toMatchObject({ code: "REPORT_NOT_READY" });
		expect(shop.connection.http.exchanges.at(-1)?.url).toContain("report_request_id=ATVPDKIKX0DER");
		sandbox.putForward(61_000);
		expect((await list()).items).toHaveLength(2);
	});

	test("what changed since is found, and one product is read by its id until it is gone", async () => {
		const shop = await openShop();
		sandbox.putForward(60_000);
		const since = sandbox.now();
		await setQuantity(sandbox.ctx, shop.store.id, "TEE-M", 1);
		const changed = await readAll((page) => api2cart.listListings(shop.connection, since, page));
		expect(changed.map(({ sku, quantity }) => [sku, quantity])).toEqual([
			["TEE-S", 5],
			["TEE-M", 1],
		]);
		const { productId = "" } = shop.listing("TEE-M").ids;
		expect((await api2cart.readProduct(shop.connection, productId)).map(({ sku }) => sku)).toEqual(["TEE-S", "TEE-M"]);
		expect(await api2cart.readProduct(shop.connection, "999999")).toEqual([]);
	});

	test("variants that sell from their product's stock are one listing", async () => {
		const shop = await openShop({ products: [poster] });
		expect(shop.listings).toHaveLength(1);
		expect(shop.listings[0]).toMatchObject({ isManaged: true, quantity: 20 });
		const order = await api2cart.readOrder(shop.connection, await shop.buy("POSTER-B", 2));
		expect(shop.listings[0]?.refs).toContain(order?.lines[0]?.listingRef);
	});
});

describe("orders", () => {
	test("in the wrapped shape they are the same orders", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("TEE-S", 2);
		const plain = await api2cart.readOrder(shop.connection, orderId);
		await setStoreSettings(sandbox.ctx, shop.store.id, { wrapsObjects: true });
		expect(await api2cart.readOrder(shop.connection, orderId)).toEqual(plain);
		expect((await api2cart.connect(shop.connectWith(shop.access))).store?.name).toContain("Test Shop");
	});

	test.each([
		["products", "product:"],
		["skus", "sku:"],
	] as const)("lines that name only %s still find a simple product", async (orderLines, start) => {
		const shop = await openShop({ settings: { orderLines } });
		const order = await api2cart.readOrder(shop.connection, await shop.buy("CUP"));
		expect(order?.lines[0]?.listingRef).toMatch(new RegExp(`^${start}`));
		expect(shop.listing("CUP").refs).toContain(order?.lines[0]?.listingRef);
	});

	test("lines without ids are counted all the same", async () => {
		const shop = await openShop({ settings: { hasLineIds: false } });
		const since = sandbox.now();
		const orderId = await shop.buyAll([
			{ sku: "CUP", quantity: 2 },
			{ sku: "TEE-S", quantity: 1 },
		]);
		const lines = [
			{ listingRef: shop.listing("CUP").refs[0], taken: 2 },
			{ listingRef: shop.listing("TEE-S").refs[0], taken: 1 },
		];
		expect(await api2cart.readOrder(shop.connection, orderId)).toMatchObject({ lines });
		const orders = await readAll((page) => api2cart.listOrders(shop.connection, since, page));
		expect(orders).toMatchObject([{ orderRef: orderId, lines }]);
	});

	test("come in pages, each once", async () => {
		const shop = await openShop({ products: many(1, () => 100), settings: { shortPage: 3 } });
		const since = sandbox.now();
		const ids: string[] = [];
		for (let index = 0; index < 8; index++) ids.push(await shop.buy("P0"));
		const orders = await readAll((page) => api2cart.listOrders(shop.connection, since, page));
		expect(orders.map(({ orderRef }) => orderRef).sort()).toEqual([...ids].sort());
	});

	test("a platform that limits how far back is asked in windows that it takes", async () => {
		const shop = await openShop({ settings: { cartId: "EBay", mostDays: 30, rememberedDays: 90 } });
		const orderId = await shop.buy("CUP");
		const orders = await readAll((page) => api2cart.listOrders(shop.connection, new Date(0), page));
		expect(new Set(orders.map(({ orderRef }) => orderRef))).toEqual(new Set([orderId]));
	});

	test("a buyer's name never leaves the store", async () => {
		const shop = await openShop();
		await api2cart.readOrder(shop.connection, await shop.buy("CUP"));
		await api2cart.listOrders(shop.connection, new Date(0), null);
		expect(JSON.stringify(shop.connection.http.exchanges)).not.toContain("Buddenbrook");
	});

	test("where API2Cart can't change orders, a cancellation is refused and says so", async () => {
		const shop = await openShop({ settings: { hasOrderUpdate: false } });
		expect(await api2cart.cancelOrder?.(shop.connection, await shop.buy("CUP"))).toMatchObject({
			result: "refused",
			error: { code: "NOT_OFFERED" },
		});
	});
});
