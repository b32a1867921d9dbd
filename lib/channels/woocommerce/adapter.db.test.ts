/** The adapter against a sandbox shop over HTTP. The shop's own truth comes from the sandbox. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Knobs } from "@/db/schema";
import { setStoreSettings } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { cup, many, product, skusOf, variant } from "@/lib/sandbox/testing/seeds";
import { addKey } from "@/lib/sandbox/woocommerce/keys";
import type { WooSettings } from "@/lib/sandbox/woocommerce/settings";
import { type Received, startReceiver } from "@/lib/sandbox/woocommerce/testing";
import type { Check } from "../channel-adapter";
import { createHttpClient } from "../http";
import type { Signal } from "../news";
import { readAll } from "../testing/read-all";
import { woocommerce } from ".";
import { type Options, openShop as open } from "./testing/open-shop";

const sandbox = sandboxForTests();

const openShop = (options?: Options) => open(sandbox, options);

describe("connect", () => {
	const states = (checks: Check[]) => Object.fromEntries(checks.map(({ name, state }) => [name, state]));

	test("a good shop passes every check, and nothing in it changes", async () => {
		const shop = await openShop({ facts: { publicUrl: sandbox.origin } });
		const before = await shop.call("GET", "/products?per_page=100");
		const { checks, store } = await woocommerce.connect(shop.connection);
		expect(new Set(Object.values(states(checks)))).toEqual(new Set(["passed"]));
		expect(store).toMatchObject({
			storeKey: shop.baseUrl.replace("http://", ""),
			name: "Test Shop",
			facts: {
				auth: "oauth",
				hasVariationsRoute: true,
				wooVersion: "10.5.0",
				timeZone: "Europe/Berlin",
				currency: "EUR",
			},
		});
		expect((await shop.call("GET", "/products?per_page=100")).body).toEqual(before.body);
	});

	test.each<[string, Partial<WooSettings>, Check["name"], RegExp]>([
		["plain permalinks", { permalinks: "plain" }, "address", /Settings → Permalinks/],
		["no WooCommerce", { hasWooCommerce: false }, "address", /Activate WooCommerce/],
		["a shop that counts nothing", { countsStock: false }, "stock_management", /Enable stock management/],
	])("%s", async (_, settings, name, fix) => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, settings);
		const { checks } = await woocommerce.connect(shop.connection);
		const check = checks.find((one) => one.name === name);
		expect(check?.state).toBe("failed");
		expect(check?.fix).toMatch(fix);
	});

	test("keys that may only read, keys of a customer, keys that are gone", async () => {
		const shop = await openShop();
		const withKey = async (is: Parameters<typeof addKey>[2]) => {
			const { consumerKey, consumerSecret } = await addKey(sandbox.ctx, shop.store, is);
			return woocommerce.connect(shop.connectWith({ consumerKey, consumerSecret }));
		};
		const reading = await withKey({ permissions: "read" });
		expect(states(reading.checks)).toMatchObject({
			scopes: "warned",
			inventory_read: "passed",
			inventory_write: "failed",
		});
		const customer = await withKey({ permissions: "read_write", role: "customer" });
		expect(customer.checks.find(({ name }) => name === "credentials")?.fix).toContain("shop manager");
		const gone = await woocommerce.connect(shop.connectWith({ consumerKey: "ck_gone", consumerSecret: "cs_gone" }));
		expect(states(gone.checks)).toMatchObject({ address: "passed", credentials: "failed", scopes: "skipped" });
	});

	test("a clock that is wrong is named as such", async () => {
		const shop = await openShop();
		const late = shop.connectWith({ ...shop.keys }, { now: () => new Date(Date.now() - 20 * 60_000) });
		expect(states((await woocommerce.connect(late)).checks)).toMatchObject({ credentials: "skipped", clock: "failed" });
	});

	test("secrets are in no exchange", async () => {
		const shop = await openShop();
		await woocommerce.connect(shop.connection);
		const kept = JSON.stringify(shop.connection.http.exchanges);
		expect(kept).not.toContain(shop.keys.consumerSecret);
		expect(kept).not.toContain(shop.keys.consumerKey);
	});
});

describe("listings", () => {
	test("what holds stock is listed once, under every name that an order may give it", async () => {
		const shop = await openShop();
		expect(shop.listings.map(({ sku, isManaged, quantity, refs }) => [sku, isManaged, quantity, refs.length])).toEqual([
			["CUP", true, 20, 1],
			["LOOSE", false, null, 1],
			["TEE-S", true, 5, 1],
			["TEE-M", true, 7, 1],
			["POSTER", true, 20, 3],
		]);
		expect(shop.listing("CUP").gtin).toBe("04006381333931");
	});

	test("an older shop is read product by product, with the same result", async () => {
		const shop = await openShop({ settings: { hasVariationsRoute: false } });
		const again = await readAll((page) =>
			woocommerce.listListings({ ...shop.connection, facts: { hasVariationsRoute: false } }, null, page),
		);
		expect(again).toEqual(shop.listings);
		expect(shop.listings).toHaveLength(5);
	});

	test("a notice before every answer is no obstacle to reading", async () => {
		const shop = await openShop({ settings: { printsWarning: true } });
		expect(shop.listings).toHaveLength(5);
	});

	test("hundreds of products come in pages, each once", async () => {
		const products = Array.from({ length: 230 }, (_, index) => ({
			title: `Product ${index}`,
			variants:
				index % 10 === 0
					? ["S", "M", "L"].map((size) => variant(`P${index}-${size}`, 1, { options: size }))
					: [variant(`P${index}`, 1)],
		}));
		const shop = await openShop({ products });
		expect(shop.listings).toHaveLength(207 + 3 * 23);
		expect(new Set(shop.listings.map(({ externalKey }) => externalKey)).size).toBe(shop.listings.length);
	});

	test("what changed since is found, a variation through its product", async () => {
		const shop = await openShop();
		sandbox.putForward(10_000);
		const since = sandbox.now();
		await shop.call("PUT", `/products/${shop.listing("CUP").ids.productId}`, { name: "Mug" });
		const { ids } = shop.listing("TEE-M");
		await shop.call("PUT", `/products/${ids.productId}/variations/${ids.variationId}`, { stock_quantity: 6 });
		const changed = await readAll((page) => woocommerce.listListings(shop.connection, since, page));
		expect(changed.map(({ sku, title, quantity }) => [sku, title, quantity])).toEqual([
			["CUP", "Mug", 20],
			["TEE-S", "Tee", 5],
			["TEE-M", "Tee", 6],
		]);
	});

	test("one product's listings are read by its id or a variation's, and none when it is gone", async () => {
		const shop = await openShop();
		const { productId = "", variationId = "" } = shop.listing("TEE-S").ids;
		const tees = [shop.listing("TEE-S"), shop.listing("TEE-M")];
		expect(await woocommerce.readProduct(shop.connection, productId)).toEqual(tees);
		expect(await woocommerce.readProduct(shop.connection, variationId)).toEqual(tees);
		await shop.call("DELETE", `/products/${productId}`);
		expect(await woocommerce.readProduct(shop.connection, productId)).toEqual([]);
		expect(await woocommerce.readProduct(shop.connection, "999999")).toEqual([]);
	});
});

describe("levels", () => {
	test.each([{}, { hasVariationsRoute: false }])("are read where the stock lies, with %o", async (settings) => {
		const shop = await openShop({ settings });
		await shop.buy("CUP", 2);
		await shop.buy("TEE-S");
		await shop.buy("POSTER-B", 3);
		const asked = sandbox.now();
		const levels = await woocommerce.readLevels(shop.connection, shop.listings);
		const byKey = Object.fromEntries(levels.map(({ externalKey, quantity }) => [externalKey, quantity]));
		const skus = ["CUP", "LOOSE", "TEE-S", "TEE-M", "POSTER"];
		expect(skus.map((sku) => byKey[shop.listing(sku).externalKey])).toEqual([18, null, 4, 7, 17]);
		for (const { readAt } of levels) expect(readAt.getTime()).toBeGreaterThanOrEqual(asked.getTime());
	});

	test("carry the shop's own stamp of when they were changed", async () => {
		const shop = await openShop();
		const before = sandbox.now().getTime();
		await shop.buy("CUP", 2);
		const [level] = await woocommerce.readLevels(shop.connection, [shop.listing("CUP")]);
		// To the second.
		expect(level?.changedAt?.getTime()).toBeGreaterThanOrEqual(before - 1_000);
		expect(level?.changedAt?.getTime()).toBeLessThanOrEqual(sandbox.now().getTime());
	});

	test("what is gone or in the trash is absent, and what no longer counts has none", async () => {
		const shop = await openShop();
		const { ids } = shop.listing("TEE-S");
		await shop.call("DELETE", `/products/${shop.listing("CUP").ids.productId}`);
		await shop.call("DELETE", `/products/${ids.productId}/variations/${ids.variationId}?force=true`);
		await shop.call("PUT", `/products/${shop.listing("POSTER").ids.productId}`, { manage_stock: false });
		const levels = await woocommerce.readLevels(shop.connection, shop.listings);
		expect(levels.map(({ externalKey, quantity }) => [externalKey, quantity]).sort()).toEqual(
			[
				[shop.listing("LOOSE").externalKey, null],
				[shop.listing("POSTER").externalKey, null],
				[shop.listing("TEE-M").externalKey, 7],
			].sort(),
		);
	});

	test("of more than a page each is read", async () => {
		const shop = await openShop({ products: many(150, (index) => index) });
		expect(await woocommerce.readLevels(shop.connection, shop.listings)).toHaveLength(150);
	});
});

describe("writing", () => {
	test("products and variations show what was written, and stock management stays as it was", async () => {
		const shop = await openShop();
		const own = await woocommerce.writeQuantities(
			shop.connection,
			[shop.row("CUP", 3), shop.row("POSTER", 0)],
			"key-1",
		);
		expect(own.rows).toEqual([
			{ externalKey: shop.listing("CUP").externalKey, result: "applied", shown: 3 },
			{ externalKey: shop.listing("POSTER").externalKey, result: "applied", shown: 0 },
		]);
		const variants = [shop.row("TEE-S", 1), shop.row("TEE-M", 2)];
		expect(new Set(variants.map(({ ids }) => woocommerce.facts.batchKey?.(ids))).size).toBe(1);
		await woocommerce.writeQuantities(shop.connection, variants, "key-2");
		expect(await Promise.all(["CUP", "POSTER-A", "TEE-S", "TEE-M"].map(shop.shows))).toEqual([3, 0, 1, 2]);
		const refused = await woocommerce.writeQuantities(
			shop.connection,
			[shop.row("LOOSE", 9), shop.row("CUP", 4)],
			"key-3",
		);
		expect(refused.rows).toMatchObject([
			{ result: "refused", error: { code: "STOCK_NOT_MANAGED" } },
			{ result: "applied", shown: 4 },
		]);
		expect(await shop.shows("LOOSE")).toBeNull();
	});

	test("a hundred at once are one call", async () => {
		const products = many(100);
		const shop = await openShop({ products });
		const slow = { ...shop.connection, http: createHttpClient({ allowPrivate: true, secrets: [] }) };
		const rows = skusOf(products).map((sku, index) => shop.row(sku, index));
		const result = await woocommerce.writeQuantities(slow, rows, "key");
		expect(result.rows.every((row) => row.result === "applied")).toBe(true);
		expect(result.exchanges).toHaveLength(1);
		const over = [...rows, { ...shop.row("P0", 1), externalKey: "product:0", ids: { productId: "0" } }];
		const refused = await woocommerce.writeQuantities(slow, over, "key");
		expect(refused.rows.every((row) => row.result === "not_sent")).toBe(true);
		expect(refused.trouble?.code).toBe("woocommerce_rest_request_entity_too_large");
	});

	test("a variation that lost its own count is refused, and one that is gone", async () => {
		const shop = await openShop();
		const { ids } = shop.listing("TEE-S");
		await shop.call("PUT", `/products/${ids.productId}`, { manage_stock: true, stock_quantity: 50 });
		await shop.call("PUT", `/products/${ids.productId}/variations/${ids.variationId}`, { manage_stock: false });
		await shop.call(
			"DELETE",
			`/products/${ids.productId}/variations/${shop.listing("TEE-M").ids.variationId}?force=true`,
		);
		const { rows } = await woocommerce.writeQuantities(
			shop.connection,
			[shop.row("TEE-S", 1), shop.row("TEE-M", 2)],
			"key",
		);
		expect(rows).toMatchObject([
			{ result: "refused", error: { code: "PARENT_STOCK" } },
			{ result: "refused", error: { reason: "gone" } },
		]);
	});

	test.each<[string, Partial<Knobs>, string, string, number]>([
		["silence", { timeoutRate: 1 }, "unknown", "timeout", 20],
		["done, and the answer lost", { appliedThenFailedRate: 1 }, "unknown", "", 3],
		["an error", { errorRate: 1 }, "unknown", "unreachable", 20],
		["an outage", { outage: true }, "unknown", "unreachable", 20],
		["congestion", { throttleRate: 1 }, "not_sent", "throttled", 20],
	])("%s: nothing is tried twice", async (_, knobs, result, reason, shows) => {
		const shop = await openShop({ knobs });
		const written = await woocommerce.writeQuantities(shop.connection, [shop.row("CUP", 3)], "key");
		expect(written.rows[0]?.result).toBe(result);
		if (reason !== "") expect(written.trouble?.reason).toBe(reason);
		else expect(written.trouble).not.toBeNull();
		expect(written.exchanges).toHaveLength(1);
		expect(await shop.shows("CUP")).toBe(shows);
	});

	test.each<[string, Partial<WooSettings>, string, string]>([
		["maintenance", { isInMaintenance: true }, "not_sent", "unreachable"],
		[
			"plain permalinks, which answer 200 to a write that did nothing",
			{ permalinks: "plain" },
			"unknown",
			"not_a_store",
		],
		["WooCommerce switched off", { hasWooCommerce: false }, "not_sent", "not_a_store"],
		["a notice before the answer", { printsWarning: true }, "unknown", "unreadable"],
	])("%s", async (_, settings, result, reason) => {
		const shop = await openShop();
		await setStoreSettings(sandbox.ctx, shop.store.id, settings);
		const written = await woocommerce.writeQuantities(shop.connection, [shop.row("CUP", 3)], "key");
		expect(written.rows[0]?.result).toBe(result);
		expect(written.trouble?.reason).toBe(reason);
	});

	test("a key that may only read is told so, and one that was revoked", async () => {
		const shop = await openShop();
		const key = await addKey(sandbox.ctx, shop.store, { permissions: "read" });
		const reading = shop.connectWith({ consumerKey: key.consumerKey, consumerSecret: key.consumerSecret });
		expect((await woocommerce.writeQuantities(reading, [shop.row("CUP", 3)], "k")).trouble?.reason).toBe(
			"missing_scope",
		);
		const revoked = shop.connectWith({ consumerKey: "ck_gone", consumerSecret: "cs_gone" });
		expect((await woocommerce.writeQuantities(revoked, [shop.row("CUP", 3)], "k")).trouble?.reason).toBe(
			"access_revoked",
		);
	});
});

describe("orders", () => {
	test("changed since a moment, oldest change first, over pages, each once", async () => {
		const shop = await openShop({ products: [product("CUP", 1_000)] });
		await shop.buy("CUP");
		sandbox.putForward(5_000);
		const since = sandbox.now();
		const ids = [];
		for (let index = 0; index < 130; index++) {
			if (index % 10 === 0) sandbox.putForward(1_000);
			ids.push(await shop.buy("CUP"));
		}
		const orders = await readAll((page) => woocommerce.listOrders(shop.connection, since, page));
		expect(orders.map(({ orderRef }) => orderRef)).toEqual(ids);
		const stamps = orders.map(({ version }) => version.at);
		expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
	}, 60_000);

	test("a change in the cursor's own second is not missed", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP");
		const known = await woocommerce.readOrder(shop.connection, orderId);
		const orders = await readAll((page) =>
			woocommerce.listOrders(shop.connection, new Date(known?.version.at ?? 0), page),
		);
		expect(orders).toEqual([known]);
	});

	test("an unfinished checkout is no order", async () => {
		const shop = await openShop();
		const since = new Date(sandbox.now().getTime() - 5_000);
		const init = { method: "POST", headers: { "content-type": "application/json" } };
		const body = JSON.stringify({ id: Number(shop.listing("CUP").ids.productId), quantity: 1 });
		const cart = await shop.fetch("/wp-json/wc/store/v1/cart/add-item", { ...init, body });
		const draft = await shop.fetch("/wp-json/wc/store/v1/checkout", {
			headers: { "cart-token": cart.headers.get("cart-token") ?? "" },
		});
		expect((await shop.call("GET", `/orders/${draft.body.order_id}`)).body.status).toBe("checkout-draft");
		expect(await readAll((page) => woocommerce.listOrders(shop.connection, since, page))).toEqual([]);
		expect(await woocommerce.readOrder(shop.connection, String(draft.body.order_id))).toBeNull();
	});

	test("lines name the listing that lost its units", async () => {
		const shop = await openShop();
		for (const [sku, listed] of [
			["CUP", "CUP"],
			["TEE-S", "TEE-S"],
			["POSTER-B", "POSTER"],
			["LOOSE", "LOOSE"],
		] as const) {
			const order = await woocommerce.readOrder(shop.connection, await shop.buy(sku));
			expect(shop.listing(listed).refs).toContain(order?.lines[0]?.listingRef);
			expect(order?.lines[0]?.taken).toBe(1);
		}
	});

	test("a buyer's name never leaves the shop", async () => {
		const shop = await openShop();
		const line_items = [{ product_id: Number(shop.listing("CUP").ids.productId), quantity: 1 }];
		const made = await shop.call("POST", "/orders", {
			line_items,
			set_paid: true,
			billing: { last_name: "Buddenbrook" },
		});
		await woocommerce.readOrder(shop.connection, String(made.body.id));
		await woocommerce.listOrders(shop.connection, new Date(0), null);
		expect(JSON.stringify(shop.connection.http.exchanges)).not.toContain("Buddenbrook");
	});

	test("are cancelled when asked, and their units come back once", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("CUP", 3);
		expect(await shop.shows("CUP")).toBe(17);
		for (let time = 0; time < 2; time++) {
			expect(await woocommerce.cancelOrder?.(shop.connection, orderId)).toEqual({ result: "cancelled" });
			expect(await shop.shows("CUP")).toBe(20);
		}
		const order = await woocommerce.readOrder(shop.connection, orderId);
		expect(order).toMatchObject({ status: "cancelled", lines: [{ taken: 0 }] });
	});

	test("that can't be cancelled say why: unknown, or with keys that may only read", async () => {
		const shop = await openShop();
		await expect(woocommerce.cancelOrder?.(shop.connection, "999999")).rejects.toMatchObject({ reason: "gone" });
		const orderId = await shop.buy("CUP", 1);
		const key = await addKey(sandbox.ctx, shop.store, { permissions: "read" });
		const reading = shop.connectWith({ consumerKey: key.consumerKey, consumerSecret: key.consumerSecret });
		await expect(woocommerce.cancelOrder?.(reading, orderId)).rejects.toMatchObject({ reason: "missing_scope" });
		expect(await shop.shows("CUP")).toBe(19);
	});

	test("whatever happens to orders, what they have taken is what the shop is short of", async () => {
		const act = fc.oneof(
			fc.record({
				act: fc.constant("buy" as const),
				quantity: fc.integer({ min: 1, max: 4 }),
				status: fc.constantFrom("pending", "on-hold", "processing", "completed"),
			}),
			fc.record({
				act: fc.constant("status" as const),
				order: fc.nat(9),
				status: fc.constantFrom("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"),
			}),
			fc.record({
				act: fc.constant("refund" as const),
				order: fc.nat(9),
				quantity: fc.integer({ min: 0, max: 3 }),
				restock: fc.boolean(),
			}),
			fc.record({ act: fc.constant("edit" as const), order: fc.nat(9), quantity: fc.integer({ min: 1, max: 5 }) }),
			fc.record({ act: fc.constant("trash" as const), order: fc.nat(9) }),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
				const shop = await openShop({ products: [cup] });
				const productId = Number(shop.listing("CUP").ids.productId);
				const orders: { id: number; line: number }[] = [];
				for (const one of acts) {
					if (one.act === "buy") {
						const { body } = await shop.call("POST", "/orders", {
							status: one.status,
							line_items: [{ product_id: productId, quantity: one.quantity }],
						});
						orders.push({ id: body.id, line: body.line_items[0].id });
						continue;
					}
					const order = orders[one.order % Math.max(1, orders.length)];
					if (!order) continue;
					const line = { id: order.line, quantity: "quantity" in one ? one.quantity : 0 };
					if (one.act === "status") await shop.call("PUT", `/orders/${order.id}`, { status: one.status });
					if (one.act === "edit") await shop.call("PUT", `/orders/${order.id}`, { line_items: [line] });
					if (one.act === "trash") await shop.call("DELETE", `/orders/${order.id}`);
					if (one.act === "refund")
						await shop.call("POST", `/orders/${order.id}/refunds`, {
							amount: "1.00",
							line_items: [line],
							api_restock: one.restock,
						});
				}
				const snapshots = await Promise.all(orders.map(({ id }) => woocommerce.readOrder(shop.connection, String(id))));
				const taken = snapshots.flatMap((order) => order?.lines ?? []).reduce((sum, line) => sum + line.taken, 0);
				// A refund of more than a line has left takes its count below zero, as on a real shop; no order takes less than nothing.
				const short = 20 - ((await shop.shows("CUP")) ?? 0);
				expect(taken).toBeGreaterThanOrEqual(short);
				if (!acts.some((one) => one.act === "refund" && one.restock)) expect(taken).toBe(short);
			}),
			{ numRuns: 25 },
		);
	}, 120_000);
});

describe("webhooks", () => {
	const secret = "abcdefghij0123456789ABCDEF";
	const callbackPath = "/api/webhooks/woocommerce/0001";
	type Shop = Awaited<ReturnType<typeof openShop>>;
	const hooks = async (shop: Shop) =>
		(await shop.call("GET", "/webhooks?per_page=100")).body as {
			id: number;
			name: string;
			topic: string;
			status: string;
			delivery_url: string;
		}[];

	async function listening(
		run: (receiver: Awaited<ReturnType<typeof startReceiver>>, callbackUrl: string) => Promise<void>,
	) {
		const receiver = await startReceiver();
		try {
			await run(receiver, `${receiver.url}${callbackPath}`);
		} finally {
			await receiver.close();
		}
	}

	test.each([
		[400, "woocommerce_rest_shop_webhook_invalid_delivery_url"],
		[403, "woocommerce_rest_cannot_create"],
	])("of which the shop takes none (%i) can't come, and it is polled", async (status, code) => {
		const { connection } = await openShop();
		const { http } = connection;
		const text = JSON.stringify({ code, message: "No.", data: { status } });
		const refuse: typeof http.send = (request) =>
			request.method === "POST" ? Promise.resolve({ status, headers: {}, text, ms: 1 }) : http.send(request);
		await listening(async (_, callbackUrl) => {
			const refusing = { ...connection, http: { ...http, send: refuse } };
			const made = await woocommerce.registerWebhooks(refusing, callbackUrl, secret);
			expect(made).toMatchObject({ state: "unreachable", made: [] });
			expect(made.missing).toHaveLength(6);
		});
	});

	test("are made once, kept as they are, and made anew when secret or address change", async () => {
		const shop = await openShop();
		await listening(async (_, callbackUrl) => {
			const other = await shop.call("POST", "/webhooks", {
				topic: "order.updated",
				delivery_url: `${sandbox.origin}/other`,
				secret,
			});
			const register = (url = callbackUrl, key = secret) => woocommerce.registerWebhooks(shop.connection, url, key);
			const made = await register();
			expect(made).toMatchObject({ state: "registered", missing: [] });
			expect(made.made).toHaveLength(6);
			const first = await hooks(shop);
			expect(first.map(({ topic }) => topic).sort()).toEqual(
				[
					"order.created",
					"order.deleted",
					"order.updated",
					"order.updated",
					"product.created",
					"product.deleted",
					"product.updated",
				].sort(),
			);
			expect(await register()).toMatchObject({ made: [] });
			expect(await hooks(shop)).toEqual(first);

			await register(callbackUrl, `${secret}2`);
			const second = await hooks(shop);
			expect(second).toHaveLength(7);
			expect(second.filter(({ id }) => first.some((one) => one.id === id)).map(({ id }) => id)).toEqual([
				other.body.id,
			]);
			expect(JSON.stringify(second)).not.toContain(secret);

			// One that the shop switched off starts with a clean record.
			const off = second.find(({ topic }) => topic === "product.updated");
			await shop.call("PUT", `/webhooks/${off?.id}`, { status: "disabled" });
			expect(await register(callbackUrl, `${secret}2`)).toMatchObject({ made: ["product.updated"] });
			const third = await hooks(shop);
			expect(third.every(({ status }) => status === "active")).toBe(true);
			expect(third.some(({ id }) => id === off?.id)).toBe(false);

			const moved = `${callbackUrl.replace("127.0.0.1", "localhost")}`;
			expect((await register(moved, `${secret}2`)).state).toBe("unreachable");
			expect((await hooks(shop)).map(({ id }) => id)).toEqual([other.body.id]);

			await register();
			await woocommerce.removeWebhooks(shop.connection, callbackUrl);
			expect((await hooks(shop)).map(({ id }) => id)).toEqual([other.body.id]);
		});
	});

	test("what the shop sends is verified, and says what the shop says", async () => {
		const shop = await openShop();
		await listening(async (receiver, callbackUrl) => {
			await woocommerce.registerWebhooks(shop.connection, callbackUrl, secret);
			expect(receiver.received).toHaveLength(6);
			const verify = ({ headers, body }: Received) =>
				woocommerce.verifyWebhook({ headers, rawBody: Buffer.from(body) }, [secret]);
			expect(receiver.received.map(verify)).toEqual(Array(6).fill({ verdict: "ping" }));

			const orderId = await shop.buy("TEE-S", 2);
			const mail = await receiver.mail(3);
			const verdicts = mail.map(verify);
			const keys = verdicts.map((one) => (one.verdict === "accepted" ? one.dedupeKey : one.verdict));
			expect(new Set(keys).size).toBe(3);
			const signals = mail.flatMap(({ body }, index): Signal[] => {
				const verdict = verdicts[index];
				return verdict?.verdict === "accepted" ? woocommerce.parseWebhook(verdict.topic, Buffer.from(body)) : [];
			});
			const order = await woocommerce.readOrder(shop.connection, orderId);
			const { externalKey, ids } = shop.listing("TEE-S");
			expect(signals).toEqual(
				expect.arrayContaining([
					{ kind: "order", order },
					{ kind: "level_reported", externalKey, hint: 3 },
					{ kind: "listing_changed", productRef: ids.productId },
				]),
			);
			expect(order?.lines).toMatchObject([{ listingRef: externalKey, taken: 2 }]);
		});
	});

	test("a forged delivery is refused, whatever else it carries", async () => {
		const shop = await openShop({ knobs: { webhookForgeryRate: 1 } });
		await listening(async (receiver, callbackUrl) => {
			await woocommerce.registerWebhooks(shop.connection, callbackUrl, secret);
			await shop.call("PUT", `/products/${shop.listing("CUP").ids.productId}`, { stock_quantity: 1 });
			const mail = await receiver.mail(2);
			const verdicts = mail.map(
				({ headers, body }) => woocommerce.verifyWebhook({ headers, rawBody: Buffer.from(body) }, [secret]).verdict,
			);
			expect(verdicts.sort()).toEqual(["accepted", "rejected"]);
		});
	});
});
