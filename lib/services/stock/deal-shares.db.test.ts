/** Who may show how many where listings split their stock: what the rules decide, in the database. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { switchPushingOn } from "../channels/switch-pushing";
import { makeListing, makeSku } from "../testing/fixtures";
import { type SplitShop as Shop, splitShops } from "../testing/split-shop";
import { foldMovements } from "./append-movements";
import { recomputeOffers, updateSlots } from "./recompute-offers";
import { markLaunch, setChannelStrategy, setDefaultStrategy, setSkuStrategy } from "./set-strategy";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const { shopOf, ctxOf, slotsOf, offersOf, claim } = splitShops(() => database);

async function makeSet({ merchant }: Shop, parts: Record<string, number>): Promise<string> {
	const set = await makeSku(database, merchant, "SET", null);
	await database.ownerClient`update skus set is_bundle = 'yes' where id = ${set}`;
	for (const [id, units] of Object.entries(parts))
		await database.ownerClient`
			insert into sku_components (merchant_id, bundle_id, component_id, units) values (${merchant.merchantId}, ${set}, ${id}, ${units})`;
	return set;
}

const whyOf = async ({ skuId }: Shop) =>
	(await database.ownerClient<{ stand_why: string }[]>`select stand_why from levels where sku_id = ${skuId}`)[0]
		?.stand_why;

let orders = 0;
/** One sale of `units` on the n-th store, as the pipeline applies it. */
async function sell({ merchant, skuId, channels, listings }: Shop, at: number, units: number): Promise<void> {
	const now = Date.now();
	await asMerchantPrepared(database.client("app"), merchant.merchantId, async (run) => {
		await foldMovements(run, merchant.merchantId, [
			{
				skuId,
				locationId: merchant.locationId,
				delta: -units,
				kind: "order",
				causeKey: `order:${++orders}`,
				actor: "system",
				channelId: channels[at],
				orderRef: `${orders}`,
			},
		]);
		await updateSlots(run, [skuId], [{ listingId: listings[at] as string, units, from: now, to: now }]);
	});
}

