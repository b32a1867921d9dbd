/** The adapter against a sandbox account over HTTP, in front of stores of two kinds. The truth comes from the store behind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Knobs } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { A2cSettings } from "@/lib/sandbox/api2cart/settings";
import { type BackingKind, openTestAccount } from "@/lib/sandbox/api2cart/testing";
import { type Receiver, startReceiver } from "@/lib/sandbox/receiver";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import {
	cancelOrder,
	checkout,
	countWireRequests,
	editOrder,
	quantities,
	refundOrder,
	sandboxKeys,
	setKnobs,
	setQuantity,
	setStoreSettings,
} from "@/lib/sandbox/stores";
import type { Connection, Page, WriteRow } from "../channel-adapter";
import { createHttpClient } from "../http";
import { addCart, api2cart, listCarts, missingOf } from ".";

let database: TestDatabase;
let server: SandboxServer;
/** The service's clock, put forward instead of waiting. */
let aheadMs = 0;
beforeAll(async () => {
	database = await testDatabase();
	server = await startSandboxServer({ databaseUrl: database.url, now: () => new Date(Date.now() + aheadMs) });
});
afterAll(async () => {
	await server.stop();
	await database.close();
});

const variant = (sku: string, quantity: number | null, options: string | null = null) => ({
	sku,
	gtin: null,
	options,
	price: "9.50",
	quantity,
});
const catalogue: SeedProduct[] = [
	{ title: "Cup", variants: [{ ...variant("CUP", 20), gtin: "4006381333931" }] },
	{ title: "Loose", variants: [variant("LOOSE", null)] },
	{ title: "Tee", variants: [variant("TEE-S", 5, "S"), variant("TEE-M", 7, "M")] },
];

type Options = {
	behind?: BackingKind;
	products?: SeedProduct[];
	settings?: Partial<A2cSettings>;
	knobs?: Partial<Knobs>;
	facts?: Record<string, unknown>;
	timeoutMs?: number;
};

async function openShop({
	behind = "woocommerce",
	products = catalogue,
	settings,
	knobs,
	facts = {},
	timeoutMs = 20_000,
}: Options = {}) {
	const shop = await openTestAccount(server, { behind, products, settings });
	const connectWith = (more: Partial<Connection> = {}): Connection => {
		const access = more.access ?? shop.access;
		const http = createHttpClient({ allowPrivate: true, secrets: Object.values(access) });
		return {
			channelId: "channel",
			baseUrl: shop.baseUrl,
			access,
			locationRef: "",
			facts: {},
			// Tests of silence must not take minutes.
			http: { send: (request) => http.send({ ...request, timeoutMs }), exchanges: http.exchanges },
			now: () => server.ctx.now(),
			...more,
		};
	};
	const first = await api2cart.connect(connectWith());
	const connection = connectWith({
		facts: { ...first.store?.facts, ...facts },
		locationRef: first.store?.locations[0]?.ref ?? "",
	});
	const listings = await readAll((page) => api2cart.listListings(connection, null, page));
	const listing = (sku: string) => {
		const found = listings.find((one) => one.sku === sku);
		if (!found) throw new Error(`no listing of ${sku}`);
		return found;
	};
	if (knobs) await setKnobs(server.ctx, shop.store.id, knobs);
	return {
		...shop,
		first,
		connection,
		connectWith,
		listings,
		listing,
		row: (sku: string, quantity: number): WriteRow => {
			const { externalKey, ids, quantity: expected } = listing(sku);
			return { externalKey, ids, quantity, expected: expected ?? 0 };
		},
		buy: async (sku: string, quantity = 1) => {
			const placed = await checkout(server.ctx, shop.store.id, [{ sku, quantity }]);
			if (placed.result !== "placed") throw new Error(placed.message);
			return placed.orderId;
		},
		shows: async (sku: string) => {
			const rows = await quantities(server.ctx, shop.store.id);
			return rows.find((row) => row.sku === sku)?.quantity ?? null;
		},
	};
}

async function readAll<T>(read: (page: string | null) => Promise<Page<T>>): Promise<T[]> {
	const items: T[] = [];
	let page: string | null = null;
	do {
		const { items: some, next }: Page<T> = await read(page);
		items.push(...some);
		page = next;
	} while (page);
	return items;
}

const bodies = (connection: Connection) =>
	connection.http.exchanges.flatMap(({ request }) => (request ? [JSON.parse(request) as Record<string, unknown>] : []));

const both: BackingKind[] = ["woocommerce", "shopify"];

