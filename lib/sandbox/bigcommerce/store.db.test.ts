/** The sandbox store's door, its budget and its orders, as BigCommerce has them. */
import { describe, expect, test } from "vitest";
import { checkout, quantities, setKnobs } from "../stores";
import { sandboxForTests } from "../testing";
import { product } from "../testing/seeds";
import { addToken } from "./access";
import { grantCode } from "./oauth";
import type { BigCommerceSettings } from "./settings";
import { openTestStore } from "./testing";

const sandbox = sandboxForTests();

const openStore = (settings: Partial<BigCommerceSettings> = {}) =>
	openTestStore(sandbox, { settings, products: [product("CUP", 3, "Cup")] });

describe("the door", () => {
	test("says what is wrong in each version's own form", async () => {
		const shop = await openStore();
		const v3 = await shop.call("GET", "/v3/catalog/products", undefined, "wrong");
		expect([v3.status, v3.body]).toEqual([
			401,
			{
				status: 401,
				title: expect.stringContaining("Unauthorized"),
				type: expect.stringContaining("https://"),
				errors: {},
			},
		]);
		const v2 = await shop.call("GET", "/v2/orders/1");
		expect([v2.status, v2.body]).toEqual([404, [{ status: 404, message: "The requested resource was not found." }]]);
		expect((await shop.call("POST", "/v3/hooks", "{")).status).toBe(400);
		expect((await shop.call("GET", "/v3/nothing")).status).toBe(404);
		expect((await shop.call("DELETE", "/v2/store")).status).toBe(405);
	});

	test("a scope to read is none to change, and one to change is one to read", async () => {
		const shop = await openStore();
		const reader = await addToken(sandbox.ctx, shop.store, { scopes: ["store_v2_orders_read_only"] });
		const writer = await addToken(sandbox.ctx, shop.store, { scopes: ["store_v2_orders"] });
		expect((await shop.call("GET", "/v2/orders", undefined, reader.token)).status).toBe(204);
		expect((await shop.call("GET", "/v2/orders", undefined, writer.token)).status).toBe(204);
		const refused = await shop.call("POST", "/v2/orders", { products: [] }, reader.token);
		expect([refused.status, refused.body]).toEqual([
			403,
			[{ status: 403, message: "You don't have a required scope to access the endpoint" }],
		]);
	});

	test("a code is good once, for a minute, and a newer grant ends the older token", async () => {
		const shop = await openStore();
		const redirectUri = "https://app.example/auth";
		const exchange = async (given: Record<string, string>) => {
			const { clientId, clientSecret } = shop.store.secrets;
			const reply = await fetch(`${shop.baseUrl}/login/oauth2/token`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify({
					client_id: clientId,
					client_secret: clientSecret,
					grant_type: "authorization_code",
					redirect_uri: redirectUri,
					...given,
				}),
			});
			return { status: reply.status, body: (await reply.json()) as Record<string, string> };
		};
		const given = await grantCode(sandbox.ctx, shop.store, redirectUri);
		const first = await exchange(given);
		expect(first).toMatchObject({
			status: 200,
			body: { context: `stores/${shop.store.secrets.storeHash}`, scope: given.scope },
		});
		expect((await exchange(given)).status).toBe(400);
		expect(
			(await exchange({ ...(await grantCode(sandbox.ctx, shop.store, redirectUri)), scope: "store_v2_orders" })).status,
		).toBe(400);
		const second = await exchange(await grantCode(sandbox.ctx, shop.store, redirectUri));
		expect((await shop.call("GET", "/v2/time", undefined, first.body.access_token)).status).toBe(401);
		expect((await shop.call("GET", "/v2/time", undefined, second.body.access_token)).status).toBe(200);
	});
});

