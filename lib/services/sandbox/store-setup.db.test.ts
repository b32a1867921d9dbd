import { beforeAll, expect, test } from "vitest";
import { createSandboxStore, getSandboxStore } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { type Context, systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { connectSandboxStore } from "./connect-sandbox-store";
import { readSandboxStore } from "./read-sandbox";
import { setUpStore } from "./store-setup";
import { neededScopes } from "./store-setups";

const sandbox = sandboxForTests();
const { database } = sandbox;
let ctx: Context;
beforeAll(async () => {
	process.env.ONECOUNT_SANDBOX = "on";
	const { merchantId } = await makeMerchant(database);
	ctx = systemContext(merchantId, database.db("app"));
});

const makeStore = (platform: "shopify" | "woocommerce" | "amazon" | "square") =>
	createSandboxStore(sandbox.ctx, { platform, name: "a shop", madeBy: ctx.merchantId, products: [] });

async function storeOf(id: string) {
	const store = await getSandboxStore(sandbox.ctx, id);
	if (!store) throw new Error("the store is gone");
	return store;
}

/** What is in force, by the field's key. */
const setupOf = async (id: string) =>
	Object.fromEntries((await readSandboxStore(ctx, id)).setup.map(({ key, value }) => [key, value]));

test("each scope that Onecount needs can be missing alone or with the one that implies it, and comes back", async () => {
	const { id } = await makeStore("shopify");
	for (const value of neededScopes) {
		await setUpStore(ctx, id, { key: "missingScope", value });
		expect(await setupOf(id)).toEqual({ missingScope: value, isInstalled: "off" });
	}
	await setUpStore(ctx, id, { key: "missingScope", value: "" });
	await setUpStore(ctx, id, { key: "isInstalled", value: "on" });
	expect(await setupOf(id)).toEqual({ missingScope: "", isInstalled: "on" });
});

test("an Amazon account's pace and rates are set by what they are called, and its roles one by one", async () => {
	const { id } = await makeStore("amazon");
	const usual = { acceptToEffect: "usual", acceptedNeverApplied: "0.005", missingRole: "" };
	expect(await setupOf(id)).toMatchObject(usual);
	for (const [key, value] of Object.entries({
		acceptToEffect: "slow",
		acceptedNeverApplied: "0.1",
		missingRole: "orders",
	})) {
		await setUpStore(ctx, id, { key, value });
		expect(await setupOf(id)).toMatchObject({ [key]: value });
	}
	for (const [key, value] of Object.entries(usual)) await setUpStore(ctx, id, { key, value });
	expect(await setupOf(id)).toMatchObject(usual);
});

test("a Square account can lack each permission, take the access back, and sell at a till", async () => {
	const { id } = await makeStore("square");
	const usual = { missingPermission: "", isRevoked: "off", sellsAt: "off", throttlesInPart: "off" };
	expect(await setupOf(id)).toEqual(usual);
	for (const value of ["INVENTORY_WRITE", "ORDERS_READ"]) {
		await setUpStore(ctx, id, { key: "missingPermission", value });
		expect(await setupOf(id)).toEqual({ ...usual, missingPermission: value });
		const outcome = await connectSandboxStore(ctx, sandbox.ctx, await storeOf(id));
		expect(outcome.checks.find(({ state }) => state === "failed")?.sentence).toMatch(/may not|sufficient/);
	}
	await setUpStore(ctx, id, { key: "missingPermission", value: "" });
	await setUpStore(ctx, id, { key: "isRevoked", value: "on" });
	const revoked = await connectSandboxStore(ctx, sandbox.ctx, await storeOf(id));
	expect(revoked.checks).toContainEqual(expect.objectContaining({ name: "credentials", state: "failed" }));
	await setUpStore(ctx, id, { key: "sellsAt", value: "on" });
	expect(await setupOf(id)).toEqual({ ...usual, isRevoked: "on", sellsAt: "on" });
});

test("a store can be set to nothing that its platform does not have", async () => {
	const { id } = await makeStore("shopify");
	for (const input of [
		{ key: "permalinks", value: "on" },
		{ key: "missingScope", value: "read_minds" },
		{ key: "missingScope", value: "", scopes: [] },
	])
		await expect(setUpStore(ctx, id, input)).rejects.toThrow();
});

test("connecting a store whose scope is missing, or whose permalinks are plain, fails with what to mend", async () => {
	const fixes: Record<string, string> = {};
	for (const [platform, setup] of [
		["shopify", { key: "missingScope", value: "read_orders" }],
		["woocommerce", { key: "permalinks", value: "on" }],
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

test("a store of each platform shows its own keys by the names of its admin, hidden where they are secret", async () => {
	const shown = async (platform: "shopify" | "woocommerce") =>
		(await readSandboxStore(ctx, (await makeStore(platform)).id)).keys?.map(({ label, isSecret }) => [label, isSecret]);
	expect(await shown("woocommerce")).toEqual([
		["Consumer key", false],
		["Consumer secret", true],
	]);
	expect(Object.fromEntries((await shown("shopify")) ?? [])).toMatchObject({ "Client id": false, Secret: true });
});
