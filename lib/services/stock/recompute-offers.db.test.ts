/** The one statement of `updateSlots` and the pure rules that it repeats in SQL, held equal on random slots. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { mayHideReturn } from "@/lib/stock/bound";
import { emptySlot, type Slot } from "@/lib/stock/slot";
import { hearSales, reoffer, wasSeen } from "@/lib/stock/slot-news";
import { lockSlots } from "../pushes/slot-rows";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { stampSlackMs, updateSlots } from "./recompute-offers";

let database: TestDatabase;
let merchant: FixtureMerchant;
const atOnce = 80;
const made: { skuId: string; listingId: string; slotId: number }[] = [];
beforeAll(async () => {
	database = await testDatabase();
	merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	for (let index = 0; index < atOnce; index++) {
		const skuId = await makeSku(database, merchant, `SKU-${index}`, 1);
		const listingId = await makeListing(database, merchant, channelId, `ref-${index}`, { skuId });
		const [slot] = await database.ownerClient<
			{ id: number }[]
		>`select id::float8 as id from slots where listing_id = ${listingId}`;
		made.push({ skuId, listingId, slotId: slot?.id ?? 0 });
	}
});
afterAll(() => database.close());

/** Moments around which everything happens, so that before, after and the slack between are all met. */
const base = Date.now() - 20_000;
const moment = fc.integer({ min: 0, max: 8 }).map((n) => base + n * 700);
const units = fc.integer({ min: -3, max: 4 });

const anySlot = fc.record({
	expected: fc.option(fc.nat(12), { freq: 8 }),
	unexplained: fc.integer({ min: -3, max: 3 }),
	unexplainedSince: fc.option(moment),
	shown: fc.option(fc.nat(12), { freq: 5 }),
	shownAt: fc.option(moment, { freq: 5 }),
	tookMs: fc.option(fc.integer({ min: 0, max: 2_000 })),
	maybe: fc.option(fc.integer({ min: -4, max: 4 }), { freq: 2 }),
	isFenced: fc.boolean(),
	readDueAt: fc.option(moment),
	pacedUntil: fc.option(moment),
	soldUnits: fc.nat(20),
	soldAt: fc.option(moment),
	sellable: fc.option(
		fc.record({
			bound: fc.nat(12),
			doubt: fc.nat(3),
			openUntil: fc.option(moment, { freq: 1 }),
			proof: fc.option(fc.record({ quantity: fc.nat(12), until: fc.option(moment, { freq: 8 }) }), { freq: 3 }),
		}),
		{ freq: 8 },
	),
});
const anySale = fc
	.record({ units, from: moment, tookMs: fc.nat(1_500), isChanged: fc.boolean() })
	.map(({ units, from, tookMs, isChanged }) => ({ units, from, to: from + tookMs, isChanged }));
const anyCase = fc.record({
	slot: anySlot,
	offered: fc.nat(12),
	/** The stock did, not a policy. */
	hasMoved: fc.boolean(),
	sales: fc.array(anySale, { maxLength: 4 }),
});
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

/** Sometimes more than it becomes, sometimes less. */
const startOffer = (offered: number) =>
	offered % 3 === 0 ? offered : Math.max(0, offered + (offered % 2 === 0 ? 4 : -2));

function slotOf({ slot, offered }: Case): Slot {
	const { tookMs, ...fields } = slot;
	const shownUntil = slot.shownAt === null || tookMs === null ? null : slot.shownAt + tookMs;
	const soldUnits = slot.soldAt === null ? 0 : slot.soldUnits;
	return { ...emptySlot, ...fields, soldUnits, shownUntil, offered: startOffer(offered) };
}

/** What the pure rules make of it. */
function heard(slot: Slot, { sales, offered, hasMoved }: Case, now: number): Slot {
	const sums = {
		seen: 0,
		unseen: 0,
		unclear: 0,
		isUnclear: false,
		later: 0,
		returned: 0,
		isHidden: false,
		isMoved: false,
	};
	const until = slot.sellable?.proof?.until ?? Number.POSITIVE_INFINITY;
	for (const sale of sales) {
		if (sale.from > until) sums.later += sale.units;
		else sums.returned += Math.max(0, -sale.units);
		const seen = wasSeen(slot, sale, stampSlackMs);
		sums[seen] += sale.units;
		sums.isUnclear ||= sale.units !== 0 && seen === "unclear";
		sums.isMoved ||= sale.units !== 0;
		sums.isHidden ||= sale.isChanged && slot.sellable !== null && mayHideReturn(slot.sellable, sale, stampSlackMs);
	}
	const own = slot.expected === null ? 0 : sums.seen + sums.unseen + sums.unclear;
	return reoffer(sales.length > 0 ? hearSales(slot, sums, now) : slot, offered, own, now, hasMoved);
}

