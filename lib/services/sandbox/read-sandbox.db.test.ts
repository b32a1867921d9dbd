import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { checkout, createSandboxStore } from "@/lib/sandbox/stores";
import { systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { readSandboxStore } from "./read-sandbox";

let database: TestDatabase;
let sandbox: SandboxServer;
beforeAll(async () => {
	database = await testDatabase();
	sandbox = await startSandboxServer({ databaseUrl: database.url });
	process.env.ONECOUNT_SANDBOX = "on";
});
afterAll(async () => {
	await sandbox?.stop();
	await database?.close();
});

test("a pool of variants stands on the shelf once, and what is not counted has no number", async () => {
	const { merchantId } = await makeMerchant(database);
	const one = (sku: string, options: string | null, quantity: number | null) => ({
		sku,
		gtin: null,
		options,
		price: "9.00",
		quantity,
	});
	const { id } = await createSandboxStore(sandbox.ctx, {
		platform: "woocommerce",
		name: "a shop",
		madeBy: merchantId,
		products: [
			{ title: "Wool Cap", sharedPool: true, variants: [one("CAP-INK", "Ink", 5), one("CAP-RUST", "Rust", 3)] },
			{ title: "Waxing", variants: [one("WAX", null, null)] },
		],
	});
	const { items } = await readSandboxStore(systemContext(merchantId, database.db("app")), id);
	expect(items.map(({ sku, quantity, sharesWith }) => [sku, quantity, sharesWith])).toEqual([
		["CAP-INK", 8, null],
		["CAP-RUST", 8, "CAP-INK"],
		["WAX", null, null],
	]);
});

test("an order's status is told in words, where a platform keeps it as a number", async () => {
	const { merchantId } = await makeMerchant(database);
	const { id } = await createSandboxStore(sandbox.ctx, {
		platform: "bigcommerce",
		name: "a store",
		madeBy: merchantId,
		products: [{ title: "Cup", variants: [{ sku: "CUP", gtin: null, options: null, price: "9.00", quantity: 5 }] }],
	});
	await checkout(sandbox.ctx, id, [{ sku: "CUP", quantity: 1 }]);
	const { orders } = await readSandboxStore(systemContext(merchantId, database.db("app")), id);
	expect(orders.map(({ status }) => status)).toEqual(["awaiting fulfillment"]);
});
