/** What SQL makes of policies, stock and pace, held equal to lib/stock on random shops. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { bundlePace, bundleUnits, offer, paceUnits } from "@/lib/stock/offer";
import { type OfferPolicy, type PolicyFields, resolvePolicy } from "@/lib/stock/offer-policy";
import { recentlySold } from "@/lib/stock/slot-news";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { appendMovements, type MovementRow } from "./append-movements";
import { recomputeOffers, updateSlots } from "./recompute-offers";

const plainSkus = 40;
const bundles = 20;
const channels = 4;
const shops = 25;

/** Few values, so that they meet; null half of the time, so that every level decides. */
const anyFields = fc.record({
	bufferUnits: fc.option(fc.nat(6), { freq: 2 }),
	bufferSeconds: fc.option(fc.constantFrom(0, 10, 60), { freq: 2 }),
	sharePercent: fc.option(fc.integer({ min: 1, max: 100 }), { freq: 2 }),
	minUnits: fc.option(fc.nat(8), { freq: 2 }),
	capUnits: fc.option(fc.nat(30), { freq: 2 }),
	outOfStockBelow: fc.option(fc.nat(5), { freq: 2 }),
}) satisfies fc.Arbitrary<PolicyFields>;
const anyLevel = fc.record({
	isCounted: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
	onHand: fc.integer({ min: -5, max: 90 }),
	reserved: fc.nat(4),
	soldUnits: fc.integer({ min: 0, max: 12 }),
	/** Null: nothing was sold yet. */
	soldSecondsAgo: fc.option(fc.nat(90)),
});
const several = <T>(one: fc.Arbitrary<T>, length: number) => fc.array(one, { minLength: length, maxLength: length });
const anyShop = fc.record({
	merchant: anyFields.map((fields) => ({ ...fields, bufferUnits: fields.bufferUnits ?? 0 })),
	channels: several(anyFields, channels),
	skus: several(anyFields, plainSkus + bundles),
	listings: several(
		fc.record({ fields: anyFields, units: fc.integer({ min: 1, max: 6 }) }),
		channels * (plainSkus + bundles),
	),
	levels: several(anyLevel, plainSkus),
});
type Shop = typeof anyShop extends fc.Arbitrary<infer T> ? T : never;

let database: TestDatabase;
let merchant: FixtureMerchant;
const channelIds: string[] = [];
const skuIds: string[] = [];
/** In the order of `Shop.listings`: SKU by SKU, each with a listing on every channel. */
const listingIds: string[] = [];
/** Per bundle: which of the plain SKUs, and how many units of each. */
const recipes = Array.from({ length: bundles }, (_, nth) =>
	Array.from({ length: 1 + (nth % 3) }, (_, part) => ({
		sku: (nth * 7 + part * 3) % plainSkus,
		units: 1 + ((nth + part) % 3),
	})),
);

beforeAll(async () => {
	database = await testDatabase();
	merchant = await makeMerchant(database);
	const sql = database.ownerClient;
	for (let nth = 0; nth < channels; nth++) channelIds.push(await makeChannel(database, merchant));
	for (let nth = 0; nth < plainSkus + bundles; nth++) {
		const skuId = await makeSku(database, merchant, `SKU-${nth}`, nth < plainSkus ? 1 : null);
		skuIds.push(skuId);
		for (const channelId of channelIds)
			listingIds.push(await makeListing(database, merchant, channelId, `ref-${nth}`, { skuId }));
	}
	await sql`update skus set is_bundle = 'yes' where id = any(${skuIds.slice(plainSkus)})`;
	for (const [nth, recipe] of recipes.entries())
		for (const { sku, units } of recipe)
			await sql`insert into sku_components (merchant_id, bundle_id, component_id, units)
				values (${merchant.merchantId}, ${skuIds[plainSkus + nth] as string}, ${skuIds[sku] as string}, ${units})`;
});
afterAll(() => database.close());

const json = (rows: readonly object[]) => JSON.stringify(rows);

