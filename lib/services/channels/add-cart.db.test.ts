/** A store that API2Cart has to be told of first: listed, added and connected, against a sandbox account over HTTP. */
import { beforeAll, expect, test } from "vitest";
import { openTestAccount } from "@/lib/sandbox/api2cart/testing";
import { createSandboxStore, sandboxKeys } from "@/lib/sandbox/stores";
import { sandboxHereForTests } from "@/lib/services/testing/sandbox-here";
import { type Context, systemContext } from "../context";
import { makeMerchant } from "../testing/fixtures";
import { listCartChoices } from "./add-cart";
import { connectStore } from "./connect-store";
import { connectWithKeys } from "./connect-with-keys";
import { disconnectChannel } from "./disconnect-channel";
import { readChannel } from "./read-channels";
import { waysIn } from "./ways-in";

const sandbox = sandboxHereForTests();
const { database } = sandbox;
let ctx: Context;

beforeAll(async () => {
	const { merchantId } = await makeMerchant(database);
	ctx = { ...systemContext(merchantId, database.db("app")), role: "owner" };
});

async function begin() {
	const account = await openTestAccount(sandbox);
	const { id } = await createSandboxStore(sandbox.ctx, { platform: "woocommerce", name: "Second shop", products: [] });
	const shop = await sandboxKeys(sandbox.ctx, id);
	const form = (fields: Record<string, string> = {}) => ({
		platform: "api2cart",
		address: account.baseUrl,
		fields: { accountKey: account.access.accountKey, ...fields },
	});
	const parameters = {
		cart: "WoocommerceApi/api",
		store_url: shop.baseUrl,
		wc_consumer_key: shop.access.consumerKey ?? "",
		wc_consumer_secret: shop.access.consumerSecret ?? "",
	};
	const add = (changed: Record<string, string> = {}) =>
		connectWithKeys(ctx, { ...form({ ...parameters, ...changed }), way: "cart" });
	/** The same shop without API2Cart. */
	const direct = () => connectStore(ctx, { platform: "woocommerce", ...shop, isSandbox: true });
	return { form, add, direct };
}

test("is the second way in: the account's key, then a choice of its list", async () => {
	const { ways } = await waysIn("api2cart", { origin: "https://stock.example.com" });
	expect(ways.map(({ key, kind, fields }) => [key, kind, fields.map(({ name }) => name)])).toEqual([
		["keys", "keys", ["accountKey", "storeKey"]],
		["add", "cart", ["accountKey"]],
	]);
});

test("each cart says what it asks for: what all of its ways need, and what only some do", async () => {
	const { form } = await begin();
	const carts = await listCartChoices(ctx, form());
	const fieldsOf = (name: string) =>
		carts.find((one) => one.name === name)?.fields.map((field) => [field.name, field.isSecret, field.isOptional]);
	expect(fieldsOf("WooCommerce")).toEqual([
		["store_url", false, false],
		["wc_consumer_key", true, false],
		["wc_consumer_secret", true, false],
	]);
	expect(fieldsOf("Shopify")).toEqual([
		["store_url", false, false],
		["shopify_access_token", true, false],
		["shopify_shared_secret", true, true],
		["shopify_client_id", false, true],
		["shopify_api_key", true, true],
		["shopify_api_password", true, true],
	]);
});

test("a store that was added is connected by its store key, and added again it is the same channel", async () => {
	const { add } = await begin();
	const outcome = await add();
	if (outcome.result !== "connected") throw new Error(JSON.stringify(outcome.checks));
	const channel = await readChannel(ctx, outcome.channelId);
	expect(channel).toMatchObject({ platform: "api2cart", name: "Second shop", state: "importing" });
	expect(JSON.stringify(channel)).not.toContain("cs_");
	expect(await add()).toMatchObject({ result: "connected", channelId: outcome.channelId, isReconnect: true });
});

test("a wrong account key, a missing parameter and credentials that the store refuses are each named", async () => {
	const { form, add } = await begin();
	const bare = { ...form({ accountKey: "" }), address: "https://app.api2cart.com" };
	await expect(listCartChoices(ctx, bare)).rejects.toMatchObject({
		fields: { address: expect.stringContaining("web site"), accountKey: expect.stringContaining("is empty") },
	});
	const wrong = "0".repeat(32);
	await expect(listCartChoices(ctx, form({ accountKey: wrong }))).rejects.toMatchObject({
		reason: "access_revoked",
		message: expect.stringContaining("Copy the API key again"),
	});
	const choose = expect.stringContaining("Choose from API2Cart's list");
	await expect(add({ cart: "", accountKey: "" })).rejects.toMatchObject({
		fields: { accountKey: expect.stringContaining("is empty"), cart: choose },
	});
	await expect(add({ cart: "Nothing/" })).rejects.toMatchObject({ fields: { cart: choose } });
	await expect(add({ store_url: "", wc_consumer_secret: "" })).rejects.toMatchObject({
		reason: "keys_missing",
		fields: {
			store_url: "“The store's address” is empty: paste it here.",
			wc_consumer_secret: expect.stringContaining("WooCommerce consumer secret"),
		},
	});
	const refused = await add({ wc_consumer_secret: `cs_${wrong}` });
	const failed = refused.checks.find(({ state }) => state === "failed");
	expect([refused.result, failed?.sentence]).toEqual(["failed", expect.stringContaining("can't get into the store")]);
	expect(failed?.fix).toBeTruthy();
	expect(await add({ accountKey: wrong })).toMatchObject({
		result: "failed",
		checks: [{ state: "passed" }, { name: "credentials", state: "failed" }],
	});
});

test("of a shop that is connected by itself already adds none to count its sales twice, either way round", async () => {
	const { merchantId } = await makeMerchant(database);
	ctx = { ...systemContext(merchantId, database.db("app")), role: "owner" };
	const { add, direct } = await begin();
	const first = await direct();
	expect(first.result).toBe("connected");
	expect(await add()).toMatchObject({
		result: "failed",
		checks: expect.arrayContaining([
			expect.objectContaining({
				state: "failed",
				sentence: expect.stringMatching(/is connected already.*WooCommerce/),
			}),
		]),
	});
	if (first.result === "connected") await disconnectChannel(ctx, first.channelId, first.store.name);
	expect((await add()).result).toBe("connected");
	expect(await direct()).toMatchObject({ result: "failed" });
});
