/** Source items, reservations and what is salable of them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkout, quantities, seedStore, setQuantity, setStoreSettings } from "../stores";
import { sandboxForTests } from "../testing";
import { loose, product, sized } from "../testing/seeds";
import { cancelOrder, refundOrder, shipOrder } from "./orders";
import { deleteProduct, editProduct } from "./seed";
import { openTestShop, type TestShop } from "./testing";

const sandbox = sandboxForTests();

const products = [product("CUP", 10), sized("Tee", { S: 5, M: 5 }), loose];
const openShop = (settings: NonNullable<Parameters<typeof openTestShop>[1]>["settings"] = {}) =>
	openTestShop(sandbox, { products, settings: { paysAtOnce: false, ...settings } });
const path = "/V1/inventory/source-items";
const put = (shop: TestShop, ...sourceItems: Record<string, unknown>[]) => shop.call("POST", path, { sourceItems });
const row = (sku: string, quantity: unknown, status: unknown = 1, source_code = "default") => ({
	sku,
	source_code,
	quantity,
	status,
});
const salable = async (shop: TestShop, sku = "CUP") => {
	const at = "searchCriteria[filter_groups][0][filters][0]";
	const query = [
		[`${at}[field]`, "sku"],
		[`${at}[value]`, sku],
	]
		.map((pair) => pair.map((one) => encodeURIComponent(one ?? "")).join("="))
		.join("&");
	const { body } = await shop.call("GET", `/V1/inventory/export-stock-salable-qty/website/base?${query}`);
	return body.items[0] && [body.items[0].qty, body.items[0].is_salable];
};
const buy = async (shop: TestShop, quantity: number, sku = "CUP") => {
	const result = await checkout(sandbox.ctx, shop.store.id, [{ sku, quantity }]);
	return result.result === "placed" ? result.orderId : result.message;
};

describe("saving source items", () => {
	test("is absolute, makes what there was not, and of two of one row keeps the last", async () => {
		const shop = await openShop();
		const reply = await put(shop, row("CUP", 3), row("CUP", "7"), row("TEE-S", -2, 0));
		expect([reply.status, reply.body]).toEqual([200, []]);
		expect(await shop.lies("CUP")).toEqual({ quantity: 7, status: 1 });
		expect(await shop.lies("TEE-S")).toEqual({ quantity: -2, status: 0 });
	});

	test.each<[string, Record<string, unknown>, string]>([
		[
			"no quantity",
			{ sku: "CUP", source_code: "default", status: 1 },
			'Validation Failed: "quantity" should be numeric.',
		],
		[
			"no status",
			{ sku: "CUP", source_code: "default", quantity: 1 },
			'Validation Failed: "status" should a known status.',
		],
		["a status of 2", row("CUP", 1, 2), 'Validation Failed: "status" should a known status.'],
		["no SKU", row("", 1), 'Validation Failed: "sku" can not be empty.'],
		[
			"a SKU with a space before it",
			row(" CUP", 1),
			'Validation Failed: "sku" can not contain leading or trailing spaces.',
		],
		["no source", row("CUP", 1, 1, ""), 'Validation Failed: "source_code" can not be empty.'],
		[
			"a source with a space",
			row("CUP", 1, 1, "de fault"),
			'Validation Failed: "source_code" can not contain whitespaces.',
		],
		[
			"a word for a number",
			row("CUP", "abc"),
			'Error occurred during "quantity" processing. The "abc" value\'s type is invalid. The "float" type was expected. Verify and try again.',
		],
		["an unknown source", row("CUP", 1, 1, "mars"), "Could not save Source Item"],
	])("with %s saves none of its rows", async (_, bad, message) => {
		const shop = await openShop();
		const reply = await put(shop, row("TEE-S", 1), bad);
		expect([reply.status, reply.body.message]).toEqual([400, message]);
		expect(await shop.lies("TEE-S")).toEqual({ quantity: 5, status: 1 });
	});

	test("names the complaint and no row; older versions not even that", async () => {
		const shop = await openShop();
		expect((await put(shop, row("", 1))).body.errors).toEqual([
			{ message: '"%field" can not be empty.', parameters: { field: "sku" } },
		]);
		await setStoreSettings(sandbox.ctx, shop.store.id, { explains: false, isStrict: false });
		expect((await put(shop, row("", 1))).body).toEqual({ message: "Validation Failed" });
		expect((await put(shop, row("CUP ", 1))).status).toBe(200);
		expect((await put(shop, { ...row("CUP", 1), extra: 1 })).status).toBe(500);
	});

	test("takes a SKU that nobody has, and sells nothing by it", async () => {
		const shop = await openShop();
		expect((await put(shop, row("GHOST", 9))).status).toBe(200);
		expect((await quantities(sandbox.ctx, shop.store.id)).map(({ sku }) => sku)).not.toContain("GHOST");
	});

	test("counts rows before it looks at them, where it counts them at all", async () => {
		const shop = await openShop({ rowLimit: 2 });
		const reply = await put(shop, row("", 1), row("", 1), row("", 1));
		expect(reply.body).toEqual({
			message: 'Maximum items of type "%type" is %max',
			parameters: { type: "\\Magento\\InventoryApi\\Api\\Data\\SourceItemInterface", max: 2 },
		});
		expect((await put(shop)).body.message).toBe("Input data is empty");
		expect((await shop.call("POST", path, {})).body.parameters).toEqual({ fieldName: "sourceItems" });
	});
});

describe("what is salable", () => {
	test("falls with an order and not with its shipment; what lies there the other way about", async () => {
		const shop = await openShop();
		const orderId = await buy(shop, 3);
		expect([await salable(shop), await shop.lies("CUP")]).toEqual([[7, true], { quantity: 10, status: 1 }]);
		await shipOrder(sandbox.ctx, shop.store, orderId);
		expect([await salable(shop), await shop.lies("CUP")]).toEqual([[7, true], { quantity: 7, status: 1 }]);
	});

	test("written net of open orders it is taken off twice, and zero can't be shipped", async () => {
		const shop = await openShop();
		const orderId = await buy(shop, 3);
		await put(shop, row("CUP", 7));
		expect(await salable(shop)).toEqual([4, true]);
		await put(shop, row("CUP", 0));
		expect(await salable(shop)).toEqual([0, false]);
		const reply = await shop.call("POST", `/V1/order/${orderId}/ship`, {});
		expect([reply.status, reply.body.message]).toEqual([
			400,
			"Not all of your products are available in the requested quantity.",
		]);
	});

	test("needs status 1 and an enabled source, whatever lies there", async () => {
		const shop = await openShop();
		await put(shop, row("CUP", 9, 0));
		expect(await salable(shop)).toEqual([0, false]);
		await put(shop, row("CUP", 9, 1));
		await setStoreSettings(sandbox.ctx, shop.store.id, {
			sources: [{ code: "default", name: "Default", enabled: false }],
		});
		expect(await salable(shop)).toEqual([0, false]);
	});

	test("hides what is below zero, keeps the threshold back, and sells below it on backorder", async () => {
		const shop = await openShop();
		await buy(shop, 6);
		await setQuantity(sandbox.ctx, shop.store.id, "CUP", 2);
		expect(await salable(shop)).toEqual([0, false]);
		await editProduct(sandbox.ctx, shop.store, "CUP", { backorders: 1 });
		expect(await salable(shop)).toEqual([-4, true]);
		await editProduct(sandbox.ctx, shop.store, "TEE-S", { min_qty: 2 });
		expect(await salable(shop, "TEE-S")).toEqual([3, true]);
		expect(await buy(shop, 4, "TEE-S")).toBe("The requested qty is not available");
	});

	test("is judged by an index that hears of orders later, while the number is of now", async () => {
		const shop = await openShop({ salabilityLagMs: 60_000 });
		const orderId = await buy(shop, 10);
		expect(await salable(shop)).toEqual([0, true]);
		sandbox.putForward(61_000);
		expect(await salable(shop)).toEqual([0, false]);
		await cancelOrder(sandbox.ctx, shop.store, orderId);
		expect(await salable(shop)).toEqual([0, false]);
		sandbox.putForward(61_000);
		expect(await salable(shop)).toEqual([10, true]);
	});

	test("of what keeps no count is shown as salable, with zero", async () => {
		const shop = await openShop();
		expect(await salable(shop, "LOOSE")).toEqual([0, true]);
		expect(await buy(shop, 100, "LOOSE")).toMatch(/^\d+$/);
	});

	test("leaves out what no source of the stock has", async () => {
		const shop = await openShop();
		await shop.call("POST", "/V1/inventory/source-items-delete", {
			sourceItems: [{ sku: "CUP", source_code: "default" }],
		});
		expect(await salable(shop)).toBeUndefined();
	});

	test("keeps the reservations of a product that was deleted, for the next of its SKU", async () => {
		const shop = await openShop();
		await buy(shop, 3);
		await deleteProduct(sandbox.ctx, shop.store, "CUP");
		await seedStore(sandbox.ctx, shop.store.id, [product("CUP", 10, "Cup again")]);
		expect(await salable(shop)).toEqual([7, true]);
	});

	test("of two stocks of one source each hears of its own orders until they ship", async () => {
		const shop = await openShop({
			websites: [
				{ id: 1, code: "base", name: "One" },
				{ id: 2, code: "b2b", name: "Two" },
			],
			stocks: [
				{ id: 1, name: "One", websites: ["base"], sources: ["default"] },
				{ id: 2, name: "Two", websites: ["b2b"], sources: ["default"] },
			],
		});
		const orderId = await buy(shop, 4);
		const other = async () => (await shop.call("GET", "/V1/inventory/get-product-salable-quantity/CUP/2")).body;
		expect([await salable(shop), await other()]).toEqual([[6, true], 10]);
		await shipOrder(sandbox.ctx, shop.store, orderId);
		expect([await salable(shop), await other()]).toEqual([[6, true], 6]);
	});
});

test("whatever becomes of orders, at rest what is salable is what was there less what is gone for good", async () => {
	const step = fc.constantFrom("ship", "cancel", "refund", "return", "none");
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), step), { minLength: 1, maxLength: 5 }),
			async (orders) => {
				const shop = await openShop();
				let left = 10;
				let open = 0;
				for (const [units, then] of orders) {
					const orderId = await buy(shop, units);
					if (!/^\d+$/.test(orderId)) continue;
					left -= units;
					if (then === "none") open += units;
					if (then === "ship") await shipOrder(sandbox.ctx, shop.store, orderId);
					if (then === "cancel") await cancelOrder(sandbox.ctx, shop.store, orderId);
					if (then === "cancel" || then === "return") left += units;
					if (then !== "refund" && then !== "return") continue;
					await shop.call("POST", `/V1/order/${orderId}/invoice`, {});
					if (then === "return") await shipOrder(sandbox.ctx, shop.store, orderId);
					await refundOrder(sandbox.ctx, shop.store, orderId, null, () => then === "return");
				}
				expect((await salable(shop))?.[0]).toBe(left);
				expect((await shop.lies("CUP"))?.quantity).toBe(left + open);
			},
		),
		{ numRuns: 8 },
	);
}, 120_000);

test("an order of a configurable product has two lines of one SKU, and the child's stay at zero", async () => {
	const shop = await openShop();
	const orderId = await buy(shop, 2, "TEE-S");
	await shop.call("POST", `/V1/order/${orderId}/invoice`, {});
	await shipOrder(sandbox.ctx, shop.store, orderId);
	const { body } = await shop.call("GET", `/V1/orders/${orderId}`);
	expect(
		body.items.map((item: Record<string, unknown>) => [
			item.product_type,
			item.sku,
			item.qty_shipped,
			item.qty_invoiced,
			"parent_item_id" in item,
		]),
	).toEqual([
		["configurable", "TEE-S", 2, 2, false],
		["simple", "TEE-S", 0, 2, true],
	]);
	expect(body.state).toBe("complete");
});

test("a warehouse ships what is paid for in its time, where enough lies there, and each order once", async () => {
	const shop = await openShop({ paysAtOnce: true, shipsAfterMs: 60_000 });
	await buy(shop, 3);
	await buy(shop, 4, "TEE-S");
	await put(shop, row("TEE-S", 2));
	expect(await shop.lies("CUP")).toEqual({ quantity: 10, status: 1 });
	sandbox.putForward(61_000);
	await Promise.all([shop.lies("CUP"), shop.lies("CUP")]);
	expect([await shop.lies("CUP"), await salable(shop)]).toEqual([{ quantity: 7, status: 1 }, [7, true]]);
	expect(await shop.lies("TEE-S")).toEqual({ quantity: 2, status: 1 });
	expect((await shop.call("GET", "/V1/shipments?searchCriteria=")).body.total_count).toBe(1);
});