describe("the budget", () => {
	test("is told with every answer, shared by all tokens, and new with the next window", async () => {
		const shop = await openStore({ quotaPerWindow: 3 });
		const other = await addToken(sandbox.ctx, shop.store, { scopes: ["store_v2_products"] });
		const left = (headers: Headers) => headers.get("x-rate-limit-requests-left");
		const first = await shop.call("GET", "/v2/time");
		expect([
			left(first.headers),
			first.headers.get("x-rate-limit-requests-quota"),
			first.headers.get("x-rate-limit-time-window-ms"),
		]).toEqual(["2", "3", "30000"]);
		expect(left((await shop.call("GET", "/v3/catalog/products", undefined, other.token)).headers)).toBe("1");
		expect(left((await shop.call("GET", "/v2/orders/1")).headers)).toBe("0");
		const spent = await shop.call("GET", "/v2/time");
		expect(spent.status).toBe(429);
		const resetMs = Number(spent.headers.get("x-rate-limit-time-reset-ms"));
		expect(resetMs).toBeLessThanOrEqual(30_000);
		sandbox.putForward(resetMs);
		expect((await shop.call("GET", "/v2/time")).status).toBe(200);
	});

	test("that a knob spends answers alike", async () => {
		const shop = await openStore();
		await setKnobs(sandbox.ctx, shop.store.id, { throttleRate: 1 });
		const { status, headers } = await shop.call("GET", "/v2/orders");
		expect([status, headers.get("x-rate-limit-requests-left")]).toEqual([429, "0"]);
	});
});

describe("orders", () => {
	test("come bare and in mail's dates, and an empty page has no content", async () => {
		const shop = await openStore();
		expect(await shop.call("GET", "/v2/orders")).toMatchObject({ status: 204, text: "" });
		const placed = await checkout(sandbox.ctx, shop.store.id, [{ sku: "CUP", quantity: 2 }]);
		const { body } = await shop.call("GET", "/v2/orders");
		expect(body).toHaveLength(1);
		expect(body[0]).toMatchObject({
			id: placed.result === "placed" ? Number(placed.orderId) : 0,
			status_id: 11,
			status: "Awaiting Fulfillment",
			date_modified: expect.stringMatching(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/),
			total_inc_tax: "19.0000",
			products: { url: expect.stringContaining("/v2/orders/"), resource: expect.stringContaining("/products") },
			consignments: { resource: expect.any(String) },
		});
		const { body: lines } = await shop.call("GET", `/v2${body[0].products.resource}`);
		expect(lines).toMatchObject([{ sku: "CUP", quantity: 2, quantity_refunded: 0, parent_order_product_id: null }]);
		const whole = await shop.call("GET", "/v2/orders?include=consignments.line_items&consignment_structure=object");
		expect(whole.body[0].consignments.shipping[0].line_items).toEqual(lines);
		expect((await shop.call("GET", "/v2/orders?page=2")).status).toBe(204);
	});

	test("a checkout is refused where there are too few, and an integration's order is not", async () => {
		const shop = await openStore();
		const tooMany = await checkout(sandbox.ctx, shop.store.id, [{ sku: "CUP", quantity: 4 }]);
		expect(tooMany).toMatchObject({ result: "refused", code: "out_of_stock" });
		const { productId } = (await shop.idsBySku()).get("CUP") ?? {};
		await shop.call("POST", "/v2/orders", { status_id: 11, products: [{ product_id: productId, quantity: 4 }] });
		expect((await quantities(sandbox.ctx, shop.store.id))[0]?.quantity).toBe(-1);
	});

	test("of many buyers of the last unit one gets it", async () => {
		const shop = await openStore();
		await checkout(sandbox.ctx, shop.store.id, [{ sku: "CUP", quantity: 2 }]);
		const tries = await Promise.all(
			Array.from({ length: 12 }, () => checkout(sandbox.ctx, shop.store.id, [{ sku: "CUP", quantity: 1 }])),
		);
		expect(tries.filter(({ result }) => result === "placed")).toHaveLength(1);
		expect((await quantities(sandbox.ctx, shop.store.id))[0]?.quantity).toBe(0);
	});

	test("a store that takes stock late sells the same units again", async () => {
		const shop = await openStore({ updateStockBehavior: "order_completed_or_shipped" });
		for (let index = 0; index < 2; index++)
			expect((await checkout(sandbox.ctx, shop.store.id, [{ sku: "CUP", quantity: 3 }])).result).toBe("placed");
	});
});