describe.each(both)("in front of %s", (behind) => {
	test("what holds stock is listed once, under the names that orders give it", async () => {
		const shop = await openShop({ behind });
		expect(shop.listings.map(({ sku, isManaged, quantity }) => [sku, isManaged, quantity])).toEqual([
			["CUP", true, 20],
			["LOOSE", false, null],
			["TEE-S", true, 5],
			["TEE-M", true, 7],
		]);
		expect(shop.listing("CUP").gtin).toBe("04006381333931");
		for (const sku of ["CUP", "TEE-M"]) {
			const order = await api2cart.readOrder(shop.connection, await shop.buy(sku));
			expect(shop.listing(sku).refs).toContain(order?.lines[0]?.listingRef);
			expect(order?.lines).toMatchObject([{ sku, taken: 1 }]);
		}
	});

	test("levels are read where the stock lies", async () => {
		const shop = await openShop({ behind });
		await shop.buy("CUP", 2);
		await shop.buy("TEE-S");
		const asked = server.ctx.now();
		const levels = await api2cart.readLevels(shop.connection, shop.listings);
		const byKey = new Map(levels.map((level) => [level.externalKey, level]));
		const skus = ["CUP", "LOOSE", "TEE-S", "TEE-M"];
		expect(skus.map((sku) => byKey.get(shop.listing(sku).externalKey)?.quantity)).toEqual([18, null, 4, 7]);
		for (const { readAt } of levels) expect(readAt.getTime()).toBeGreaterThanOrEqual(asked.getTime());
	});

	test("differences are written, and a sale in between stays sold", async () => {
		const shop = await openShop({ behind });
		await shop.buy("CUP", 3);
		const rows = [shop.row("CUP", 15), shop.row("TEE-S", 9), shop.row("TEE-M", 0)];
		const written = await api2cart.writeQuantities(shop.connection, rows, "key-1");
		expect(written.trouble).toBeNull();
		expect(written.rows.map(({ result }) => result)).toEqual(["applied", "applied", "applied"]);
		expect(await Promise.all(["CUP", "TEE-S", "TEE-M"].map(shop.shows))).toEqual([12, 9, 0]);
	});

	test("orders changed since a moment, each once, and what a cancellation gives back", async () => {
		const shop = await openShop({ behind });
		await shop.buy("CUP");
		aheadMs += 60_000;
		const since = server.ctx.now();
		const [kept, cancelled] = [await shop.buy("CUP", 2), await shop.buy("TEE-S", 1)];
		await cancelOrder(server.ctx, shop.store.id, cancelled, true);
		const orders = await readAll((page) => api2cart.listOrders(shop.connection, since, page));
		expect(new Map(orders.map(({ orderRef, status, lines }) => [orderRef, [status, lines[0]?.taken]]))).toEqual(
			new Map([
				[kept, ["open", 2]],
				[cancelled, ["cancelled", 0]],
			]),
		);
		expect(orders).toHaveLength(2);
		expect(await api2cart.readOrder(shop.connection, "999999")).toBeNull();
	});

	test("an order that is cancelled through API2Cart gives its units back once", async () => {
		const shop = await openShop({ behind });
		const orderId = await shop.buy("CUP", 3);
		for (let time = 0; time < 2; time++)
			expect(await api2cart.cancelOrder?.(shop.connection, orderId)).toEqual({ result: "cancelled" });
		expect(await shop.shows("CUP")).toBe(20);
	});

	test("of a refund the units stay sold, and a removed unit does not", async () => {
		const shop = await openShop({ behind });
		const orderId = await shop.buy("CUP", 4);
		await refundOrder(server.ctx, shop.store.id, orderId, [{ sku: "CUP", quantity: 1 }], false);
		const taken = async () => (await api2cart.readOrder(shop.connection, orderId))?.lines[0]?.taken;
		expect(await taken()).toBe(4);
		await editOrder(server.ctx, shop.store.id, orderId, "CUP", 2);
		expect(await taken()).toBeLessThan(4);
	});
});

describe("a store that is seen through its own hands alone", () => {
	test("is imported, written and sold from all the same", async () => {
		const shop = await openShop({ settings: { isPlain: true, cartId: "Ecwid" } });
		expect(shop.listings.map(({ externalKey, quantity }) => [externalKey, quantity])).toContainEqual([
			"product:CUP",
			20,
		]);
		const written = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 12), shop.row("TEE-S", 9)], "key");
		expect(written.rows.map(({ result }) => result)).toEqual(["applied", "applied"]);
		const orderId = await shop.buy("CUP", 5);
		expect(await shop.shows("CUP")).toBe(7);
		expect(await api2cart.readOrder(shop.connection, orderId)).toMatchObject({
			lines: [{ listingRef: "product:CUP", taken: 5 }],
		});
		await editOrder(server.ctx, shop.store.id, orderId, "CUP", 2);
		expect((await api2cart.readOrder(shop.connection, orderId))?.lines[0]?.taken).toBe(2);
		expect(await api2cart.cancelOrder?.(shop.connection, orderId)).toEqual({ result: "cancelled" });
		expect(await shop.shows("CUP")).toBe(12);
	});
});

