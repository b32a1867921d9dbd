import { createHmac } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Receiver, startReceiver } from "../receiver";
import { checkout, countDeliveries, setKnobs, setQuantity } from "../stores";
import { sandboxForTests } from "../testing";
import { products } from "../testing/seeds";
import { openTestShop, type TestShop } from "./testing";

const sandbox = sandboxForTests();
let receiver: Receiver;
beforeEach(async () => {
	receiver = await startReceiver();
});
afterEach(() => receiver.stop());

/** Eight retries in about a tenth of a second. */
const quickRetries = { retryScale: 1 / 150_000 };

async function subscribe(shop: TestShop, topics: string[], uri = receiver.url) {
	for (const topic of topics) {
		const { data } = await shop.graphql(
			`mutation($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
				webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
					webhookSubscription { id topic uri format apiVersion { handle } } userErrors { field message } } }`,
			{ topic, sub: { uri, format: "JSON" } },
		);
		expect(data.webhookSubscriptionCreate.userErrors).toEqual([]);
	}
}
const create = async (shop: TestShop, uri: string) =>
	(
		await shop.graphql(
			`mutation($sub: WebhookSubscriptionInput!) {
				webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: $sub) { userErrors { field message } } }`,
			{ sub: { uri } },
		)
	).data.webhookSubscriptionCreate.userErrors;
const subscriptionCount = async (shop: TestShop) =>
	(await shop.graphql(`{ webhookSubscriptions(first: 50) { nodes { id } } }`)).data.webhookSubscriptions.nodes.length;
const buy = (shop: TestShop, sku = "A", quantity = 1) => checkout(sandbox.ctx, shop.store.id, [{ sku, quantity }]);

describe("deliveries", () => {
	test("one sale tells each topic, signed over the raw bytes, with ids of their own and the event's in common", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 5 }) });
		await subscribe(shop, ["ORDERS_CREATE", "ORDERS_UPDATED", "INVENTORY_LEVELS_UPDATE"]);
		await buy(shop);
		const mail = await receiver.wait(3);
		expect(mail.map(({ headers }) => headers["x-shopify-topic"]).sort()).toEqual([
			"inventory_levels/update",
			"orders/create",
			"orders/updated",
		]);
		for (const { headers, body } of mail) {
			expect(headers["x-shopify-hmac-sha256"]).toBe(
				createHmac("sha256", shop.clientSecret).update(body).digest("base64"),
			);
			expect(headers["x-shopify-shop-domain"]).toBe(`${shop.store.id}.myshopify.com`);
			expect(headers["x-shopify-api-version"]).toBe("2026-10");
		}
		expect(new Set(mail.map(({ headers }) => headers["x-shopify-webhook-id"])).size).toBe(3);
		expect(new Set(mail.map(({ headers }) => headers["x-shopify-event-id"])).size).toBe(1);
	});

	test("ids beyond 2^53 are written exactly", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 9 }) });
		await subscribe(shop, ["ORDERS_CREATE"]);
		const placed = [];
		for (let n = 0; n < 4; n++) placed.push(await buy(shop));
		const mail = await receiver.wait(4);
		const ids = placed.map((outcome) => (outcome.result === "placed" ? outcome.orderId : ""));
		expect(ids.some((id) => BigInt(id) > 2n ** 53n)).toBe(true);
		const bodies = mail.map(({ body }) => body.toString());
		for (const id of ids) expect(bodies.some((body) => body.startsWith(`{"id":${id},`))).toBe(true);
	});

	test("level news is put together when it leaves: two quick changes may show the same number", async () => {
		const shop = await openTestShop(sandbox, {
			products: products({ A: 5 }),
			settings: { deliveryDelayMs: { least: 150, most: 150 } },
		});
		await subscribe(shop, ["INVENTORY_LEVELS_UPDATE"]);
		await buy(shop);
		await setQuantity(sandbox.ctx, shop.store.id, "A", 9);
		const mail = await receiver.wait(2);
		expect(mail.map(({ body }) => JSON.parse(body.toString()).available)).toEqual([9, 9]);
	});

	test("a delivery that is under way stays due in the database until it is settled", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 5 }) });
		await subscribe(shop, ["ORDERS_CREATE"]);
		receiver.answer(null);
		await buy(shop);
		await receiver.wait(1);
		const [row] = await sandbox.database.ownerClient`
			select state, attempts, due_at > now() is_leased from sandbox.deliveries where store_id = ${shop.store.id}`;
		expect(row).toEqual({ state: "waiting", attempts: 1, is_leased: true });
	});
});

describe("a receiver that fails", () => {
	test("gets the same mail eight times more; then the subscription is gone", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 5 }), settings: quickRetries });
		await subscribe(shop, ["ORDERS_CREATE"]);
		receiver.answer(503);
		await buy(shop);
		const mail = await receiver.wait(9);
		expect(new Set(mail.map(({ headers }) => headers["x-shopify-webhook-id"])).size).toBe(1);
		expect(new Set(mail.map(({ body }) => body.toString())).size).toBe(1);
		await vi.waitFor(async () => expect(await subscriptionCount(shop)).toBe(0));
		await buy(shop);
		expect((await countDeliveries(sandbox.ctx, shop.store.id)).failed).toBe(1);
		expect(receiver.mail).toHaveLength(9);
	});

	test("keeps its subscription when it comes back in time", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 50 }), settings: quickRetries });
		await subscribe(shop, ["ORDERS_CREATE"]);
		receiver.answer(302);
		await Promise.all(Array.from({ length: 12 }, () => buy(shop)));
		await receiver.wait(20);
		receiver.answer(200);
		await vi.waitFor(async () => expect((await countDeliveries(sandbox.ctx, shop.store.id)).sent).toBe(12));
		expect(await subscriptionCount(shop)).toBe(1);
		const [webhook] = await sandbox.database.ownerClient`
			select failures from sandbox.webhooks where store_id = ${shop.store.id}`;
		expect(webhook?.failures).toBe(0);
	});
});

