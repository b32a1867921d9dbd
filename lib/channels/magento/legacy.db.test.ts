/** A sandbox store without the inventory modules: one number a product, taken from as an order is placed. */
import { describe, expect, test } from "vitest";
import { cancelOrder, shipOrder } from "@/lib/sandbox/magento/orders";
import { deleteProduct } from "@/lib/sandbox/magento/seed";
import { setKnobs, setQuantity, setStoreSettings } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { product } from "@/lib/sandbox/testing/seeds";
import { magento } from ".";
import { catalogueWithNone, type Options, openShop as open } from "./testing/open-shop";

const sandbox = sandboxForTests();
const openShop = ({ settings, ...rest }: Options = {}) =>
	open(sandbox, { ...rest, settings: { hasInventory: false, paysAtOnce: false, ...settings } });

test("lists what it counts and what it does not", async () => {
	const shop = await openShop();
	expect(shop.listings.map(({ sku, isManaged, quantity }) => [sku, isManaged, quantity])).toEqual([
		["CUP", true, 20],
		["LOOSE", false, null],
		["TEE-S", true, 5],
		["TEE-M", true, 7],
		["MUG", true, 0],
	]);
});

test("an order takes as it is placed: nothing is open, and a shipment changes nothing", async () => {
	const shop = await openShop();
	const orderId = await shop.buy("CUP", 3);
	expect(await shop.level("CUP")).toEqual({ quantity: 17, source: 17, open: 0 });
	expect(await magento.readOrder(shop.connection, orderId)).toMatchObject({ lines: [{ taken: 3 }] });
	await shipOrder(sandbox.ctx, shop.store, orderId);
	expect(await shop.level("CUP")).toEqual({ quantity: 17, source: 17, open: 0 });
	const other = await shop.buy("CUP", 2);
	await cancelOrder(sandbox.ctx, shop.store, other);
	expect(await shop.level("CUP")).toEqual({ quantity: 17, source: 17, open: 0 });
});

describe("writing", () => {
	test("puts the number alone, whatever the rules would put on top; zero takes it off sale, and a raise puts it back", async () => {
		const shop = await openShop();
		const { rows } = await magento.writeQuantities(
			shop.connection,
			[shop.row("CUP", 7, 3), shop.row("TEE-S", 0, 5)],
			"key",
		);
		expect(rows).toMatchObject([
			{ result: "applied", shown: 7 },
			{ result: "applied", shown: 0 },
		]);
		expect([await shop.shows("CUP"), await shop.shows("TEE-S")]).toEqual([7, 0]);
		await magento.writeQuantities(shop.connection, [shop.row("TEE-S", 4, 0, 0)], "key");
		expect(await shop.level("TEE-S")).toEqual({ quantity: 4, source: 4, open: 0 });
		expect(await shop.buy("TEE-S", 4)).toBeDefined();
	});

	test("keeps the threshold on top, so that what was written is what can be sold", async () => {
		const shop = await openShop({ settings: { minQty: 2 } });
		expect(shop.listing("CUP").quantity).toBe(18);
		await magento.writeQuantities(shop.connection, [shop.row("CUP", 5)], "key");
		expect(await shop.level("CUP")).toEqual({ quantity: 5, source: 5, open: 0 });
	});

	test("R4 a sale that nobody told us of makes the row stale, and is not written over", async () => {
		const shop = await openShop();
		await shop.buy("CUP", 2);
		const { rows, trouble } = await magento.writeQuantities(
			shop.connection,
			[shop.row("CUP", 19), shop.row("TEE-S", 4)],
			"key",
		);
		expect(rows).toMatchObject([{ result: "stale" }, { result: "applied" }]);
		expect(trouble).toBeNull();
		expect(await shop.shows("CUP")).toBe(18);
	});

	test("each row stands by itself: what is gone or not counted is refused, the rest goes", async () => {
		const shop = await openShop();
		await deleteProduct(sandbox.ctx, shop.store, "TEE-M");
		const { rows } = await magento.writeQuantities(
			shop.connection,
			[shop.row("TEE-M", 1), shop.row("LOOSE", 1), shop.row("CUP", 6)],
			"key",
		);
		expect(rows).toMatchObject([
			{ result: "refused", error: { reason: "gone" } },
			{ result: "refused", error: { code: "STOCK_NOT_MANAGED" } },
			{ result: "applied" },
		]);
	});

	test("a SKU whose slash the web server refuses is left out by itself, with how to mend it; the rest is read and written", async () => {
		const shop = await openShop({
			products: [product("A/B", 3), ...catalogueWithNone],
			settings: { takesEncodedSlashes: false },
		});
		expect(shop.listings.map(({ sku, quantity }) => [sku, quantity])).toContainEqual(["CUP", 20]);
		expect(shop.listing("A/B")).toMatchObject({ quantity: null, leftOutReason: expect.stringContaining("slash") });
		const levels = await magento.readLevels(shop.connection, [shop.listing("A/B"), shop.listing("CUP")]);
		expect(levels.map(({ quantity }) => quantity)).toEqual([20]);
		const { rows, trouble } = await magento.writeQuantities(
			shop.connection,
			[shop.row("A/B", 2), shop.row("CUP", 6)],
			"key",
		);
		expect(rows).toMatchObject([
			{ result: "refused", error: { code: "SLASH", fix: expect.stringContaining("AllowEncodedSlashes") } },
			{ result: "applied" },
		]);
		expect(trouble).toBeNull();
	});

	test("a SKU with a slash is like any other where the web server lets it through", async () => {
		const shop = await openShop({ products: [product("A/B", 3)] });
		expect(shop.listing("A/B")).toMatchObject({ quantity: 3, leftOutReason: null });
		expect((await magento.writeQuantities(shop.connection, [shop.row("A/B", 2)], "key")).rows).toMatchObject([
			{ result: "applied" },
		]);
	});

	test("trouble before a row has left leaves it and the rest unsent; access taken away is named", async () => {
		const shop = await openShop();
		await setKnobs(sandbox.ctx, shop.store.id, { errorRate: 1 });
		const rows = [shop.row("CUP", 6), shop.row("TEE-S", 1)];
		expect(await magento.writeQuantities(shop.connection, rows, "key")).toMatchObject({
			rows: [{ result: "not_sent" }, { result: "not_sent" }],
			trouble: { reason: "unreachable" },
		});
		await setKnobs(sandbox.ctx, shop.store.id, { errorRate: 0 });
		await setStoreSettings(sandbox.ctx, shop.store.id, { isRevoked: true });
		expect((await magento.writeQuantities(shop.connection, rows, "key")).trouble?.reason).toBe("access_revoked");
	});
});

test("an edit by hand is found in the level", async () => {
	const shop = await openShop();
	await setQuantity(sandbox.ctx, shop.store.id, "CUP", 3);
	expect(await shop.level("CUP")).toEqual({ quantity: 3, source: 3, open: 0 });
});
