import { describe, expect, test } from "vitest";
import { cancelOrder, checkout, editOrder, refundOrder } from "../stores";
import { sandboxForTests } from "../testing";
import type { WooSettings } from "./settings";
import { openTestShop, type TestShop } from "./testing";
import { quantityOf, seedProbe } from "./testing-probe";

const sandbox = sandboxForTests();

async function probe(settings: Partial<WooSettings> = {}, differs: Parameters<typeof seedProbe>[2] = []) {
	const shop = await openTestShop(sandbox, { settings });
	await seedProbe(sandbox.ctx, shop.store.id, differs);
	return {
		...shop,
		stock: (id: number) => quantityOf(sandbox.ctx, shop.store.id, id),
		order: async (quantity: number, more: object = { set_paid: true }, productId = 10) =>
			(await shop.call("POST", "/orders", { line_items: [{ product_id: productId, quantity }], ...more })).body,
		put: async (id: number, body: object) => (await shop.call("PUT", `/orders/${id}`, body)).body,
	};
}

const markOf = (order: { line_items: { meta_data: { key: string; value: string }[] }[] }, key = "_reduced_stock") =>
	order.line_items[0]?.meta_data.find((meta) => meta.key === key)?.value ?? null;

describe("the life of an order", () => {
	test("takes once, on first entering a status that sells", async () => {
		const shop = await probe();
		const order = await shop.order(2, { status: "pending" });
		expect(await shop.stock(10)).toBe(20);
		expect(markOf(order)).toBeNull();
		expect(markOf(await shop.put(order.id, { status: "on-hold" }))).toBe("2");
		await shop.put(order.id, { status: "processing" });
		await shop.put(order.id, { status: "completed" });
		expect(await shop.stock(10)).toBe(18);
	});

	test.each([
		["cancelled", 20, null],
		["pending", 20, null],
		["refunded", 18, "2"],
		["failed", 18, "2"],
	])("entering %s leaves %d", async (status, left, mark) => {
		const shop = await probe();
		const order = await shop.order(2);
		const after = await shop.put(order.id, { status });
		expect(await shop.stock(10)).toBe(left);
		expect(markOf(after)).toBe(mark);
		// Sold again: what was given back is taken again, what was kept is not.
		await shop.put(order.id, { status: "processing" });
		expect(await shop.stock(10)).toBe(18);
	});

	test("the trash and beyond give nothing back", async () => {
		const shop = await probe();
		const order = await shop.order(2);
		expect((await shop.call("DELETE", `/orders/${order.id}`)).body.status).toBe("processing");
		expect((await shop.call("GET", `/orders/${order.id}`)).body.status).toBe("trash");
		expect((await shop.call("GET", "/orders")).body).toEqual([]);
		expect((await shop.put(order.id, { status: "processing" })).status).toBe("processing");
		await shop.call("DELETE", `/orders/${order.id}?force=true`);
		expect((await shop.call("GET", `/orders/${order.id}`)).body.code).toBe("woocommerce_rest_shop_order_invalid_id");
		expect(await shop.stock(10)).toBe(18);
	});

	test("lines of a sold order move the stock as they are edited", async () => {
		const shop = await probe({}, [{ id: 10, quantity: 98 }]);
		const order = await shop.order(2);
		const lineId = order.line_items[0].id;
		expect(markOf(await shop.put(order.id, { line_items: [{ id: lineId, quantity: 4 }] }))).toBe("4");
		expect(await shop.stock(10)).toBe(94);
		const added = await shop.put(order.id, { line_items: [{ product_id: 11, quantity: 1 }] });
		expect(added.line_items).toHaveLength(2);
		expect(await shop.stock(11)).toBe(49);
		const emptied = await shop.put(order.id, { line_items: [{ id: lineId, quantity: 0 }] });
		expect(emptied.line_items).toHaveLength(1);
		expect(await shop.stock(10)).toBe(98);
	});

	test("a refund gives back the lines that it names, unless told otherwise", async () => {
		const shop = await probe();
		const order = await shop.order(4);
		const refund = (body: object) => shop.call("POST", `/orders/${order.id}/refunds`, { api_refund: false, ...body });
		const line = { id: order.line_items[0].id, quantity: 1, refund_total: 10 };
		await refund({ amount: "10.00", line_items: [line] });
		expect(await shop.stock(10)).toBe(17);
		await refund({ amount: "10.00", line_items: [line], api_restock: false });
		await refund({ amount: "5.00" });
		expect(await shop.stock(10)).toBe(17);
		expect((await shop.call("GET", `/orders/${order.id}`)).body.status).toBe("processing");
		await refund({ amount: "15.00", line_items: [{ ...line, quantity: 1, refund_total: 15 }] });
		const whole = (await shop.call("GET", `/orders/${order.id}`)).body;
		expect(whole.status).toBe("refunded");
		expect([markOf(whole), markOf(whole, "_restock_refunded_items")]).toEqual(["2", "2"]);
		expect((await shop.call("GET", `/orders/${order.id}/refunds`)).body).toHaveLength(4);
	});

	test("whose stock is sold: a variation's own, its product's, or nobody's", async () => {
		const shop = await probe();
		const sell = (product_id: number, variation_id: number) =>
			shop.call("POST", "/orders", { line_items: [{ product_id, variation_id, quantity: 1 }], set_paid: true });
		await sell(15, 16);
		expect([await shop.stock(16), await shop.stock(15)]).toEqual([28, 30]);
		const pooled = await sell(15, 17);
		expect([await shop.stock(17), await shop.stock(15)]).toEqual([null, 29]);
		expect(markOf(pooled.body)).not.toBeNull();
		const uncounted = await shop.order(1, { set_paid: true }, 12);
		expect(markOf(uncounted)).toBeNull();
	});

	test("a sale by SKU is one by id", async () => {
		const shop = await probe();
		await shop.call("POST", "/orders", { line_items: [{ sku: "SKU-V-S", quantity: 3 }], set_paid: true });
		expect(await shop.stock(16)).toBe(26);
	});
});

