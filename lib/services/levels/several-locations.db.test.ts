/** Numbers typed in a store that sells from several of our locations, and decisions about them: where they move the stock. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import type { MovementKind } from "@/db/schema";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { shopify } from "@/lib/channels/shopify";
import { logSentence } from "@/lib/format/log-line";
import type { RaceRule } from "@/lib/stock/competing-edits";
import type { DriftPolicy } from "@/lib/stock/drift";
import type { OpenConnection } from "../channels/open-connection";
import { setSellingLocations } from "../channels/set-selling-locations";
import { decideConflict } from "../conflicts/decide-conflict";
import { readConflict } from "../conflicts/read-conflict";
import { undoDecision } from "../conflicts/undo-decision";
import { systemContext } from "../context";
import { addLocation } from "../locations/add-location";
import { setRaceRule } from "../merchants/set-race-rules";
import { appendMovements, type MovementRow } from "../stock/append-movements";
import { checkLedger } from "../stock/check-ledger";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { readDueLevels } from "./read-levels";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

/** A lamp of which so many lie at Main and at Yard, from where the web store sells it, in this order; the till sells from Main. */
async function shopOf(
	atMain: number,
	atYard: number,
	{ policy = "ask", rule = "source_of_truth" }: { policy?: DriftPolicy; rule?: RaceRule } = {},
) {
	const sql = database.ownerClient;
	const merchant = await makeMerchant(database);
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	const main = merchant.locationId;
	const yard = (await addLocation(ctx, "Yard")).locationId;
	const web = await makeChannel(database, merchant, { name: "web" });
	const till = await makeChannel(database, merchant, { name: "till" });
	const skuId = await makeSku(database, merchant, "LAMP", null);
	const listingId = await makeListing(database, merchant, web, "lamp", { skuId, shown: atMain + atYard });
	await makeListing(database, merchant, till, "lamp", { skuId, shown: atMain });
	await setSellingLocations(ctx, web, [main, yard]);
	await setRaceRule(ctx, rule);
	await sql`update channels set drift_policy = ${policy}, drift_bundle = ${policy} where id = ${web}`;

	const move = (...rows: Partial<MovementRow>[]) =>
		asMerchant(ctx.db, ctx.merchantId, (tx) =>
			appendMovements(
				tx,
				ctx.merchantId,
				rows.map((row) => ({
					skuId,
					locationId: main,
					delta: 0,
					kind: "adjustment",
					causeKey: randomUUID(),
					actor: "test",
					...row,
				})),
			),
		);
	await move({ delta: atMain, kind: "count" }, { delta: atYard, kind: "count", locationId: yard });

	const store = { shows: atMain + atYard, changedAt: new Date() };
	const facts: PlatformFacts = { ...shopify.facts, orderListLagMs: 0 };
	const adapter: ChannelAdapter = {
		...shopify,
		facts,
		listOrders: async () => ({ items: [], next: null, total: null }),
		readLevels: async (_, listings) =>
			listings.map(({ externalKey }) => ({
				externalKey,
				quantity: store.shows,
				readAt: new Date(),
				changedAt: store.changedAt,
			})),
	};
	const open: OpenConnection = { adapter, connection: () => ({ http: {} }) as never };
	const target = { channelId: web, merchantId: merchant.merchantId, platform: "shopify" as const };
	const levels = async (of = skuId) => {
		const rows = await sql<{ location_id: string; on_hand: number }[]>`
			select location_id, on_hand from levels where sku_id = ${of}`;
		return [main, yard].map((id) => rows.find(({ location_id }) => location_id === id)?.on_hand ?? 0);
	};
	return {
		ctx,
		merchant,
		skuId,
		main,
		yard,
		web,
		move,
		levels,
		/** As an order that was taken there would have. */
		sold: (units: number, locationId: string) =>
			move({ delta: -units, kind: "order" satisfies MovementKind, locationId, channelId: web, orderRef: randomUUID() }),
		/** Somebody types a number in the store, by its own stamp so long ago; it is read until it is explained or settled. */
		async typed(quantity: number, msAgo = 0) {
			store.shows = quantity;
			store.changedAt = new Date(Date.now() - msAgo);
			for (let read = 0; read < 2; read++) {
				await sql`update slots set read_due_at = coalesce(read_due_at, now()) where listing_id = ${listingId}`;
				await readDueLevels(database.client("app"), target, open);
			}
		},
		/** The store has taken what it is offered. */
		async told() {
			await sql`
				update slots set expected = offered, shown = offered, confirmed_sku_version = sku_version, confirmed_at = clock_timestamp()
				where listing_id = ${listingId}`;
			const [slot] = await sql<{ offered: number }[]>`select offered from slots where listing_id = ${listingId}`;
			store.shows = slot?.offered ?? 0;
		},
		offer: async () =>
			(await sql<{ offered: number }[]>`select offered from slots where listing_id = ${listingId}`)[0]?.offered,
		async conflict() {
			const [row] = await sql<{ id: string }[]>`
				select id from conflicts where merchant_id = ${merchant.merchantId} and state <> 'decided' order by created_at desc limit 1`;
			if (!row) throw new Error("there is a conflict");
			const view = await readConflict(ctx, row.id);
			return { id: row.id, view, saysOf: (choice: string) => view.options.find((one) => one.choice === choice) };
		},
		async expectSound() {
			const { faults } = await asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
				checkLedger(run, merchant.merchantId),
			);
			expect(faults).toEqual([]);
		},
	};
}