describe("connect", () => {
	const states = (shop: { first: Awaited<ReturnType<typeof api2cart.connect>> }) =>
		Object.fromEntries(shop.first.checks.map(({ name, state }) => [name, state]));

	test("a good store passes, says which it is, and nothing in it changes", async () => {
		const shop = await openShop();
		const before = await quantities(server.ctx, shop.store.id);
		const { checks, store } = await api2cart.connect(
			shop.connectWith({ facts: { publicUrl: server.origin }, now: () => new Date() }),
		);
		expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(["passed"]));
		expect(store?.storeKey).toMatch(/^WoocommerceApi:127\.0\.0\.1:\d+\/sandbox\/woocommerce\//);
		expect(store?.facts).toMatchObject({
			cartId: "WoocommerceApi",
			applies: "at_once",
			cancelledStatus: "cancelled",
			unknownStatuses: [],
		});
		expect(JSON.stringify(store)).not.toContain(shop.access.storeKey);
		expect(await quantities(server.ctx, shop.store.id)).toEqual(before);
	});

	test("warehouses are locations, the default one first", async () => {
		const shop = await openShop({ behind: "shopify" });
		expect(shop.first.store?.locations.map(({ name }) => name)).toEqual(["Shop location", "Warehouse"]);
	});

	test("a marketplace is known to apply later", async () => {
		const shop = await openShop({ settings: { cartId: "Walmart" } });
		expect(shop.first.store?.facts).toMatchObject({ cartId: "Walmart", applies: "later" });
	});

	test("each key that is wrong, and a store that API2Cart has lost, is named with what to do", async () => {
		const shop = await openShop();
		const check = async (access: Record<string, string>) => {
			const { checks, store } = await api2cart.connect(shop.connectWith({ access }));
			expect(store).toBeNull();
			return checks.find(({ state }) => state === "failed");
		};
		expect(await check({ ...shop.access, accountKey: "wrong" })).toMatchObject({ name: "credentials", fix: /API key/ });
		expect(await check({ ...shop.access, storeKey: "0".repeat(32) })).toMatchObject({
			name: "credentials",
			fix: /store's key/,
		});
		await setStoreSettings(server.ctx, shop.store.id, { isConnected: false });
		expect(await check(shop.access)).toMatchObject({ name: "credentials", sentence: /can't get into the store/ });
		await setKnobs(server.ctx, shop.store.id, { outage: true });
		expect(await check(shop.access)).toMatchObject({ name: "address" });
	});

	test("keys are in no exchange", async () => {
		const shop = await openShop();
		const kept = JSON.stringify(shop.connection.http.exchanges);
		expect(kept).not.toContain(shop.access.accountKey);
		expect(kept).not.toContain(shop.access.storeKey);
		expect(states(shop)).toMatchObject({ credentials: "passed" });
	});
});

const many = (count: number, quantity = 1): SeedProduct[] =>
	Array.from({ length: count }, (_, index) => ({
		title: `Product ${index}`,
		variants: [variant(`P${index}`, quantity)],
	}));

const wide = (name: string, count: number): SeedProduct => ({
	title: name,
	variants: Array.from({ length: count }, (_, index) => variant(`${name}-${index}`, index, `Size ${index}`)),
});

describe("listings", () => {
	test("hundreds of products come in pages, each once, while the catalogue changes", async () => {
		const shop = await openShop({ products: many(300) });
		const first = await api2cart.listListings(shop.connection, null, null);
		expect(first.items).toHaveLength(250);
		await setQuantity(server.ctx, shop.store.id, "P3", 9);
		const rest = await api2cart.listListings(shop.connection, null, first.next);
		expect(rest.next).toBeNull();
		expect(new Set([...first.items, ...rest.items].map(({ externalKey }) => externalKey)).size).toBe(300);
	});

	test("pages that are shorter than asked for are no end", async () => {
		const shop = await openShop({ products: [...many(7), ...catalogue], settings: { shortPage: 2 } });
		expect(shop.listings).toHaveLength(11);
	});

	test.each([false, true])(
		"a product with more child items than a page holds is read whole (cursor only: %s)",
		async (refusesStart) => {
			const shop = await openShop({
				products: [wide("A", 3), wide("B", 260), wide("C", 4)],
				settings: { refusesStart },
			});
			expect(shop.listings).toHaveLength(267);
			const levels = await api2cart.readLevels(shop.connection, [shop.listing("B-259"), shop.listing("A-1")]);
			expect(levels.map(({ quantity }) => quantity).sort()).toEqual([1, 259]);
		},
	);

	test("ids and SKUs of any form survive", async () => {
		const skus = ["a/b c", "Größe 42 – ☃", "9007199254740993123", "cup", "CUP", "a,b", "50%+off&x=1", "x".repeat(200)];
		const shop = await openShop({
			products: [
				...skus.map((sku) => ({ title: sku, variants: [variant(sku, 4)] })),
				{ title: "Tee", variants: [variant("t/S", 5, "S"), variant("t/M ü", 6, "M")] },
			],
			settings: { idsAreSkus: true },
		});
		expect(shop.listings.map(({ sku }) => sku)).toEqual([...skus, "t/S", "t/M ü"]);
		expect(new Set(shop.listings.map(({ externalKey }) => externalKey)).size).toBe(10);
		expect(await api2cart.readLevels(shop.connection, shop.listings)).toHaveLength(10);
		for (const listing of shop.listings) {
			const row = { externalKey: listing.externalKey, ids: listing.ids, quantity: 1, expected: listing.quantity ?? 0 };
			const { rows } = await api2cart.writeQuantities(shop.connection, [row], `key ${listing.externalKey}`);
			expect(rows).toEqual([{ externalKey: listing.externalKey, result: "applied", shown: null }]);
			const order = await api2cart.readOrder(shop.connection, await shop.buy(listing.sku ?? ""));
			expect(listing.refs).toContain(order?.lines[0]?.listingRef);
		}
	}, 60_000);

	test("ids beyond 2^53 stay exact", async () => {
		const shop = await openShop({ behind: "shopify", products: many(6) });
		const ids = shop.listings.map(({ ids }) => ids.productId ?? "");
		expect(ids.some((id) => !Number.isSafeInteger(Number(id)))).toBe(true);
		const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 8));
		expect(
			(await api2cart.writeQuantities(shop.connection, rows, "k")).rows.every(({ result }) => result === "applied"),
		).toBe(true);
		expect(await shop.shows("P5")).toBe(8);
	});

	test("blank SKUs and SKUs that two share are told apart by id", async () => {
		const products = ["", "", "TWICE", "TWICE"].map((sku, index) => ({
			title: `T${index}`,
			variants: [variant(sku, index + 1)],
		}));
		const shop = await openShop({ products });
		expect(shop.listings.map(({ sku, quantity }) => [sku, quantity])).toEqual([
			[null, 1],
			[null, 2],
			["TWICE", 3],
			["TWICE", 4],
		]);
	});

	test("a zero with nothing else said is unknown", async () => {
		const shop = await openShop({ settings: { hides: "all" } });
		expect(shop.listings.map(({ quantity }) => quantity)).toEqual([null, null, null, null]);
		expect(shop.first.checks.find(({ name }) => name === "stock_management")).toMatchObject({ state: "warned" });
		const silent = await openShop({ settings: { hides: "flags" } });
		expect(silent.listing("TEE-S")).toMatchObject({ isManaged: true, quantity: 5 });
	});

	test("a report that is still made is waited for, and asked for again by its id", async () => {
		const shop = await openShop({ products: many(2) });
		await setStoreSettings(server.ctx, shop.store.id, { reportMs: 60_000 });
		const since = new Date(0);
		const list = () => api2cart.listListings(shop.connection, since, null);
		await expect(list()).rejects.toMatchObject({ reason: "throttled", code: "REPORT_NOT_READY", retryAfterMs: 60_000 });
		await expect(list()).rejects.toMatchObject({ code: "REPORT_NOT_READY" });
		expect(shop.connection.http.exchanges.at(-1)?.url).toContain("report_request_id=ATVPDKIKX0DER");
		aheadMs += 61_000;
		expect((await list()).items).toHaveLength(2);
	});

	test("what changed since is found, and one product is read by its id until it is gone", async () => {
		const shop = await openShop();
		aheadMs += 60_000;
		const since = server.ctx.now();
		await setQuantity(server.ctx, shop.store.id, "TEE-M", 1);
		const changed = await readAll((page) => api2cart.listListings(shop.connection, since, page));
		expect(changed.map(({ sku, quantity }) => [sku, quantity])).toEqual([
			["TEE-S", 5],
			["TEE-M", 1],
		]);
		const { productId = "" } = shop.listing("TEE-M").ids;
		expect((await api2cart.readProduct(shop.connection, productId)).map(({ sku }) => sku)).toEqual(["TEE-S", "TEE-M"]);
		expect(await api2cart.readProduct(shop.connection, "999999")).toEqual([]);
	});

	test("variants that sell from their product's stock are one listing", async () => {
		const pooled: SeedProduct = {
			title: "Poster",
			sharedPool: true,
			variants: [variant("POSTER-A", 10, "Matte"), variant("POSTER-B", 10, "Glossy")],
		};
		const shop = await openShop({ products: [pooled] });
		expect(shop.listings).toHaveLength(1);
		expect(shop.listings[0]).toMatchObject({ isManaged: true, quantity: 20 });
		const order = await api2cart.readOrder(shop.connection, await shop.buy("POSTER-B", 2));
		expect(shop.listings[0]?.refs).toContain(order?.lines[0]?.listingRef);
	});
});

