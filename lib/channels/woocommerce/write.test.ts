import { describe, expect, test } from "vitest";
import { ChannelError } from "../errors";
import { recorded } from "./testing/recorded";
import { type Answer, scriptedShop } from "./testing/scripted-shop";
import { writeQuantities } from "./write";

const row = (productId: string, quantity: number, expected = 50) => ({
	externalKey: `product:${productId}`,
	ids: { productId },
	quantity,
	expected,
});
const variant = (variationId: string, productId: string, quantity: number) => ({
	externalKey: `variation:${variationId}`,
	ids: { productId, variationId },
	quantity,
	expected: 50,
});
const answered = (...update: object[]): Answer => ({ json: { update } });

describe("a batch", () => {
	test("sends whole numbers and nothing else, and never switches stock management on", async () => {
		const shop = scriptedShop(() =>
			answered({ id: 10, manage_stock: true, stock_quantity: 5 }, { id: 11, manage_stock: true, stock_quantity: 0 }),
		);
		const result = await writeQuantities(shop.connection, [row("10", 5), row("11", 0)]);
		expect(shop.asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
			"POST /wp-json/wc/v3/products/batch",
		]);
		expect(shop.asked[0]?.body).toEqual({
			update: [
				{ id: 10, stock_quantity: 5 },
				{ id: 11, stock_quantity: 0 },
			],
		});
		expect(result.rows).toEqual([
			{ externalKey: "product:10", result: "applied", shown: 5 },
			{ externalKey: "product:11", result: "applied", shown: 0 },
		]);
		expect(result.trouble).toBeNull();
		expect(result.exchanges).toHaveLength(1);
	});

	test("variations go to their product's address", async () => {
		const shop = scriptedShop(() => answered({ id: 16, manage_stock: true, stock_quantity: 3 }));
		await writeQuantities(shop.connection, [variant("16", "15", 3)]);
		expect(shop.asked[0]?.url.pathname).toBe("/wp-json/wc/v3/products/15/variations/batch");
		expect(shop.asked[0]?.body).toEqual({ update: [{ id: 16, stock_quantity: 3 }] });
	});

	test("mixed owners are a mistake of the caller, and nothing leaves", async () => {
		const shop = scriptedShop(() => answered());
		await expect(writeQuantities(shop.connection, [row("10", 1), variant("16", "15", 1)])).rejects.toThrow("batch");
		expect(shop.asked).toEqual([]);
	});

	test("half units never leave: WooCommerce would cut them without a word", async () => {
		const shop = scriptedShop(() => answered({ id: 11, manage_stock: true, stock_quantity: 1 }));
		const result = await writeQuantities(shop.connection, [row("10", 1.5), row("11", 1), row("12", Number.NaN)]);
		expect(shop.asked[0]?.body).toEqual({ update: [{ id: 11, stock_quantity: 1 }] });
		expect(result.rows.map((one) => one.result)).toEqual(["refused", "applied", "refused"]);
	});
});

describe("the answer to each row", () => {
	test("recorded: bad rows are refused where they stand, the others are applied", async () => {
		const shop = scriptedShop(() => ({ json: recorded("products_batch_mixed_errors").response.body }));
		const result = await writeQuantities(shop.connection, [
			row("10", 11),
			row("999999", 5),
			row("16", 5),
			row("13", 9),
		]);
		expect(result.rows).toMatchObject([
			{ result: "applied", shown: 11 },
			{ result: "refused", error: { reason: "gone" } },
			{ result: "refused", error: { code: "woocommerce_rest_invalid_product_id" } },
			{ result: "applied", shown: 9 },
		]);
		expect(result.trouble).toBeNull();
	});

	test("recorded: a variation under the wrong product is refused alone", async () => {
		const shop = scriptedShop(() => ({ json: recorded("variations_batch_wrong_parent").response.body }));
		const result = await writeQuantities(shop.connection, [variant("16", "19", 5), variant("20", "19", 6)]);
		expect(result.rows.map((one) => one.result)).toEqual(["refused", "applied"]);
	});

	test.each([
		["unmanaged_put_stock_quantity", "12", "STOCK_NOT_MANAGED"],
		["variation_parent_managed_put_stock", "17", "PARENT_STOCK"],
	])("recorded: %s, a number that was silently dropped, is refused with what to do", async (name, id, code) => {
		const shop = scriptedShop(() => answered(recorded(name).response.body as object));
		const { rows } = await writeQuantities(shop.connection, [row(id, 50, 28)]);
		expect(rows[0]).toMatchObject({ result: "refused", error: { code } });
		expect(rows[0]?.result === "refused" && rows[0].error.fix).toMatch(/WooCommerce/);
	});

	test("a plugin that keeps its own number is found out", async () => {
		const shop = scriptedShop(() => answered({ id: 10, manage_stock: true, stock_quantity: 50 }));
		expect((await writeQuantities(shop.connection, [row("10", 5)])).rows[0]).toMatchObject({
			error: { code: "IGNORED" },
		});
	});

	test("a sale between the write and its answer is no refusal", async () => {
		const shop = scriptedShop(() => answered({ id: 10, manage_stock: true, stock_quantity: 4 }));
		expect((await writeQuantities(shop.connection, [row("10", 5)])).rows[0]).toMatchObject({
			result: "applied",
			shown: 4,
		});
	});

	test("a row that the answer leaves out is unknown", async () => {
		const shop = scriptedShop(() => answered());
		expect((await writeQuantities(shop.connection, [row("10", 5)])).rows[0]?.result).toBe("unknown");
	});
});

describe("an answer for the whole call", () => {
	const page = { text: "<html>Welcome</html>", headers: { "content-type": "text/html" } };
	test.each<[string, Answer, string, string]>([
		["lost", new ChannelError("timeout", "no answer"), "unknown", "timeout"],
		["refused connection", new ChannelError("unreachable", "refused"), "not_sent", "unreachable"],
		["page with 200", page, "unknown", "not_a_store"],
		["notice before JSON", { text: 'Warning{"update":[]}' }, "unknown", "unreadable"],
		["gateway time-out", { ...page, status: 504 }, "unknown", "unreachable"],
		["fatal error", { status: 500, json: recorded("err_php_fatal").response.body }, "unknown", "unreachable"],
		["maintenance", { status: 503, json: recorded("err_maintenance_mode").response.body }, "not_sent", "unreachable"],
		["too many items", { status: 413, json: recorded("err_batch_101").response.body }, "not_sent", "refused"],
		["nginx's 413", { ...page, status: 413 }, "not_sent", "refused"],
		["too many requests", { status: 429, text: "" }, "not_sent", "throttled"],
		[
			"read-only key",
			{ status: 401, json: recorded("err_read_key_writes").response.body },
			"not_sent",
			"missing_scope",
		],
		["revoked key", { status: 401, json: recorded("err_wrong_key").response.body }, "not_sent", "access_revoked"],
		["another form", { json: { done: true } }, "unknown", "unreadable"],
	])("%s", async (_, answer, result, reason) => {
		const shop = scriptedShop(() => answer);
		const written = await writeQuantities(shop.connection, [row("10", 5), row("11", 6)]);
		expect(written.rows.map((one) => one.result)).toEqual([result, result]);
		expect(written.trouble?.reason).toBe(reason);
		// It is for others to decide whether to try again.
		expect(shop.asked).toHaveLength(1);
	});
});
