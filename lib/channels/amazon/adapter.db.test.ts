/** The adapter against a sandbox account over HTTP. The account's own truth comes from the sandbox. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Knobs } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { AmazonSettings } from "@/lib/sandbox/amazon/settings";
import { openTestAccount } from "@/lib/sandbox/amazon/testing";
import type { SeedProduct } from "@/lib/sandbox/sandbox-platform";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { checkout, quantities, setKnobs, setStoreSettings } from "@/lib/sandbox/stores";
import type { Connection, Page, WriteRow } from "../channel-adapter";
import { createHttpClient } from "../http";
import { amazon } from ".";

let database: TestDatabase;
let server: SandboxServer;
/** Everybody's clock, put forward instead of waiting. */
const aheadMs = 0;
const now = () => new Date(Date.now() + aheadMs);
beforeAll(async () => {
	database = await testDatabase();
	server = await startSandboxServer({ databaseUrl: database.url, now });
});
afterAll(async () => {
	await server.stop();
	await database.close();
});

const catalogue: SeedProduct[] = [
	{ title: "Cup", variants: [{ sku: "CUP", gtin: "4006381333931", options: null, price: "9.50", quantity: 20 }] },
	{ title: "Loose", variants: [{ sku: "LOOSE", gtin: null, options: null, price: "1.00", quantity: null }] },
	{
		title: "Tee",
		variants: [
			{ sku: "TEE-S", gtin: null, options: "S / Blue", price: "20.00", quantity: 5 },
			{ sku: "TEE-M", gtin: null, options: "M / Blue", price: "20.00", quantity: 7 },
		],
	},
];

type Options = { products?: SeedProduct[]; settings?: Partial<AmazonSettings>; knobs?: Partial<Knobs> };

async function openAccount({ products = catalogue, settings, knobs }: Options = {}) {
	const account = await openTestAccount(server, { products, settings });
	const connectWith = (access: Record<string, string>, more: Partial<Connection> = {}): Connection => {
		const http = createHttpClient({ allowPrivate: true, secrets: Object.values(access) });
		return {
			channelId: "channel",
			baseUrl: account.baseUrl,
			access,
			locationRef: "",
			facts: { marketplaceIds: ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"] },
			http,
			now,
			...more,
		};
	};
	const connection = connectWith({ ...account.keys });
	if (knobs) await setKnobs(server.ctx, account.store.id, knobs);
	const row = (sku: string, quantity: number, expected = 0): WriteRow => ({
		externalKey: sku,
		ids: { productId: sku },
		quantity,
		expected,
	});
	return {
		...account,
		connection,
		connectWith,
		row,
		list: () => readAll((page) => amazon.listListings(connection, null, page)),
		write: (rows: WriteRow[], as = connection) => amazon.writeQuantities(as, rows, "key"),
		level: async (sku: string) =>
			(await amazon.readLevels(connection, [{ externalKey: sku, ids: { productId: sku } }]))[0]?.quantity,
		set: (changes: Partial<AmazonSettings>) => setStoreSettings(server.ctx, account.store.id, changes),
		buy: async (sku: string, quantity = 1) => {
			const placed = await checkout(server.ctx, account.store.id, [{ sku, quantity }]);
			if (placed.result !== "placed") throw new Error(placed.message);
			return placed.orderId;
		},
		shows: async (sku: string) => {
			const rows = await quantities(server.ctx, account.store.id);
			return rows.find((one) => one.sku === sku)?.quantity ?? null;
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

describe("the whole way", () => {
	test("a catalogue is listed, its levels are read, a quantity is written and lands, and an order is heard of", async () => {
		const account = await openAccount();
		const listings = await account.list();
		expect(listings.map(({ sku, isManaged, quantity, options }) => [sku, isManaged, quantity, options])).toEqual([
			["CUP", true, 20, null],
			["LOOSE", false, null, null],
			[expect.stringMatching(/^PARENT-/), false, null, null],
			["TEE-M", true, 7, "M / Blue"],
			["TEE-S", true, 5, "S / Blue"],
		]);
		expect(listings[0]).toMatchObject({
			externalKey: "CUP",
			refs: ["CUP"],
			gtin: "04006381333931",
			title: "Cup",
			price: "9.50",
			url: expect.stringContaining("https://www.amazon.com/dp/B0"),
		});
		const since = now();
		const orderRef = await account.buy("CUP", 3);
		expect(await account.level("CUP")).toBe(17);
		const written = await account.write([account.row("CUP", 12, 17), account.row("TEE-S", 0, 5)]);
		expect(written).toMatchObject({
			rows: [
				{ externalKey: "CUP", result: "accepted" },
				{ externalKey: "TEE-S", result: "accepted" },
			],
			trouble: null,
		});
		expect([await account.level("CUP"), await account.level("TEE-S")]).toEqual([12, 0]);
		const orders = await readAll((page) => amazon.listOrders(account.connection, since, page));
		expect(orders).toHaveLength(1);
		expect(orders[0]).toMatchObject({ orderRef, status: "open", lines: [{ listingRef: "CUP", sku: "CUP", taken: 3 }] });
		expect(await amazon.readOrder(account.connection, orderRef)).toEqual(orders[0]);
	});
});
