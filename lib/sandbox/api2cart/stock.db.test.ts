/** Writing stock: what is refused, what is remembered, what is late and what is lost. */
import { describe, expect, test } from "vitest";
import { checkout } from "../stores";
import { sandboxForTests } from "../testing";
import { handsOn } from "../testing/hands";
import { loose, product, sized } from "../testing/seeds";
import type { A2cSettings } from "./settings";
import { type BackingKind, openTestAccount } from "./testing";

const sandbox = sandboxForTests();

async function open(settings: Partial<A2cSettings> = {}, behind: BackingKind = "woocommerce") {
	const account = await openTestAccount(sandbox, {
		behind,
		settings: { hasBatch: true, mostCalls: { account: 50, store: 50 }, ...settings },
		products: [product("A", 20, "A"), product("B", 20, "B"), loose, sized("Tee", { S: 5, M: 5 })],
	});
	const rows = (await account.call("product.list", { query: { params: "id,name" } })).result.product as {
		id: string;
		name: string;
	}[];
	const idOf = (name: string) => rows.find((row) => row.name === name)?.id ?? "";
	return {
		...account,
		idOf,
		update: (body: object) => account.call("product.update", { verb: "PUT", body: { id: idOf("A"), ...body } }),
		shows: (sku = "A") => handsOn(sandbox, account.store.id).shows(sku),
		batch: (payload: object[], more: object = {}) =>
			account.call("product.update.batch", { verb: "POST", body: { payload, ...more } }),
	};
}

describe("a single write", () => {
	test("sets, gives or takes, and only one of them", async () => {
		const shop = await open();
		expect(await shop.update({ quantity: 8 })).toMatchObject({ return_code: 0, result: { updated_items: 1 } });
		await shop.update({ increase_quantity: 4 });
		await shop.update({ reduce_quantity: 2 });
		expect(await shop.shows()).toBe(10);
		expect(await shop.update({ quantity: 1, increase_quantity: 1 })).toMatchObject({
			return_code: 109,
			return_message: expect.stringContaining("mutually exclusive"),
		});
		expect(await shop.shows()).toBe(10);
	});

	test.each([
		[{ reduce_quantity: 21 }, 109, "Final quantity cannot be less than 0"],
		[{ reduce_quantity: -1 }, 109, "greater than or equal"],
		[{ increase_quantity: "3" }, 109, "decimal"],
		[{ id: "" }, 114, "Parameter 'id' is required."],
		[{ id: "nothing", quantity: 1 }, 112, "not found"],
		[{ quantity: 1, warehouse_id: "nowhere" }, 112, "Warehouse"],
	])("%j is refused with code %i", async (body, code, words) => {
		const shop = await open();
		const answer = await shop.update(body);
		expect(answer).toMatchObject({ return_code: code, return_message: expect.stringContaining(words) });
		expect(await shop.shows()).toBe(20);
	});

	test("that changes nothing is well and updates no item", async () => {
		const shop = await open();
		const nothing = { return_code: 0, result: { updated_items: 0 } };
		expect(await shop.update({ quantity: 20 })).toMatchObject(nothing);
		expect(await shop.update({ increase_quantity: 0 })).toMatchObject(nothing);
		expect(await shop.update({ id: shop.idOf("Loose"), quantity: 5 })).toMatchObject(nothing);
	});

	test("of a variant names its product, too", async () => {
		const shop = await open();
		const children = (await shop.call("product.child_item.list", { query: { product_id: shop.idOf("Tee") } })).result
			.children;
		const put = (body: object) =>
			shop.call("product.variant.update", { verb: "PUT", body: { reduce_quantity: 1, ...body } });
		expect(await put({ id: children[0].id })).toMatchObject({ return_code: 114 });
		expect(await put({ id: children[0].id, product_id: shop.idOf("A") })).toMatchObject({ return_code: 112 });
		expect(await put({ id: children[0].id, product_id: shop.idOf("Tee") })).toMatchObject({ return_code: 0 });
		expect(await shop.shows("TEE-S")).toBe(4);
	});

	test("at a warehouse changes that one alone", async () => {
		const shop = await open({}, "shopify");
		const info = await shop.call("cart.info", { query: { response_fields: "{result{warehouses}}" } });
		const [first] = info.result.warehouses as { id: string }[];
		await shop.update({ reduce_quantity: 3, warehouse_id: first?.id });
		const row = await shop.call("product.info", { query: { id: shop.idOf("A"), params: "inventory,quantity" } });
		expect(row.result).toEqual({
			quantity: 17,
			inventory: [{ warehouse_id: first?.id, quantity: 17, in_stock: true, priority: null }],
		});
	});

	test("twenty at once are twenty, beside buyers", async () => {
		const shop = await open();
		const writes = Array.from({ length: 20 }, () => shop.update({ increase_quantity: 1 }));
		const sales = Array.from({ length: 5 }, () => checkout(sandbox.ctx, shop.store.id, [{ sku: "A", quantity: 1 }]));
		const placed = (await Promise.all(sales)).filter(({ result }) => result === "placed");
		await Promise.all(writes);
		expect(await shop.shows()).toBe(40 - placed.length);
	});

	test("two at once that read and write lose one where the cart is like that", async () => {
		const shop = await open({ racyWindowMs: 200 });
		await Promise.all([shop.update({ increase_quantity: 1 }), shop.update({ increase_quantity: 1 })]);
		expect(await shop.shows()).toBe(21);
	});

	test("of a marketplace is seen when it is due, and one that can't be done is dropped without a word", async () => {
		const shop = await open({ visibleAfterMs: 60_000 });
		await shop.update({ reduce_quantity: 15 });
		expect(await shop.update({ reduce_quantity: 15 })).toMatchObject({ return_code: 0, result: { updated_items: 1 } });
		expect(await shop.shows()).toBe(20);
		sandbox.putForward(60_000);
		expect(await shop.shows()).toBe(5);
	});
});

