/** Channels that sell from several of our locations: what they are offered, where a sale is taken, and that none is promised twice. */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import type { OrderSnapshot } from "@/lib/stock/order";
import { freeIn, mostChoices, poolsOf } from "@/lib/stock/places";
import { type Context, systemContext } from "../context";
import { addLocation } from "../locations/add-location";
import { applyOrders } from "../orders/apply-orders";
import { applyParkedLines } from "../orders/apply-parked-lines";
import { placeUnits } from "../reservations/place-units";
import { readSku } from "../skus/read-sku";
import { appendMovements } from "../stock/append-movements";
import { checkLedger } from "../stock/check-ledger";
import { setSkuStrategy } from "../stock/set-strategy";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { dryRun } from "./dry-run";
import { setSellingLocations } from "./set-selling-locations";
import { takeTurn } from "./take-turn";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

type Shop = {
	ctx: Context;
	merchant: FixtureMerchant;
	/** Main, Yard, Loft. */
	places: [string, string, string];
	web: string;
	till: string;
	skuId: string;
};

/** A SKU of which so many lie at Main, Yard and Loft; the web store and the till list it and sell from Main. */
async function shopOf(...onHand: number[]): Promise<Shop> {
	const merchant = await makeMerchant(database);
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	const yard = (await addLocation(ctx, "Yard")).locationId;
	const loft = (await addLocation(ctx, "Loft")).locationId;
	const places: Shop["places"] = [merchant.locationId, yard, loft];
	const web = await makeChannel(database, merchant, { name: "web" });
	const till = await makeChannel(database, merchant, { name: "till" });
	const skuId = await makeSku(database, merchant, "LAMP", null);
	for (const channelId of [web, till]) await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 0 });
	await database.ownerClient`update slots set bound = 0 where sku_id = ${skuId}`;
	const shop = { ctx, merchant, places, web, till, skuId };
	await count(shop, skuId, onHand);
	return shop;
}

const count = ({ ctx, places }: Shop, skuId: string, onHand: readonly number[]) =>
	asMerchant(ctx.db, ctx.merchantId, (tx) =>
		appendMovements(
			tx,
			ctx.merchantId,
			onHand.map((delta, at) => ({
				skuId,
				locationId: places[at] as string,
				delta,
				kind: "count",
				causeKey: `count:${randomUUID()}`,
				actor: "test",
			})),
		),
	);

async function offersOf({ web, till }: Shop): Promise<(number | null)[]> {
	const rows = await database.ownerClient<{ channel_id: string; offered: number | null }[]>`
		select channel_id, offered from slots where channel_id in (${web}, ${till}) and listing_id in (select id from listings where external_key = 'lamp')`;
	return [web, till].map((id) => rows.find(({ channel_id }) => channel_id === id)?.offered ?? null);
}

/** On hand by place. */
async function levelsOf({ places }: Shop, skuId: string): Promise<number[]> {
	const rows = await database.ownerClient<
		{ location_id: string; on_hand: number }[]
	>`select location_id, on_hand from levels where sku_id = ${skuId}`;
	return places.map((id) => rows.find(({ location_id }) => location_id === id)?.on_hand ?? 0);
}

let stamps = 0;
function order(ref: string, lines: Record<string, number>): OrderSnapshot {
	const at = Date.now() + ++stamps;
	return {
		orderRef: ref,
		number: `#${ref}`,
		status: "open",
		placedAt: new Date(at).toISOString(),
		version: { at, step: 0 },
		lines: Object.entries(lines).map(([listingRef, taken]) => ({
			lineRef: listingRef,
			listingRef,
			sku: listingRef,
			title: listingRef,
			taken,
		})),
	};
}

const hear = ({ merchant }: Shop, channelId: string, ...orders: OrderSnapshot[]) =>
	asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
		applyOrders(
			run,
			merchant.merchantId,
			channelId,
			orders.map((one) => ({ order: one, inboxId: 1, isLiveRead: false })),
		),
	);

async function expectSound({ merchant }: Shop): Promise<void> {
	const { faults } = await asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
		checkLedger(run, merchant.merchantId),
	);
	expect(faults).toEqual([]);
}