describe("stamps and lists of orders", () => {
	const since = (at: string) => `/orders?modified_after=${at}&dates_are_gmt=true`;

	test("status, refunds, edits and even an empty change move the stamp; a note does not", async () => {
		const shop = await probe();
		const order = await shop.order(1);
		const stampOf = async () => (await shop.call("GET", `/orders/${order.id}`)).body.date_modified_gmt as string;
		const stamp = await stampOf();
		sandbox.putForward(2_000);
		await shop.call("POST", `/orders/${order.id}/notes`, { note: "Called the buyer." });
		expect(await stampOf()).toBe(stamp);
		expect((await shop.call("GET", since(stamp))).body).toEqual([]);
		await shop.put(order.id, {});
		expect(await stampOf()).not.toBe(stamp);
		expect((await shop.call("GET", since(stamp))).body).toHaveLength(1);
	});

	test("without order tables an empty change moves nothing", async () => {
		const shop = await probe({ hasOrderTables: false });
		const order = await shop.order(1);
		sandbox.putForward(2_000);
		expect((await shop.put(order.id, {})).date_modified_gmt).toBe(order.date_modified_gmt);
	});

	test("an unfinished checkout is listed, and holds nothing", async () => {
		const shop = await probe();
		const cart = await shop.fetch("/wp-json/wc/store/v1/cart/add-item", json({ id: 14, quantity: 1 }));
		await shop.fetch("/wp-json/wc/store/v1/checkout", {
			headers: { "cart-token": cart.headers.get("cart-token") ?? "" },
		});
		const listed = await shop.call("GET", "/orders");
		expect(listed.body.map(({ status }: { status: string }) => status)).toEqual(["checkout-draft"]);
		expect((await shop.call("GET", "/orders?status=processing,on-hold")).body).toEqual([]);
		expect((await shop.call("GET", "/orders?status[]=processing&status[]=checkout-draft")).body).toHaveLength(1);
		expect((await shop.call("GET", "/orders?status=lost")).body.code).toBe("rest_invalid_param");
		expect(await checkout(sandbox.ctx, shop.store.id, [{ sku: "SKU-L", quantity: 1 }])).toMatchObject({
			result: "placed",
		});
	});
});

