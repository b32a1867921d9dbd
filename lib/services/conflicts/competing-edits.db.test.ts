/** Two edits of one number, from both sides, on real Postgres against a scripted store. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import type { MovementKind } from "@/db/schema";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { shopify } from "@/lib/channels/shopify";
import type { RaceRule } from "@/lib/stock/competing-edits";
import type { DriftPolicy } from "@/lib/stock/drift";
import type { WriteMode } from "@/lib/stock/write-mode";
import type { OpenConnection } from "../channels/open-connection";
import { systemContext } from "../context";
import { readDueLevels } from "../levels/read-levels";
import { setRaceRule } from "../merchants/set-race-rules";
import { appendMovements } from "../stock/append-movements";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { decideConflict } from "./decide-conflict";
import { listConflicts } from "./list-conflicts";
import { readConflict } from "./read-conflict";
import { undoDecision } from "./undo-decision";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

/** Ten lamps, shown by a store that is scripted and by another channel. */
async function shopWith({
	rule = "source_of_truth",
	policy = "ask",
	writeMode = "compare",
}: {
	rule?: RaceRule;
	policy?: DriftPolicy;
	writeMode?: WriteMode;
}) {
	const merchant = await makeMerchant(database);
	const skuId = await makeSku(database, merchant, "LAMP", 10);
	const channelId = await makeChannel(database, merchant, { name: "the store" });
	const other = await makeChannel(database, merchant, { name: "the other" });
	const listingId = await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 10 });
	const onOther = await makeListing(database, merchant, other, "lamp", { skuId, shown: 10 });
	const sql = database.ownerClient;
	await sql`update channels set drift_policy = ${policy} where id = ${channelId}`;
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	await setRaceRule(ctx, rule);
	const store = { shows: 10, changedAt: null as Date | null };
	const facts: PlatformFacts = { ...shopify.facts, writeMode, orderListLagMs: 0 };
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
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	const slotOf = async (listing: string) =>
		(
			await sql<{ offered: number; expected: number; unexplained: number; is_pending: boolean }[]>`
				select offered, expected, unexplained, is_pending from slots where listing_id = ${listing}`
		)[0];
	const conflicts = () => sql<{ id: string; kind: string; facts: Record<string, unknown> }[]>`
		select id, kind, facts from conflicts where merchant_id = ${merchant.merchantId} order by created_at`;
	return {
		ctx,
		other,
		/** Somebody types a number in the store, by its own stamp so long ago. */
		editThere(quantity: number, msAgo: number | null = 0) {
			store.shows = quantity;
			store.changedAt = msAgo === null ? null : new Date(Date.now() - msAgo);
		},
		async changeHere(delta: number, kind: MovementKind = "adjustment", from: string | null = null) {
			const movement = { skuId, locationId: merchant.locationId, delta, kind, causeKey: randomUUID(), actor: "test" };
			await asMerchant(ctx.db, ctx.merchantId, (tx) =>
				appendMovements(tx, ctx.merchantId, [{ ...movement, channelId: from }]),
			);
		},
		/** The store takes our number, and shows it. */
		async told(quantity: number) {
			await sql`
				insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
				select ${randomUUID()}, id, merchant_id, channel_id, sku_id, 'compare', ${quantity}, expected, 99, 'applied', clock_timestamp() from slots where listing_id = ${listingId}`;
			await sql`update slots set expected = ${quantity}, shown = ${quantity} where listing_id = ${listingId}`;
			store.shows = quantity;
		},
		/** The channel's list of orders lags: a difference waits for the order that may explain it. */
		lag(ms: number) {
			facts.orderListLagMs = ms;
		},
		/** Our lowering of units too many, which goes before anything explains them. */
		async lowered(expected: number, quantity: number) {
			await sql`
				insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, settled_at)
				select ${randomUUID()}, id, merchant_id, channel_id, sku_id, 'compare', ${quantity}, ${expected}, 99, 'applied', clock_timestamp() from slots where listing_id = ${listingId}`;
			await sql`
				update slots set expected = expected + ${quantity}::int - ${expected}::int, expected_version = expected_version + 1,
					shown = ${quantity}, shown_at = clock_timestamp(), read_due_at = now(), confirmed_sku_version = 99, confirmed_at = clock_timestamp()
				where listing_id = ${listingId}`;
			store.shows = quantity;
		},
		/** Reads until what is shown is explained or settled. */
		async find() {
			for (let read = 0; read < 2; read++) {
				await sql`update slots set read_due_at = coalesce(read_due_at, now()) where listing_id = ${listingId}`;
				await readDueLevels(database.client("app"), target, open);
			}
		},
		conflicts,
		conflict: async () => {
			const [row] = await conflicts();
			if (!row) throw new Error("there is a conflict");
			return { ...row, view: await readConflict(ctx, row.id) };
		},
		onHand: async () =>
			(await sql<{ on_hand: number }[]>`select on_hand from levels where sku_id = ${skuId}`)[0]?.on_hand,
		slot: () => slotOf(listingId),
		otherSlot: () => slotOf(onOther),
	};
}

