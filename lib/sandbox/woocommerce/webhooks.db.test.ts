import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recorded } from "@/lib/channels/woocommerce/testing/recorded";
import { checkout, countDeliveries } from "../stores";
import { sandboxForTests } from "../testing";
import { runCron } from "./news";
import type { WooSettings } from "./settings";
import { openTestShop, type Received, startReceiver, type TestShop } from "./testing";
import { seedProbe } from "./testing-probe";

const sandbox = sandboxForTests();
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeEach(async () => {
	receiver = await startReceiver();
});
afterEach(() => receiver.close());

const topics = [
	"order.created",
	"order.updated",
	"order.deleted",
	"product.created",
	"product.updated",
	"product.deleted",
];
const secret = "abcdefghij0123456789";

/** A shop whose every topic is told to the receiver, under the topic as path. `cronEveryMs` long: news waits for `flush`. */
async function telling(settings: Partial<WooSettings> = {}, listened: readonly string[] = topics) {
	const shop = await openTestShop(sandbox, { settings: { cronEveryMs: 3_600_000, ...settings } });
	await seedProbe(sandbox.ctx, shop.store.id);
	// The first request starts a run, the next is an hour away.
	await shop.call("GET", "/products?per_page=1");
	for (const topic of listened)
		await shop.call("POST", "/webhooks", { name: topic, topic, delivery_url: `${receiver.url}/${topic}`, secret });
	return { ...shop, flush: () => flush(shop) };
}

