import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { OrderSnapshot } from "@/lib/stock/order";
import { appendMovements } from "../stock/append-movements";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { applyOrders } from "./apply-orders";
import { applyParkedLines } from "./apply-parked-lines";
import type { HeardOrder } from "./heard-order";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const order = (ref: string, at: number, lines: Record<string, number>, step = 0): OrderSnapshot => ({
	orderRef: ref,
	number: `#${ref}`,
	status: "open",
	placedAt: new Date(Date.now() + at).toISOString(),
	version: { at: Date.now() + at, step },
	lines: Object.entries(lines).map(([listingRef, taken]) => ({
		lineRef: listingRef,
		listingRef,
		sku: listingRef,
		title: listingRef,
		taken,
	})),
});

const heard = (snapshot: OrderSnapshot, isLiveRead = false): HeardOrder => ({
	order: snapshot,
	inboxId: 1,
	isLiveRead,
});

function apply(merchant: FixtureMerchant, channelId: string, orders: HeardOrder[]) {
	return asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
		applyOrders(run, merchant.merchantId, channelId, orders),
	);
}

async function onHand(skuId: string) {
	const [level] = await database.ownerClient<{ on_hand: number; version: number; sum: number; moves: number }[]>`
		select on_hand, version::int, (select sum(delta)::int from movements m where m.sku_id = l.sku_id) as sum,
			(select count(*)::int from movements m where m.sku_id = l.sku_id) as moves
		from levels l where sku_id = ${skuId}`;
	expect(level?.sum).toBe(level?.on_hand);
	expect(level?.moves).toBe(level?.version);
	return level?.on_hand;
}

async function slotOf(listingId: string) {
	const [slot] = await database.ownerClient<
		{ offered: number; expected: number; unexplained: number; is_pending: boolean; confirmed_sku_version: number }[]
	>`
		select offered, expected, unexplained, is_pending, confirmed_sku_version::int from slots where listing_id = ${listingId}`;
	return slot;
}

/** Two channels, one SKU of ten, listed on both. */
async function twoChannels(stock = 10) {
	const merchant = await makeMerchant(database);
	const [a, b] = [
		await makeChannel(database, merchant),
		await makeChannel(database, merchant, { platform: "woocommerce" }),
	];
	const skuId = await makeSku(database, merchant, "LAMP", stock);
	const onA = await makeListing(database, merchant, a, "lamp", { skuId, shown: stock });
	const onB = await makeListing(database, merchant, b, "lamp", { skuId, shown: stock });
	return { merchant, a, b, skuId, onA, onB };
}