/** Everything of the shop into the tables, the sales as many seconds before this very transaction as they say. */
async function furnish(run: Parameters<typeof updateSlots>[0], shop: Shop): Promise<void> {
	await run`
		update merchants set buffer_units = ${shop.merchant.bufferUnits}::int, buffer_seconds = ${shop.merchant.bufferSeconds}::int, share_percent = ${shop.merchant.sharePercent}::int,
			min_units = ${shop.merchant.minUnits}::int, cap_units = ${shop.merchant.capUnits}::int, out_of_stock_below = ${shop.merchant.outOfStockBelow}::int
		where id = ${merchant.merchantId}::uuid`;
	await run`
		update channels t set buffer_units = n."bufferUnits", buffer_seconds = n."bufferSeconds", share_percent = n."sharePercent", min_units = n."minUnits", cap_units = n."capUnits", out_of_stock_below = n."outOfStockBelow"
		from jsonb_to_recordset(${json(shop.channels.map((one, nth) => ({ id: channelIds[nth], ...one })))}::text::jsonb)
			as n(id uuid, "bufferUnits" int, "bufferSeconds" int, "sharePercent" int, "minUnits" int, "capUnits" int, "outOfStockBelow" int)
		where t.id = n.id`;
	await run`
		update skus t set buffer_units = n."bufferUnits", buffer_seconds = n."bufferSeconds", share_percent = n."sharePercent", min_units = n."minUnits", cap_units = n."capUnits", out_of_stock_below = n."outOfStockBelow"
		from jsonb_to_recordset(${json(shop.skus.map((one, nth) => ({ id: skuIds[nth], ...one })))}::text::jsonb)
			as n(id uuid, "bufferUnits" int, "bufferSeconds" int, "sharePercent" int, "minUnits" int, "capUnits" int, "outOfStockBelow" int)
		where t.id = n.id`;
	await run`
		update slots t set units = n.units, buffer_units = n."bufferUnits", buffer_seconds = n."bufferSeconds", share_percent = n."sharePercent", min_units = n."minUnits", cap_units = n."capUnits", out_of_stock_below = n."outOfStockBelow"
		from jsonb_to_recordset(${json(shop.listings.map(({ fields, units }, nth) => ({ id: listingIds[nth], units, ...fields })))}::text::jsonb)
			as n(id uuid, units int, "bufferUnits" int, "bufferSeconds" int, "sharePercent" int, "minUnits" int, "capUnits" int, "outOfStockBelow" int)
		where t.listing_id = n.id`;
	await run`
		update levels t set on_hand = n."onHand", reserved = n.reserved, counted_at = case when n."isCounted" then now() end,
			sold_units = n."soldUnits", sold_at = now() - n."soldSecondsAgo" * interval '1 second'
		from jsonb_to_recordset(${json(shop.levels.map((one, nth) => ({ id: skuIds[nth], ...one, soldUnits: one.soldSecondsAgo === null ? 0 : one.soldUnits })))}::text::jsonb)
			as n(id uuid, "isCounted" boolean, "onHand" int, reserved int, "soldUnits" float8, "soldSecondsAgo" int)
		where t.sku_id = n.id`;
}

type Stock = { available: number; recentUnits: number } | null;

/** What the rules know of one SKU; null: not counted. */
function stockOf(shop: Shop, sku: number): Stock {
	if (sku >= plainSkus) {
		const parts = (recipes[sku - plainSkus] ?? []).map(({ sku: part, units }) => ({
			stock: stockOf(shop, part),
			units,
		}));
		if (parts.some(({ stock }) => stock === null)) return null;
		const known = parts.map(({ stock, units }) => ({ ...(stock as NonNullable<Stock>), units }));
		return { available: bundleUnits(known), recentUnits: bundlePace(known) };
	}
	const level = shop.levels[sku];
	if (!level?.isCounted) return null;
	const soldAt = level.soldSecondsAgo === null ? null : -level.soldSecondsAgo * 1000;
	return {
		available: level.onHand - level.reserved,
		recentUnits: recentlySold({ soldUnits: level.soldUnits, soldAt }, 0),
	};
}