const json = (body: object, headers: Record<string, string> = {}): RequestInit => ({
	method: "POST",
	body: JSON.stringify(body),
	headers: { "content-type": "application/json", ...headers },
});

async function cartOf(shop: TestShop, id: number, quantity = 1): Promise<Record<string, string>> {
	const added = await shop.fetch("/wp-json/wc/store/v1/cart/add-item", json({ id, quantity }));
	expect(added.status).toBe(201);
	return { "cart-token": added.headers.get("cart-token") ?? "" };
}

describe("at once", () => {
	test("orders lower the number atomically: thirty from 100 leave 70", async () => {
		const shop = await probe({}, [{ id: 10, quantity: 100 }]);
		await Promise.all(Array.from({ length: 30 }, () => shop.order(1)));
		expect(await shop.stock(10)).toBe(70);
	});

	test("orders of the same things in another order don't block each other", async () => {
		const shop = await probe(
			{},
			[10, 11, 16, 15].map((id) => ({ id, quantity: 100 })),
		);
		const lines = [
			{ product_id: 10, quantity: 1 },
			{ product_id: 15, variation_id: 16, quantity: 1 },
			{ product_id: 15, variation_id: 17, quantity: 1 },
			{ product_id: 11, quantity: 1 },
		];
		await Promise.all(
			Array.from({ length: 20 }, (_, index) =>
				shop.call("POST", "/orders", { line_items: index % 2 ? lines : [...lines].reverse(), set_paid: true }),
			),
		);
		expect(await Promise.all([10, 11, 16, 15].map(shop.stock))).toEqual([80, 80, 80, 80]);
	});

	test("orders by REST never look at the stock", async () => {
		const shop = await probe();
		await Promise.all(Array.from({ length: 4 }, () => shop.order(1, { set_paid: true }, 14)));
		expect(await shop.stock(14)).toBe(-3);
		expect((await shop.call("GET", "/products/14")).body).toMatchObject({
			stock_quantity: -3,
			stock_status: "outofstock",
		});
	});

	test("an absolute write buries orders that came before it, and nobody is told", async () => {
		const shop = await probe({}, [{ id: 10, quantity: 100 }]);
		await shop.order(3);
		expect((await shop.call("PUT", "/products/10", { stock_quantity: 50 })).body.stock_quantity).toBe(50);
		expect(await shop.stock(10)).toBe(50);
	});

	test("of four checkouts of the last unit as many as the host has cores may pass, and no more", async () => {
		const outcomes = new Set<number>();
		for (let run = 0; run < 6; run++) {
			const shop = await probe();
			const carts = await Promise.all(Array.from({ length: 4 }, () => cartOf(shop, 14)));
			const replies = await Promise.all(
				carts.map((headers) => shop.fetch("/wp-json/wc/store/v1/checkout", json({ payment_method: "bacs" }, headers))),
			);
			const sold = replies.filter(({ status }) => status === 200).length;
			expect(sold).toBeGreaterThanOrEqual(1);
			expect(sold).toBeLessThanOrEqual(2);
			expect(await shop.stock(14)).toBe(1 - sold);
			for (const { status, body } of replies)
				if (status !== 200)
					expect(["woocommerce_product_not_enough_stock", "woocommerce_rest_product_out_of_stock"]).toContain(
						body.code,
					);
			outcomes.add(sold);
		}
		// It does happen: WooCommerce sells what it does not have.
		expect(outcomes).toContain(2);
	});

	test("a host with one core sells the last unit once", async () => {
		const shop = await probe({ checkoutsAtOnce: 1 });
		const results = await Promise.all(
			Array.from({ length: 4 }, () => checkout(sandbox.ctx, shop.store.id, [{ sku: "SKU-L", quantity: 1 }])),
		);
		expect(results.filter(({ result }) => result === "placed")).toHaveLength(1);
		expect(results.find(({ result }) => result === "refused")).toEqual({
			result: "refused",
			code: "woocommerce_product_not_enough_stock",
			message: "Not enough units of Last are available in stock to fulfil this order.",
		});
	});
});