const numbers = (view: Awaited<ReturnType<typeof readConflict>>) => view.columns.map(({ value }) => value);

describe.each<WriteMode>(["compare", "absolute"])("R8 two edits, where writes are %s", (writeMode) => {
	it("that had not seen each other are one conflict: base, ours, the channel's", async () => {
		const shop = await shopWith({ writeMode });
		await shop.changeHere(5);
		shop.editThere(12);
		await shop.find();
		await shop.find();
		expect((await shop.conflicts()).map(({ kind }) => kind)).toEqual(["competing_edits"]);
		const { view } = await shop.conflict();
		expect(numbers(view)).toEqual([10, 15, 12]);
		expect(view.columns.map(({ hasMoved }) => hasMoved)).toEqual([false, true, true]);
		expect(view.measure).toBe("3 units apart");
		expect(view.options.map(({ choice, consequence }) => [choice, consequence.split(" · ")[0]])).toEqual([
			["keep_ours", "the store goes 12 → 15"],
			["take_channel", "on hand 15 → 12 at Main"],
			["set_value", "a count at Main"],
		]);
		expect((await listConflicts(shop.ctx)).items[0]?.title).toBe("Two edits at once: LAMP");
	});

	it("are told once to whoever wants to hear of conflicts, as drift is", async () => {
		const shop = await shopWith({ writeMode });
		const sql = database.ownerClient;
		await sql`
			insert into webhook_endpoints (merchant_id, url, events, sealed_secret, created_by)
			values (${shop.ctx.merchantId}, 'https://erp.example.com', '{conflict.opened}', '', ${shop.ctx.merchantId})`;
		await shop.changeHere(5);
		shop.editThere(12);
		for (let again = 0; again < 3; again++) await shop.find();
		const told = await sql`select event, data from webhook_messages where merchant_id = ${shop.ctx.merchantId}`;
		expect(told).toMatchObject([{ event: "conflict.opened", data: { kind: "competing_edits", units: 3 } }]);
	});

	it("are told as they were found, though a lowering of ours has gone over the store's meanwhile", async () => {
		const shop = await shopWith({ writeMode });
		await shop.changeHere(-3);
		shop.editThere(12);
		shop.lag(60_000);
		await shop.find();
		expect(await shop.slot()).toMatchObject({ expected: 10, unexplained: 2 });
		await shop.lowered(12, 7);
		shop.lag(0);
		await shop.find();
		const { kind, id, view } = await shop.conflict();
		expect([kind, numbers(view)]).toEqual(["competing_edits", [10, 7, 12]]);
		await decideConflict(shop.ctx, { ids: [id], choice: "take_channel" });
		expect(await shop.onHand()).toBe(12);
		expect(await shop.slot()).toMatchObject({ offered: 12, expected: 7, unexplained: 0, is_pending: true });
	});

	it("of which ours had reached the store before are drift: the store's is the next", async () => {
		const shop = await shopWith({ writeMode });
		await shop.changeHere(5);
		await shop.told(15);
		shop.editThere(12);
		await shop.find();
		expect((await shop.conflicts()).map(({ kind }) => kind)).toEqual(["drift"]);
	});

	it("of which ours was made while the store's was being asked about are drift still", async () => {
		const shop = await shopWith({ writeMode });
		shop.editThere(12);
		await shop.find();
		await shop.changeHere(5);
		await shop.find();
		expect((await shop.conflicts()).map(({ kind }) => kind)).toEqual(["drift"]);
	});

	it("are none where a sale, and no edit, changed ours", async () => {
		const shop = await shopWith({ writeMode });
		await shop.changeHere(-1, "order", shop.other);
		shop.editThere(12);
		await shop.find();
		expect((await shop.conflicts()).map(({ kind }) => kind)).toEqual(["drift"]);
	});

	it("are a race, too, where another channel's edit is ours", async () => {
		const shop = await shopWith({ writeMode });
		await shop.changeHere(5, "channel_edit", shop.other);
		shop.editThere(12);
		await shop.find();
		expect(numbers((await shop.conflict()).view)).toEqual([10, 15, 12]);
	});
});