describe("a channel that sells from several locations", () => {
	it("is offered what lies there together, and the others what lies where they sell from", async () => {
		const shop = await shopOf(2, 5, 9);
		const [main, yard] = shop.places;
		expect(await offersOf(shop)).toEqual([2, 2]);
		await setSellingLocations(shop.ctx, shop.web, [yard, main]);
		expect(await offersOf(shop)).toEqual([7, 2]);
		await count(shop, shop.skuId, [0, 3, 4]);
		expect(await offersOf(shop)).toEqual([10, 2]);
		expect((await dryRun(shop.ctx, shop.web, { markSeen: false })).rows).toMatchObject([{ shown: 0, offered: 10 }]);
		const { formula, levels, slots } = await readSku(shop.ctx, shop.skuId);
		expect(formula.onHand).toBe(10);
		expect(levels.map(({ location, onHand, isSoldFrom }) => [location, onHand, isSoldFrom])).toEqual([
			["Main", 2, true],
			["Yard", 8, true],
			["Loft", 13, false],
		]);
		expect(slots.map(({ why }) => why?.locations.map(({ name, onHand }) => [name, onHand]))).toEqual([
			[
				["Yard", 8],
				["Main", 2],
			],
			[["Main", 2]],
		]);
	});

	it("is offered what was counted, though another of its locations was not", async () => {
		const shop = await shopOf();
		const [main, yard] = shop.places;
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		expect(await offersOf(shop)).toEqual([null, null]);
		await count(shop, shop.skuId, [4]);
		expect(await offersOf(shop)).toEqual([4, 4]);
	});

	it("takes a sale from the first that has enough, else from all in their order, and gives it back there (R1)", async () => {
		const shop = await shopOf(2, 5);
		const [main, yard] = shop.places;
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		const sale = order("1", { lamp: 4 });
		await hear(shop, shop.web, sale);
		expect(await levelsOf(shop, shop.skuId)).toEqual([2, 1, 0]);
		await hear(shop, shop.web, sale, order("2", { lamp: 3 }));
		expect(await levelsOf(shop, shop.skuId)).toEqual([0, 0, 0]);
		expect(await offersOf(shop)).toEqual([0, 0]);
		await hear(shop, shop.web, order("2", { lamp: 1 }));
		expect(await levelsOf(shop, shop.skuId)).toEqual([1, 1, 0]);
		await hear(shop, shop.web, { ...order("1", {}), status: "cancelled" });
		expect(await levelsOf(shop, shop.skuId)).toEqual([1, 5, 0]);
		await hear(shop, shop.web, { ...order("2", {}), status: "cancelled" });
		expect(await levelsOf(shop, shop.skuId)).toEqual([2, 5, 0]);
		await expectSound(shop);
	});

	it("takes what lies nowhere from the first, as one oversold conflict", async () => {
		const shop = await shopOf(1, 2);
		const [main, yard] = shop.places;
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		await hear(shop, shop.web, order("1", { lamp: 5 }));
		expect(await levelsOf(shop, shop.skuId)).toEqual([-2, 0, 0]);
		const conflicts =
			await database.ownerClient`select kind, units from conflicts where merchant_id = ${shop.merchant.merchantId}`;
		expect([...conflicts]).toEqual([{ kind: "oversold", units: 2 }]);
		await expectSound(shop);
	});

	it("gives back where it was taken though it sells from elsewhere by then", async () => {
		const shop = await shopOf(5, 5, 5);
		const [main, yard, loft] = shop.places;
		await hear(shop, shop.web, order("1", { lamp: 2 }));
		await setSellingLocations(shop.ctx, shop.web, [loft, yard]);
		await hear(shop, shop.web, order("1", { lamp: 4 }));
		expect(await levelsOf(shop, shop.skuId)).toEqual([3, 5, 3]);
		await setSellingLocations(shop.ctx, shop.web, [main]);
		await hear(shop, shop.web, order("1", { lamp: 1 }));
		expect(await levelsOf(shop, shop.skuId)).toEqual([4, 5, 5]);
		await hear(shop, shop.web, order("1", {}));
		expect(await levelsOf(shop, shop.skuId)).toEqual([5, 5, 5]);
		await expectSound(shop);
	});

	it("takes what is added to an order where it sells from by then", async () => {
		const shop = await shopOf(5, 5);
		const [, yard] = shop.places;
		await hear(shop, shop.web, order("1", { lamp: 2 }));
		await setSellingLocations(shop.ctx, shop.web, [yard]);
		await hear(shop, shop.web, order("1", { lamp: 3 }));
		expect(await levelsOf(shop, shop.skuId)).toEqual([3, 4, 0]);
		expect(await offersOf(shop)).toEqual([4, 3]);
		await hear(shop, shop.web, order("1", {}));
		expect(await levelsOf(shop, shop.skuId)).toEqual([5, 5, 0]);
		await expectSound(shop);
	});

	it("makes a bundle of what lies at its locations, each component taken where it lies", async () => {
		const shop = await shopOf(1, 4);
		const [main, yard] = shop.places;
		const cable = await makeSku(database, shop.merchant, "CABLE", null);
		await count(shop, cable, [6, 0]);
		const set = await makeSku(database, shop.merchant, "SET", null);
		await database.ownerClient`update skus set is_bundle = 'yes' where id = ${set}`;
		await database.ownerClient`
			insert into sku_components (merchant_id, bundle_id, component_id, units)
			values (${shop.merchant.merchantId}, ${set}, ${shop.skuId}, 2), (${shop.merchant.merchantId}, ${set}, ${cable}, 1)`;
		const listing = await makeListing(database, shop.merchant, shop.web, "set", { skuId: set, shown: 0 });
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		const offered = async () =>
			(await database.ownerClient`select offered from slots where listing_id = ${listing}`)[0]?.offered;
		expect(await offered()).toBe(2);
		await hear(shop, shop.web, order("1", { set: 2 }));
		expect([await levelsOf(shop, shop.skuId), await levelsOf(shop, cable)]).toEqual([
			[1, 0, 0],
			[4, 0, 0],
		]);
		expect(await offered()).toBe(0);
		await hear(shop, shop.web, order("1", { set: 1 }));
		expect([await levelsOf(shop, shop.skuId), await levelsOf(shop, cable)]).toEqual([
			[1, 2, 0],
			[5, 0, 0],
		]);
		await expectSound(shop);
	});

	it("takes what waited for its link by the same rule", async () => {
		const shop = await shopOf(2, 5);
		const [main, yard] = shop.places;
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		const listing = await makeListing(database, shop.merchant, shop.web, "lamp 2", { shown: 0 });
		await hear(shop, shop.web, order("1", { "lamp 2": 6 }));
		await database.ownerClient`
			insert into mappings (listing_id, merchant_id, channel_id, state, sku_id, linked_by) values (${listing}, ${shop.merchant.merchantId}, ${shop.web}, 'linked', ${shop.skuId}, 'test')`;
		await asMerchant(shop.ctx.db, shop.ctx.merchantId, (tx) => applyParkedLines(tx, shop.ctx.merchantId, [listing]));
		expect(await levelsOf(shop, shop.skuId)).toEqual([0, 1, 0]);
		await hear(shop, shop.web, order("1", { "lamp 2": 1 }));
		expect(await levelsOf(shop, shop.skuId)).toEqual([1, 5, 0]);
		await expectSound(shop);
	});

	it("is refused where a location is not the shop's, none or one twice is named, a viewer asks, or too many choices overlap", async () => {
		const shop = await shopOf(1);
		const other = await shopOf(1);
		const [main, yard] = shop.places;
		const set = (ids: unknown, ctx = shop.ctx, channel = shop.web) => setSellingLocations(ctx, channel, ids);
		await expect(set([other.places[0]])).rejects.toThrow("not there any more");
		await expect(set([])).rejects.toThrow("from one location at the least");
		await expect(set([main, main])).rejects.toThrow("once");
		await expect(set([yard], { ...shop.ctx, role: "viewer" } as Context)).rejects.toThrow();
		await expect(set([other.places[0]], other.ctx, shop.web)).rejects.toMatchObject({ status: 404 });
		await expect(addLocation(shop.ctx, " yard ")).rejects.toThrow("called yard already");
		for (let n = 1; n < mostChoices; n++) {
			const { locationId } = await addLocation(shop.ctx, `Shop ${n}`);
			await set([main, locationId], shop.ctx, await makeChannel(database, shop.merchant));
		}
		await expect(set([main, yard])).rejects.toThrow("8 different choices");
	});
});

