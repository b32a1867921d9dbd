import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asMerchant } from "@/db/client";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type Context, systemContext } from "../context";
import { appendMovements } from "../stock/append-movements";
import { recomputeOffers } from "../stock/recompute-offers";
import { setSkuStrategy } from "../stock/set-strategy";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { type AdjustStockInput, adjustStock } from "./adjust-stock";
import { type MovementView, readMovements } from "./read-movements";
import { readSku } from "./read-sku";
import { readSkuHistory } from "./read-sku-history";

let database: TestDatabase;
let merchant: FixtureMerchant;
let ctx: Context;
let shopify: string;
let tarp: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
	merchant = await makeMerchant(database, { bufferUnits: 1 });
	ctx = { ...systemContext(merchant.merchantId, database.db("app")), role: "support" };
	shopify = await makeChannel(database, merchant, { name: "nordlicht.myshopify.com" });
	tarp = await makeSku(database, merchant, "TRP-33", 6);
	await makeListing(database, merchant, shopify, "s1", { skuId: tarp, shown: 5 });
});

const adjust = (more: Partial<AdjustStockInput>) =>
	adjustStock(ctx, {
		skuId: tarp,
		locationId: merchant.locationId,
		mode: "set",
		value: 4,
		seen: 6,
		key: randomUUID(),
		...more,
	});

async function secondLocation(): Promise<string> {
	const id = randomUUID();
	await database.ownerClient`insert into locations (id, merchant_id, name) values (${id}, ${merchant.merchantId}, 'Leipzig')`;
	return id;
}

test("why is it 4: on hand less what is reserved less the buffer, from the locations that channels sell from", async () => {
	const leipzig = await secondLocation();
	await database.ownerClient`
		insert into levels (merchant_id, sku_id, location_id, on_hand, version, counted_at) values (${merchant.merchantId}, ${tarp}, ${leipzig}, 9, 1, now())`;
	await database.ownerClient`update levels set reserved = 1 where sku_id = ${tarp} and location_id = ${merchant.locationId}`;
	const sku = await readSku(ctx, tarp);
	expect(sku.formula).toMatchObject({ onHand: 6, reserved: 1, buffer: 1, available: 4, bufferFrom: "merchant" });
	expect(sku.levels.map(({ location, isSoldFrom }) => [location, isSoldFrom])).toEqual([
		["Main", true],
		["Leipzig", false],
	]);
	expect(sku.slots[0]).toMatchObject({ shows: 5, bound: 5, doubt: 0, shape: "ok", write: "compare and set" });
});

test("why each channel shows its number: the steps that led to the very offer, with who decided each", async () => {
	const woo = await makeChannel(database, merchant, { platform: "woocommerce", name: "nordlicht.shop" });
	await makeListing(database, merchant, woo, "w1", { skuId: tarp, units: 2 });
	await database.ownerClient`update channels set share_percent = 50, out_of_stock_below = 2 where id = ${woo}`;
	await database.ownerClient`update skus set buffer_seconds = 60, cap_units = 9 where id = ${tarp}`;
	await database.ownerClient`update levels set on_hand = 40, sold_units = 4, sold_at = now() where sku_id = ${tarp}`;
	await asMerchant(ctx.db, merchant.merchantId, (tx) => recomputeOffers(tx, [tarp]));
	const { slots, formula } = await readSku(ctx, tarp);
	const [first, second] = slots;
	const locations = [{ id: merchant.locationId, name: "Main", onHand: 40, reserved: 0 }];
	expect(first?.why).toEqual({
		onHand: 40,
		reserved: 0,
		locations,
		steps: [
			{ by: "bufferSeconds", value: 6, left: 34, from: "sku" },
			{ by: "capUnits", value: 9, left: 9, from: "sku" },
		],
		quantity: first?.offered,
	});
	expect(second?.why).toEqual({
		onHand: 40,
		reserved: 0,
		locations,
		steps: [
			{ by: "bufferSeconds", value: 6, left: 34, from: "sku" },
			{ by: "sharePercent", value: 50, left: 17, from: "channel" },
			{ by: "units", value: 2, left: 8, from: null },
			{ by: "capUnits", value: 9, left: 8, from: "sku" },
			{ by: "outOfStockBelow", value: 2, left: 8, from: "channel" },
		],
		quantity: second?.offered,
	});
	expect(second?.offered).toBe(8);
	expect(formula).toMatchObject({ buffer: 6, bufferDiffers: false, bufferFrom: "sku", available: 34 });
});