describe("writing", () => {
	test("only the number leaves: no default of the description, nothing twice, no quantity in a key", async () => {
		const shop = await openShop();
		await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 15), shop.row("TEE-S", 9)], "push-1");
		const sent = bodies(shop.connection);
		expect(sent.map((body) => Object.keys(body).sort())).toEqual([
			["id", "idempotency_key", "reduce_quantity"],
			["id", "idempotency_key", "increase_quantity", "product_id"],
		]);
		await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 11)], "push-1");
		expect(bodies(shop.connection).at(-1)?.idempotency_key).toBe(sent[0]?.idempotency_key);
	});

	test("the same push again replays and moves nothing; after a quarter of an hour it would", async () => {
		const shop = await openShop();
		const rows = [shop.row("CUP", 17)];
		for (let time = 0; time < 3; time++)
			expect((await api2cart.writeQuantities(shop.connection, rows, "push-1")).rows[0]?.result).toBe("applied");
		expect(await shop.shows("CUP")).toBe(17);
		aheadMs += 15 * 60_000 + 1_000;
		await api2cart.writeQuantities(shop.connection, rows, "push-1");
		expect(await shop.shows("CUP")).toBe(14);
	});

	test("a difference of nothing needs no call, and no number of units never leaves", async () => {
		const shop = await openShop();
		const before = shop.connection.http.exchanges.length;
		const { rows } = await api2cart.writeQuantities(
			shop.connection,
			[shop.row("CUP", 20), { ...shop.row("TEE-S", 0), quantity: 1.5 }],
			"k",
		);
		expect(rows).toMatchObject([{ result: "applied", shown: 20 }, { result: "refused" }]);
		expect(shop.connection.http.exchanges).toHaveLength(before);
	});

	test("more than is there can't be taken: something was sold that we have not heard of", async () => {
		const shop = await openShop();
		await shop.buy("CUP", 18);
		const { rows, trouble } = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 0)], "k");
		expect(rows[0]).toMatchObject({ result: "stale" });
		expect(trouble).toBeNull();
		expect(await shop.shows("CUP")).toBe(2);
	});

	test("one bad row is its own: unmanaged, unknown, and the good one between them", async () => {
		const shop = await openShop();
		const gone = { externalKey: "product:999", ids: { productId: "999" }, quantity: 1, expected: 0 };
		const { rows, trouble } = await api2cart.writeQuantities(
			shop.connection,
			[gone, shop.row("CUP", 4), { ...shop.row("LOOSE", 4), expected: 0 }],
			"k",
		);
		expect(rows).toMatchObject([
			{ result: "refused", error: { reason: "gone", code: "112" } },
			{ result: "applied" },
			{ result: "refused", error: { code: "IGNORED" } },
		]);
		expect(trouble).toBeNull();
	});

	test.each<[string, Partial<Knobs>, string, string, number]>([
		["silence", { timeoutRate: 1 }, "unknown", "timeout", 20],
		["done, and the answer lost", { appliedThenFailedRate: 1 }, "unknown", "", 3],
		["an error", { errorRate: 1 }, "unknown", "unreachable", 20],
		["an outage", { outage: true }, "unknown", "unreachable", 20],
		["congestion of the store", { throttleRate: 1 }, "not_sent", "throttled", 20],
	])("%s: nothing is tried twice", async (_, knobs, result, reason, shows) => {
		const shop = await openShop({ knobs, timeoutMs: 1_500 });
		const written = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 3)], "key");
		expect(written.rows[0]?.result).toBe(result);
		if (reason !== "") expect(written.trouble?.reason).toBe(reason);
		else expect(written.trouble).not.toBeNull();
		expect(written.exchanges).toHaveLength(1);
		expect(await shop.shows("CUP")).toBe(shows);
	});

	test.each<[string, Partial<A2cSettings>, string, string]>([
		["a lost store", { isConnected: false }, "not_sent", "unreachable"],
		["a full account", { mostCalls: { account: 0, store: 5 } }, "not_sent", "throttled"],
		["a full store", { mostCalls: { account: 10, store: 0 } }, "not_sent", "throttled"],
	])("%s", async (_, settings, result, reason) => {
		const shop = await openShop();
		await setStoreSettings(server.ctx, shop.store.id, settings);
		const written = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 3), shop.row("TEE-S", 1)], "key");
		expect(written.rows.map((row) => row.result)).toEqual([result, result]);
		expect(written.trouble?.reason).toBe(reason);
	});

	test("keys that are revoked in mid-push stop it, and what was written stays told", async () => {
		const shop = await openShop();
		const revoked = { ...shop.connection, access: { ...shop.access, accountKey: "gone" } };
		const { rows, trouble } = await api2cart.writeQuantities(revoked, [shop.row("CUP", 3)], "k");
		expect(rows[0]?.result).toBe("not_sent");
		expect(trouble?.reason).toBe("access_revoked");
	});

	test("calls of one process queue for the store's five instead of being refused", async () => {
		const shop = await openShop({ products: many(30), knobs: { latencyMs: 20 } });
		const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 5));
		const [first, second] = await Promise.all([
			api2cart.writeQuantities(shop.connection, rows.slice(0, 15), "a"),
			api2cart.writeQuantities(shop.connectWith({ facts: shop.connection.facts }), rows.slice(15), "b"),
		]);
		expect([...first.rows, ...second.rows].every(({ result }) => result === "applied")).toBe(true);
	});

	test("a marketplace has only accepted what it shows minutes later", async () => {
		const shop = await openShop({ settings: { cartId: "AmazonSP", visibleAfterMs: 120_000 } });
		const { rows } = await api2cart.writeQuantities(shop.connection, [shop.row("CUP", 8)], "k");
		expect(rows).toEqual([{ externalKey: shop.listing("CUP").externalKey, result: "accepted" }]);
		const level = async () => (await api2cart.readLevels(shop.connection, [shop.listing("CUP")]))[0]?.quantity;
		expect(await level()).toBe(20);
		aheadMs += 121_000;
		expect(await level()).toBe(8);
	});

	test("where relative writes are a reading and a writing, a sale between them is lost: the level tells", async () => {
		const shop = await openShop({ settings: { racyWindowMs: 300 } });
		const writing = api2cart.writeQuantities(shop.connection, [shop.row("CUP", 15)], "k");
		// Between the reading and the writing.
		await new Promise((resolve) => setTimeout(resolve, 150));
		await shop.buy("CUP", 2);
		await writing;
		expect(await shop.shows("CUP")).toBe(15);
	});

	describe("many rows", () => {
		const batchCalls = async (id: string) => (await countWireRequests(server.ctx, id)).jobs ?? 0;

		test("are one batch where the store has it, each row answered by its place", async () => {
			const shop = await openShop({ products: many(70, 5), settings: { hasBatch: true } });
			await shop.buy("P4", 5);
			const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", sku === "P4" ? 0 : 9));
			rows[7] = { externalKey: "product:999", ids: { productId: "999" }, quantity: 3, expected: 0 };
			const { rows: answers, exchanges } = await api2cart.writeQuantities(shop.connection, rows, "k");
			expect(answers[4]).toMatchObject({ result: "stale" });
			expect(answers[7]).toMatchObject({ result: "refused", error: { reason: "gone" } });
			expect(answers.filter(({ result }) => result === "applied")).toHaveLength(68);
			expect(exchanges.filter(({ method }) => method === "POST")).toHaveLength(1);
			expect(await batchCalls(shop.store.id)).toBeGreaterThanOrEqual(1);
			expect(await shop.shows("P69")).toBe(9);
		});

		test("go row by row when the batch is refused whole", async () => {
			const shop = await openShop({ products: many(61, 5), settings: { hasBatch: true } });
			const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 9));
			// The same item under two keys of ours: a duplicate id.
			rows[0] = { ...(rows[1] as WriteRow), externalKey: "product:again" };
			const { rows: answers } = await api2cart.writeQuantities(shop.connection, rows, "k");
			expect(answers.every(({ result }) => result === "applied")).toBe(true);
			expect(await shop.shows("P2")).toBe(9);
			expect(await shop.shows("P1")).toBe(13);
		}, 30_000);

		test("go row by row where the store has no batch", async () => {
			const shop = await openShop({ products: many(61, 5) });
			const rows = shop.listings.map(({ sku }) => shop.row(sku ?? "", 9));
			const { rows: answers, exchanges } = await api2cart.writeQuantities(shop.connection, rows, "k");
			expect(answers.every(({ result }) => result === "applied")).toBe(true);
			expect(exchanges).toHaveLength(61);
		}, 30_000);
	});
});