describe("a key", () => {
	test("is answered from memory for a quarter of an hour, refusals as well, whatever the call says", async () => {
		const shop = await open();
		const write = (body: object) => shop.update({ idempotency_key: "k", ...body });
		const first = await write({ reduce_quantity: 5 });
		expect(await write({ reduce_quantity: 5 })).toEqual(first);
		expect(await write({ quantity: 999 })).toEqual(first);
		expect(await shop.shows()).toBe(15);
		const refused = await shop.update({ idempotency_key: "bad", reduce_quantity: 99 });
		await shop.update({ increase_quantity: 100 });
		expect(await shop.update({ idempotency_key: "bad", reduce_quantity: 99 })).toEqual(refused);
		sandbox.putForward(15 * 60_000 + 1_000);
		await write({ reduce_quantity: 5 });
		expect(await shop.shows()).toBe(110);
	});

	test("sent five times at once acts once", async () => {
		const shop = await open();
		await Promise.all(Array.from({ length: 5 }, () => shop.update({ idempotency_key: "k", reduce_quantity: 5 })));
		expect(await shop.shows()).toBe(15);
	});
});

describe("a batch", () => {
	test("is worked off later: pending, in progress, processed, each row for itself", async () => {
		const shop = await open({ batchMs: { starts: 2_000, ends: 27_000 } });
		const { result } = await shop.batch([
			{ id: shop.idOf("A"), reduce_quantity: 3 },
			{ id: shop.idOf("B"), reduce_quantity: 99 },
			{ id: "nothing", quantity: 1 },
			{ id: shop.idOf("Loose"), quantity: 1 },
		]);
		expect(result).toEqual({ job_id: expect.stringMatching(/^\d+$/) });
		const job = () => shop.call("batch.job.result", { query: { id: result.job_id } });
		const status = async () => (await shop.call("batch.job.list")).result.jobs[0].status;
		expect(await job()).toEqual({
			return_code: 12,
			return_message: "There are no result for this job yet. Please try again later.",
			result: {},
		});
		expect(await status()).toBe("pending");
		sandbox.putForward(3_000);
		expect(await status()).toBe("in_progress");
		expect(await shop.shows()).toBe(20);
		sandbox.putForward(25_000);
		expect((await job()).result).toEqual({
			job_id: Number(result.job_id),
			job_name: "product.update.batch",
			items_processed: 4,
			items_succeed: 1,
			items: [
				{ id: 0, status: "success", entity_id: shop.idOf("A"), errors: [], warnings: [] },
				{ id: 1, status: "failed", entity_id: null, errors: ["Final quantity cannot be less than 0"], warnings: [] },
				{ id: 2, status: "failed", entity_id: "nothing", errors: ["Product with id nothing not found"], warnings: [] },
				{
					id: 3,
					status: "partial",
					entity_id: shop.idOf("Loose"),
					errors: [],
					warnings: [expect.stringContaining("Nothing to update for the key payload[3].")],
				},
			],
		});
		expect(await status()).toBe("processed");
		expect([await shop.shows("A"), await shop.shows("B")]).toEqual([17, 20]);
		expect(await shop.call("batch.job.result", { query: { id: "999999999" } })).toMatchObject({
			return_code: 112,
			return_message: "Job with id 999999999 not found",
		});
	});

	test.each<[string, (id: string) => object[], number]>([
		["nothing", () => [], 109],
		["too many", (id) => Array.from({ length: 251 }, (_, index) => ({ id: `${id}${index}`, quantity: 1 })), 109],
		[
			"an id twice",
			(id) => [
				{ id, quantity: 1 },
				{ id, quantity: 2 },
			],
			109,
		],
		["a row without an id", (id) => [{ id, quantity: 1 }, { quantity: 2 }], 114],
		["two numbers in a row", (id) => [{ id, quantity: 1, increase_quantity: 1 }], 109],
	])("of %s is refused whole, and nothing of it is taken in", async (_, payload, code) => {
		const shop = await open();
		expect((await shop.batch(payload(shop.idOf("A")))).return_code).toBe(code);
		expect((await shop.call("batch.job.list")).result.jobs).toEqual([]);
		expect(await shop.shows()).toBe(20);
	});

	test("is not there for every store", async () => {
		const shop = await open({ hasBatch: false });
		expect((await shop.batch([{ id: shop.idOf("A"), quantity: 1 }])).return_code).toBe(109);
		expect((await shop.call("cart.methods")).result.method).not.toContain("product.update.batch");
	});
});