/** Lets the queue go and returns what came, once nothing waits any more. */
async function flush(shop: TestShop): Promise<Received[]> {
	const before = receiver.received.length;
	await runCron(sandbox.ctx, shop.store.id);
	const deadline = Date.now() + 10_000;
	while (((await countDeliveries(sandbox.ctx, shop.store.id)).waiting ?? 0) > 0) {
		if (Date.now() > deadline) throw new Error("deliveries did not leave");
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return receiver.received.slice(before);
}

const said = (mail: Received[]) =>
	mail.map(({ headers, body }) => `${headers["x-wc-webhook-topic"]} ${JSON.parse(body).id}`).sort();

describe("the ping", () => {
	test("comes within the request that makes the webhook, unsigned, as recorded", async () => {
		const shop = await telling({}, []);
		const made = await shop.call("POST", "/webhooks", {
			name: "x",
			topic: "product.updated",
			delivery_url: `${receiver.url}/product.updated`,
			secret,
		});
		const { request } = recorded("webhook_ping");
		expect(receiver.received).toMatchObject([
			{
				path: request.path,
				body: `webhook_id=${made.body.id}`,
				headers: { "content-type": "application/x-www-form-urlencoded" },
			},
		]);
		const [ping] = receiver.received;
		expect(ping?.headers["user-agent"]).toBe(request.headers?.["User-Agent"]);
		expect(Object.keys(ping?.headers ?? {}).filter((name) => name.startsWith("x-wc-"))).toEqual([]);
		expect(JSON.stringify(made.body)).not.toContain(secret);
	});

	test("one that failed is tried again when the webhook is saved", async () => {
		const shop = await telling({}, []);
		receiver.receiver.status = 500;
		const made = await shop.call("POST", "/webhooks", {
			topic: "order.updated",
			delivery_url: `${receiver.url}/x`,
			secret,
		});
		expect([made.status, made.body.status]).toEqual([201, "active"]);
		receiver.receiver.status = 200;
		await shop.call("PUT", `/webhooks/${made.body.id}`, { name: "again" });
		await shop.call("PUT", `/webhooks/${made.body.id}`, { name: "and again" });
		expect(receiver.received).toHaveLength(2);
	});

	test("a shop that keeps to WordPress's rules calls no private address, and is none the wiser", async () => {
		const shop = await telling({ mayCallPrivate: false }, []);
		const made = await shop.call("POST", "/webhooks", {
			topic: "order.updated",
			delivery_url: `${receiver.url}/x`,
			secret,
		});
		expect([made.status, made.body.status]).toEqual([201, "active"]);
		for (let sale = 0; sale < 7; sale++) {
			await shop.call("POST", "/orders", { line_items: [], status: "pending" });
			await shop.flush();
		}
		expect(receiver.received).toEqual([]);
		expect((await shop.call("GET", `/webhooks/${made.body.id}`)).body.status).toBe("disabled");
	});
});

describe("a delivery", () => {
	test("is signed over its bytes, with the headers and the body that a real shop sent", async () => {
		const shop = await telling();
		await shop.call("POST", "/orders", {
			line_items: [{ product_id: 10, quantity: 1 }],
			billing: {
				first_name: "A",
				last_name: "B",
				email: "a@example.com",
				country: "DE",
				address_1: "x",
				city: "Berlin",
				postcode: "10115",
			},
			set_paid: true,
		});
		const mail = await shop.flush();
		for (const name of ["webhook_order_created", "webhook_order_updated"]) {
			const { request } = recorded(name);
			const one = mail.find(({ path }) => path === request.path);
			if (!one) throw new Error(`${name} did not come`);
			const wanted = Object.keys(request.headers ?? {}).map((header) => header.toLowerCase());
			for (const header of wanted) expect(one.headers[header]).toBeTruthy();
			expect(one.headers["x-wc-webhook-source"]).toBe(`${shop.baseUrl}/`);
			expect(one.headers["x-wc-webhook-signature"]).toBe(
				createHmac("sha256", secret).update(one.body).digest("base64"),
			);
			expect(one.headers["content-type"]).toBe("application/json");
			// PHP escapes slashes and everything beyond ASCII.
			expect(one.body).toContain('"currency_symbol":"\\u20ac"');
			expect(one.body).toContain(shop.baseUrl.replaceAll("/", "\\/"));
			const shape = (text: string) => Object.entries(JSON.parse(text)).map(([key, value]) => [key, typeof value]);
			expect(shape(one.body)).toEqual(shape(String(request.body)));
		}
	});

	test("is built when it leaves: two changes are one delivery with the later number", async () => {
		const shop = await telling();
		await shop.call("PUT", "/products/10", { stock_quantity: 43 });
		await shop.call("PUT", "/products/10", { stock_quantity: 44 });
		const mail = await shop.flush();
		expect(said(mail)).toEqual(["product.updated 10"]);
		expect(JSON.parse(mail[0]?.body ?? "").stock_quantity).toBe(44);
	});

	test("a change after it left is told anew", async () => {
		const shop = await telling();
		await shop.call("PUT", "/products/10", { stock_quantity: 43 });
		await shop.flush();
		await shop.call("PUT", "/products/10", { stock_quantity: 43 });
		expect(await shop.flush()).toHaveLength(1);
	});

	test("those of one webhook and one second share their Delivery-ID", async () => {
		const shop = await telling();
		await shop.call("POST", "/products/batch", { update: [10, 11, 13].map((id) => ({ id, stock_quantity: 1 })) });
		// The shop's clock stands still while they leave.
		const clock = sandbox.ctx.now;
		const stopped = clock();
		sandbox.ctx.now = () => stopped;
		const mail = await shop.flush();
		sandbox.ctx.now = clock;
		expect(said(mail)).toEqual(["product.updated 10", "product.updated 11", "product.updated 13"]);
		const ids = new Set(
			mail.map(({ headers }) => `${headers["x-wc-webhook-id"]} ${headers["x-wc-webhook-delivery-id"]}`),
		);
		expect(ids.size).toBeLessThan(3);
		for (const id of ids) expect(id).toMatch(/^\d+ [0-9a-f]{32}$/);
	});
});

describe("what tells what", () => {
	type Act = (shop: TestShop) => Promise<unknown>;
	const buy =
		(product_id: number, variation_id = 0, more: object = { set_paid: true }): Act =>
		(shop) =>
			shop.call("POST", "/orders", { line_items: [{ product_id, variation_id, quantity: 1 }], ...more });

	test.each<[string, Act, (id: number) => string[]]>([
		[
			"a sale of a simple product",
			buy(10),
			(id) => [`order.created ${id}`, `order.updated ${id}`, "product.updated 10"],
		],
		[
			"of a variation with its own stock",
			buy(15, 16),
			(id) => [`order.created ${id}`, `order.updated ${id}`, "product.updated 16"],
		],
		[
			"of one that shares its product's",
			buy(15, 17),
			(id) => [`order.created ${id}`, `order.updated ${id}`, "product.updated 15"],
		],
		["of what is not counted", buy(12), (id) => [`order.created ${id}`, `order.updated ${id}`]],
		["a pending order", buy(10, 0, { status: "pending" }), (id) => [`order.created ${id}`, `order.updated ${id}`]],
	])("%s", async (_, act, expected) => {
		const shop = await telling();
		const reply = (await act(shop)) as { body: { id: number } };
		expect(said(await shop.flush())).toEqual(expected(reply.body.id));
	});

	test("an order's further life", async () => {
		const shop = await telling();
		const { body: order } = (await buy(10, 0, { status: "pending" })(shop)) as {
			body: { id: number; line_items: { id: number }[] };
		};
		await shop.flush();
		const step = async (act: () => Promise<unknown>) => {
			await act();
			return said(await shop.flush());
		};
		const put = (body: object) => () => shop.call("PUT", `/orders/${order.id}`, body);
		const updated = `order.updated ${order.id}`;
		expect(await step(put({ status: "processing" }))).toEqual([updated, "product.updated 10"]);
		expect(await step(put({ status: "completed" }))).toEqual([updated]);
		expect(await step(put({}))).toEqual([updated]);
		expect(await step(() => shop.call("POST", `/orders/${order.id}/notes`, { note: "x" }))).toEqual([]);
		const line = { id: order.line_items[0]?.id, quantity: 1, refund_total: 10 };
		const refund = () => shop.call("POST", `/orders/${order.id}/refunds`, { amount: "5.00", line_items: [line] });
		expect(await step(refund)).toEqual([updated, "product.updated 10"]);
		expect(await step(() => shop.call("DELETE", `/orders/${order.id}`))).toEqual([`order.deleted ${order.id}`]);
		expect(await step(put({ status: "processing" }))).toEqual([]);
		expect(await step(() => shop.call("DELETE", `/orders/${order.id}?force=true`))).toEqual([]);
	});

	test("a product's life", async () => {
		const shop = await telling();
		const { body: product } = await shop.call("POST", "/products", { name: "New", sku: "NEW" });
		expect(said(await shop.flush())).toEqual([`product.created ${product.id}`]);
		await shop.call("PUT", "/products/15/variations/16", { stock_quantity: 1 });
		const [variation] = await shop.flush();
		expect(JSON.parse(variation?.body ?? "")).toMatchObject({
			id: 16,
			type: "variation",
			parent_id: 15,
			stock_quantity: 1,
		});
		await shop.call("DELETE", `/products/${product.id}`);
		expect(said(await shop.flush())).toEqual([`product.deleted ${product.id}`]);
		await shop.call("DELETE", `/products/${product.id}?force=true`);
		await shop.call("DELETE", "/products/15/variations/17?force=true");
		expect(await shop.flush()).toEqual([]);
	});

	test("without order tables a trashed order looks like a deleted product", async () => {
		const shop = await telling({ hasOrderTables: false });
		const { body: order } = (await buy(10)(shop)) as { body: { id: number } };
		await shop.flush();
		await shop.call("DELETE", `/orders/${order.id}`);
		expect(said(await shop.flush())).toEqual([`order.deleted ${order.id}`, `product.deleted ${order.id}`]);
	});
});

describe("failures", () => {
	test("are never tried again; the seventh in a row switches off, and what comes then is lost", async () => {
		const shop = await telling({}, ["product.updated"]);
		const [{ id }] = (await shop.call("GET", "/webhooks")).body as [{ id: number }];
		const status = async () => (await shop.call("GET", `/webhooks/${id}`)).body.status;
		const change = async () => {
			await shop.call("PUT", "/products/10", {});
			return (await shop.flush()).length;
		};
		receiver.receiver.status = 500;
		for (let failure = 1; failure <= 6; failure++) {
			expect(await change()).toBe(1);
			expect(await status()).toBe("active");
		}
		expect(await change()).toBe(1);
		expect(await status()).toBe("disabled");
		receiver.receiver.status = 200;
		expect(await change()).toBe(0);

		// Switched on again it has its failures still: one more and it is off.
		await shop.call("PUT", `/webhooks/${id}`, { status: "active" });
		receiver.receiver.status = 404;
		expect(await change()).toBe(1);
		expect(await status()).toBe("disabled");

		// Until something arrives.
		await shop.call("PUT", `/webhooks/${id}`, { status: "active" });
		receiver.receiver.status = 302;
		expect(await change()).toBe(1);
		receiver.receiver.status = 500;
		expect(await change()).toBe(1);
		expect(await status()).toBe("active");
	});
});

describe("WP-Cron", () => {
	test("a change after a minute of quiet is told at once: its own request starts the run", async () => {
		const shop = await telling({ cronEveryMs: 60_000 });
		sandbox.putForward(61_000);
		await shop.call("PUT", "/products/10", { stock_quantity: 1 });
		expect(said(await receiver.mail(1))).toEqual(["product.updated 10"]);
	});

	test("a change just after a run waits for the next request of any kind, once the minute is over", async () => {
		const shop = await telling({ cronEveryMs: 60_000 });
		await shop.call("PUT", "/products/10", { stock_quantity: 1 });
		sandbox.putForward(59_000);
		await shop.fetch("/");
		expect(await countDeliveries(sandbox.ctx, shop.store.id)).toEqual({ waiting: 1 });
		sandbox.putForward(2_000);
		expect(await countDeliveries(sandbox.ctx, shop.store.id)).toEqual({ waiting: 1 });
		await shop.fetch("/");
		expect(said(await receiver.mail(1))).toEqual(["product.updated 10"]);
	});

	test("a buyer is a request as well", async () => {
		const shop = await telling({ cronEveryMs: 60_000 });
		sandbox.putForward(61_000);
		await checkout(sandbox.ctx, shop.store.id, [{ sku: "SKU-A", quantity: 1 }]);
		expect(await receiver.mail(3)).toHaveLength(3);
	});

	test("switched off, nothing leaves", async () => {
		const shop = await telling({ cronEveryMs: 60_000, hasWpCron: false });
		await shop.call("PUT", "/products/10", { stock_quantity: 1 });
		sandbox.putForward(600_000);
		await shop.fetch("/");
		expect(await countDeliveries(sandbox.ctx, shop.store.id)).toEqual({ waiting: 1 });
		expect((await shop.call("GET", "/system_status")).body.environment.wp_cron).toBe(false);
	});

	test("a shop that is told to be quick sends with every change", async () => {
		const shop = await telling({ cronEveryMs: 0 });
		await shop.call("PUT", "/products/10", { stock_quantity: 1 });
		expect(said(await receiver.mail(1))).toEqual(["product.updated 10"]);
	});
});

test("topics and addresses are checked", async () => {
	const shop = await telling({}, []);
	const make = (body: object) =>
		shop.call("POST", "/webhooks", { topic: "order.updated", delivery_url: receiver.url, ...body });
	expect((await make({ topic: "stock.updated" })).body.code).toBe("woocommerce_rest_shop_webhook_invalid_topic");
	expect((await make({ delivery_url: "ftp://x" })).body.code).toBe(
		"woocommerce_rest_shop_webhook_invalid_delivery_url",
	);
	const made = await make({});
	expect((await shop.call("DELETE", `/webhooks/${made.body.id}`)).status).toBe(501);
	expect((await shop.call("DELETE", `/webhooks/${made.body.id}?force=true`)).status).toBe(200);
	expect((await shop.call("GET", `/webhooks/${made.body.id}`)).status).toBe(404);
});
