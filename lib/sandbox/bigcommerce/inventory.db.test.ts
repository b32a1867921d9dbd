/** The sandbox store's inventory: who may be adjusted how, in whose words it is refused, and when it lands. */
import { describe, expect, test } from "vitest";
import { checkout, seedStore } from "../stores";
import { sandboxForTests } from "../testing";
import { handsOn } from "../testing/hands";
import { cup, loose, many, poster, sized } from "../testing/seeds";
import type { BigCommerceSettings } from "./settings";
import { openTestStore } from "./testing";

const sandbox = sandboxForTests();

const products = [cup, sized("Tee", { S: 5, L: null }), poster, loose];

async function openStore(settings: Partial<BigCommerceSettings> = {}) {
	const shop = await openTestStore(sandbox, { products, settings });
	const ids = await shop.idsBySku();
	const of = (sku: string) => {
		const found = ids.get(sku);
		if (!found) throw new Error(sku);
		return found;
	};
	const { shows } = handsOn(sandbox, shop.store.id);
	const relative = (...items: object[]) =>
		shop.call("POST", "/v3/inventory/adjustments/relative", { reason: "test", items });
	const absolute = (...items: object[]) =>
		shop.call("PUT", "/v3/inventory/adjustments/absolute", { reason: "test", items });
	return { ...shop, of, shows, relative, absolute };
}

describe("an adjustment", () => {
	test("is answered at once with a transaction, and applied later, in the order in which they came", async () => {
		const shop = await openStore({ adjustmentDelayMs: 5_000, adjustmentJitterMs: 4_000 });
		const item = { location_id: 1, product_id: shop.of("CUP").productId };
		const replies = [await shop.absolute({ ...item, quantity: 7 }), await shop.relative({ ...item, quantity: 3 })];
		for (const { status, body } of replies)
			expect([status, body]).toEqual([200, { transaction_id: expect.any(String) }]);
		expect(await shop.shows("CUP")).toBe(20);
		sandbox.putForward(9_100);
		expect(await shop.shows("CUP")).toBe(10);
	});

	test("names its item by variant, by product or by SKU as it is tracked, and is refused in words that name it", async () => {
		const shop = await openStore();
		const tee = shop.of("TEE-S");
		const poster = shop.of("POSTER-B");
		const says = async (item: object) => {
			const { status, body } = await shop.absolute({ location_id: 1, quantity: 1, ...item });
			return [status, body.title];
		};
		expect(await says({ variant_id: poster.variantId })).toEqual([
			422,
			`[Item with variant_id ${poster.variantId} is tracked by product, please update stock by product id]`,
		]);
		expect(await says({ product_id: tee.productId })).toEqual([
			422,
			`[Item with product_id ${tee.productId} is tracked by variant, please update stock by variant id]`,
		]);
		expect((await says({ product_id: shop.of("LOOSE").productId }))[0]).toBe(422);
		expect((await says({ variant_id: 999_999 }))[0]).toBe(422);
		expect((await says({ variant_id: tee.variantId, sku: "TEE-S" }))[0]).toBe(422);
		expect((await says({ location_id: 9, variant_id: tee.variantId }))[0]).toBe(422);
		expect((await says({ variant_id: tee.variantId, quantity: 1.5 }))[0]).toBe(422);
		expect((await says({ sku: "TEE-S" }))[0]).toBe(200);
		expect(await shop.shows("TEE-S")).toBe(1);
	});

	test("by difference needs a number to differ from, and does not go below zero; absolute ones do both", async () => {
		const shop = await openStore();
		const tee = { location_id: 1, variant_id: shop.of("TEE-L").variantId };
		const cup = { location_id: 1, product_id: shop.of("CUP").productId };
		expect((await shop.relative({ ...tee, quantity: 4 })).body.title).toBe(
			`Items with identity: [variant_id ${tee.variant_id}] requires absolute adjustment before relative`,
		);
		expect((await shop.relative({ ...cup, quantity: -21 })).status).toBe(422);
		expect((await shop.relative({ ...cup, quantity: -20 })).status).toBe(200);
		expect((await shop.absolute({ ...cup, quantity: -3 }, { ...tee, quantity: 2 })).status).toBe(200);
		expect([await shop.shows("CUP"), await shop.shows("TEE-L")]).toEqual([-3, 2]);
	});

	test("of a call with one bad row none is applied; whether the good ones are is a setting", async () => {
		for (const appliesGoodRowsOf422 of [false, true]) {
			const shop = await openStore({ appliesGoodRowsOf422 });
			const rows = [
				{ location_id: 1, product_id: shop.of("CUP").productId, quantity: 1 },
				{ location_id: 1, variant_id: shop.of("TEE-L").variantId, quantity: 1 },
			];
			expect((await shop.relative(...rows)).status).toBe(422);
			expect(await shop.shows("CUP")).toBe(appliesGoodRowsOf422 ? 21 : 20);
		}
	});

	test("takes two thousand rows and no more", async () => {
		const shop = await openStore();
		const rows = (count: number) =>
			Array.from({ length: count }, () => ({ location_id: 1, product_id: shop.of("CUP").productId, quantity: 1 }));
		expect((await shop.relative(...rows(2_001))).status).toBe(413);
		expect((await shop.relative(...rows(2_000))).status).toBe(200);
		expect(await shop.shows("CUP")).toBe(2_020);
	});

	test("that no longer fits when it lands is dropped or applied, as the store is set", async () => {
		for (const [lateShortfall, shown] of [
			["dropped", 2],
			["applied", -8],
		] as const) {
			const shop = await openStore({ adjustmentDelayMs: 5_000, lateShortfall });
			await shop.relative({ location_id: 1, product_id: shop.of("CUP").productId, quantity: -10 });
			await checkout(sandbox.ctx, shop.store.id, [{ sku: "CUP", quantity: 18 }]);
			sandbox.putForward(5_100);
			expect(await shop.shows("CUP")).toBe(shown);
		}
	});
});

