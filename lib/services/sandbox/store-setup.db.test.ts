import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type SandboxServer, startSandboxServer } from "@/lib/sandbox/server";
import { createSandboxStore } from "@/lib/sandbox/stores";
import { type Context, systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { connectSandboxStore } from "./connect-sandbox-store";
import { readSandboxStore } from "./read-sandbox";
import { neededScopes, setUpStore } from "./store-setup";

let database: TestDatabase;
let sandbox: SandboxServer;
let ctx: Context;
beforeAll(async () => {
	database = await testDatabase();
	sandbox = await startSandboxServer({ databaseUrl: database.url });
	process.env.ONECOUNT_SANDBOX = "on";
	const { merchantId } = await makeMerchant(database);
	ctx = systemContext(merchantId, database.db("app"));
});
afterAll(async () => {
	await sandbox?.stop();
	await database?.close();
});

const makeStore = (platform: "shopify" | "woocommerce") =>
	createSandboxStore(sandbox.ctx, { platform, name: "a shop", madeBy: ctx.merchantId, products: [] });

test("each scope that Onecount needs can be missing alone or with the one that implies it, and comes back", async () => {
	const { id } = await makeStore("shopify");
	for (const missingScope of neededScopes) {
		await setUpStore(ctx, id, { missingScope });
		expect((await readSandboxStore(ctx, id)).setup).toEqual({ platform: "shopify", missingScope, isInstalled: true });
	}
	await setUpStore(ctx, id, { missingScope: null });
	await setUpStore(ctx, id, { isInstalled: false });
	expect((await readSandboxStore(ctx, id)).setup).toEqual({
		platform: "shopify",
		missingScope: null,
		isInstalled: false,
	});
	await expect(setUpStore(ctx, id, { permalinks: "plain" })).rejects.toThrow();
});

test("connecting a store whose scope is missing, or whose permalinks are plain, fails with what to mend", async () => {
	const fixes: Record<string, string> = {};
	for (const [platform, setup] of [
		["shopify", { missingScope: "read_orders" }],
		["woocommerce", { permalinks: "plain" }],
	] as const) {
		const store = await makeStore(platform);
		await setUpStore(ctx, store.id, setup);
		const outcome = await connectSandboxStore(ctx, sandbox.ctx, store);
		if (outcome.result !== "failed") throw new Error(`the ${platform} store was connected`);
		const failed = outcome.checks.find(({ state }) => state === "failed");
		fixes[platform] = `${failed?.sentence} ${failed?.fix}`;
	}
	expect(fixes.shopify).toContain("read_orders");
	expect(fixes.woocommerce).toContain("Permalinks");
});
