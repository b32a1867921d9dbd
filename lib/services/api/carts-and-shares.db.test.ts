/** A cart that reserves beside stores that hold all of the stock: refused once, served when it asks again. */
import { beforeEach, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { settlePush } from "../pushes/settle-push";
import { checkLedger } from "../stock/check-ledger";
import { dealAgain } from "../stock/deal-again";
import { lockEscrow } from "../stock/lock-escrow";
import { recomputeOffers } from "../stock/recompute-offers";
import { setSkuStrategy } from "../stock/set-strategy";
import { type SplitShop, splitShops } from "../testing/split-shop";
import { apiDatabaseForTests, type Caller, makeCaller } from "./testing";

const database = apiDatabaseForTests();
let cart: Caller;
let shop: SplitShop;
const { shopOf, ctxOf, offersOf, targetOf, landed, claim } = splitShops(() => database);

/** Three stores hold thirty each of the ninety that there are. */
beforeEach(async () => {
	cart = await makeCaller(database);
	shop = await shopOf(90, [30, 30, 30], cart.merchant);
	await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
	await landed(shop);
});

const reserve = (quantity: number) =>
	cart.call("POST", "/reservations", { body: { lines: [{ sku: "LAMP", quantity }] } });

/** Every store is told what it is to show, and takes it. */
async function tellStores(): Promise<void> {
	for (const [at] of shop.channels.entries()) {
		const { push } = await claim(shop, at);
		if (!push || push === "orders_first") continue;
		const rows = push.rows.map(({ externalKey, quantity: shown }) => ({
			externalKey,
			result: "applied" as const,
			shown,
		}));
		const answer = { rows, trouble: null, budget: null, exchanges: [] };
		const client = database.client("app");
		const { loweredSkuIds } = await settlePush(client, targetOf(shop, at), shopifyFacts, push, answer, Date.now());
		await dealAgain(client, shop.merchant.merchantId, loweredSkuIds);
	}
}

/** E1, and L1, which is the same where all lies at one location. */
async function expectNothingPromisedTwice(): Promise<void> {
	const [row] = await database.ownerClient<{ held: number; available: number }[]>`
		select (select sum(bound + doubt)::int from slots where sku_id = ${shop.skuId}) as held,
			(select on_hand - reserved from levels where sku_id = ${shop.skuId}) as available`;
	expect(row?.held).toBeLessThanOrEqual(row?.available ?? 0);
	const { merchantId } = shop.merchant;
	expect(
		await asMerchantPrepared(database.client("app"), merchantId, (run) => checkLedger(run, merchantId)),
	).toMatchObject({ faults: [] });
}

const sum = (offers: readonly (number | null)[]) => offers.reduce<number>((all, units) => all + (units ?? 0), 0);

describe("where stores hold all of the stock, a cart", () => {
	it("is told how many they hold and when to ask again, and then has its unit", async () => {
		const { locationId } = shop.merchant;
		expect(await reserve(1)).toMatchObject({
			status: 409,
			body: {
				reason: "short",
				detail:
					"LAMP: 1 wanted, 0 available. Nothing was reserved. Of LAMP there are 90, and stores hold 90 of them. They are asked to give up what is missing: ask again in 5 seconds, with a new Idempotency-Key.",
				short: [{ sku: "LAMP", locationId, wanted: 1, available: 0 }],
				retryAfter: 5,
			},
		});
		expect((await offersOf(shop)).toSorted()).toEqual([29, 30, 30]);
		expect((await reserve(1)).status).toBe(409);
		await tellStores();
		await expectNothingPromisedTwice();
		expect((await reserve(1)).status).toBe(201);
		await expectNothingPromisedTwice();
	});

	it("finds some kept for it after others were served, as long as carts come", async () => {
		await reserve(1);
		await tellStores();
		for (let served = 0; served < 5; served++) {
			expect((await reserve(1)).status).toBe(201);
			await tellStores();
			await expectNothingPromisedTwice();
		}
		expect(sum(await offersOf(shop))).toBe(84);
	});

	it("has as many as it asks for, of those that are there, and what is left is the stores' and the carts'", async () => {
		expect((await reserve(80)).body.retryAfter).toBe(5);
		await tellStores();
		expect((await reserve(80)).status).toBe(201);
		await expectNothingPromisedTwice();
		expect(await offersOf(shop)).toSatisfy((offers: number[]) => sum(offers) === 8);
	});

	it("is told of no time where there are not so many, and the stores keep what they have", async () => {
		const { body } = await reserve(91);
		expect(body).toMatchObject({ status: 409, detail: "LAMP: 91 wanted, 0 available. Nothing was reserved." });
		expect(body).not.toHaveProperty("retryAfter");
		expect(await offersOf(shop)).toEqual([30, 30, 30]);
	});

	it("does not keep the stores waiting for one that never comes back", async () => {
		await reserve(6);
		await tellStores();
		expect(sum(await offersOf(shop))).toBe(84);
		await database.ownerClient`update levels set cart_until = now() - interval '1 s' where sku_id = ${shop.skuId}`;
		const { merchantId } = shop.merchant;
		await asMerchant(database.db("app"), merchantId, (tx) => recomputeOffers(tx, [shop.skuId]));
		expect(sum(await offersOf(shop))).toBe(90);
		await tellStores();
		await expectNothingPromisedTwice();
	});

	it("that asks for what lies at one location has it from there, and no set of locations is promised twice", async () => {
		const sql = database.ownerClient;
		const { merchantId, locationId } = shop.merchant;
		const [shed] = await sql<{ id: string }[]>`
			insert into locations (merchant_id, name) values (${merchantId}, 'Shed') returning id`;
		const shedId = shed?.id ?? "";
		await sql`update channels set further_location_ids = ${[shedId]} where id = ${shop.channels[2] ?? ""}`;
		await sql`
			insert into levels (merchant_id, sku_id, location_id, on_hand, version, counted_at) values (${merchantId}, ${shop.skuId}, ${shedId}, 10, 0, now())`;
		await setSkuStrategy(ctxOf(shop), shop.skuId, "escrow");
		await tellStores();
		expect(sum(await offersOf(shop))).toBe(100);
		const ask = () =>
			cart.call("POST", "/reservations", { body: { lines: [{ sku: "LAMP", quantity: 4, locationId: shedId }] } });
		expect((await ask()).body).toMatchObject({ retryAfter: 5, short: [{ locationId: shedId, available: 0 }] });
		await tellStores();
		expect((await ask()).status).toBe(201);
		const pools = await sql<{ location_ids: string[]; free: number }[]>`
			select p.location_ids,
				(select sum(on_hand - reserved) from levels where sku_id = ${shop.skuId} and location_id = any(p.location_ids))
				- (select sum(bound + doubt) from slots s join channels c on c.id = s.channel_id
					where s.sku_id = ${shop.skuId} and c.location_ids <@ p.location_ids) as free
			from pools p where p.merchant_id = ${merchantId}`;
		expect(pools.map(({ location_ids }) => location_ids.length).toSorted()).toEqual([1, 2]);
		for (const { location_ids, free } of pools)
			expect([location_ids.includes(locationId), Number(free) >= 0]).toEqual([true, true]);
	});

	it("waits for a write that is about to leave and holds nothing that this write needs", async () => {
		await reserve(1);
		await tellStores();
		const waiting = () => database.ownerClient`
			select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
		const asked: ReturnType<typeof reserve>[] = [];
		await asMerchantPrepared(database.client("app"), shop.merchant.merchantId, async (run) => {
			await run`select set_config('lock_timeout', '300ms', true)`;
			// As a claim does (lib/services/pushes): its slots, then what nobody holds of their stock.
			await run`select from slots where sku_id = ${shop.skuId}::uuid order by id limit 1 for update`;
			asked.push(reserve(1));
			await expect.poll(async () => (await waiting()).length).toBe(1);
			await lockEscrow(run, [shop.skuId]);
		});
		expect(await Promise.all(asked)).toMatchObject([{ status: 201 }]);
	});

	it("one of many at once is served of what the stores gave up, and no unit twice", async () => {
		await Promise.all(Array.from({ length: 12 }, () => reserve(1)));
		await tellStores();
		const all = await Promise.all(Array.from({ length: 20 }, () => reserve(1)));
		expect(all.filter(({ status }) => status === 201)).toHaveLength(12);
		expect(all.filter(({ status }) => status === 409)).toHaveLength(8);
		await expectNothingPromisedTwice();
	}, 60_000);
});