describe("orders", () => {
	test("in the wrapped shape they are the same orders", async () => {
		const shop = await openShop();
		const orderId = await shop.buy("TEE-S", 2);
		const plain = await api2cart.readOrder(shop.connection, orderId);
		await setStoreSettings(server.ctx, shop.store.id, { wrapsObjects: true });
		expect(await api2cart.readOrder(shop.connection, orderId)).toEqual(plain);
		expect((await api2cart.connect(shop.connectWith())).store?.name).toContain("Test Shop");
	});

	test.each([
		["products", "product:"],
		["skus", "sku:"],
	] as const)("lines that name only %s still find a simple product", async (orderLines, start) => {
		const shop = await openShop({ settings: { orderLines } });
		const order = await api2cart.readOrder(shop.connection, await shop.buy("CUP"));
		expect(order?.lines[0]?.listingRef).toMatch(new RegExp(`^${start}`));
		expect(shop.listing("CUP").refs).toContain(order?.lines[0]?.listingRef);
	});

	test("come in pages, each once", async () => {
		const shop = await openShop({ products: many(1, 100), settings: { shortPage: 3 } });
		const since = server.ctx.now();
		const ids: string[] = [];
		for (let index = 0; index < 8; index++) ids.push(await shop.buy("P0"));
		const orders = await readAll((page) => api2cart.listOrders(shop.connection, since, page));
		expect(orders.map(({ orderRef }) => orderRef).sort()).toEqual([...ids].sort());
	});

	test("a platform that limits how far back is asked in windows that it takes", async () => {
		const shop = await openShop({ settings: { cartId: "EBay", mostDays: 30, rememberedDays: 90 } });
		const orderId = await shop.buy("CUP");
		const orders = await readAll((page) => api2cart.listOrders(shop.connection, new Date(0), page));
		expect(new Set(orders.map(({ orderRef }) => orderRef))).toEqual(new Set([orderId]));
	});

	test("a buyer's name never leaves the store", async () => {
		const shop = await openShop();
		await api2cart.readOrder(shop.connection, await shop.buy("CUP"));
		await api2cart.listOrders(shop.connection, new Date(0), null);
		expect(JSON.stringify(shop.connection.http.exchanges)).not.toContain("Buddenbrook");
	});

	test("where API2Cart can't change orders, a cancellation is refused and says so", async () => {
		const shop = await openShop({ settings: { hasOrderUpdate: false } });
		expect(await api2cart.cancelOrder?.(shop.connection, await shop.buy("CUP"))).toMatchObject({
			result: "refused",
			error: { code: "NOT_OFFERED" },
		});
	});
});