describe("held units", () => {
	test("a checkout that is to be paid elsewhere holds units that no number shows", async () => {
		const shop = await probe({ hasOffsiteGateway: true }, [{ id: 14, quantity: 2 }]);
		const first = await cartOf(shop, 14);
		const second = await cartOf(shop, 14, 2);
		const paid = await shop.fetch("/wp-json/wc/store/v1/checkout", json({ payment_method: "offsite" }, first));
		expect(paid.body.status).toBe("pending");
		expect((await shop.call("GET", "/products/14")).body.stock_quantity).toBe(2);
		const refused = await shop.fetch("/wp-json/wc/store/v1/checkout", json({ payment_method: "bacs" }, second));
		expect([refused.status, refused.body.code]).toEqual([400, "woocommerce_rest_product_partially_out_of_stock"]);
		// A number written meanwhile is taken, and the order that is then paid for goes below it.
		await shop.call("PUT", "/products/14", { stock_quantity: 0 });
		await shop.call("PUT", `/orders/${paid.body.order_id}`, { set_paid: true });
		expect(await shop.stock(14)).toBe(-1);
	});

	test("a checkout that nobody pays is cancelled when its time is over, and gives back nothing", async () => {
		const shop = await probe({ hasOffsiteGateway: true, cronEveryMs: 1_000 }, [{ id: 14, quantity: 2 }]);
		const cart = await cartOf(shop, 14);
		const placed = await shop.fetch("/wp-json/wc/store/v1/checkout", json({ payment_method: "offsite" }, cart));
		const status = async () => (await shop.call("GET", `/orders/${placed.body.order_id}`)).body.status;
		expect(await status()).toBe("pending");
		// Any visit wakes WP-Cron. Put back afterwards: signed calls tell the time, too.
		sandbox.putForward(61 * 60_000);
		await shop.fetch("/");
		sandbox.putForward(-61 * 60_000);
		expect([await status(), await shop.stock(14)]).toEqual(["cancelled", 2]);
	});

	test("an order by REST that is pending holds nothing", async () => {
		const shop = await probe({ hasOffsiteGateway: true });
		await shop.order(1, { status: "pending" }, 14);
		expect(await checkout(sandbox.ctx, shop.store.id, [{ sku: "SKU-L", quantity: 1 }])).toMatchObject({
			result: "placed",
		});
	});
});

test("backorders sell below zero and say so", async () => {
	const shop = await probe();
	await shop.call("PUT", "/products/14", { backorders: "notify" });
	expect(await checkout(sandbox.ctx, shop.store.id, [{ sku: "SKU-L", quantity: 3 }])).toMatchObject({
		result: "placed",
	});
	expect((await shop.call("GET", "/products/14")).body).toMatchObject({
		stock_quantity: -2,
		stock_status: "onbackorder",
		backordered: true,
	});
});

test("a shopkeeper's hands: cancel with and without giving back, refund, edit", async () => {
	const shop = await probe();
	const buy = async (quantity: number) => {
		const placed = await checkout(sandbox.ctx, shop.store.id, [{ sku: "SKU-A", quantity }]);
		if (placed.result !== "placed") throw new Error(placed.message);
		return placed.orderId;
	};
	const [a, b, c, d] = [await buy(2), await buy(2), await buy(2), await buy(2)];
	expect(await shop.stock(10)).toBe(12);
	await cancelOrder(sandbox.ctx, shop.store.id, a ?? "", true);
	expect(await shop.stock(10)).toBe(14);
	await cancelOrder(sandbox.ctx, shop.store.id, b ?? "", false);
	expect(await shop.stock(10)).toBe(14);
	await refundOrder(sandbox.ctx, shop.store.id, c ?? "", [{ sku: "SKU-A", quantity: 1 }], true);
	expect(await shop.stock(10)).toBe(15);
	await refundOrder(sandbox.ctx, shop.store.id, c ?? "", [{ sku: "SKU-A", quantity: 1 }], false);
	expect(await shop.stock(10)).toBe(15);
	await editOrder(sandbox.ctx, shop.store.id, d ?? "", "SKU-A", 5);
	expect(await shop.stock(10)).toBe(12);
	expect(await checkout(sandbox.ctx, shop.store.id, [{ sku: "nothing", quantity: 1 }])).toMatchObject({
		result: "refused",
	});
});
