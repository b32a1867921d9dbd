import { beforeAll, expect, test } from "vitest";
import { checkout, createSandboxStore, sandboxKeys } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { checkWebhooks } from "../channels/check-webhooks";
import { systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { dropWebhooks, turnKnobs } from "./change-sandbox";
import { connectSandboxStore } from "./connect-sandbox-store";
import { readSandboxStore } from "./read-sandbox";

const sandbox = sandboxForTests();
const { database } = sandbox;
beforeAll(() => {
	process.env.ONECOUNT_SANDBOX = "on";
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

test("a store's webhooks are dropped by hand where its platform drops any", async () => {
	const { merchantId } = await makeMerchant(database);
	const ctx = systemContext(merchantId, database.db("app"));
	const make = (platform: "shopify" | "magento") =>
		createSandboxStore(sandbox.ctx, { platform, name: "a store", madeBy: merchantId });
	const droppable = async (id: string) => (await readSandboxStore(ctx, id)).droppableWebhooks;

	const shop = await make("shopify");
	const connected = await connectSandboxStore(ctx, sandbox.ctx, shop);
	if (connected.result !== "connected") throw new Error(JSON.stringify(connected.checks));
	expect(await checkWebhooks(connected.channelId)).toBe("registered");
	const made = await droppable(shop.id);
	expect(made).toBeGreaterThan(0);
	await dropWebhooks(ctx, shop.id);
	expect(await droppable(shop.id)).toBe(0);
	expect(await checkWebhooks(connected.channelId)).toBe("registered");
	expect(await droppable(shop.id)).toBe(made);

	const silent = await make("magento");
	expect(await droppable(silent.id)).toBeNull();
	await expect(dropWebhooks(ctx, silent.id)).rejects.toThrow("never drop a webhook");
});

test("a store answers garbled as it was told to, until the day is good again", async () => {
	const { merchantId } = await makeMerchant(database);
	const ctx = systemContext(merchantId, database.db("app"));
	const { id } = await createSandboxStore(sandbox.ctx, { platform: "woocommerce", name: "a shop", madeBy: merchantId });
	const { baseUrl } = await sandboxKeys(sandbox.ctx, id);
	const answered = async () => (await fetch(`${baseUrl}/wp-json/`)).headers.get("content-type");
	await turnKnobs(ctx, id, { garbled: "page" });
	expect(await readSandboxStore(ctx, id)).toMatchObject({ knobs: { garbled: "page" }, turnedKnobs: 1 });
	expect(await answered()).toContain("text/html");
	await turnKnobs(ctx, id, { garbled: false });
	expect(await answered()).toContain("application/json");
	await expect(turnKnobs(ctx, id, { garbled: "backwards" })).rejects.toThrow();
});