describe("webhooks", () => {
	const secret = "abcdefghij0123456789ABCDEF";
	type Shop = Awaited<ReturnType<typeof openShop>>;
	type Hook = { id: number; entity: string; action: string; callback: string; active: boolean };
	const hooks = async (shop: Shop): Promise<Hook[]> =>
		(await shop.call("webhook.list", { query: { count: 250, params: "force_all" } })).result.webhook;

	async function listening(run: (receiver: Receiver, callbackUrl: string) => Promise<void>) {
		const receiver = await startReceiver();
		try {
			await run(receiver, receiver.url);
		} finally {
			await receiver.stop();
		}
	}
	const verified = (callback: string, { headers, body }: Receiver["mail"][number]) => {
		const query = new URL(callback).search.slice(1);
		const verdict = api2cart.verifyWebhook({ headers, query, rawBody: body }, [secret]);
		return verdict.verdict === "accepted" ? api2cart.parseWebhook(verdict.topic, body) : [];
	};

	test("are made once, kept as they are, switched on again, and made anew when secret or address change", async () => {
		const shop = await openShop();
		await listening(async (_, callbackUrl) => {
			await shop.call("webhook.create", {
				verb: "POST",
				body: { entity: "order", action: "add", callback: `${server.origin}/other` },
			});
			const register = (url = callbackUrl, key = secret) => api2cart.registerWebhooks(shop.connection, url, key);
			expect(await register()).toEqual({ state: "registered", missing: [] });
			const first = await hooks(shop);
			expect(first.map(({ entity, action }) => `${entity}.${action}`).sort()).toEqual([
				"order.add",
				"order.add",
				"order.update",
				"product.add",
				"product.update",
				"variant.update",
			]);
			expect(await register()).toEqual({ state: "registered", missing: [] });
			expect(await hooks(shop)).toEqual(first);

			const off = first.find(({ entity }) => entity === "product");
			await shop.call("webhook.update", { verb: "PUT", body: { id: off?.id, active: false } });
			// What was off had a gap.
			expect(await register()).toEqual({ state: "registered", missing: ["product.add"] });
			expect((await hooks(shop)).every(({ active }) => active)).toBe(true);

			await register(callbackUrl, `${secret}2`);
			const second = await hooks(shop);
			expect(second).toHaveLength(6);
			expect(second.filter(({ id }) => first.some((one) => one.id === id))).toHaveLength(1);
			expect(JSON.stringify(second)).not.toContain(secret);

			expect(await register("http://10.0.0.1/hook", secret)).toEqual({ state: "unreachable", missing: [] });
			await api2cart.removeWebhooks(shop.connection, callbackUrl);
			expect((await hooks(shop)).map(({ callback }) => callback)).toEqual([`${server.origin}/other`]);
		});
	});

	test("what API2Cart sends is known by its token, and is a reason to read what the store says", async () => {
		const shop = await openShop();
		await listening(async (receiver, callbackUrl) => {
			await api2cart.registerWebhooks(shop.connection, callbackUrl, secret);
			const callback = (await hooks(shop))[0]?.callback ?? "";
			const orderId = await shop.buy("TEE-S", 2);
			const mail = await receiver.wait(3);
			const signals = mail.flatMap((one) => verified(callback, one));
			const { externalKey, ids } = shop.listing("TEE-S");
			expect(signals).toEqual(
				expect.arrayContaining([
					{ kind: "order_changed", orderRef: orderId },
					{ kind: "level_reported", externalKey, hint: 3 },
					{ kind: "listing_changed", productRef: ids.productId },
				]),
			);
			expect(JSON.stringify(mail.map(({ body }) => body.toString()))).not.toContain("Buddenbrook");
		});
	});

	test("a lost store is told of with empty posts, until the fifth switches the webhook off", async () => {
		const shop = await openShop({ settings: { events: ["order"], lostStoreStepMs: 1 } });
		await listening(async (receiver, callbackUrl) => {
			await api2cart.registerWebhooks(shop.connection, callbackUrl, secret);
			const callback = (await hooks(shop))[0]?.callback ?? "";
			await setStoreSettings(server.ctx, shop.store.id, { isConnected: false });
			await shop.call("cart.validate");
			const mail = await receiver.wait(10);
			expect(mail.every(({ body }) => body.length === 0)).toBe(true);
			expect(verified(callback, mail[0] as Receiver["mail"][number])).toEqual([
				{ kind: "access_revoked", storeKey: shop.connection.facts.storeKey },
			]);
			await expect.poll(async () => (await hooks(shop)).map(({ active }) => active)).toEqual([false, false]);
			await setStoreSettings(server.ctx, shop.store.id, { isConnected: true });
			expect((await api2cart.registerWebhooks(shop.connection, callbackUrl, secret)).missing).toEqual([
				"order.add",
				"order.update",
			]);
			expect((await hooks(shop)).map(({ active }) => active)).toEqual([true, true]);
		});
	});

	test("news that we did not take is reported as a gap for an hour, so that it is read", async () => {
		const shop = await openShop({ settings: { events: ["order"] } });
		await listening(async (receiver, callbackUrl) => {
			receiver.answer(500);
			await api2cart.registerWebhooks(shop.connection, callbackUrl, secret);
			await shop.buy("CUP");
			await receiver.wait(1);
			const check = async () => (await api2cart.registerWebhooks(shop.connection, callbackUrl, secret)).missing;
			await expect.poll(check).toEqual(["order.add"]);
			aheadMs += 61 * 60_000;
			expect(await check()).toEqual([]);
		});
	});
});