describe("where locations overlap", () => {
	it("the database keeps the pools of lib/stock/places.ts", async () => {
		const shop = await shopOf();
		const channels = [shop.web, shop.till, await makeChannel(database, shop.merchant)];
		const extra = (await addLocation(shop.ctx, "Barn")).locationId;
		const anyChoice = fc.uniqueArray(fc.constantFrom(...shop.places, extra), { minLength: 1 });
		await fc.assert(
			fc.asyncProperty(fc.tuple(anyChoice, anyChoice, anyChoice), async (choices) => {
				for (const [at, channelId] of channels.entries()) await setSellingLocations(shop.ctx, channelId, choices[at]);
				const kept = await database.ownerClient<{ locationIds: string[]; rootId: string }[]>`
					select location_ids as "locationIds", root_id as "rootId" from pools where merchant_id = ${shop.merchant.merchantId}`;
				const inOrder = (pools: { locationIds: readonly string[] }[]) =>
					[...pools].sort((a, b) => (a.locationIds.join() < b.locationIds.join() ? -1 : 1));
				expect(inOrder([...kept])).toEqual(inOrder(poolsOf(choices)));
			}),
			{ numRuns: 12 },
		);
	});

	it("escrow deals the shop's stock between till and web store, and the warehouse's to the web store alone", async () => {
		const shop = await shopOf(4, 10);
		const [main, yard] = shop.places;
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		await setSkuStrategy(shop.ctx, shop.skuId, "escrow");
		const [web, till] = (await offersOf(shop)) as [number, number];
		expect(web + till).toBe(14);
		expect(till).toBe(4);
		expect(await levelsOf(shop, shop.skuId)).toEqual([4, 10, 0]);
	});

	it("exposure counts units that two may sell, and those that only one of them can't", async () => {
		const shop = await shopOf(4, 10);
		const [main, yard] = shop.places;
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		await database.ownerClient`update slots set bound = case when channel_id = ${shop.web} then 12 else 6 end where sku_id = ${shop.skuId}`;
		await count(shop, shop.skuId, [0]);
		expect((await readSku(shop.ctx, shop.skuId)).exposure.units).toBe(4);
		await database.ownerClient`update slots set bound = case when channel_id = ${shop.web} then 0 else 6 end where sku_id = ${shop.skuId}`;
		await count(shop, shop.skuId, [0]);
		expect((await readSku(shop.ctx, shop.skuId)).exposure.units).toBe(2);
		await setSellingLocations(shop.ctx, shop.till, [main, yard]);
		expect((await readSku(shop.ctx, shop.skuId)).exposure.units).toBe(0);
	});

	it("a cart reserves no more than no listing holds that sells only from there", async () => {
		const shop = await shopOf(4, 10);
		const [main, yard] = shop.places;
		await setSellingLocations(shop.ctx, shop.web, [main, yard]);
		await setSkuStrategy(shop.ctx, shop.skuId, "escrow");
		await database.ownerClient`update slots set bound = case when channel_id = ${shop.web} then 9 else 3 end where sku_id = ${shop.skuId}`;
		const { skuId } = shop;
		const asked = (...lines: [units: number, locationId: string | null][]) =>
			asMerchantPrepared(database.client("app"), shop.merchant.merchantId, (run) =>
				placeUnits(
					run,
					lines.map(([units, locationId]) => ({ skuId, sku: "LAMP", locationId, units })),
					[main, yard],
				),
			);
		const shortOf = async (...lines: Parameters<typeof asked>) =>
			(await asked(...lines)).short.map(({ available }) => available);
		expect(await shortOf([2, main])).toEqual([1]);
		expect(await shortOf([1, main])).toEqual([]);
		expect(await shortOf([3, yard])).toEqual([2]);
		// Of both together no more than of one: the web store holds the rest, wherever it lies.
		expect(await shortOf([1, main], [2, yard])).toEqual([1]);
		expect(await shortOf([3, null])).toEqual([2]);
		expect((await asked([2, null])).placed).toEqual([{ skuId, locationId: yard, units: 2 }]);
	});

	it("L1 E1 nobody is promised a unit twice, whatever is claimed, sold, returned and counted in between", async () => {
		const anyStep = fc.oneof(
			fc.record({ what: fc.constant("claim" as const), at: fc.nat(2) }),
			fc.record({ what: fc.constant("sell" as const), at: fc.nat(2), units: fc.integer({ min: 1, max: 4 }) }),
			fc.record({ what: fc.constant("return" as const), at: fc.nat(2) }),
			fc.record({ what: fc.constant("count" as const), place: fc.nat(2), units: fc.nat(3) }),
		);
		let sold = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 18 }), async (steps) => {
				const shop = await shopOf(3, 4, 2);
				const [main, yard, loft] = shop.places;
				const third = await makeChannel(database, shop.merchant);
				await makeListing(database, shop.merchant, third, "lamp", { skuId: shop.skuId, shown: 0 });
				await database.ownerClient`update slots set bound = 0 where sku_id = ${shop.skuId}`;
				const channels = [shop.web, shop.till, third];
				const choices = [[main, yard], [main], [loft, yard]];
				for (const [at, channelId] of channels.entries()) await setSellingLocations(shop.ctx, channelId, choices[at]);
				await setSkuStrategy(shop.ctx, shop.skuId, "escrow");
				const open: { at: number; ref: string }[] = [];
				for (const [n, one] of steps.entries()) {
					if (one.what === "claim") await claimAndApply(shop, channels[one.at] as string);
					if (one.what === "sell") {
						const units = Math.min(one.units, await boundOf(channels[one.at] as string));
						if (units > 0) {
							await hear(shop, channels[one.at] as string, order(`${n}`, { lamp: units }));
							open.push({ at: one.at, ref: `${n}` });
							sold += units;
						}
					}
					const back = one.what === "return" && open.findIndex(({ at }) => at === one.at);
					if (typeof back === "number" && back >= 0) {
						const [{ ref } = { ref: "" }] = open.splice(back, 1);
						await hear(shop, channels[(one as { at: number }).at] as string, {
							...order(ref, {}),
							status: "cancelled",
						});
					}
					if (one.what === "count")
						await count(
							shop,
							shop.skuId,
							[0, 1, 2].map((at) => (at === one.place ? one.units : 0)),
						);
					await expectL1(shop, channels, choices);
				}
				await expectSound(shop);
			}),
			{ numRuns: 8 },
		);
		expect(sold).toBeGreaterThan(0);
	}, 200_000);
});