describe("orders", () => {
	it("lower the stock once, expect the seller to show it, and leave the other channel pending", async () => {
		const { merchant, a, b, skuId, onA, onB } = await twoChannels();
		const sale = order("1", 1000, { lamp: 2 });
		const first = await apply(merchant, a, [heard(sale)]);
		const again = await apply(merchant, a, [heard(sale)]);
		expect(await onHand(skuId)).toBe(8);
		expect(first.pendingChannelIds).toEqual([b]);
		expect(again.moved).toBe(0);
		expect(await slotOf(onA)).toMatchObject({ offered: 8, expected: 8, is_pending: false, confirmed_sku_version: 2 });
		expect(await slotOf(onB)).toMatchObject({ offered: 8, expected: 10, is_pending: true, confirmed_sku_version: 0 });
	});

	it("move only the difference of a newer version, nothing for an older one, and give back vanished lines", async () => {
		const { merchant, a, skuId } = await twoChannels();
		await apply(merchant, a, [heard(order("1", 1000, { lamp: 3 }))]);
		await apply(merchant, a, [heard(order("1", 3000, { lamp: 1 }))]);
		expect(await onHand(skuId)).toBe(9);
		await apply(merchant, a, [heard(order("1", 2000, { lamp: 5 }))]);
		expect(await onHand(skuId)).toBe(9);
		await apply(merchant, a, [heard(order("1", 4000, {}))]);
		expect(await onHand(skuId)).toBe(10);
	});

	it("are logged with when they were placed, and changes of them with when they were changed", async () => {
		const { merchant, a } = await twoChannels();
		const placed = { ...order("1", 1000, { lamp: 3 }), placedAt: new Date(Date.now() + 700).toISOString() };
		const first = await apply(merchant, a, [heard(placed)]);
		const changed = { ...order("1", 5000, { lamp: 1 }), placedAt: placed.placedAt };
		const second = await apply(merchant, a, [heard(changed)]);
		const stamps = [first, second].map(({ log }) => log.find(({ kind }) => kind === "stock.changed")?.data?.happenedAt);
		expect(stamps).toEqual([Date.parse(placed.placedAt), changed.version.at]);
	});

	it("ask the platform when two states share one stamp, and believe the live read", async () => {
		const { merchant, a, skuId } = await twoChannels();
		const early = order("1", 1000, { lamp: 3 });
		const late = { ...early, lines: early.lines.map((line) => ({ ...line, taken: 2 })) };
		await apply(merchant, a, [heard(early)]);
		expect((await apply(merchant, a, [heard(late)])).unclearOrderRefs).toEqual(["1"]);
		expect((await apply(merchant, a, [heard(early)])).unclearOrderRefs).toEqual([]);
		await apply(merchant, a, [heard(late, true)]);
		expect(await onHand(skuId)).toBe(8);
	});

	it("that go back in their life under one stamp are asked for, and the answer stands", async () => {
		const { merchant, a, skuId } = await twoChannels();
		const paid = order("1", 1000, { lamp: 3 }, 8);
		const unpaid = {
			...paid,
			version: { ...paid.version, step: 2 },
			lines: paid.lines.map((l) => ({ ...l, taken: 0 })),
		};
		await apply(merchant, a, [heard(paid)]);
		expect((await apply(merchant, a, [heard(unpaid)])).unclearOrderRefs).toEqual(["1"]);
		expect(await onHand(skuId)).toBe(7);
		await apply(merchant, a, [{ ...heard(unpaid, true), isAnswer: true, inboxId: 2 }]);
		expect(await onHand(skuId)).toBe(10);
		// Told once more, its earlier state is none the newer.
		expect((await apply(merchant, a, [heard(paid)])).unclearOrderRefs).toEqual(["1"]);
		expect(await onHand(skuId)).toBe(10);
		await apply(merchant, a, [{ ...heard(paid, true), isAnswer: true, inboxId: 3 }]);
		expect(await onHand(skuId)).toBe(7);
	});

	it("R1 R3 that go to and fro under one stamp move the ledger each time", async () => {
		const { merchant, a, skuId } = await twoChannels();
		const open = order("1", 1000, { lamp: 3 }, 2);
		const cancelled = {
			...open,
			version: { ...open.version, step: 8 },
			lines: open.lines.map((line) => ({ ...line, taken: 0 })),
		};
		const answer = (told: OrderSnapshot, inboxId: number) =>
			apply(merchant, a, [{ ...heard(told, true), isAnswer: true, inboxId }]);
		await apply(merchant, a, [heard(open)]);
		await apply(merchant, a, [heard(cancelled)]);
		expect(await onHand(skuId)).toBe(10);
		await answer(open, 3);
		expect(await onHand(skuId)).toBe(7);
		await answer(cancelled, 4);
		expect(await onHand(skuId)).toBe(10);
		await answer(open, 5);
		expect(await onHand(skuId)).toBe(7);
	});

	it("of unlinked listings are parked, not dropped", async () => {
		const merchant = await makeMerchant(database);
		const a = await makeChannel(database, merchant);
		const listingId = await makeListing(database, merchant, a, "lamp", { shown: 4 });
		const applied = await apply(merchant, a, [heard(order("1", 1000, { lamp: 1, unknown: 2 }))]);
		expect(applied.log.map(({ kind }) => kind)).toEqual(["order.parked", "order.parked"]);
		expect(await slotOf(listingId)).toMatchObject({ offered: null, expected: 3 });
	});

	it("move every bundle that holds a component, and a bundle moves its components", async () => {
		const merchant = await makeMerchant(database);
		const a = await makeChannel(database, merchant);
		const [stove, pan] = [await makeSku(database, merchant, "STOVE", 10), await makeSku(database, merchant, "PAN", 7)];
		const set = await makeSku(database, merchant, "SET", null);
		const sql = database.ownerClient;
		await sql`update skus set is_bundle = 'yes' where id = ${set}`;
		await sql`insert into sku_components (merchant_id, bundle_id, component_id, units) values (${merchant.merchantId}, ${set}, ${stove}, 1), (${merchant.merchantId}, ${set}, ${pan}, 2)`;
		const onStove = await makeListing(database, merchant, a, "stove", { skuId: stove });
		const onSet = await makeListing(database, merchant, a, "set", { skuId: set, shown: 3 });
		await apply(merchant, a, [heard(order("1", 1000, { set: 1 }))]);
		expect([await onHand(stove), await onHand(pan)]).toEqual([9, 5]);
		expect(await slotOf(onSet)).toMatchObject({ offered: 2, expected: 2 });
		expect(await slotOf(onStove)).toMatchObject({ offered: 9 });
	});

	it("P3: 200 concurrent orders for the last unit are all recorded, one gets it, 199 become a conflict each", async () => {
		const merchant = await makeMerchant(database);
		const skuId = await makeSku(database, merchant, "LAST", 1);
		const channels = await Promise.all(Array.from({ length: 20 }, () => makeChannel(database, merchant)));
		for (const channel of channels) await makeListing(database, merchant, channel, "last", { skuId, shown: 1 });
		await Promise.all(
			Array.from({ length: 200 }, (_, n) =>
				apply(merchant, channels[n % 20] as string, [heard(order(String(n), 1000 + n, { last: 1 }))]),
			),
		);
		expect(await onHand(skuId)).toBe(-199);
		const [count] = await database.ownerClient<{ conflicts: number; allocated: number }[]>`
			select (select count(*)::int from conflicts where sku_id = ${skuId}) as conflicts,
				(select count(*)::int from movements where sku_id = ${skuId} and kind = 'order' and balance >= 0) as allocated`;
		expect(count).toEqual({ conflicts: 199, allocated: 1 });
	});
});

