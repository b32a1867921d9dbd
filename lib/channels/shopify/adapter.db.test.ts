/** The adapter against a sandbox store over real HTTP: the whole way, with the platform's own rules on the other side. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findStore } from "@/lib/sandbox/context";
import { fulfilShopifyOrder } from "@/lib/sandbox/shopify";
import {
	calmStore,
	cancelOrder,
	editOrder,
	refundOrder,
	setKnobs,
	setQuantity,
	setStoreSettings,
} from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import type { OrderSnapshot } from "@/lib/stock/order";
import type { IncomingWebhook, Signal } from "../news";
import { impatient } from "../testing/connection";
import { shopify } from "./adapter";
import { authorizeUrl, clientCredentialsGrant, exchangeCode, newState, refreshAccess, verifyCallback } from "./oauth";
import { openStore } from "./testing/open-store";

const sandbox = sandboxForTests();
let shop: Awaited<ReturnType<typeof openStore>>;
beforeEach(async () => {
	shop = await openStore(sandbox);
});

test("connect finds the store, its locations, and everything in order", async () => {
	const { checks, store } = await shopify.connect(shop.connection);
	expect(checks.filter((check) => check.state === "failed" || check.state === "warned")).toEqual([]);
	expect(store?.storeKey).toMatch(/\.myshopify\.com$/);
	expect(store?.locations.length).toBeGreaterThan(0);
});

test("a wrong token is told apart from a wrong address", async () => {
	const wrong = { ...shop.connection, access: { kind: "token", accessToken: "shpat_wrong" } };
	expect((await shopify.connect(wrong)).checks.find((check) => check.state === "failed")?.name).toBe("credentials");
	const elsewhere = { ...shop.connection, baseUrl: `${sandbox.origin}/sandbox/shopify/nobody` };
	expect((await shopify.connect(elsewhere)).checks.find((check) => check.state === "failed")?.name).toBe("address");
});

test("the import brings every variant once, managed or not, with its number", async () => {
	const { listings } = shop;
	expect(listings).toHaveLength(133);
	expect(new Set(listings.map((one) => one.externalKey)).size).toBe(133);
	const bySku = new Map(listings.map((one) => [one.sku, one]));
	expect(bySku.get("MUG-1")).toMatchObject({
		title: "Mug",
		gtin: "04006381333931",
		quantity: 5,
		isManaged: true,
		price: "12.00",
	});
	expect(bySku.get("MUG-2")?.quantity).toBe(0);
	expect(bySku.get("POSTER")).toMatchObject({ isManaged: false, quantity: null });
	expect(bySku.get("SCARF-129")?.quantity).toBe(129);
	const scarf = bySku.get("SCARF-0");
	expect(await shopify.readProduct(shop.connection, scarf?.ids.productId ?? "")).toHaveLength(130);
});

test("levels are live and leave out what does not exist", async () => {
	const mug = shop.listing("MUG-1");
	await setQuantity(sandbox.ctx, shop.store.id, "MUG-1", 3);
	const levels = await shopify.readLevels(shop.connection, [
		mug,
		{ externalKey: "gid://shopify/InventoryItem/1", ids: {} },
	]);
	expect(levels.map(({ externalKey, quantity }) => [externalKey, quantity])).toEqual([[mug.externalKey, 3]]);
});

test("levels carry the store's own stamp of when they were changed", async () => {
	const mug = shop.listing("MUG-1");
	const before = sandbox.now().getTime();
	await setQuantity(sandbox.ctx, shop.store.id, "MUG-1", 3);
	const [level] = await shopify.readLevels(shop.connection, [mug]);
	// To the second.
	expect(level?.changedAt?.getTime()).toBeGreaterThanOrEqual(before - 1_000);
	expect(level?.changedAt?.getTime()).toBeLessThanOrEqual(sandbox.now().getTime());
});

describe("writing", () => {
	test("sets what compares, and the store shows it", async () => {
		const result = await shop.write([shop.row("MUG-1", 9), shop.row("MUG-2", 4)]);
		expect(result.rows.map((row) => row.result)).toEqual(["applied", "applied"]);
		expect(result.trouble).toBeNull();
		expect(result.budget).toMatchObject({ maximum: 2_000, restorePerSecond: 100 });
		expect([await shop.shows("MUG-1"), await shop.shows("MUG-2")]).toEqual([9, 4]);
	});

	test("250 rows go in one call", async () => {
		const scarves = shop.listings.filter((one) => one.sku?.startsWith("SCARF"));
		const rows = scarves.map((one) => shop.row(one.sku ?? "", 500));
		const result = await shop.write(rows);
		expect(new Set(result.rows.map((row) => row.result))).toEqual(new Set(["applied"]));
		expect(result.exchanges).toHaveLength(1);
	});

	test("R4: a sale that nobody has heard of stops the write, for every row of the call", async () => {
		const [mug, other] = [shop.listing("MUG-1"), shop.listing("MUG-2")];
		await shop.buy("MUG-1");
		const result = await shop.write([shop.row("MUG-1", 5), shop.row("MUG-2", 7)]);
		expect(result.rows.find((row) => row.externalKey === mug.externalKey)?.result).toBe("stale");
		expect(result.rows.find((row) => row.externalKey === other.externalKey)?.result).toBe("not_sent");
		expect([await shop.shows("MUG-1"), await shop.shows("MUG-2")]).toEqual([4, 0]);
	});

	test("the same key again replays and moves nothing", async () => {
		const same = crypto.randomUUID();
		await shopify.writeQuantities(shop.connection, [shop.row("MUG-1", 9)], same);
		await shop.buy("MUG-1", 2);
		const again = await shopify.writeQuantities(shop.connection, [shop.row("MUG-1", 9)], same);
		expect(again.rows[0]?.result).toBe("applied");
		expect(await shop.shows("MUG-1")).toBe(7);
	});

	test("the same key for other rows is found out, and nothing is written", async () => {
		const same = crypto.randomUUID();
		await shopify.writeQuantities(shop.connection, [shop.row("MUG-1", 9)], same);
		const other = await shopify.writeQuantities(shop.connection, [shop.row("MUG-1", 20, 9)], same);
		expect(other.rows[0]?.result).toBe("stale");
		expect(await shop.shows("MUG-1")).toBe(9);
	});

	test("what shows the number already is applied without a change", async () => {
		expect((await shop.write([shop.row("MUG-1", 5)])).rows[0]?.result).toBe("applied");
	});

	test("R11: an item that is gone is refused alone", async () => {
		const mug = shop.row("MUG-1", 9);
		const gone = {
			...shop.row("MUG-1", 1, 0),
			externalKey: "gid://shopify/InventoryItem/1",
			ids: { inventoryItemId: "gid://shopify/InventoryItem/1" },
		};
		const result = await shop.write([mug, gone]);
		const of = (externalKey: string) => result.rows.find((row) => row.externalKey === externalKey)?.result;
		expect([of(mug.externalKey), of(gone.externalKey)]).toEqual(["not_sent", "refused"]);
		expect(await shop.shows("MUG-1")).toBe(5);
	});

	test("an answer that was lost is unknown, and the same key tells what became of it", async () => {
		const same = crypto.randomUUID();
		await setKnobs(sandbox.ctx, shop.store.id, { appliedThenFailedRate: 1 });
		const lost = await shopify.writeQuantities(shop.connection, [shop.row("MUG-1", 9)], same);
		expect(lost.rows[0]?.result).toBe("unknown");
		expect(lost.trouble).not.toBeNull();
		await calmStore(sandbox.ctx, shop.store.id);
		expect(await shop.shows("MUG-1")).toBe(9);
		expect((await shopify.writeQuantities(shop.connection, [shop.row("MUG-1", 9)], same)).rows[0]?.result).toBe(
			"applied",
		);
	});

	test("silence is a timeout and unknown", async () => {
		await setKnobs(sandbox.ctx, shop.store.id, { timeoutRate: 1 });
		const hasty = { ...shop.connection, http: impatient(shop.connection.http, 200) };
		const lost = await shop.write([shop.row("MUG-1", 9)], hasty);
		expect(lost.rows[0]?.result).toBe("unknown");
		expect(lost.trouble?.reason).toBe("timeout");
	});

	test("R10: a spent budget says how long to wait", async () => {
		await setKnobs(sandbox.ctx, shop.store.id, { throttleRate: 1 });
		const result = await shop.write([shop.row("MUG-1", 9)]);
		expect(result.rows[0]?.result).toBe("not_sent");
		expect(result.trouble).toMatchObject({ reason: "throttled" });
		expect(result.trouble?.retryAfterMs).toBeGreaterThanOrEqual(1_000);
		expect(await shop.shows("MUG-1")).toBe(5);
	});

	test("an outage is unreachable and unknown", async () => {
		await setKnobs(sandbox.ctx, shop.store.id, { outage: true });
		const result = await shop.write([shop.row("MUG-1", 9)]);
		expect(result.trouble?.reason).toBe("unreachable");
		expect(result.rows[0]?.result).toBe("unknown");
	});

	test("an app that was removed is revoked, not down", async () => {
		await setStoreSettings(sandbox.ctx, shop.store.id, { isInstalled: false });
		const result = await shop.write([shop.row("MUG-1", 9)]);
		expect(result.trouble?.reason).toBe("access_revoked");
		expect(result.rows[0]?.result).toBe("not_sent");
	});

	test("a right that was taken away is named", async () => {
		await setStoreSettings(sandbox.ctx, shop.store.id, {
			scopes: ["read_products", "read_inventory", "read_locations", "read_orders"],
		});
		const result = await shop.write([shop.row("MUG-1", 9)]);
		expect(result.trouble).toMatchObject({ reason: "missing_scope", code: expect.stringContaining("write_inventory") });
		expect(await shop.shows("MUG-1")).toBe(5);
	});
});

describe("access", () => {
	afterEach(() => {
		sandbox.resetClock();
	});
	const canRead = async (access: Record<string, string>) => {
		const { checks } = await shopify.connect({ ...shop.connection, access });
		return checks.find((check) => check.name === "credentials")?.state === "passed";
	};

	/** A merchant who clicks on "Install". */
	async function install() {
		const redirectUri = "https://stock.example.com/api/oauth/shopify";
		const state = newState();
		const { clientId, clientSecret } = shop.app;
		// A sandbox store's page is a path of the site that the browser is on.
		const { origin, pathname } = new URL(shop.connection.baseUrl);
		const url = authorizeUrl({ baseUrl: pathname, clientId, redirectUri, state });
		const reply = await fetch(origin + url, {
			method: "POST",
			body: new URLSearchParams({ answer: "install" }),
			redirect: "manual",
		});
		const back = new URL(reply.headers.get("location") ?? "");
		return { query: back.searchParams, expected: { clientSecret, state, now: sandbox.now() } };
	}

	test("is granted to a merchant who installs the app, and to nobody who forges the way back", async () => {
		const { query, expected } = await install();
		const verdict = verifyCallback(query, expected);
		if (verdict.verdict !== "accepted") throw new Error(verdict.reason);
		const { access, expiresAt } = await exchangeCode(shop.connection, shop.app, verdict.code);
		expect(access.kind).toBe("oauth");
		expect((expiresAt?.getTime() ?? 0) - sandbox.now().getTime()).toBeGreaterThan(3_590_000);
		expect(await canRead(access)).toBe(true);
		await expect(exchangeCode(shop.connection, shop.app, verdict.code)).rejects.toMatchObject({
			reason: "access_revoked",
		});
		query.set("shop", "other.myshopify.com");
		expect(verifyCallback(query, expected)).toEqual({ verdict: "rejected", reason: "signature" });
	});

	test("expires after an hour and is renewed; a lost answer may be asked for again", async () => {
		const { query, expected } = await install();
		const verdict = verifyCallback(query, expected);
		if (verdict.verdict !== "accepted") throw new Error(verdict.reason);
		const first = await exchangeCode(shop.connection, shop.app, verdict.code);
		sandbox.putForward(3_700_000);
		expect(await canRead(first.access)).toBe(false);
		const lost = await refreshAccess({ ...shop.connection, access: first.access }, shop.app);
		const second = await refreshAccess({ ...shop.connection, access: first.access }, shop.app);
		expect(second.access.refreshToken).not.toBe(first.access.refreshToken);
		expect(second.access.refreshToken).not.toBe(lost.access.refreshToken);
		expect(await canRead(second.access)).toBe(true);
		// Used: from here on the old refresh token is dead.
		await expect(refreshAccess({ ...shop.connection, access: first.access }, shop.app)).rejects.toMatchObject({
			reason: "access_revoked",
		});
	});

	test("of the merchant's own app is asked for anew, without anybody's consent", async () => {
		const granted = await clientCredentialsGrant(shop.connection, shop.app);
		expect(await canRead(granted.access)).toBe(true);
		sandbox.putForward(90_000_000);
		expect(await canRead(granted.access)).toBe(false);
		const renewed = await refreshAccess(
			{ ...shop.connection, access: granted.access },
			{ clientId: "", clientSecret: "" },
		);
		expect(await canRead(renewed.access)).toBe(true);
	});
});