const compared = (slot: Slot) => ({
	offered: slot.offered,
	offeredVersion: slot.offeredVersion,
	expected: slot.expected,
	expectedVersion: slot.expectedVersion,
	unexplained: slot.unexplained,
	unexplainedSince: slot.unexplainedSince && Math.round(slot.unexplainedSince),
	shown: slot.shown,
	shownAt: slot.shownAt && Math.round(slot.shownAt),
	shownUntil: slot.shownUntil && Math.round(slot.shownUntil),
	readDueAt: slot.readDueAt && Math.round(slot.readDueAt),
	pacedUntil: slot.pacedUntil && Math.round(slot.pacedUntil),
	soldUnits: slot.soldUnits.toFixed(2),
	soldAt: slot.soldAt && Math.round(slot.soldAt),
	bound: slot.sellable?.bound,
	doubt: slot.sellable?.doubt,
	openUntil: slot.sellable?.openUntil && Math.round(slot.sellable.openUntil),
	proof: slot.sellable?.proof && {
		...slot.sellable.proof,
		until: slot.sellable.proof.until && Math.round(slot.sellable.proof.until),
	},
});

describe("what SQL makes of a channel's own sales", () => {
	it("is what hearSales and reoffer make of them, on 3,000 random slots, in doubt and behind a fence too", async () => {
		const cases = fc.sample(anyCase, { numRuns: 3_000, seed: 20_261_124 });
		for (let from = 0; from < cases.length; from += atOnce) await checkBatch(cases.slice(from, from + atOnce), from);
		const met = (is: (one: Case) => boolean) => cases.filter(is).length;
		expect(met(({ slot }) => slot.maybe !== null && slot.shownAt !== null && slot.shown !== null)).toBeGreaterThan(300);
		expect(met(({ slot }) => slot.isFenced && slot.shownAt === null && slot.readDueAt !== null)).toBeGreaterThan(50);
	});
});

/** Eighty slots in one statement, as a batch of mail does it. */
async function checkBatch(cases: readonly Case[], offset: number): Promise<void> {
	const sql = database.ownerClient;
	const input = cases.map((one, index) => ({
		...made[index],
		onHand: one.offered,
		...slotOf(one),
		// The level is at its first.
		skuVersion: one.hasMoved ? 0 : 1,
	}));
	await sql`
		with n as (
			select * from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as n("skuId" uuid, "listingId" uuid, "onHand" int,
				offered int, expected int, unexplained int, "unexplainedSince" float8, shown int, "shownAt" float8, "shownUntil" float8,
				maybe int, "isFenced" boolean, "skuVersion" bigint, "readDueAt" float8, "pacedUntil" float8, "soldUnits" float8, "soldAt" float8, sellable jsonb)
		),
		stock as (update levels l set on_hand = n."onHand" from n where l.sku_id = n."skuId")
		update slots s set offered = n.offered, offered_version = 0, expected = n.expected, expected_version = 0,
			unexplained = n.unexplained, unexplained_since = to_timestamp(n."unexplainedSince" / 1000), shown = n.shown,
			shown_at = to_timestamp(n."shownAt" / 1000), shown_until = to_timestamp(n."shownUntil" / 1000), maybe = n.maybe,
			is_fenced = n."isFenced", sku_version = n."skuVersion", read_due_at = to_timestamp(n."readDueAt" / 1000), paced_until = to_timestamp(n."pacedUntil" / 1000), sold_units = n."soldUnits",
			sold_at = to_timestamp(n."soldAt" / 1000), bound = (n.sellable->>'bound')::int, doubt = coalesce((n.sellable->>'doubt')::int, 0),
			open_until = to_timestamp((n.sellable->>'openUntil')::float8 / 1000), proof_quantity = (n.sellable->'proof'->>'quantity')::int,
			proof_until = to_timestamp((n.sellable->'proof'->>'until')::float8 / 1000)
		from n where s.listing_id = n."listingId"`;
	const { rows, now } = await asMerchantPrepared(database.client("app"), merchant.merchantId, async (run) => {
		const [clock] = await run<{ now: number }>`select extract(epoch from now())::float8 * 1000 as now`;
		const sales = cases.flatMap((one, index) =>
			one.sales.map((sale) => ({ listingId: made[index]?.listingId as string, ...sale })),
		);
		await updateSlots(
			run,
			input.map(({ skuId }) => skuId as string),
			sales,
		);
		return {
			rows: await lockSlots(
				run,
				made.map(({ slotId }) => slotId),
			),
			now: clock?.now ?? 0,
		};
	});
	const byListing = new Map(rows.map((row) => [row.listingId, row.slot]));
	cases.forEach((one, index) => {
		const bySql = byListing.get(made[index]?.listingId as string) as Slot;
		const byRules = heard(slotOf(one), one, now);
		expect(compared(bySql), `case ${offset + index}: ${JSON.stringify(one)}`).toEqual(compared(byRules));
	});
}
