/** What a store or a listing held that is no more: nobody waits for it, and what may have been sold there is waited for. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { RemoteListing } from "@/lib/channels/listing";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { disconnectChannel } from "../channels/disconnect-channel";
import { endUnseen, keepListings } from "../imports/keep-listings";
import { settleProven } from "../orders/settle-proven";
import { settlePush } from "../pushes/settle-push";
import { splitShops } from "../testing/split-shop";
import { dealAgain } from "./deal-again";
import { setChannelStrategy, setSkuStrategy } from "./set-strategy";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const { shopOf, ctxOf, slotsOf, offersOf, targetOf, landed, claim } = splitShops(() => database);

it("leaves nothing to a store that was disconnected, nor asks it how the stock is shared", async () => {
	const shop = await shopOf(90, [90, 90, 90]);
	const third = shop.channels[2] as string;
	await setChannelStrategy(ctxOf(shop), third, "escrow");
	await landed(shop);
	expect(await offersOf(shop)).toEqual([30, 30, 30]);
	await disconnectChannel(ctxOf(shop), third, "a store");
	expect(await slotsOf(shop)).toMatchObject([
		{ offered: 90, is_escrow: false },
		{ offered: 90, is_escrow: false },
		{ expected: null, bound: null },
	]);
	await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
	expect((await offersOf(shop)).slice(0, 2)).toEqual([45, 45]);
	const { push } = await claim(shop, 0);
	expect(push).toMatchObject({ rows: [{ quantity: 45 }] });
});

it("takes the answer to a write that a disconnected store was still sent for nobody's", async () => {
	const shop = await shopOf(9, [1, 1]);
	await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
	const { push } = await claim(shop, 0);
	if (!push || push === "orders_first") throw new Error("nothing was claimed");
	const target = targetOf(shop, 0);
	await disconnectChannel(ctxOf(shop), target.channelId, "a store");
	const rows = push.rows.map(({ externalKey }) => ({ externalKey, result: "applied" as const, shown: null }));
	const answer = { rows, trouble: null, budget: null, exchanges: [] };
	await settlePush(database.client("app"), target, shopifyFacts, push, answer, Date.now());
	expect(await slotsOf(shop)).toMatchObject([{ expected: null, bound: null }, { offered: 9 }]);
});

it("does not ask a store how the stock is shared whose listing has left it", async () => {
	const shop = await shopOf(90, [90, 90]);
	const { channelId, merchantId, ...target } = targetOf(shop, 1);
	await setChannelStrategy(ctxOf(shop), channelId, "escrow");
	expect(await offersOf(shop)).toEqual([45, 45]);
	const toDeal = await asMerchantPrepared(database.client("app"), merchantId, (run) =>
		endUnseen(run, { ...target, channelId, merchantId }, new Date(Date.now() + 60_000)),
	);
	expect(toDeal).toEqual([shop.skuId]);
	await dealAgain(database.client("app"), merchantId, toDeal);
	expect((await offersOf(shop))[0]).toBe(90);
});

it("deals what a listing held that has left the store once the orders of that time are read, and not before", async () => {
	const shop = await shopOf(90, [90, 90, 90]);
	await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
	await landed(shop);
	const target = targetOf(shop, 2);
	const { channelId } = target;
	const lagMs = 5_000;
	const ordersRead = async (sinceGoneMs: number) => {
		await database.ownerClient`
			update channel_health set orders_read_at = (select max(gone_at) from listings where channel_id = ${channelId}) + ${sinceGoneMs}::int * interval '1 ms'
			where channel_id = ${channelId}`;
		await settleProven(database.client("app"), target, lagMs);
		return offersOf(shop);
	};
	await asMerchantPrepared(database.client("app"), target.merchantId, (run) =>
		endUnseen(run, target, new Date(Date.now() + 60_000)),
	);
	expect(await ordersRead(lagMs - 1)).toEqual([30, 30, 30]);
	expect(await ordersRead(lagMs)).toEqual([45, 45, 0]);
	// It is back, with what it was deleted with: nobody else is given that.
	const lamp: RemoteListing = {
		externalKey: "lamp",
		ids: { inventoryItemId: "lamp" },
		refs: ["lamp"],
		sku: "LAMP",
		gtin: null,
		title: "Lamp",
		options: null,
		price: null,
		imageUrl: null,
		url: null,
		isManaged: true,
		quantity: 30,
		leftOutReason: null,
	};
	await asMerchantPrepared(database.client("app"), target.merchantId, (run) =>
		keepListings(run, target, [lamp], new Date()),
	);
	expect((await slotsOf(shop))[2]).toMatchObject({ expected: 30, bound: 30 });
});