const boundOf = async (channelId: string): Promise<number> =>
	(await database.ownerClient<{ bound: number }[]>`select bound from slots where channel_id = ${channelId}`)[0]
		?.bound ?? 0;

/** What a turn claims is written, and the store says so. */
async function claimAndApply({ merchant }: Shop, channelId: string): Promise<void> {
	const target = { merchantId: merchant.merchantId, channelId, platform: "shopify" as const };
	await takeTurn(database.client("app"), target, shopifyFacts, { now: Date.now(), mayClaim: true, only: null });
	await database.ownerClient`
		update slots set bound = bound + push_quantity - push_expected, doubt = 0, expected = push_quantity, shown = push_quantity, expected_version = expected_version + 1,
			push_id = null, claimed_until = null, paced_until = null where channel_id = ${channelId} and push_id is not null`;
}

async function expectL1(shop: Shop, channels: readonly string[], choices: readonly string[][]): Promise<void> {
	const slots = await database.ownerClient<{ channel_id: string; holds: number; is_escrow: boolean }[]>`
		select channel_id, greatest(0, bound + doubt) as holds, is_escrow from slots where sku_id = ${shop.skuId}`;
	const levels = await levelsOf(shop, shop.skuId);
	const available = new Map(shop.places.map((id, at) => [id, levels[at] as number]));
	const held = channels.map((id, at) => ({
		units: slots.find((slot) => slot.channel_id === id)?.holds ?? 0,
		from: choices[at] as string[],
	}));
	expect(slots.every(({ is_escrow }) => is_escrow)).toBe(true);
	expect(Math.min(...levels)).toBeGreaterThanOrEqual(0);
	for (const { locationIds } of poolsOf(choices))
		expect([levels, held.map(({ units }) => units), freeIn(locationIds, available, held) >= 0]).toEqual([
			levels,
			held.map(({ units }) => units),
			true,
		]);
	expect((await readSku(shop.ctx, shop.skuId)).exposure.units).toBe(0);
}
