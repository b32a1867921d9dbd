/** Stores show numbers that nobody counted, for what they never run out of: together more than a column holds. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared, statementsOf } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { applyOrders } from "../orders/apply-orders";
import { splitShops } from "../testing/split-shop";
import { checkLedger } from "./check-ledger";
import { readSkuExposure } from "./read-exposure";
import { setSkuStrategy } from "./set-strategy";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const { shopOf, ctxOf, claim, offersOf } = splitShops(() => database);
const placeholder = 999_999_999;

it.each(["shared", "escrow"] as const)("R11 hold up no sale and no write where the stock is %s", async (strategy) => {
	const shop = await shopOf(60, [placeholder, placeholder, placeholder]);
	const { merchant, skuId, channels } = shop;
	const ctx = ctxOf(shop);
	await database.ownerClient`update slots set units = 6 where sku_id = ${skuId}`;
	await database.ownerClient`update mappings set units = 6 where sku_id = ${skuId}`;
	await setSkuStrategy(ctx, skuId, strategy);
	const at = Date.now() + 60_000;
	await asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
		applyOrders(run, merchant.merchantId, channels[0] as string, [
			{
				order: {
					orderRef: "1",
					number: "#1",
					status: "open",
					placedAt: new Date(at).toISOString(),
					version: { at, step: 0 },
					lines: [{ lineRef: "1", listingRef: "lamp", sku: "LAMP", title: "Lamp", taken: 2 }],
				},
				inboxId: 1,
				isLiveRead: false,
			},
		]),
	);
	const [level] = await database.ownerClient`select on_hand from levels where sku_id = ${skuId}`;
	expect(level).toEqual({ on_hand: 48 });
	const offers = await offersOf(shop);
	if (strategy === "shared") expect(offers).toEqual([8, 8, 8]);
	for (const [store, offered] of offers.entries())
		expect(await claim(shop, store)).toMatchObject({ push: { rows: [{ quantity: offered }] } });
	const { faults, exposure } = await asMerchant(ctx.db, merchant.merchantId, async (tx) => ({
		...(await checkLedger(statementsOf(tx), merchant.merchantId)),
		exposure: await readSkuExposure(tx, skuId),
	}));
	expect(faults).toEqual([]);
	expect(exposure.units).toBeGreaterThan(2_000_000_000);
});