describe("orders", () => {
	const takenOf = (order: OrderSnapshot | null) =>
		Object.fromEntries(order?.lines.map((line) => [line.sku, line.taken]) ?? []);

	test("name the listing that was sold, and take its units", async () => {
		const mug = shop.listing("MUG-1");
		const orderId = await shop.buy("MUG-1", 2);
		const order = await shopify.readOrder(shop.connection, orderId);
		expect(order).toMatchObject({ orderRef: orderId, status: "open" });
		expect(mug.refs).toContain(order?.lines[0]?.listingRef);
		expect(takenOf(order)).toEqual({ "MUG-1": 2 });
	});

	test("list by the moment of their change", async () => {
		const before = new Date(Date.now() - 60_000);
		const orderIds = [];
		for (let n = 0; n < 30; n++) orderIds.push(await shop.buy("SCARF-129"));
		const seen = await shop.orders(before);
		expect(seen.map((one) => one.orderRef).sort()).toEqual([...orderIds].sort());
		const later = new Date(Date.now() + 60_000);
		expect((await shopify.listOrders(shop.connection, later, null)).items).toEqual([]);
	});

	test("give back what is restocked, and their version only grows", async () => {
		const orderId = await shop.buyAll([
			{ sku: "MUG-1", quantity: 3 },
			{ sku: "SCARF-9", quantity: 2 },
		]);
		const read = async () => {
			const order = await shopify.readOrder(shop.connection, orderId);
			if (!order) throw new Error("order gone");
			return order;
		};
		const life = [await read()];
		await refundOrder(sandbox.ctx, shop.store.id, orderId, [{ sku: "MUG-1", quantity: 1 }], true);
		life.push(await read());
		await refundOrder(sandbox.ctx, shop.store.id, orderId, [{ sku: "MUG-1", quantity: 1 }], false);
		life.push(await read());
		await editOrder(sandbox.ctx, shop.store.id, orderId, "SCARF-9", 1);
		life.push(await read());
		await cancelOrder(sandbox.ctx, shop.store.id, orderId, true);
		life.push(await read());
		expect(life.map(takenOf)).toEqual([
			{ "MUG-1": 3, "SCARF-9": 2 },
			{ "MUG-1": 2, "SCARF-9": 2 },
			{ "MUG-1": 2, "SCARF-9": 2 },
			{ "MUG-1": 2, "SCARF-9": 1 },
			{ "MUG-1": 1, "SCARF-9": 0 },
		]);
		expect(life.at(-1)?.status).toBe("cancelled");
		const versions = life.map(({ version }) => version);
		for (const [n, version] of versions.entries()) {
			const last = versions[n - 1];
			if (last) expect(version.at - last.at || version.step - last.step).toBeGreaterThan(0);
		}
	});

	test("what the orders took and what the store shows add up, through every change", async () => {
		const orderId = await shop.buy("SCARF-100", 10);
		const adds = async () => {
			const order = await shopify.readOrder(shop.connection, orderId);
			expect((order?.lines[0]?.taken ?? 0) + ((await shop.shows("SCARF-100")) ?? 0)).toBe(100);
		};
		await adds();
		await refundOrder(sandbox.ctx, shop.store.id, orderId, [{ sku: "SCARF-100", quantity: 2 }], true);
		await adds();
		await refundOrder(sandbox.ctx, shop.store.id, orderId, [{ sku: "SCARF-100", quantity: 1 }], false);
		await adds();
		await editOrder(sandbox.ctx, shop.store.id, orderId, "SCARF-100", 5);
		await adds();
		await cancelOrder(sandbox.ctx, shop.store.id, orderId, true);
		await adds();
	});

	test("cancelled without restock give nothing back", async () => {
		const orderId = await shop.buy("MUG-1", 2);
		await cancelOrder(sandbox.ctx, shop.store.id, orderId, false);
		expect(takenOf(await shopify.readOrder(shop.connection, orderId))).toEqual({ "MUG-1": 2 });
		expect(await shop.shows("MUG-1")).toBe(3);
	});

	test("are cancelled when asked: units come back, the buyer's money too, and a second time is refused", async () => {
		const orderId = await shop.buyAll([
			{ sku: "MUG-1", quantity: 2 },
			{ sku: "SCARF-9", quantity: 1 },
		]);
		expect(await shopify.cancelOrder?.(shop.connection, orderId)).toEqual({ result: "accepted" });
		const order = await shopify.readOrder(shop.connection, orderId);
		expect(order?.status).toBe("cancelled");
		expect(takenOf(order)).toEqual({ "MUG-1": 0, "SCARF-9": 0 });
		expect([await shop.shows("MUG-1"), await shop.shows("SCARF-9")]).toEqual([5, 9]);
		const [row] = await sandbox.database.ownerClient<{ order: { financialStatus: string; cancelReason: string } }[]>`
			select data->'order' as order from sandbox.orders where store_id = ${shop.store.id} and id = ${orderId}`;
		expect(row?.order).toMatchObject({ financialStatus: "REFUNDED", cancelReason: "INVENTORY" });
		expect(await shopify.cancelOrder?.(shop.connection, orderId)).toMatchObject({
			result: "refused",
			error: { message: expect.stringContaining("already been canceled") },
		});
		expect(await shop.shows("MUG-1")).toBe(5);
	});

	test("that can't be cancelled say why: shipped, unknown, or without the right to", async () => {
		const orderId = await shop.buy("MUG-1");
		const store = await findStore(sandbox.ctx.db, shop.store.id);
		if (!store) throw new Error("the store is there");
		await fulfilShopifyOrder(sandbox.ctx, store, orderId);
		expect(await shopify.cancelOrder?.(shop.connection, orderId)).toMatchObject({
			result: "refused",
			error: { reason: "refused", message: expect.stringContaining("fulfilled"), fix: expect.any(String) },
		});
		expect(await shopify.cancelOrder?.(shop.connection, "1")).toMatchObject({
			result: "refused",
			error: { reason: "gone" },
		});
		await setStoreSettings(sandbox.ctx, shop.store.id, { scopes: ["read_orders", "write_inventory"] });
		await expect(shopify.cancelOrder?.(shop.connection, orderId)).rejects.toMatchObject({
			reason: "missing_scope",
			code: expect.stringContaining("write_orders"),
		});
	});

	test("that don't exist are null", async () => {
		expect(await shopify.readOrder(shop.connection, "1")).toBeNull();
	});
});