const day = 86_400_000;
/** As `order`, placed long before it changed. */
const placedAgo = (ms: number, snapshot: OrderSnapshot): OrderSnapshot => ({
	...snapshot,
	placedAt: new Date(Date.now() - ms).toISOString(),
});

async function linkParked(merchant: FixtureMerchant, channelId: string, listingId: string, skuId: string) {
	await database.ownerClient`
		insert into mappings (listing_id, merchant_id, channel_id, state, sku_id, units, linked_by)
		values (${listingId}, ${merchant.merchantId}, ${channelId}, 'linked', ${skuId}, 1, 'test')`;
	await asMerchant(database.db("app"), merchant.merchantId, (tx) =>
		applyParkedLines(tx, merchant.merchantId, [listingId]),
	);
}

describe("an order from before the first count", () => {
	it("is in that count: heard of later it moves nothing, on no channel, and from then on only what changes", async () => {
		const { merchant, a, skuId, onA, onB } = await twoChannels();
		const hear = (at: number, lines: Record<string, number>) =>
			apply(merchant, a, [heard(placedAgo(30 * day, order("1", at, lines)))]);
		const before = [await slotOf(onA), await slotOf(onB)];
		expect(await hear(1000, { lamp: 2 })).toMatchObject({ moved: 0, pendingChannelIds: [], log: [] });
		expect(await onHand(skuId)).toBe(10);
		expect([await slotOf(onA), await slotOf(onB)]).toEqual(before);
		await hear(2000, { lamp: 2 });
		expect(await onHand(skuId)).toBe(10);
		await hear(3000, { lamp: 1 });
		expect(await onHand(skuId)).toBe(11);
		await hear(4000, {});
		expect(await onHand(skuId)).toBe(12);
		expect(await slotOf(onA)).toMatchObject({ offered: 12, expected: 12 });
	});

	it("takes what is added to it once we know it", async () => {
		const { merchant, a, skuId } = await twoChannels();
		const tent = await makeSku(database, merchant, "TENT", 10);
		await makeListing(database, merchant, a, "tent", { skuId: tent });
		await apply(merchant, a, [heard(placedAgo(day, order("1", 1000, { lamp: 2 })))]);
		await apply(merchant, a, [heard(placedAgo(day, order("1", 2000, { lamp: 3, tent: 1 })))]);
		expect([await onHand(skuId), await onHand(tent)]).toEqual([9, 9]);
	});

	it("that waits for its link is not taken at the link nor at its next version", async () => {
		const { merchant, a, skuId } = await twoChannels();
		const listingId = await makeListing(database, merchant, a, "second", { shown: 10 });
		await apply(merchant, a, [heard(placedAgo(day, order("1", 1000, { second: 2 })))]);
		await apply(merchant, a, [heard(placedAgo(day, order("1", 2000, { second: 2 })))]);
		await linkParked(merchant, a, listingId, skuId);
		expect(await onHand(skuId)).toBe(10);
		await apply(merchant, a, [heard(placedAgo(day, order("1", 3000, { second: 2 })))]);
		expect(await onHand(skuId)).toBe(10);
		await apply(merchant, a, [heard(placedAgo(day, order("1", 4000, {})))]);
		expect(await onHand(skuId)).toBe(12);
	});

	it("is known by the count of its own SKU: the line of one counted earlier is a sale", async () => {
		const { merchant, a, skuId } = await twoChannels();
		const tent = await makeSku(database, merchant, "TENT", 10);
		await makeListing(database, merchant, a, "tent", { skuId: tent });
		await database.ownerClient`update levels set counted_at = now() - interval '60 days' where sku_id = ${tent}`;
		await apply(merchant, a, [heard(placedAgo(30 * day, order("1", 1000, { lamp: 2, tent: 2 })))]);
		expect([await onHand(skuId), await onHand(tent)]).toEqual([10, 8]);
	});

	it("is told from one between the first count and a later one, which is a sale", async () => {
		const { merchant, a, skuId } = await twoChannels();
		await database.ownerClient`update levels set counted_at = now() - interval '2 days' where sku_id = ${skuId}`;
		await asMerchant(database.db("app"), merchant.merchantId, (tx) =>
			appendMovements(tx, merchant.merchantId, [
				{ skuId, locationId: merchant.locationId, delta: 0, kind: "count", causeKey: "again", actor: "user:somebody" },
			]),
		);
		await apply(merchant, a, [heard(placedAgo(day, order("1", 1000, { lamp: 2 })))]);
		expect(await onHand(skuId)).toBe(8);
	});

	it("is told from one between the reading that the count was taken from and the count, which is a sale", async () => {
		const { merchant, a, skuId } = await twoChannels();
		const tenMinutes = 600_000;
		await database.ownerClient`update levels set counted_from = now() - interval '10 min' where sku_id = ${skuId}`;
		await apply(merchant, a, [heard(placedAgo(2 * tenMinutes, order("1", 1000, { lamp: 3 })))]);
		expect(await onHand(skuId)).toBe(10);
		await apply(merchant, a, [heard(placedAgo(tenMinutes / 2, order("2", 1000, { lamp: 2 })))]);
		expect(await onHand(skuId)).toBe(8);
	});

	it("of a bundle is in the count of its components", async () => {
		const merchant = await makeMerchant(database);
		const a = await makeChannel(database, merchant);
		const [stove, set] = [
			await makeSku(database, merchant, "STOVE", 10),
			await makeSku(database, merchant, "SET", null),
		];
		const sql = database.ownerClient;
		await sql`update skus set is_bundle = 'yes' where id = ${set}`;
		await sql`insert into sku_components (merchant_id, bundle_id, component_id, units) values (${merchant.merchantId}, ${set}, ${stove}, 2)`;
		await makeListing(database, merchant, a, "set", { skuId: set, shown: 5 });
		await apply(merchant, a, [heard(placedAgo(day, order("1", 1000, { set: 2 })))]);
		expect(await onHand(stove)).toBe(10);
		await apply(merchant, a, [heard(placedAgo(day, order("1", 2000, { set: 1 })))]);
		expect(await onHand(stove)).toBe(12);
	});

	it("is not one from after it by a store's clock that is behind, whether its listing was linked then or waits", async () => {
		const { merchant, a, skuId } = await twoChannels();
		await database.ownerClient`update channel_health set clock_ahead_ms = -30000 where channel_id = ${a}`;
		await apply(merchant, a, [heard(placedAgo(20_000, order("1", 1000, { lamp: 2 })))]);
		expect(await onHand(skuId)).toBe(8);
		const listingId = await makeListing(database, merchant, a, "second", { shown: 10 });
		await apply(merchant, a, [heard(placedAgo(20_000, order("2", 1000, { second: 1 })))]);
		await linkParked(merchant, a, listingId, skuId);
		expect(await onHand(skuId)).toBe(7);
		await apply(merchant, a, [heard(placedAgo(60_000, order("3", 1000, { lamp: 2 })))]);
		expect(await onHand(skuId)).toBe(7);
	});

	it("is not one of the same second: platforms stamp to the second and round down", async () => {
		const { merchant, a, skuId } = await twoChannels();
		await apply(merchant, a, [heard(placedAgo(1_000, order("1", 1000, { lamp: 2 })))]);
		expect(await onHand(skuId)).toBe(8);
	});
});

