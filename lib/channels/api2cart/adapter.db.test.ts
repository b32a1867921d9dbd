/** The adapter against a sandbox account over HTTP, in front of stores of two kinds. The truth comes from the store behind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Knobs } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { A2cSettings } from "@/lib/sandbox/api2cart/settings";
import { type BackingKind, openTestAccount } from "@/lib/sandbox/api2cart/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import {
	cancelOrder,
	checkout,
	countWireRequests,
	editOrder,
	quantities,
	refundOrder,
	setKnobs,
	setQuantity,
	setStoreSettings,
} from "@/lib/sandbox/stores";
import type { Connection, Page, WriteRow } from "../channel-adapter";
import { createHttpClient } from "../http";
import { api2cart } from ".";

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
};

async function openShop({ behind = "woocommerce", products = catalogue, settings, knobs, facts = {} }: Options = {}) {
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
			http: { send: (request) => http.send({ ...request, timeoutMs: 1_500 }), exchanges: http.exchanges },
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
});