describe("a number that counts", () => {
	const counts = { policy: "channel_counts" } as const;

	it("takes fewer where a sale would: from the first that has enough, else split in their order", async () => {
		const shop = await shopOf(2, 5, counts);
		await shop.typed(4);
		expect(await shop.levels()).toEqual([2, 2]);
		expect(await shop.offer()).toBe(4);
		await shop.typed(1);
		expect(await shop.levels()).toEqual([0, 1]);
		expect(await shop.offer()).toBe(1);
		await shop.expectSound();
	});

	it("gives more back where they were taken, the last first, and the rest to the first location", async () => {
		const shop = await shopOf(2, 9, counts);
		await shop.sold(3, shop.yard);
		await shop.told();
		await shop.typed(10);
		expect(await shop.levels()).toEqual([2, 8]);
		await shop.typed(14);
		expect(await shop.levels()).toEqual([5, 9]);
		expect(await shop.offer()).toBe(14);
		await shop.expectSound();
	});

	it("typed back, leaves every location as it was, whatever was sold before", async () => {
		const shop = await shopOf(2, 9, counts);
		await shop.sold(3, shop.yard);
		await shop.told();
		await shop.typed(1);
		expect(await shop.levels()).toEqual([0, 1]);
		await shop.typed(8);
		expect(await shop.levels()).toEqual([2, 6]);
	});

	it("says in the log what moved where", async () => {
		const shop = await shopOf(2, 5, counts);
		await shop.typed(1);
		const [line] = await database.ownerClient<{ data: Record<string, unknown> }[]>`
			select data from sync_log where merchant_id = ${shop.ctx.merchantId} and kind = 'level.healed'`;
		const entry = { at: 0, kind: "level.healed", state: "ok", data: line?.data, sku: "LAMP" } as never;
		expect(
			logSentence(entry)
				.map((part) => (typeof part === "string" ? part : part.strong))
				.join(""),
		).toContain("2 fewer at Main and 4 fewer at Yard");
	});

	it("of a bundle moves each component where it lies", async () => {
		const shop = await shopOf(0, 0, counts);
		const part = await makeSku(database, shop.merchant, "PART", null);
		await shop.move(
			{ skuId: part, delta: 4, kind: "count" },
			{ skuId: part, delta: 20, kind: "count", locationId: shop.yard },
		);
		await database.ownerClient`delete from levels where sku_id = ${shop.skuId}`;
		await database.ownerClient`update skus set is_bundle = 'yes' where id = ${shop.skuId}`;
		await database.ownerClient`
			insert into sku_components (merchant_id, bundle_id, component_id, units) values (${shop.ctx.merchantId}, ${shop.skuId}, ${part}, 2)`;
		await shop.move({ skuId: part });
		await shop.told();
		expect(await shop.offer()).toBe(12);
		await shop.typed(9);
		expect(await shop.levels(part)).toEqual([4, 14]);
		expect(await shop.offer()).toBe(9);
	});

	it("leaves what only the till can sell where its share is in escrow", async () => {
		const shop = await shopOf(3, 5, counts);
		await database.ownerClient`update levels set is_escrow = true where sku_id = ${shop.skuId}`;
		await database.ownerClient`update slots set bound = expected, is_escrow = true where sku_id = ${shop.skuId}`;
		await database.ownerClient`update slots set bound = 5, expected = 5, shown = 5 where sku_id = ${shop.skuId} and channel_id = ${shop.web}`;
		await shop.typed(3);
		expect(await shop.levels()).toEqual([3, 3]);
	});
});