describe("adding a store by its cart", () => {
	test("what a cart asks for is known, and the store that was added can be connected", async () => {
		const shop = await openShop();
		const other = await openTestAccount(server, { products: catalogue });
		const account = { ...shop.connection, accountKey: shop.access.accountKey };
		const carts = await listCarts(account);
		const woo = carts.find(({ cartId }) => cartId === "WoocommerceApi");
		if (!woo) throw new Error("WooCommerce is not among the carts.");
		const { baseUrl, access } = await sandboxKeys(server.ctx, other.backing.id);
		const typed = { store_url: baseUrl, wc_consumer_key: access.consumerKey ?? "", wc_consumer_secret: "" };
		expect(missingOf(woo, typed)).toEqual([
			{ name: "wc_consumer_secret", description: "WooCommerce consumer secret", isSecret: true },
		]);
		const add = (secret: string) =>
			addCart(account, {
				cart: woo,
				storeUrl: baseUrl,
				label: "Second",
				typed: { ...typed, wc_consumer_secret: secret },
			});
		await expect(add("cs_wrong")).rejects.toMatchObject({ reason: "unreachable", code: "100" });
		const added = await add(access.consumerSecret ?? "");
		expect(added).toMatchObject({ isKnown: false, storeKey: expect.stringMatching(/^[0-9a-f]{32}$/) });
		expect(await add(access.consumerSecret ?? "")).toEqual({ ...added, isKnown: true });
		const second = shop.connectWith({ access: { accountKey: shop.access.accountKey, storeKey: added.storeKey } });
		expect((await api2cart.connect(second)).store?.storeKey).toContain(other.backing.id);
		expect(await api2cart.listListings(second, null, null)).toMatchObject({ items: { length: 4 } });
	});
});