test("why a store shows its share of a stock that is split: the last step ends in the number that is offered", async () => {
	const woo = await makeChannel(database, merchant, { platform: "woocommerce", name: "nordlicht.shop" });
	await makeListing(database, merchant, woo, "w1", { skuId: tarp, shown: 0 });
	await database.ownerClient`update channels set buffer_units = 2, out_of_stock_below = 9 where id = ${woo}`;
	await database.ownerClient`update merchants set buffer_units = 0 where id = ${merchant.merchantId}`;
	const stepsOf = async (onHand: number) => {
		await database.ownerClient`update levels set on_hand = ${onHand} where sku_id = ${tarp}`;
		await setSkuStrategy({ ...ctx, role: "manager" }, tarp, "escrow");
		const { slots } = await readSku(ctx, tarp);
		for (const { offered, why } of slots)
			expect([why?.quantity, why?.steps.at(-1)]).toEqual([
				offered,
				{ by: "split", value: offered, left: offered, from: null },
			]);
		return slots.map(({ why }) => why?.steps.map(({ by, left }) => [by, left]));
	};
	expect(await stepsOf(20)).toEqual([
		[["split", 10]],
		[
			["bufferUnits", 18],
			["outOfStockBelow", 18],
			["split", 10],
		],
	]);
	expect((await stepsOf(11))[1]).toEqual([
		["bufferUnits", 9],
		["outOfStockBelow", 9],
		["split", 0],
	]);
	await setSkuStrategy({ ...ctx, role: "manager" }, tarp, "shared");
	const { slots } = await readSku(ctx, tarp);
	expect(slots.map(({ why }) => why?.quantity)).toEqual([11, 9]);
});

test("why a bundle's number: from its scarcest component where the channel sells from", async () => {
	const kit = await makeSku(database, merchant, "KIT", null);
	await database.ownerClient`update skus set is_bundle = 'yes' where id = ${kit}`;
	await makeListing(database, merchant, shopify, "k1", { skuId: kit });
	const why = async () => {
		await asMerchant(ctx.db, merchant.merchantId, (tx) => recomputeOffers(tx, [kit]));
		const [slot] = (await readSku(ctx, kit)).slots;
		return [slot?.offered, slot?.why];
	};
	expect(await why()).toEqual([null, null]);
	await database.ownerClient`
		insert into sku_components (merchant_id, bundle_id, component_id, units) values (${merchant.merchantId}, ${kit}, ${tarp}, 2)`;
	const steps = [{ by: "bufferUnits", value: 1, left: 2, from: "merchant" }];
	expect(await why()).toEqual([2, { onHand: 3, reserved: 0, locations: [], steps, quantity: 2 }]);
});

test("a write under way is in doubt until it is confirmed", async () => {
	await database.ownerClient`
		update slots set offered = 5, expected = 3, push_id = gen_random_uuid(), push_quantity = 5, push_kind = 'compare', bound = 3, doubt = 2 where sku_id = ${tarp}`;
	expect((await readSku(ctx, tarp)).slots[0]).toMatchObject({ shows: 3, bound: 3, doubt: 2, shape: "go" });
});

test("a count is a movement, and the offers follow", async () => {
	expect(await adjust({ value: 4, note: "two torn" })).toEqual({ reason: "adjusted", from: 6, to: 4 });
	const [newest] = (await readMovements(ctx, { skuId: tarp })).movements;
	expect(newest).toMatchObject({ delta: -2, balance: 4, sentence: "Counted: “two torn”" });
	const [slot] = await database.ownerClient`select offered, is_pending from slots where sku_id = ${tarp}`;
	expect(slot).toEqual({ offered: 3, is_pending: true });
});

