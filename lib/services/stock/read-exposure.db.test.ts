/** What the merchant sees of it: now, by the hour, and which SKUs. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { hourMs } from "@/lib/stock/exposure";
import { systemContext } from "../context";
import { readSku } from "../skus/read-sku";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { keepExposures } from "./keep-exposures";
import { readExposure } from "./read-exposure";
import { recomputeOffers } from "./recompute-offers";
import { setSkuStrategy } from "./set-strategy";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

/** A shop with `lamps` and `stoves`, which two stores show whole. */
async function shopOf(lamps: number, stoves: number) {
	const merchant = await makeMerchant(database);
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	const skus = [
		await makeSku(database, merchant, "LAMP", lamps),
		await makeSku(database, merchant, "STOVE", stoves),
	] as const;
	for (let store = 0; store < 2; store++) {
		const channelId = await makeChannel(database, merchant);
		for (const [nth, skuId] of skus.entries())
			await makeListing(database, merchant, channelId, `${nth}`, { skuId, shown: nth === 0 ? lamps : stoves });
	}
	await database.ownerClient`update slots set bound = shown where merchant_id = ${merchant.merchantId}`;
	await asMerchant(ctx.db, merchant.merchantId, (tx) => recomputeOffers(tx, [...skus]));
	return { merchant, ctx, skus };
}

it("is nothing where nothing was counted yet", async () => {
	const { merchantId } = await makeMerchant(database);
	const seen = await readExposure(systemContext(merchantId, database.db("app")));
	expect(seen).toMatchObject({ units: 0, skus: 0, unitSeconds: 0, top: [] });
	expect(seen.hours).toHaveLength(24);
});

it("tells what all SKUs put at risk, most first, and by the hour for how long", async () => {
	const { merchant, ctx, skus } = await shopOf(7, 20);
	await database.ownerClient`update exposures set since = since - interval '90 minutes' where merchant_id = ${merchant.merchantId}`;
	const seen = await readExposure(ctx);
	expect([seen.units, seen.skus]).toEqual([27, 2]);
	expect(seen.top.map(({ code, units, strategy }) => [code, units, strategy])).toEqual([
		["STOVE", 20, "shared"],
		["LAMP", 7, "shared"],
	]);
	expect(seen.unitSeconds / 27 / 5400).toBeCloseTo(1, 1);
	expect(seen.hours.reduce((sum, { unitSeconds }) => sum + unitSeconds, 0)).toBeCloseTo(seen.unitSeconds, 6);
	const [hourBefore] = seen.hours.slice(-2);
	expect(hourBefore?.unitSeconds).toBeGreaterThan(0);
	const last = seen.hours.at(-1)?.at ?? 0;
	expect([last % hourMs, Date.now() - last < 2 * hourMs]).toEqual([0, true]);

	const { exposure } = await readSku(ctx, skus[0]);
	expect(exposure.units).toBe(7);
	expect(exposure.unitSeconds / 7 / 5400).toBeCloseTo(1, 1);
});

it("forgets what is older than a day", async () => {
	const { ctx, skus } = await shopOf(7, 20);
	await database.ownerClient`
		update exposures set since = since - interval '30 hours', units = 0, hours = array_fill(9::float8, array[24]) where sku_id = ${skus[0]}`;
	const seen = await readExposure(ctx);
	expect([seen.units, (await readSku(ctx, skus[0])).exposure]).toEqual([20, { units: 0, unitSeconds: 0 }]);
});

it("keeps each hour that is over for a month, once, and adds them up by the shop's own days", async () => {
	const { merchant, ctx, skus } = await shopOf(7, 20);
	await database.ownerClient`update merchants set time_zone = 'Europe/Berlin' where id = ${merchant.merchantId}`;
	await database.ownerClient`update exposures set since = since - interval '5 hours' where sku_id = ${skus[0]}`;
	const { days, hours } = await readExposure(ctx);
	expect(days).toHaveLength(30);
	expect(days.reduce((sum, { unitSeconds }) => sum + unitSeconds, 0)).toBeCloseTo(
		hours.reduce((sum, { unitSeconds }) => sum + unitSeconds, 0),
		3,
	);
	expect(await keepExposures()).toBeGreaterThanOrEqual(5);
	expect(await keepExposures()).toBe(0);
	const kept = await database.ownerClient`
		select unit_seconds from exposure_hours where merchant_id = ${merchant.merchantId} order by hour desc`;
	expect(kept[0]?.unit_seconds).toBeCloseTo(7 * 3600, 3);

	// A week later none of it is in the rows any more.
	await database.ownerClient`update exposures set units = 0, since = since - interval '7 days' where merchant_id = ${merchant.merchantId}`;
	await database.ownerClient`update exposure_hours set hour = hour - interval '7 days' where merchant_id = ${merchant.merchantId}`;
	const later = await readExposure(ctx);
	expect(later.unitSeconds).toBe(0);
	const sum = kept.reduce((all, { unit_seconds }) => all + (unit_seconds as number), 0);
	expect(later.days.reduce((all, { unitSeconds }) => all + unitSeconds, 0)).toBeCloseTo(sum, 3);
	const berlin = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Berlin" });
	expect(later.days.at(-1)?.day).toBe(berlin.format(Date.now()));
	expect(later.days.slice(-7).every(({ unitSeconds }) => unitSeconds === 0)).toBe(true);
});

it("shows what a strategy buys, and shows no other merchant's", async () => {
	const { ctx, skus } = await shopOf(6, 20);
	const other = await readExposure(systemContext((await makeMerchant(database)).merchantId, database.db("app")));
	expect(other.units).toBe(0);
	// Each store is told its share before it counts: until then it may still sell what it shows.
	await setSkuStrategy(ctx, skus[1], "escrow");
	expect((await readExposure(ctx)).units).toBe(26);
	await database.ownerClient`update slots set bound = offered, expected = offered where sku_id = ${skus[1]}`;
	await asMerchant(ctx.db, ctx.merchantId, (tx) => recomputeOffers(tx, [skus[1]]));
	expect((await readExposure(ctx)).top.map(({ code, units }) => [code, units])).toEqual([["LAMP", 6]]);
});
