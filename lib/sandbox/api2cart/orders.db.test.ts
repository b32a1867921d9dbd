/** Orders in both shapes, and the news of what moved. */
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { type Receiver, startReceiver } from "../receiver";
import { countDeliveries, setKnobs, setQuantity, setStoreSettings } from "../stores";
import { sandboxForTests } from "../testing";
import { handsOn } from "../testing/hands";
import { product, sized } from "../testing/seeds";
import { type BackingKind, openTestAccount, type TestAccount } from "./testing";

const sandbox = sandboxForTests();

const products = [product("A", 20), sized("Tee", { S: 5, M: 5 })];

const open = (settings = {}, behind: BackingKind = "woocommerce") =>
	openTestAccount(sandbox, { behind, products, settings });

const buy = ({ store }: TestAccount, sku: string, quantity = 1) => handsOn(sandbox, store.id).buy(sku, quantity);
const shows = ({ store }: TestAccount, sku: string) => handsOn(sandbox, store.id).shows(sku);
const fields = "{return_code,return_message,result{*}}";

describe("an order", () => {
	test("is as documented, and in the other shape wrapped in lists without an id of its own", async () => {
		const shop = await open();
		const orderId = await buy(shop, "TEE-S", 2);
		const query = { order_id: orderId, response_fields: fields };
		const { result } = await shop.call("order.info", { query });
		expect(result).toMatchObject({
			id: orderId,
			order_id: orderId,
			status: { id: "processing", name: "Processing", history: [] },
			create_at: { value: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/), format: "Y-m-d\\TH:i:sO" },
			order_products: [{ model: "TEE-S", quantity: 2, variant_id: expect.any(String), parent_order_product_id: null }],
		});
		await setStoreSettings(sandbox.ctx, shop.store.id, { wrapsObjects: true });
		const wrapped = (await shop.call("order.info", { query })).result;
		expect(wrapped).toMatchObject({
			id: "",
			order_id: orderId,
			create_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
			status: [{ id: "processing" }],
			order_products: [{ product: [{ model: "TEE-S", guaranteedDelivery: "False" }] }],
		});
		// Only one order is told in that shape; lists are as documented.
		expect((await shop.call("order.list", { query: { params: "status" } })).result.order[0].status.id).toBe(
			"processing",
		);
	});

	test("shows its lines only when they are asked for", async () => {
		const shop = await open();
		await buy(shop, "A");
		const [order] = (await shop.call("order.list", { query: { params: "order_id,status" } })).result.order;
		expect(Object.keys(order).sort()).toEqual(["order_id", "status"]);
		expect((await shop.call("order.list")).result.order[0].order_products).toHaveLength(1);
	});

	test("is found by when it changed, both ends counted in", async () => {
		const shop = await open();
		sandbox.putForward(60_000);
		const orderId = await buy(shop, "A");
		const { result } = await shop.call("order.info", { query: { order_id: orderId, params: "modified_at" } });
		const at = result.modified_at.value as string;
		const count = async (query: Record<string, string>) =>
			(await shop.call("order.list", { query })).result.orders_count;
		expect(await count({ modified_from: at })).toBe(1);
		expect(await count({ modified_to: "2020-01-01 00:00:00" })).toBe(0);
		expect(await shop.call("order.list", { query: { created_from: "soon" } })).toMatchObject({
			return_code: 109,
			return_message:
				"Parameter 'created_from' is not valid. The required type of parameter is a date string in 'Y-m-d\\TH:i:sO' ISO_8601 format.",
		});
	});

	test("of a marketplace that forgets can't be asked for too widely or too far back", async () => {
		const shop = await open({ cartId: "EBay", mostDays: 30, rememberedDays: 90 });
		const ask = (query: Record<string, string>) => shop.call("order.list", { query });
		const ago = (days: number) =>
			`${new Date(sandbox.now().getTime() - days * 86_400_000).toISOString().slice(0, 19)}+0000`;
		expect(await ask({ modified_from: ago(40) })).toMatchObject({
			return_code: 109,
			return_message: expect.stringContaining("eBay limits the filter by date"),
		});
		expect(await ask({ created_from: ago(100) })).toMatchObject({
			return_code: 107,
			return_message: expect.stringContaining("Orders older than 90 days cannot be retrieved."),
		});
		expect(await ask({ modified_from: ago(29) })).toMatchObject({ return_code: 0 });
	});

	test.each<BackingKind>(["woocommerce", "shopify"])(
		"of %s is cancelled and refunded in the store behind",
		async (behind) => {
			const shop = await open({}, behind);
			const [first, second] = [await buy(shop, "A", 3), await buy(shop, "A", 2)];
			const cancel = (status: string) =>
				shop.call("order.update", { verb: "PUT", query: { order_id: first, order_status: status } });
			expect(await cancel("no such status")).toMatchObject({ return_code: 109 });
			expect(await cancel("cancelled")).toMatchObject({ return_code: 0, result: { updated_items: 1 } });
			expect(await cancel("cancelled")).toMatchObject({ return_code: 0, result: { updated_items: 0 } });
			expect(await shows(shop, "A")).toBe(18);
			const { result } = await shop.call("order.info", { query: { order_id: second, response_fields: fields } });
			const refund = await shop.call("order.refund.add", {
				verb: "POST",
				body: {
					order_id: second,
					items: [{ order_product_id: result.order_products[0].order_product_id, quantity: 1 }],
					item_restock: true,
				},
			});
			expect(refund.result.refund_id).toMatch(/^\d+$/);
			expect(await shows(shop, "A")).toBe(19);
			const after = (await shop.call("order.info", { query: { order_id: second, response_fields: fields } })).result;
			expect(after.refunds).toMatchObject([{ id: refund.result.refund_id, items: [{ qty: 1 }] }]);
		},
	);

	test("statuses are the store's own", async () => {
		const shop = await open();
		const { result } = await shop.call("order.status.list");
		expect(result.cart_order_statuses).toContainEqual({ id: "on-hold", name: "On hold" });
	});
});