test("a number that moved meanwhile is refused with both numbers, and nothing is done", async () => {
	await adjust({ mode: "change", value: -1 });
	expect(await adjust({ value: 4, seen: 6 })).toEqual({ reason: "stale", seen: 6, now: 5 });
	expect((await readSku(ctx, tarp)).formula.onHand).toBe(5);
});

test("two people who saw the same number: one counts, the other is told", async () => {
	const outcomes = await Promise.all([adjust({ value: 4 }), adjust({ value: 9 })]);
	expect(outcomes.map(({ reason }) => reason).sort()).toEqual(["adjusted", "stale"]);
});

test("pressing twice counts once", async () => {
	const key = randomUUID();
	const twice = await Promise.all([
		adjust({ mode: "change", value: 3, key }),
		adjust({ mode: "change", value: 3, key }),
	]);
	expect(twice.map(({ reason }) => reason)).toEqual(["adjusted", "adjusted"]);
	expect((await readSku(ctx, tarp)).formula.onHand).toBe(9);
});

test("a first count at a location begins from nothing", async () => {
	const leipzig = await secondLocation();
	expect(await adjust({ locationId: leipzig, value: 7, seen: null })).toEqual({ reason: "adjusted", from: 0, to: 7 });
});

test("a viewer, a bundle and a count below zero are refused", async () => {
	await expect(adjustStock({ ...ctx, role: "viewer" }, { ...base(), value: 1 })).rejects.toMatchObject({ status: 403 });
	await expect(adjust({ value: -1 })).rejects.toMatchObject({ status: 422 });
	await database.ownerClient`update skus set is_bundle = 'yes' where id = ${tarp}`;
	await expect(adjust({ value: 1 })).rejects.toMatchObject({ reason: "is_bundle" });
});
const base = (): AdjustStockInput => ({
	skuId: tarp,
	locationId: merchant.locationId,
	mode: "set",
	value: 4,
	seen: 6,
	key: randomUUID(),
});

test("the ledger's pages run on over two locations, and every balance is the sum of what came before", async () => {
	const leipzig = await secondLocation();
	for (let nth = 0; nth < 70; nth++)
		await asMerchant(ctx.db, merchant.merchantId, (tx) =>
			appendMovements(tx, merchant.merchantId, [
				{
					skuId: tarp,
					locationId: nth % 3 === 0 ? leipzig : merchant.locationId,
					delta: nth % 5 === 0 ? -2 : 1,
					kind: "adjustment",
					causeKey: `m${nth}`,
					actor: "system",
				},
			]),
		);
	const all: MovementView[] = [];
	let after: Record<string, number> | null = null;
	let pages = 0;
	do {
		const page: Awaited<ReturnType<typeof readMovements>> = await readMovements(ctx, { skuId: tarp, after });
		all.push(...page.movements);
		after = page.next;
		pages++;
	} while (after);
	expect(pages).toBe(3);
	expect(all).toHaveLength(71);
	expect(new Set(all.map(({ id }) => id)).size).toBe(71);
	let sum = 0;
	for (const movement of all.reverse()) {
		sum += movement.delta;
		expect(movement.balance).toBe(sum);
	}
});

test("three days begin with what there was and end with what there is", async () => {
	await database.ownerClient`update movements set at = now() - interval '5 days' where sku_id = ${tarp}`;
	await database.ownerClient`update levels set counted_at = now() - interval '5 days' where sku_id = ${tarp}`;
	await adjust({ value: 8 });
	const { available, from } = await readSkuHistory(ctx, tarp);
	expect(available[0]).toEqual({ at: from, value: 6 });
	expect(available.at(-1)?.value).toBe(8);
});