describe("a number that a person decides", () => {
	it("moves what the dry-run says, and is taken back where it was moved", async () => {
		const shop = await shopOf(2, 5);
		await shop.typed(1);
		const { id, view, saysOf } = await shop.conflict();
		expect(view.columns[1]?.note).toBe("7 on hand at Main and Yard");
		expect(saysOf("take_channel")?.consequence).toBe(
			"on hand 7 → 1: 2 fewer at Main and 4 fewer at Yard · 1 other channel told",
		);
		expect(await shop.levels()).toEqual([2, 5]);
		await decideConflict(shop.ctx, { ids: [id], choice: "take_channel" });
		expect(await shop.levels()).toEqual([0, 1]);
		expect((await readConflict(shop.ctx, id)).decided?.moved).toBe("2 fewer at Main and 4 fewer at Yard");
		await undoDecision(shop.ctx, { ids: [id] });
		expect(await shop.levels()).toEqual([2, 5]);
		await shop.expectSound();
	});

	it("counts what lies at all of its locations together", async () => {
		const shop = await shopOf(2, 5);
		await shop.typed(1);
		const { id, saysOf } = await shop.conflict();
		expect(saysOf("set_value")?.asks).toMatchObject({ label: "Units on hand at Main and Yard", initial: 7 });
		await decideConflict(shop.ctx, { ids: [id], choice: "set_value", value: 3 });
		expect(await shop.levels()).toEqual([2, 1]);
		expect(await shop.offer()).toBe(3);
		await undoDecision(shop.ctx, { ids: [id] });
		expect(await shop.levels()).toEqual([2, 5]);
	});

	it("counted as it was thought, moves nothing", async () => {
		const shop = await shopOf(2, 5);
		await shop.typed(1);
		const { id } = await shop.conflict();
		await decideConflict(shop.ctx, { ids: [id], choice: "set_value", value: 7 });
		expect(await shop.levels()).toEqual([2, 5]);
	});

	it("takes an edit of ours back where it was made", async () => {
		const shop = await shopOf(4, 5);
		await shop.move({ delta: 3, locationId: shop.yard });
		await shop.typed(8);
		const { id, view, saysOf } = await shop.conflict();
		expect(view.kind).toBe("competing_edits");
		expect(saysOf("take_channel")?.consequence).toContain("12 → 8: 4 fewer at Yard");
		await decideConflict(shop.ctx, { ids: [id], choice: "take_channel" });
		expect(await shop.levels()).toEqual([4, 4]);
	});
});

describe("of two edits the first stands", () => {
	it("the store's takes ours back where it was made; ours, after all, comes back there", async () => {
		const shop = await shopOf(4, 5, { rule: "first_write_wins" });
		await shop.move({ delta: 3, locationId: shop.yard });
		await shop.typed(8, 60_000);
		expect(await shop.levels()).toEqual([4, 4]);
		const { id, saysOf } = await shop.conflict();
		expect(saysOf("keep_ours")?.consequence).toContain("on hand 8 → 12: 4 more at Yard");
		await decideConflict(shop.ctx, { ids: [id], choice: "keep_ours" });
		expect(await shop.levels()).toEqual([4, 8]);
		await undoDecision(shop.ctx, { ids: [id] });
		expect(await shop.levels()).toEqual([4, 4]);
		await shop.expectSound();
	});

	it("ours stands; the store's, after all, takes ours back first", async () => {
		const shop = await shopOf(4, 5, { rule: "first_write_wins" });
		await shop.move({ delta: 3, locationId: shop.yard });
		await shop.typed(8);
		expect(await shop.levels()).toEqual([4, 8]);
		const { id } = await shop.conflict();
		await decideConflict(shop.ctx, { ids: [id], choice: "take_channel" });
		expect(await shop.levels()).toEqual([4, 4]);
	});
});