const policyAt = (shop: Shop, nth: number): OfferPolicy =>
	resolvePolicy({
		listing: shop.listings[nth]?.fields,
		sku: shop.skus[Math.floor(nth / channels)],
		channel: shop.channels[nth % channels],
		merchant: shop.merchant,
	}).policy;

/** What the rules make of one listing. */
function ought(shop: Shop, nth: number): { offered: number | null; pace_units: number } {
	const sku = Math.floor(nth / channels);
	const listing = shop.listings[nth];
	const stock = stockOf(shop, sku);
	if (!listing || !stock) return { offered: null, pace_units: 0 };
	const policy = policyAt(shop, nth);
	const pace = paceUnits(stock.recentUnits, policy.bufferSeconds);
	const { quantity } = offer({ available: stock.available, paceUnits: pace, units: listing.units }, policy);
	return { offered: quantity, pace_units: pace > policy.bufferUnits ? pace : 0 };
}

describe("what SQL offers", () => {
	it("is what resolvePolicy and offer make of it, on 6,000 random listings with every field at every level", async () => {
		const sample = fc.sample(anyShop, { numRuns: shops, seed: 20_261_130 });
		const met = { offered: 0, paced: 0, uncounted: 0, none: 0 };
		for (const [round, shop] of sample.entries()) {
			const rows = await asMerchantPrepared(database.client("app"), merchant.merchantId, async (run) => {
				await furnish(run, shop);
				await updateSlots(run, skuIds, []);
				return run<{ listing_id: string; offered: number | null; pace_units: number; is_due: boolean }>`
					select listing_id, offered, pace_units, reoffer_at is not null as is_due from slots`;
			});
			const byListing = new Map(rows.map((row) => [row.listing_id, row]));
			listingIds.forEach((listingId, nth) => {
				const { offered, pace_units, is_due } = byListing.get(listingId) ?? {};
				const right = ought(shop, nth);
				expect({ offered, pace_units, is_due }, `shop ${round}, listing ${nth}`).toEqual({
					...right,
					is_due: right.pace_units > 0,
				});
				met.offered += Number((right.offered ?? 0) > 0);
				met.none += Number(right.offered === 0);
				met.uncounted += Number(right.offered === null);
				met.paced += Number(right.pace_units > 0);
			});
		}
		expect(met.offered).toBeGreaterThan(1_500);
		expect(met.none).toBeGreaterThan(500);
		expect(met.uncounted).toBeGreaterThan(200);
		expect(met.paced).toBeGreaterThan(300);
	});
});

describe("what is dealt of a stock that is split", () => {
	it.each(["escrow", "adaptive"])(
		"is by no level's policy more than all would show, nor fewer than are shown, under %s",
		async (strategy) => {
			const sample = fc.sample(anyShop, { numRuns: 6, seed: 20_261_201 });
			const met = { split: 0, capped: 0, less: 0 };
			for (const [round, shop] of sample.entries()) {
				const rows = await asMerchantPrepared(database.client("app"), merchant.merchantId, async (run) => {
					await run`update merchants set strategy = ${strategy} where id = ${merchant.merchantId}::uuid`;
					await furnish(run, shop);
					await updateSlots(run, skuIds, []);
					const dealt = await run<{ listing_id: string; offered: number | null; is_escrow: boolean }>`
						select listing_id, offered, is_escrow from slots`;
					await run`update merchants set strategy = 'shared' where id = ${merchant.merchantId}::uuid`;
					return dealt;
				});
				const byListing = new Map(rows.map((row) => [row.listing_id, row]));
				listingIds.forEach((listingId, nth) => {
					const { offered = null, is_escrow } = byListing.get(listingId) ?? {};
					const { offered: most } = ought(shop, nth);
					const about = `shop ${round}, listing ${nth}`;
					if (!is_escrow || most === null) {
						expect(offered, about).toBe(most);
						return;
					}
					if (offered === null) throw new Error(`${about} was dealt nothing`);
					const below = policyAt(shop, nth).outOfStockBelow;
					expect(offered, about).toBeGreaterThanOrEqual(0);
					expect(offered, about).toBeLessThanOrEqual(most);
					expect(offered === 0 || offered >= below, about).toBe(true);
					met.split++;
					met.capped += Number(most > 0 && offered === most);
					met.less += Number(offered < most);
				});
			}
			expect(met.split).toBeGreaterThan(300);
			expect(met.capped).toBeGreaterThan(0);
			expect(met.less).toBeGreaterThan(0);
		},
		60_000,
	);
});