describe("an order that finds too little", () => {
	const short = async (skuId: string) => [
		...(await database.ownerClient<{ order_ref: string; units: number; wanted: number; version: number }[]>`
			select order_ref, units, (facts->>'wanted')::int as wanted, (facts->>'version')::int as version
			from conflicts where sku_id = ${skuId} order by order_ref`),
	];
	const twoLines = (at: number, first: number, second: number): OrderSnapshot => {
		const snapshot = order("1", at, { lamp: first });
		const [line] = snapshot.lines as [OrderSnapshot["lines"][number]];
		return { ...snapshot, lines: [line, { ...line, lineRef: "lamp again", taken: second }] };
	};

	it("is short of what all its lines of the SKU lack, and of what it wants on top", async () => {
		const { merchant, a, skuId } = await twoChannels(1);
		await apply(merchant, a, [heard(twoLines(1000, 2, 2))]);
		expect(await short(skuId)).toEqual([{ order_ref: "1", units: 3, wanted: 4, version: 2 }]);
		await apply(merchant, a, [heard(twoLines(1000, 2, 2))]);
		await apply(merchant, a, [heard(twoLines(2000, 2, 3))]);
		expect(await short(skuId)).toEqual([{ order_ref: "1", units: 4, wanted: 5, version: 2 }]);
	});

	it("is not short of what came back between", async () => {
		const { merchant, a, skuId } = await twoChannels(1);
		await apply(merchant, a, [heard(order("1", 1000, { lamp: 4 }))]);
		await apply(merchant, a, [heard(order("1", 2000, { lamp: 3 }))]);
		await apply(merchant, a, [heard(order("1", 3000, { lamp: 4 }))]);
		expect(await short(skuId)).toMatchObject([{ units: 3 }]);
	});

	it("leaves each its own conflict when two come in one batch", async () => {
		const { merchant, a, skuId } = await twoChannels(1);
		await apply(merchant, a, [heard(order("1", 1000, { lamp: 2 })), heard(order("2", 1000, { lamp: 2 }))]);
		expect(await short(skuId)).toMatchObject([
			{ order_ref: "1", units: 1 },
			{ order_ref: "2", units: 2 },
		]);
	});
});
