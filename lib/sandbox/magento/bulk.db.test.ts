/** The asynchronous route: taken in at once, applied by a consumer, or never. */
import { expect, test } from "vitest";
import { setStoreSettings } from "../stores";
import { sandboxForTests } from "../testing";
import { products } from "../testing/seeds";
import { openTestShop, type TestShop } from "./testing";

const sandbox = sandboxForTests();

const openShop = (settings: NonNullable<Parameters<typeof openTestShop>[1]>["settings"] = {}) =>
	openTestShop(sandbox, { products: products({ A: 1, B: 1 }), settings: { bulkDelayMs: 2_000, ...settings } });
const row = (sku: string, quantity: number) => ({ sku, source_code: "default", quantity, status: 1 });
const post = async (shop: TestShop, ...bodies: object[]) => {
	const reply = await shop.call("POST", "/async/bulk/V1/inventory/source-items", bodies);
	expect(reply.status).toBe(202);
	return reply.body;
};
const statuses = async (shop: TestShop, uuid: string) =>
	(await shop.call("GET", `/V1/bulk/${uuid}/status`)).body.operations_list.map(
		({ status }: { status: number }) => status,
	);

test("is taken in with a hash for each element, and applied once its consumer comes to it", async () => {
	const shop = await openShop();
	const bulk = await post(shop, { sourceItems: [row("A", 5)] }, { sourceItems: [row("B", 6)] });
	expect(bulk).toMatchObject({
		errors: false,
		request_items: [
			{ id: 0, status: "accepted" },
			{ id: 1, status: "accepted" },
		],
	});
	expect(bulk.request_items[0].data_hash).toMatch(/^[0-9a-f]{64}$/);
	expect(await shop.lies("A")).toMatchObject({ quantity: 1 });
	expect(await statuses(shop, bulk.bulk_uuid)).toEqual([4, 4]);
	sandbox.putForward(2_001);
	expect(await statuses(shop, bulk.bulk_uuid)).toEqual([1, 1]);
	expect(await shop.lies("A")).toMatchObject({ quantity: 5 });
});

test("each element is all or nothing, and says what was wrong with it; types are refused at once for all", async () => {
	const shop = await openShop();
	const { bulk_uuid } = await post(shop, { sourceItems: [row("A", 5), row("", 1)] }, { sourceItems: [row("B", 6)] });
	sandbox.putForward(2_001);
	const { body } = await shop.call("GET", `/V1/bulk/${bulk_uuid}/status`);
	expect(body.operations_list).toMatchObject([
		{ status: 3, result_message: 'Validation Failed: "sku" can not be empty.' },
		{ status: 1 },
	]);
	expect(await shop.lies("A")).toMatchObject({ quantity: 1 });
	const typed = await shop.call("POST", "/async/bulk/V1/inventory/source-items", [
		{ sourceItems: [{ ...row("A", 1), quantity: "x" }] },
	]);
	expect(typed.status).toBe(400);
});

test("without a consumer it stays open, and is given up after twelve hours", async () => {
	const shop = await openShop({ consumersRun: false });
	const { bulk_uuid } = await post(shop, { sourceItems: [row("A", 5)] });
	sandbox.putForward(60 * 60_000);
	expect(await statuses(shop, bulk_uuid)).toEqual([4]);
	sandbox.putForward(11 * 60 * 60_000);
	expect(await statuses(shop, bulk_uuid)).toEqual([3]);
	await setStoreSettings(sandbox.ctx, shop.store.id, { consumersRun: true });
	sandbox.putForward(10_000);
	expect(await shop.lies("A")).toMatchObject({ quantity: 1 });
});

test("operations can be applied in another order than they were sent in", async () => {
	const orders = new Set<string>();
	for (let attempt = 0; attempt < 12 && orders.size < 2; attempt++) {
		const shop = await openShop({ bulkShuffles: true });
		await post(shop, { sourceItems: [row("A", 5)] }, { sourceItems: [row("A", 6)] });
		sandbox.putForward(2_001);
		orders.add(String((await shop.lies("A"))?.quantity));
	}
	expect(orders).toEqual(new Set(["5", "6"]));
});

test("a bulk that there is not is an error of its own", async () => {
	const shop = await openShop();
	expect(await shop.call("GET", "/V1/bulk/nothing/status")).toMatchObject({ status: 400 });
});