describe("escrow", () => {
	it("deals all of the stock, and a sale needs no write anywhere", async () => {
		const shop = await shopOf(9, [9, 9, 9]);
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([3, 3, 3]);
		await database.ownerClient`update slots set expected = 3, shown = 3, bound = 3 where sku_id = ${shop.skuId}`;
		await sell(shop, 0, 1);
		expect(await slotsOf(shop)).toMatchObject([
			{ offered: 2, expected: 2, bound: 2, is_escrow: true, is_pending: false },
			{ offered: 3, is_pending: false },
			{ offered: 3, is_pending: false },
		]);
	});

	it("gives back what the formula says once it is shared again", async () => {
		const shop = await shopOf(9, [9, 9, 9]);
		await setDefaultStrategy(ctxOf(shop), "escrow");
		expect(await offersOf(shop)).toEqual([3, 3, 3]);
		await setDefaultStrategy(ctxOf(shop), "shared");
		expect(await slotsOf(shop)).toMatchObject(Array(3).fill({ offered: 9, is_escrow: false }));
	});

	it("goes by the most careful of the stores that sell it, and by the SKU's own choice before them", async () => {
		const shop = await shopOf(9, [9, 9, 9]);
		const [first, second] = shop.channels as [string, string];
		await setChannelStrategy(ctxOf(shop), first, "escrow");
		expect(await offersOf(shop)).toEqual([3, 3, 3]);
		await setChannelStrategy(ctxOf(shop), second, "shared");
		expect(await offersOf(shop)).toEqual([3, 3, 3]);
		await setSkuStrategy(ctxOf(shop), shop.skuId, "shared");
		expect(await offersOf(shop)).toEqual([9, 9, 9]);
		await setSkuStrategy(ctxOf(shop), shop.skuId, null);
		expect(await offersOf(shop)).toEqual([3, 3, 3]);
		await setChannelStrategy(ctxOf(shop), first, null);
		expect(await offersOf(shop)).toEqual([9, 9, 9]);
	});

	it("takes a store's choice for its own merchant's stores alone", async () => {
		const shop = await shopOf(9, [9]);
		const other = await shopOf(9, [9]);
		await expect(setChannelStrategy(ctxOf(other), shop.channels[0] as string, "escrow")).rejects.toMatchObject({
			status: 404,
		});
		expect(await offersOf(shop)).toEqual([9]);
	});

	it("leaves to a store that can't be written to any more what it holds, and splits the rest", async () => {
		const shop = await shopOf(10, [10, 4]);
		await database.ownerClient`update channels set state = 'revoked' where id = ${shop.channels[1] ?? ""}`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([6, 4]);
	});

	it("R12 takes nothing from the others for a store to which pushing was never switched on, until it is", async () => {
		const shop = await shopOf(10, [10, 10, 10]);
		const [, , newcomer] = shop.channels as [string, string, string];
		await database.ownerClient`
			update channels set state = 'read_only', pushing_since = null, dry_run_seen_at = now() where id = ${newcomer}`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect((await offersOf(shop)).slice(0, 2)).toEqual([5, 5]);
		expect(await slotsOf(shop)).toMatchObject([{ is_escrow: true }, { is_escrow: true }, { is_escrow: false }]);
		await switchPushingOn(ctxOf(shop), newcomer, { changes: 1, toZero: 0 });
		expect((await slotsOf(shop)).map(({ is_escrow }) => is_escrow)).toEqual([true, true, true]);
		expect((await offersOf(shop)).reduce((sum: number, units) => sum + (units ?? 0), 0)).toBe(10);
	});

	it("shows no store more than it would show of all, by the nearest level that says, and leaves the rest to the others", async () => {
		const sql = database.ownerClient;
		const shop = await shopOf(10, [10, 10]);
		const { skuId } = shop;
		const [, second] = shop.channels as [string, string];
		const [, listing] = shop.listings as [string, string];
		await setSkuStrategy(ctxOf(shop), skuId, "escrow");
		const again = async () => {
			await asMerchant(ctxOf(shop).db, shop.merchant.merchantId, (tx) => recomputeOffers(tx, [skuId]));
			return offersOf(shop);
		};
		expect(await again()).toEqual([5, 5]);
		await sql`update merchants set cap_units = 4 where id = ${shop.merchant.merchantId}`;
		expect(await again()).toEqual([4, 4]);
		await sql`update channels set cap_units = 0 where id = ${second}`;
		expect(await again()).toEqual([4, 0]);
		await sql`update skus set cap_units = 9 where id = ${skuId}`;
		expect(await again()).toEqual([5, 5]);
		await sql`update slots set cap_units = 0 where listing_id = ${listing}`;
		expect(await again()).toEqual([9, 0]);
		await sql`update slots set cap_units = 3 where listing_id = ${listing}`;
		expect(await again()).toEqual([7, 3]);
	});

	it("holds back from a store what its policy holds back, and from all what each holds back", async () => {
		const sql = database.ownerClient;
		const shop = await shopOf(10, [10, 10]);
		const [first, second] = shop.channels as [string, string];
		await sql`update channels set buffer_units = 100 where id = ${second}`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([10, 0]);
		await sql`update channels set buffer_units = 4 where id in (${first}, ${second})`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([3, 3]);
		await sql`update channels set buffer_units = null, share_percent = 10 where id = ${second}`;
		await sql`update channels set buffer_units = null where id = ${first}`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([9, 1]);
		await sql`update channels set min_units = 3 where id = ${second}`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([7, 3]);
		await sql`update channels set share_percent = null, min_units = null, out_of_stock_below = 9 where id = ${second}`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([10, 0]);
	});

	it("counts a store's cap in its own units", async () => {
		const shop = await shopOf(30, [30, 5]);
		await database.ownerClient`update slots set units = 6, cap_units = 1 where listing_id = ${shop.listings[1] ?? ""}`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		expect(await offersOf(shop)).toEqual([24, 1]);
	});

	it("gives a bundle its part of each component, which is split because of it", async () => {
		const shop = await shopOf(10, [10, 10]);
		const { merchant, skuId, channels } = shop;
		const cable = await makeSku(database, merchant, "CABLE", 3);
		const set = await makeSet(shop, { [skuId]: 2, [cable]: 1 });
		const listing = await makeListing(database, merchant, channels[0] as string, "set", { skuId: set, shown: 3 });
		const setOf = async () =>
			(await database.ownerClient`select offered, is_escrow from slots where listing_id = ${listing}`)[0];
		await setSkuStrategy(ctxOf(shop), set, "escrow");
		const [first, second] = (await offersOf(shop)) as [number, number];
		const { offered, is_escrow } = (await setOf()) as { offered: number; is_escrow: boolean };
		expect(is_escrow).toBe(true);
		expect(first + second + 2 * offered).toBe(10);
		expect(Math.min(first, second, offered)).toBeGreaterThan(0);
		expect(offered).toBeLessThanOrEqual(3);
		expect(await whyOf(shop)).toBe("chosen");
		await setSkuStrategy(ctxOf(shop), set, null);
		expect(await offersOf(shop)).toEqual([10, 10]);
		expect(await setOf()).toEqual({ offered: 3, is_escrow: false });
	});

	it("adaptive splits a bundle as soon as one of its components is scarce, and none of the others", async () => {
		const shop = await shopOf(100, [100, 100]);
		const { merchant, skuId, channels } = shop;
		const cable = await makeSku(database, merchant, "CABLE", 9);
		const set = await makeSet(shop, { [skuId]: 1, [cable]: 1 });
		for (const channelId of channels) {
			await makeListing(database, merchant, channelId, "set", { skuId: set, shown: 9 });
			await makeListing(database, merchant, channelId, "cable", { skuId: cable, shown: 9 });
		}
		await setDefaultStrategy(ctxOf(shop), "adaptive");
		const of = async (id: string) =>
			(await database.ownerClient`select offered, is_escrow from slots where sku_id = ${id} order by id`).map(
				({ offered, is_escrow }) => [offered, is_escrow],
			);
		expect(await of(set)).toEqual([
			[9, false],
			[9, false],
		]);
		await sell({ ...shop, skuId: cable }, 0, 6);
		expect((await of(cable)).every(([, isEscrow]) => isEscrow)).toBe(true);
		const sets = await of(set);
		expect(sets.every(([, isEscrow]) => isEscrow)).toBe(true);
		const cables = [...(await of(cable)), ...sets].reduce((sum, [offered]) => sum + (offered as number), 0);
		expect(cables).toBe(3);
		expect(await of(skuId)).toEqual([
			[100, false],
			[100, false],
		]);
	});

	it("E1 a bundle and its components never take the same units, whoever claims first", async () => {
		const shop = await shopOf(10, [0, 0]);
		const { merchant, skuId, channels } = shop;
		const set = await makeSet(shop, { [skuId]: 3 });
		const listing = await makeListing(database, merchant, channels[1] as string, "set", { skuId: set, shown: 0 });
		await database.ownerClient`update slots set bound = 0 where listing_id = ${listing}`;
		await setSkuStrategy(ctxOf(shop), skuId, "escrow");
		await database.ownerClient`update slots set offered = case when listing_id = ${listing} then 3 else 8 end where merchant_id = ${merchant.merchantId}`;
		await Promise.all([claim(shop, 0), claim(shop, 1)]);
		const [row] = await database.ownerClient`
			select sum(doubt * case when listing_id = ${listing} then 3 else 1 end)::int as doubt from slots where merchant_id = ${merchant.merchantId}`;
		expect(row?.doubt).toBeGreaterThan(7);
		expect(row?.doubt).toBeLessThanOrEqual(10);
	});

	it("E1 two stores that claim at once never take the same units", async () => {
		const shop = await shopOf(10, [2, 2]);
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		// Both are to have more than is free between them.
		await database.ownerClient`update slots set offered = 8 where sku_id = ${shop.skuId}`;
		const turns = await Promise.all([claim(shop, 0), claim(shop, 1)]);
		const raised = turns.flatMap(({ push }) => (push && push !== "orders_first" ? push.rows : []));
		expect(raised.reduce((sum, { quantity, expected }) => sum + quantity - expected, 0)).toBe(6);
		const [held] = await database.ownerClient<{ held: number }[]>`
			select sum(bound + doubt)::int as held from slots where sku_id = ${shop.skuId}`;
		expect(held?.held).toBe(10);
	});
});