describe("the lists", () => {
	test("show on hand, what can be sold of it and the settings, for each location or for one", async () => {
		const locations = [
			{ id: 1, code: "A", label: "Shop", enabled: true, isDefault: true },
			{ id: 2, code: "B", label: "Depot", enabled: false, isDefault: false },
		];
		const shop = await openStore({ locations });
		const { variantId, productId } = shop.of("TEE-S");
		await shop.absolute({ location_id: 2, variant_id: variantId, quantity: 50 });
		await shop.call("PUT", "/v3/inventory/locations/1/items", {
			settings: [{ identity: { variant_id: variantId }, safety_stock: 2, is_in_stock: true }],
		});
		const { body } = await shop.call("GET", `/v3/inventory/items?variant_id:in=${variantId}`);
		expect(body.data).toEqual([
			{
				identity: { sku: "TEE-S", variant_id: variantId, product_id: productId, sku_id: expect.any(Number) },
				locations: [
					{
						location_id: 1,
						location_code: "A",
						location_name: "Shop",
						location_enabled: true,
						available_to_sell: 3,
						total_inventory_onhand: 5,
						settings: { safety_stock: 2, is_in_stock: true, warning_level: 0, bin_picking_number: "" },
					},
					expect.objectContaining({ location_id: 2, location_enabled: false, available_to_sell: 50 }),
				],
			},
		]);
		const one = await shop.call("GET", "/v3/inventory/locations/1/items?sku:in=TEE-S,CUP");
		expect(one.body.data.map((row: { available_to_sell: number }) => row.available_to_sell)).toEqual([20, 3]);
		expect((await shop.call("GET", "/v3/inventory/locations/3/items")).status).toBe(404);
		expect((await shop.call("GET", "/v3/inventory/locations?limit=1&page=2")).body.data).toMatchObject([
			{ id: 2, enabled: false },
		]);
	});

	test("an item that was never set is in none of them, and a pool is its product's", async () => {
		const shop = await openStore();
		const { body } = await shop.call("GET", "/v3/inventory/items");
		expect(
			body.data.map(({ identity }: { identity: { sku: string; variant_id?: number } }) => [
				identity.sku,
				identity.variant_id !== undefined,
			]),
		).toEqual([
			["CUP", true],
			["TEE-S", true],
			["", false],
		]);
	});

	test("are cut to the largest page, and say where one stands", async () => {
		const shop = await openStore();
		await seedStore(sandbox.ctx, shop.store.id, many(260));
		const { body } = await shop.call("GET", "/v3/catalog/products?limit=1000&include_fields=name");
		expect(body.meta.pagination).toEqual({
			total: 264,
			count: 250,
			per_page: 250,
			current_page: 1,
			total_pages: 2,
			links: { current: "?page=1&limit=250", next: "?page=2&limit=250" },
		});
		expect(body.data[0]).toEqual({ id: expect.any(Number), name: "Cup" });
		expect((await shop.call("GET", "/v3/catalog/products?include=options,variants&limit=250")).body.data).toHaveLength(
			10,
		);
		expect((await shop.call("GET", "/v3/catalog/products?sort=moon")).status).toBe(422);
	});
});

describe("the catalogue", () => {
	test("a date without a time is taken at the present time of day", async () => {
		const shop = await openStore();
		const today = sandbox.now().toISOString().slice(0, 10);
		expect(
			(await shop.call("GET", `/v3/catalog/products?date_modified:min=${today}T00:00:00Z`)).body.data,
		).toHaveLength(4);
		sandbox.putForward(5_000);
		const at = sandbox.now().toISOString().slice(0, 10);
		expect((await shop.call("GET", `/v3/catalog/products?date_modified:min=${at}`)).body.data).toEqual([]);
	});

	test("a sale moves its product's stamp, where the store is set so", async () => {
		for (const stockMovesStamps of [true, false]) {
			const shop = await openStore({ stockMovesStamps });
			sandbox.putForward(10_000);
			const since = sandbox.now().toISOString();
			await checkout(sandbox.ctx, shop.store.id, [{ sku: "CUP", quantity: 1 }]);
			const { body } = await shop.call("GET", `/v3/catalog/products?date_modified:min=${since.slice(0, 19)}Z`);
			expect(body.data).toHaveLength(stockMovesStamps ? 1 : 0);
		}
	});

	test("the older way to write takes fifty variants, and lands at once", async () => {
		const shop = await openStore({ adjustmentDelayMs: 60_000 });
		const rows = (count: number) =>
			Array.from({ length: count }, () => ({ id: shop.of("TEE-S").variantId, inventory_level: 9 }));
		const tooMany = await shop.call("PUT", "/v3/catalog/variants", rows(51));
		expect([tooMany.status, tooMany.body.title]).toEqual([
			413,
			"The request payload is too large. The maximum items allowed in the array is 50",
		]);
		expect((await shop.call("PUT", "/v3/catalog/variants", rows(1))).status).toBe(200);
		expect(await shop.shows("TEE-S")).toBe(9);
		expect(
			(await shop.call("PUT", "/v3/catalog/variants", [{ id: 1, inventory_level: 1 }])).body.errors.batch_errors,
		).toHaveLength(1);
	});
});