describe("knobs", () => {
	test("lost news never comes", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 5 }), knobs: { webhookLossRate: 1 } });
		await subscribe(shop, ["ORDERS_CREATE"]);
		await buy(shop);
		await setKnobs(sandbox.ctx, shop.store.id, { webhookLossRate: 0 });
		await buy(shop);
		await receiver.wait(1);
		expect(await countDeliveries(sandbox.ctx, shop.store.id)).toMatchObject({ lost: 1 });
		expect(receiver.mail).toHaveLength(1);
	});

	test("a duplicate is the same delivery again", async () => {
		const shop = await openTestShop(sandbox, {
			products: products({ A: 5 }),
			knobs: { webhookDuplicateRate: 1 },
		});
		await subscribe(shop, ["ORDERS_CREATE"]);
		await buy(shop);
		const [first, second] = await receiver.wait(2);
		expect(second?.headers["x-shopify-webhook-id"]).toBe(first?.headers["x-shopify-webhook-id"]);
		expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
	});

	test("a forgery comes before the good one, and its signature does not fit", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 5 }), knobs: { webhookForgeryRate: 1 } });
		await subscribe(shop, ["ORDERS_CREATE"]);
		await buy(shop);
		const mail = await receiver.wait(2);
		const isGood = mail.map(
			({ headers, body }) =>
				headers["x-shopify-hmac-sha256"] === createHmac("sha256", shop.clientSecret).update(body).digest("base64"),
		);
		expect(isGood).toEqual([false, true]);
	});
});

describe("subscriptions", () => {
	test.each([
		["http://example.com/hook", "Address protocol http:// is not supported"],
		["ftp://example.com/hook", "Address protocol ftp:// is not supported"],
		["  ", "Address can't be blank"],
		["https://", "Address is invalid"],
		["https://shop.myshopify.com/hook", "Address cannot be a Shopify or an internal domain"],
		["https://localhost/hook", "Address cannot be a Shopify or an internal domain"],
	])("as on the platform, «%s» is refused: %s", async (uri, message) => {
		const shop = await openTestShop(sandbox, { products: [], settings: { allowHttpCallbacks: false } });
		expect(await create(shop, uri)).toEqual([{ field: ["webhookSubscription", "callbackUrl"], message }]);
	});

	test.each(["http://169.254.169.254/latest", "http://10.0.0.5/hook", "https://[fd00::1]/hook"])(
		"also a store that allows loopback sends nothing to %s",
		async (uri) => {
			const shop = await openTestShop(sandbox, { products: [] });
			expect(await create(shop, uri)).toEqual([
				{
					field: ["webhookSubscription", "callbackUrl"],
					message: "Address cannot be a Shopify or an internal domain",
				},
			]);
		},
	);

	test("the same topic and address twice is refused", async () => {
		const shop = await openTestShop(sandbox, { products: [] });
		expect(await create(shop, receiver.url)).toEqual([]);
		expect(await create(shop, receiver.url)).toEqual([
			{ field: ["webhookSubscription", "callbackUrl"], message: "Address for this topic has already been taken" },
		]);
	});

	test("one that does not exist can't be deleted", async () => {
		const shop = await openTestShop(sandbox, { products: [] });
		const { data } = await shop.graphql(
			`mutation { webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { deletedWebhookSubscriptionId userErrors { field message } } }`,
		);
		expect(data.webhookSubscriptionDelete).toEqual({
			deletedWebhookSubscriptionId: null,
			userErrors: [{ field: ["id"], message: "Webhook subscription does not exist" }],
		});
	});

	test("includeFields leaves out the rest of the body", async () => {
		const shop = await openTestShop(sandbox, { products: products({ A: 5 }) });
		await shop.graphql(
			`mutation($sub: WebhookSubscriptionInput!) {
				webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: $sub) { userErrors { message } } }`,
			{ sub: { uri: receiver.url, includeFields: ["name"] } },
		);
		await buy(shop);
		const [mail] = await receiver.wait(1);
		expect(Object.keys(JSON.parse(mail?.body.toString() ?? ""))).toEqual(["name"]);
	});
});

test("a delivery left by a process that was killed goes again when its lease is over", async () => {
	const shop = await openTestShop(sandbox, { products: products({ A: 5 }), knobs: { webhookDelayMs: 600_000 } });
	await subscribe(shop, ["ORDERS_CREATE"]);
	await buy(shop);
	await sandbox.ctx.db.execute(sql`
		update sandbox.deliveries set attempts = 1, due_at = now() - interval '1 second' where store_id = ${shop.store.id}`);
	await receiver.wait(1);
	await vi.waitFor(async () => expect(await countDeliveries(sandbox.ctx, shop.store.id)).toEqual({ sent: 1 }));
});