test("what a channel showed follows its own sales too, which nobody has to tell it of", async () => {
	const sql = database.ownerClient;
	const [push] = await sql`
		insert into pushes (merchant_id, channel_id, items, outcome, claimed_at, finished_at)
		values (${merchant.merchantId}, ${shopify}, 1, 'applied', now(), now()) returning id`;
	await sql`
		insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
		select ${push?.id}, s.id, s.merchant_id, s.channel_id, s.sku_id, 'compare', 5, 6, 1, 'applied', now()
		from slots s where s.sku_id = ${tarp}`;
	await asMerchant(ctx.db, merchant.merchantId, (tx) =>
		appendMovements(tx, merchant.merchantId, [
			{
				skuId: tarp,
				locationId: merchant.locationId,
				delta: -2,
				kind: "order",
				causeKey: "o1",
				actor: "system",
				channelId: shopify,
			},
		]),
	);
	await sql`update slots set expected = 3 where sku_id = ${tarp}`;
	const { channels } = await readSkuHistory(ctx, tarp);
	expect(channels.map(({ name, steps }) => [name, steps.map(({ value }) => value)])).toEqual([
		["nordlicht.myshopify.com", [5, 3]],
	]);

	// What it shows by now is the line's end, whatever was heard on the way.
	await sql`update slots set expected = 1 where sku_id = ${tarp}`;
	const { channels: later, to } = await readSkuHistory(ctx, tarp);
	expect(later[0]?.steps.at(-1)).toEqual({ at: to, value: 1 });
});

test("a SKU that is younger than three days begins with its first count", async () => {
	await database.ownerClient`update movements set at = now() - interval '5 h' where sku_id = ${tarp}`;
	await database.ownerClient`update levels set counted_at = now() - interval '5 h' where sku_id = ${tarp}`;
	await adjust({ value: 8 });
	const { available, from, to, firstCountedAt } = await readSkuHistory(ctx, tarp);
	expect(Math.abs(from - (firstCountedAt ?? 0))).toBeLessThanOrEqual(1);
	expect(to - from).toBeGreaterThan(4 * 3_600_000);
	expect(available.map(({ value }) => value)).toEqual([6, 8]);
	expect(available[0]?.at).toBe(from);
});

test("before the first count nothing is known, and nothing is said", async () => {
	const { available, from } = await readSkuHistory(ctx, tarp);
	expect(available.map(({ value }) => value)).toEqual([6]);
	expect(available[0]?.at).toBeGreaterThan(from);

	// A ledger that begins within the span has no before, whenever its level says that it was counted.
	await database.ownerClient`update levels set counted_at = now() - interval '1 h' where sku_id = ${tarp}`;
	expect((await readSkuHistory(ctx, tarp)).available.map(({ value }) => value)).toEqual([6]);

	// A sale that was heard before anybody counted moves the ledger and tells nothing of what is there.
	const uncounted = await makeSku(database, merchant, "NEW", null);
	await asMerchant(ctx.db, merchant.merchantId, (tx) =>
		appendMovements(tx, merchant.merchantId, [
			{ skuId: uncounted, locationId: merchant.locationId, delta: -1, kind: "order", causeKey: "o1", actor: "system" },
		]),
	);
	expect((await readSkuHistory(ctx, uncounted)).available).toEqual([]);
	await adjust({ skuId: uncounted, value: 4, seen: -1 });
	expect((await readSkuHistory(ctx, uncounted)).available.map(({ value }) => value)).toEqual([4]);
});

test("a second location that is counted later adds to what is known from then on", async () => {
	await database.ownerClient`update movements set at = now() - interval '5 days' where sku_id = ${tarp}`;
	await database.ownerClient`update levels set counted_at = now() - interval '5 days' where sku_id = ${tarp}`;
	await adjust({ locationId: await secondLocation(), value: 7, seen: null });
	expect((await readSkuHistory(ctx, tarp)).available.map(({ value }) => value)).toEqual([6, 13]);
});

test("another merchant's SKU is not there", async () => {
	const other = systemContext((await makeMerchant(database)).merchantId, database.db("app"));
	await expect(readSku(other, tarp)).rejects.toMatchObject({ status: 404 });
	await expect(readSku(other, "no-id")).rejects.toMatchObject({ status: 404 });
	expect((await readMovements(other, { skuId: tarp })).movements).toEqual([]);
	expect((await readSkuHistory(other, tarp)).available).toEqual([]);
});