describe("news", () => {
	let receiver: Server;
	let received: IncomingWebhook[];
	let callback: string;

	beforeEach(async () => {
		received = [];
		receiver = createServer(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk as Buffer);
			received.push({ headers: request.headers as Record<string, string>, rawBody: Buffer.concat(chunks) });
			response.end();
		});
		await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
		callback = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/api/webhooks/shopify/channel`;
	});
	afterEach(async () => {
		receiver.closeAllConnections();
		await new Promise((resolve) => receiver.close(resolve));
	});

	type Heard = { topic: string; dedupeKey: string; signals: Signal[] };
	/** Mail as the door lets it in and the inbox reads it. */
	function heard(): Heard[] {
		return received.flatMap((webhook) => {
			const verdict = shopify.verifyWebhook(webhook, [shop.secret]);
			if (verdict.verdict !== "accepted") return [];
			return [{ ...verdict, signals: shopify.parseWebhook(verdict.topic, webhook.rawBody) }];
		});
	}
	const until = async (isThere: () => boolean) => expect.poll(isThere, { timeout: 10_000, interval: 20 }).toBe(true);
	const isTopic = (topic: string) => () => heard().some((one) => one.topic === topic);

	test("is registered once, delivered signed, and says the same as a read", async () => {
		const first = await shopify.registerWebhooks(shop.connection, callback, "");
		expect(first).toMatchObject({ state: "registered", missing: [] });
		expect(first.made).not.toEqual([]);
		expect(await shopify.registerWebhooks(shop.connection, callback, "")).toEqual({
			state: "registered",
			missing: [],
			made: [],
		});
		const mug = shop.listing("MUG-1");
		const orderId = await shop.buy("MUG-1", 2);
		await until(isTopic("orders/create"));
		await until(isTopic("inventory_levels/update"));
		const mail = heard();
		expect(mail).toHaveLength(received.length);
		expect(new Set(mail.map((one) => one.dedupeKey)).size).toBe(mail.length);
		const [order] = mail.find((one) => one.topic === "orders/create")?.signals ?? [];
		expect(order).toEqual({ kind: "order", order: await shopify.readOrder(shop.connection, orderId) });
		const levels = mail.filter((one) => one.topic === "inventory_levels/update").flatMap((one) => one.signals);
		expect(levels).toContainEqual({ kind: "level_reported", externalKey: mug.externalKey, hint: 3 });
	});

	test("of a refund and of a cancellation leads to the order as it then is", async () => {
		await shopify.registerWebhooks(shop.connection, callback, "");
		const orderId = await shop.buy("MUG-1", 2);
		await refundOrder(sandbox.ctx, shop.store.id, orderId, [{ sku: "MUG-1", quantity: 1 }], true);
		await until(isTopic("refunds/create"));
		const refund = heard().find((one) => one.topic === "refunds/create");
		expect(refund?.signals).toEqual([{ kind: "order_changed", orderRef: orderId }]);
		await cancelOrder(sandbox.ctx, shop.store.id, orderId, true);
		await until(isTopic("orders/cancelled"));
		const [cancelled] = heard().find((one) => one.topic === "orders/cancelled")?.signals ?? [];
		expect(cancelled).toEqual({ kind: "order", order: await shopify.readOrder(shop.connection, orderId) });
	});

	test("that is forged is refused, and the true one beside it is not", async () => {
		await shopify.registerWebhooks(shop.connection, callback, "");
		await setKnobs(sandbox.ctx, shop.store.id, { webhookForgeryRate: 1 });
		await shop.buy("MUG-1");
		await until(isTopic("orders/create"));
		const verdicts = received.map((webhook) => shopify.verifyWebhook(webhook, [shop.secret]).verdict);
		expect(new Set(verdicts)).toEqual(new Set(["accepted", "rejected"]));
	});

	test("no longer comes once it was removed", async () => {
		await shopify.registerWebhooks(shop.connection, callback, "");
		await shopify.removeWebhooks(shop.connection, callback);
		await shop.buy("MUG-1");
		// The next news proves that the one before would have been here by now.
		await shopify.registerWebhooks(shop.connection, callback, "");
		const second = await shop.buy("MUG-1");
		await until(isTopic("orders/create"));
		const orders = heard()
			.flatMap((one) => one.signals)
			.flatMap((signal) => (signal.kind === "order" ? [signal.order.orderRef] : []));
		expect(new Set(orders)).toEqual(new Set([second]));
	});

	test("can't be had at an address that Shopify refuses", async () => {
		await setStoreSettings(sandbox.ctx, shop.store.id, { allowHttpCallbacks: false });
		expect(await shopify.registerWebhooks(shop.connection, callback, "")).toMatchObject({ state: "unreachable" });
	});
});