describe("news", () => {
	async function listening(shop: TestAccount, events: string[], run: (receiver: Receiver) => Promise<void>) {
		const receiver = await startReceiver();
		try {
			for (const event of events) {
				const [entity, action] = event.split(".");
				const made = await shop.call("webhook.create", {
					verb: "POST",
					body: { entity, action, callback: receiver.url },
				});
				expect(made).toMatchObject({ return_code: 0, result: { id: expect.any(Number) } });
			}
			await run(receiver);
		} finally {
			await receiver.stop();
		}
	}
	const about = ({ headers }: Receiver["mail"][number]) =>
		`${headers["x-webhook-entity"]}.${headers["x-webhook-action"]}`;

	test.each<BackingKind>(["woocommerce", "shopify"])(
		"of a sale in %s tells of the order and of what it took",
		async (behind) => {
			const shop = await open({}, behind);
			await listening(shop, ["order.add", "order.update", "variant.update"], async (receiver) => {
				const orderId = await buy(shop, "TEE-M", 2);
				const mail = await receiver.wait(2);
				expect(mail.map(about).sort()).toEqual(["order.add", "variant.update"]);
				const bodyOf = (event: string) => JSON.parse(mail.find((one) => about(one) === event)?.body.toString() ?? "{}");
				expect(bodyOf("order.add")).toMatchObject({ order_id: orderId, customer: { last_name: "Buddenbrook" } });
				expect(bodyOf("variant.update")).toMatchObject({ sku: "TEE-M", inventory_level: 3 });
				expect(mail[0]?.headers).toMatchObject({ "x-webhook-store-id": "1", "x-webhook-error-code": "0" });
			});
		},
	);

	test("also of what somebody did in the store itself, once API2Cart looks", async () => {
		const shop = await open();
		await listening(shop, ["product.update"], async (receiver) => {
			await setQuantity(sandbox.ctx, shop.backing.id, "A", 3);
			expect(receiver.mail).toHaveLength(0);
			await shop.call("product.count");
			const [mail] = await receiver.wait(1);
			expect(JSON.parse(mail?.body.toString() ?? "{}")).toMatchObject({ u_sku: "A", quantity: 3 });
		});
	});

	test("carries only the fields that were asked for", async () => {
		const shop = await open();
		const receiver = await startReceiver();
		const body = { entity: "order", action: "add", callback: receiver.url, fields: "order_id,status" };
		await shop.call("webhook.create", { verb: "POST", body });
		await buy(shop, "A");
		const [mail] = await receiver.wait(1);
		expect(Object.keys(JSON.parse(mail?.body.toString() ?? "{}")).sort()).toEqual(["order_id", "status"]);
		await receiver.stop();
	});

	test("waits for up to five minutes, and a knob sends it twice", async () => {
		const shop = await open({ newsDelayMs: { least: 60_000, most: 300_000 } });
		await setKnobs(sandbox.ctx, shop.store.id, { webhookDuplicateRate: 1 });
		await listening(shop, ["order.add"], async () => {
			const before = sandbox.now().getTime();
			await buy(shop, "A");
			expect(await countDeliveries(sandbox.ctx, shop.store.id)).toEqual({ waiting: 2 });
			const rows = await sandbox.ctx.db.execute<{ due_at: string }>(
				sql`select due_at from sandbox.deliveries where store_id = ${shop.store.id}`,
			);
			for (const { due_at } of rows) {
				expect(Date.parse(due_at) - before).toBeGreaterThanOrEqual(59_000);
				expect(Date.parse(due_at) - before).toBeLessThanOrEqual(310_000);
			}
		});
	});

	test("that nobody took is kept for a day, and not sent again", async () => {
		const shop = await open();
		await listening(shop, ["order.add"], async (receiver) => {
			receiver.answer(500);
			const orderId = await buy(shop, "A");
			await receiver.wait(1);
			const failed = async () => (await shop.call("account.failed_webhooks", { storeKey: null })).result;
			await expect.poll(failed).toMatchObject({ all_failed_webhook: "1", webhook: [{ entity_id: orderId }] });
			sandbox.putForward(24 * 60 * 60_000 + 1_000);
			expect(await failed()).toEqual({ all_failed_webhook: "0", webhook: [] });
			expect(receiver.mail).toHaveLength(1);
		});
	});

	test("webhooks say whether they are active only when they are asked", async () => {
		const shop = await open();
		await listening(shop, ["order.add", "product.update"], async () => {
			const list = async (query = {}) => (await shop.call("webhook.list", { query })).result.webhook;
			expect(Object.keys((await list())[0]).sort()).toEqual(["action", "callback", "entity", "id"]);
			expect((await list({ params: "id,active" }))[0]).toEqual({ id: expect.any(Number), active: true });
			expect((await shop.call("webhook.count", { query: { entity: "order" } })).result).toEqual({ webhook_count: 1 });
		});
	});

	test("there is none for what the store has no event for", async () => {
		const shop = await open({ events: ["product"] });
		const body = { entity: "order", action: "add", callback: "https://example.com/hook" };
		expect(await shop.call("webhook.create", { verb: "POST", body })).toMatchObject({ return_code: 109 });
		const { result } = await shop.call("webhook.events");
		expect(new Set(result.events.map(({ entity }: { entity: string }) => entity))).toEqual(new Set(["product"]));
	});
});
