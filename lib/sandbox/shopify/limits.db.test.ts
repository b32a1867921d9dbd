import { describe, expect, test, vi } from "vitest";
import { countWireRequests, getSandboxStore, setKnobs } from "../stores";
import { sandboxForTests } from "../testing";
import { products } from "../testing/seeds";
import { openTestShop } from "./testing";

const sandbox = sandboxForTests();
sandbox.stopClock();

const open = (settings = {}, knobs = {}) =>
	openTestShop(sandbox, { products: products({ A: 1, B: 2 }), settings, knobs });
/** 2 + 11 × (1 + 2 + 9 × 3) = 332 points before, far fewer after. */
const dear = `{ products(first: 250) { nodes { variants(first: 100) { nodes { inventoryItem { inventoryLevels(first: 1) { nodes { id } } } } } } } }`;

describe("the budget of calls", () => {
	test("what was asked for is charged, what was not used is given back", async () => {
		const shop = await open({ plan: "standard" });
		const { cost } = (await shop.graphql(`{ locations(first: 250) { nodes { id } } }`)).extensions;
		expect(cost).toMatchObject({
			requestedQueryCost: 13,
			throttleStatus: { maximumAvailable: 2000, restoreRate: 100 },
		});
		expect(cost.actualQueryCost).toBeLessThan(cost.requestedQueryCost);
	});

	test("a bucket that is empty answers 200 THROTTLED, carries nothing out, and fills again with time", async () => {
		const shop = await open({ plan: "standard" });
		const probe = `mutation { webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { userErrors { message } } }`;
		let answer = await shop.graphql(probe);
		for (let n = 0; n < 250 && !answer.errors; n++) answer = await shop.graphql(probe);
		expect(answer).toEqual({
			errors: [
				{
					message: "Throttled",
					extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" },
				},
			],
			extensions: {
				cost: {
					requestedQueryCost: 10,
					actualQueryCost: null,
					throttleStatus: { maximumAvailable: 2000, currentlyAvailable: expect.any(Number), restoreRate: 100 },
				},
			},
		});
		expect(answer.extensions.cost.throttleStatus.currentlyAvailable).toBeLessThan(10);
		sandbox.putForward(1_000);
		expect((await shop.graphql(probe)).errors).toBeUndefined();
	});

	test("a query over 1,000 points is refused whatever is left", async () => {
		const shop = await open({ plan: "plus" });
		const answer = await shop.graphql(dear.replace("first: 1)", "first: 250)"));
		expect(answer.errors[0].extensions).toMatchObject({ code: "MAX_COST_EXCEEDED", maxCost: 1000 });
		expect(answer.data).toBeUndefined();
	});

	test("a restart does not refill it", async () => {
		const shop = await open({ plan: "standard" });
		for (let n = 0; n < 20; n++)
			await shop.graphql(
				`mutation { webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { userErrors { message } } }`,
			);
		await vi.waitFor(async () =>
			expect((await getSandboxStore(sandbox.ctx, shop.store.id))?.counters.bucketAvailable).toBeLessThan(1_850),
		);
	});

	test.each([
		["standard", 2000, 100],
		["advanced", 4000, 200],
		["plus", 20_000, 1000],
		["enterprise", 40_000, 2000],
	])("the plan %s", async (plan, maximumAvailable, restoreRate) => {
		const shop = await open({ plan });
		const { throttleStatus } = (await shop.graphql(`{ shop { name } }`)).extensions.cost;
		expect(throttleStatus).toMatchObject({ maximumAvailable, restoreRate });
	});
});

describe("knobs on the wire", () => {
	const set = `mutation { inventoryItemUpdate(id: "gid://shopify/InventoryItem/1", input: { tracked: true }) { userErrors { message } } }`;
	const post = (baseUrl: string, token: string, query: string) =>
		fetch(`${baseUrl}/admin/api/2026-10/graphql.json`, {
			method: "POST",
			headers: { "content-type": "application/json", "x-shopify-access-token": token },
			body: JSON.stringify({ query }),
			signal: AbortSignal.timeout(1_000),
		});

	test("an outage answers 503, throttling answers as if nothing were left, errors are 5xx", async () => {
		const shop = await open();
		await setKnobs(sandbox.ctx, shop.store.id, { outage: true });
		expect((await post(shop.baseUrl, shop.accessToken, set)).status).toBe(503);
		await setKnobs(sandbox.ctx, shop.store.id, { outage: false, throttleRate: 1 });
		const throttled = await shop.graphql(set);
		expect(throttled.errors[0].extensions.code).toBe("THROTTLED");
		expect(throttled.extensions.cost.throttleStatus.currentlyAvailable).toBeLessThan(10);
		await setKnobs(sandbox.ctx, shop.store.id, { throttleRate: 0, errorRate: 1 });
		expect((await post(shop.baseUrl, shop.accessToken, set)).status).toBeGreaterThanOrEqual(500);
	});

	test("a request that is never answered was never carried out", async () => {
		const shop = await open();
		await setKnobs(sandbox.ctx, shop.store.id, { timeoutRate: 1 });
		await expect(post(shop.baseUrl, shop.accessToken, set)).rejects.toThrow();
	});

	test("applied, then failed: the answer is lost, the effect is there", async () => {
		const shop = await open();
		const { itemId = "" } = (await shop.listings()).get("A") ?? {};
		await setKnobs(sandbox.ctx, shop.store.id, { appliedThenFailedRate: 1 });
		const write = `mutation { inventorySetQuantities(input: { name: "available", reason: "correction", quantities: [{
			inventoryItemId: "${itemId}", locationId: "${shop.locationId}", quantity: 77, changeFromQuantity: null }] }) @idempotent(key: "lost") { userErrors { message } } }`;
		const isAnswered = await post(shop.baseUrl, shop.accessToken, write).then(
			(reply) => reply.status < 500,
			() => false,
		);
		expect(isAnswered).toBe(false);
		await setKnobs(sandbox.ctx, shop.store.id, { appliedThenFailedRate: 0 });
		const { data } = await shop.graphql(
			`{ productVariants(first: 1, query: "sku:A") { nodes { inventoryQuantity } } }`,
		);
		expect(data.productVariants.nodes).toEqual([{ inventoryQuantity: 77 }]);
	});

	test("latency is on the way there and back", async () => {
		const shop = await open();
		await setKnobs(sandbox.ctx, shop.store.id, { latencyMs: 120 });
		const started = performance.now();
		await shop.graphql(`{ shop { name } }`);
		expect(performance.now() - started).toBeGreaterThanOrEqual(115);
	});

	test("every request is in the log, by what it was about", async () => {
		const shop = await open();
		await shop.graphql(`{ orders(first: 1) { nodes { id } } }`);
		await shop.graphql(`{ orders(first: 1) { nodes { id } } }`);
		await shop.graphql(`{ nonsense }`);
		expect(await countWireRequests(sandbox.ctx, shop.store.id)).toMatchObject({ orders: 2, invalid: 1 });
	});
});