describe("deciding about two edits", () => {
	async function raced() {
		const shop = await shopWith({});
		await shop.changeHere(5);
		shop.editThere(12);
		await shop.find();
		return { shop, id: (await shop.conflict()).id };
	}

	it("keeps ours: the store is told our number, and the ledger stays", async () => {
		const { shop, id } = await raced();
		await decideConflict(shop.ctx, { ids: [id], choice: "keep_ours" });
		expect(await shop.onHand()).toBe(15);
		expect(await shop.slot()).toMatchObject({ offered: 15, expected: 12, unexplained: 0, is_pending: true });
	});

	it("takes the store's: what is shown there is everybody's number, and ours is undone; it can be taken back", async () => {
		const { shop, id } = await raced();
		const before = await shop.slot();
		await decideConflict(shop.ctx, { ids: [id], choice: "take_channel" });
		expect(await shop.onHand()).toBe(12);
		expect(await shop.slot()).toMatchObject({ offered: 12, expected: 12, unexplained: 0, is_pending: false });
		expect(await shop.otherSlot()).toMatchObject({ offered: 12, is_pending: true });
		await undoDecision(shop.ctx, { ids: [id] });
		expect(await shop.onHand()).toBe(15);
		expect(await shop.slot()).toEqual(before);
		expect((await shop.conflict()).view.state).toBe("open");
	});

	it("sets what is really there, and leaves a line in the audit", async () => {
		const { shop, id } = await raced();
		await decideConflict(shop.ctx, { ids: [id], choice: "set_value", value: 9 });
		expect(await shop.onHand()).toBe(9);
		expect(await shop.slot()).toMatchObject({ offered: 9, expected: 12, is_pending: true });
		const audit = await database.ownerClient`
			select data from audit_log where merchant_id = ${shop.ctx.merchantId} and action = 'conflict.decided'`;
		expect(audit).toEqual([{ data: { kind: "competing_edits", choice: "set_value", note: null } }]);
	});

	it("is not asked for where the store's policy decides", async () => {
		for (const [policy, onHand, offered] of [
			["master_wins", 15, 15],
			["channel_counts", 17, 17],
		] as const) {
			const shop = await shopWith({ policy });
			await shop.changeHere(5);
			shop.editThere(12);
			await shop.find();
			expect(await shop.conflicts()).toHaveLength(0);
			expect([policy, await shop.onHand(), (await shop.slot())?.offered]).toEqual([policy, onHand, offered]);
		}
	});
});

describe("R8 where the first write wins", () => {
	const firstWins = { rule: "first_write_wins", policy: "master_wins" } as const;

	it("ours stands when it was first; the store's is shown, and counts when somebody says so", async () => {
		const shop = await shopWith(firstWins);
		await shop.changeHere(5);
		shop.editThere(12);
		await shop.find();
		expect(await shop.onHand()).toBe(15);
		expect(await shop.slot()).toMatchObject({ offered: 15, expected: 12, unexplained: 0, is_pending: true });
		const { id, view } = await shop.conflict();
		expect(numbers(view)).toEqual([10, 15, 12]);
		expect(view.options.map(({ choice, title }) => [choice, title])).toEqual([
			["keep_ours", "Our number stands"],
			["take_channel", "The number of the store, after all"],
			["set_value", "Set what is really there"],
		]);
		await decideConflict(shop.ctx, { ids: [id], choice: "take_channel" });
		expect(await shop.onHand()).toBe(12);
		await undoDecision(shop.ctx, { ids: [id] });
		expect(await shop.onHand()).toBe(15);
	});

	it("the store's stands when its stamp is earlier; ours is taken back, shown, and counts when somebody says so", async () => {
		const shop = await shopWith(firstWins);
		await shop.changeHere(5);
		shop.editThere(12, 60_000);
		await shop.find();
		expect(await shop.onHand()).toBe(12);
		expect(await shop.slot()).toMatchObject({ offered: 12, expected: 12, unexplained: 0, is_pending: false });
		const { id, view } = await shop.conflict();
		expect(view.columns.map(({ value, note }) => [value, note])).toEqual([
			[10, "what both sides knew"],
			[15, expect.stringMatching(/^not applied: .+ later$/)],
			[12, "stands: it was first"],
		]);
		await decideConflict(shop.ctx, { ids: [id], choice: "keep_ours" });
		expect(await shop.onHand()).toBe(15);
		expect(await shop.slot()).toMatchObject({ offered: 15, is_pending: true });
	});

	it("a store without stamps is believed to have been changed when it was first seen", async () => {
		const shop = await shopWith(firstWins);
		await shop.changeHere(5);
		shop.editThere(12, null);
		await shop.find();
		expect((await shop.conflict()).facts.stands).toBe("ours");
	});

	it("an edit in a store is the next where nobody changed ours, and where ours had reached it: it counts, whatever its policy", async () => {
		const [alone, seen] = [await shopWith(firstWins), await shopWith(firstWins)];
		alone.editThere(12);
		await alone.find();
		expect([await alone.onHand(), await alone.conflicts()]).toEqual([12, []]);
		await seen.changeHere(5);
		await seen.told(15);
		seen.editThere(12);
		await seen.find();
		expect([await seen.onHand(), await seen.conflicts()]).toEqual([12, []]);
		expect(await seen.otherSlot()).toMatchObject({ offered: 12, is_pending: true });
	});
});