describe("an offer follows", () => {
	/** A shop of its own with one SKU of a hundred and one listing of it. */
	async function shopWith(fields: { bufferSeconds?: number } = {}) {
		const shop = await makeMerchant(database);
		await database.ownerClient`update merchants set buffer_seconds = ${fields.bufferSeconds ?? null} where id = ${shop.merchantId}`;
		const channelId = await makeChannel(database, shop);
		const skuId = await makeSku(database, shop, "LAMP", 100);
		const listingId = await makeListing(database, shop, channelId, "lamp", { skuId, shown: 100 });
		const move = (row: Partial<MovementRow>) =>
			asMerchant(database.db("app"), shop.merchantId, (tx) =>
				appendMovements(tx, shop.merchantId, [
					{
						skuId,
						locationId: shop.locationId,
						delta: -1,
						kind: "order",
						causeKey: crypto.randomUUID(),
						actor: "system",
						...row,
					},
				]),
			);
		const again = () => asMerchant(database.db("app"), shop.merchantId, (tx) => recomputeOffers(tx, [skuId]));
		const slot = async (id = listingId) =>
			(
				await database.ownerClient`select offered, pace_units, reoffer_at is not null as is_due from slots where listing_id = ${id}`
			)[0];
		return { ...shop, channelId, skuId, move, again, slot };
	}

	it("the pace of orders, and gives back what it held once they stop, however long ago that was", async () => {
		const { skuId, move, again, slot } = await shopWith({ bufferSeconds: 60 });
		await move({});
		expect(await slot()).toEqual({ offered: 99, pace_units: 0, is_due: false });
		await move({ delta: -10 });
		// Eleven in half a minute, of which the first is no pace: twenty a minute.
		expect(await slot()).toEqual({ offered: 89 - 20, pace_units: 20, is_due: true });
		await database.ownerClient`update levels set sold_at = now() - interval '1 year' where sku_id = ${skuId}`;
		await again();
		expect(await slot()).toEqual({ offered: 89, pace_units: 0, is_due: false });
	});

	it("no pace that a count or a return makes", async () => {
		const { move, slot } = await shopWith({ bufferSeconds: 60 });
		await move({ delta: -40, kind: "count" });
		await move({ delta: 5, kind: "order_returned" });
		expect(await slot()).toEqual({ offered: 65, pace_units: 0, is_due: false });
	});

	it("a component that is sold alone, in every bundle that holds it", async () => {
		const shop = await shopWith();
		const bundleListings: string[] = [];
		for (const units of [1, 3]) {
			const bundleId = await makeSku(database, shop, `SET-${units}`, null);
			await database.ownerClient`update skus set is_bundle = 'yes' where id = ${bundleId}`;
			await database.ownerClient`
				insert into sku_components (merchant_id, bundle_id, component_id, units) values (${shop.merchantId}, ${bundleId}, ${shop.skuId}, ${units})`;
			bundleListings.push(await makeListing(database, shop, shop.channelId, `set-${units}`, { skuId: bundleId }));
		}
		await shop.move({ delta: -10 });
		const offered = await Promise.all(bundleListings.map(async (listingId) => (await shop.slot(listingId))?.offered));
		expect(offered).toEqual([90, 30]);
	});
});