describe("adaptive", () => {
	it("shares while it lasts, splits what sells out within minutes, and says why", async () => {
		const shop = await shopOf(100, [100, 100]);
		await setSkuStrategy(ctxOf(shop), shop.skuId, "adaptive");
		expect(await offersOf(shop)).toEqual([100, 100]);
		expect(await whyOf(shop)).toBe("lasts");
		await sell(shop, 0, 5);
		expect(await whyOf(shop)).toBe("lasts");
		await sell(shop, 0, 5);
		expect(await whyOf(shop)).toBe("sells_out");
		const [a, b] = (await offersOf(shop)) as [number, number];
		expect(a + b).toBe(90);
		expect(a).toBeGreaterThan(b);
	});

	it("splits what is nearly gone, and a marked launch from its first second on", async () => {
		const scarce = await shopOf(3, [3, 3, 3]);
		await setSkuStrategy(ctxOf(scarce), scarce.skuId, "adaptive");
		expect(await offersOf(scarce)).toEqual([1, 1, 1]);
		const closed = await shopOf(3, [3, 0]);
		await database.ownerClient`update channels set cap_units = 0 where id = ${closed.channels[1] ?? ""}`;
		await setSkuStrategy(ctxOf(closed), closed.skuId, "adaptive");
		expect(await slotsOf(closed)).toMatchObject([
			{ offered: 3, is_escrow: true },
			{ offered: 0, is_escrow: true },
		]);
		const shop = await shopOf(50, [50, 50]);
		await setSkuStrategy(ctxOf(shop), shop.skuId, "adaptive");
		const [from, until] = [new Date(Date.now() - 1_000), new Date(Date.now() + 3_600_000)];
		await markLaunch(ctxOf(shop), shop.skuId, { from, until });
		expect([await offersOf(shop), await whyOf(shop)]).toEqual([[25, 25], "launch"]);
		await expect(markLaunch(ctxOf(shop), shop.skuId, { from: until, until: from })).rejects.toThrow(
			"would end before it begins",
		);
		const past = { from: "2025-11-28T08:00:00.000Z", until: "2025-11-28T10:00:00.000Z" };
		await expect(markLaunch(ctxOf(shop), shop.skuId, past)).rejects.toThrow("would be over already");
		expect([await offersOf(shop), await whyOf(shop)]).toEqual([[25, 25], "launch"]);
	});
});
