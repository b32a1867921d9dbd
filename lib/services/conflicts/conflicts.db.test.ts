import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type Context, systemContext } from "../context";
import { beginLoop } from "../sync/wake";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { decideConflict } from "./decide-conflict";
import { listConflicts } from "./list-conflicts";
import { openRefused } from "./open-refused";
import { escalateConflict, snoozeConflict } from "./put-off-conflict";
import { readConflict } from "./read-conflict";
import { undoDecision } from "./undo-decision";

let database: TestDatabase;
let merchant: FixtureMerchant;
let ctx: Context;
let amazon: string;
let shopify: string;
let crew: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
	merchant = await makeMerchant(database);
	ctx = { ...systemContext(merchant.merchantId, database.db("app")), role: "support" };
	shopify = await makeChannel(database, merchant, { name: "nordlicht.myshopify.com" });
	amazon = await makeChannel(database, merchant, { name: "Amazon DE", platform: "amazon" });
	crew = await makeSku(database, merchant, "MC-S-INK", 7);
	await makeListing(database, merchant, shopify, "s1", { skuId: crew, shown: 7 });
	await makeListing(database, merchant, amazon, "a1", { skuId: crew, shown: 7 });
});

const slots = async () =>
	database.ownerClient<
		{ channel_id: string; offered: number; expected: number; unexplained: number; is_pending: boolean }[]
	>`select channel_id, offered, expected, unexplained, is_pending from slots where merchant_id = ${merchant.merchantId}`;
const slotOf = async (channelId: string) => (await slots()).find((slot) => slot.channel_id === channelId);
const onHand = async () =>
	(await database.ownerClient<{ on_hand: number }[]>`select on_hand from levels where sku_id = ${crew}`)[0]?.on_hand;

/** Somebody typed 12 into Amazon, and the channel's policy is to ask. */
async function drift(): Promise<string> {
	await database.ownerClient`
		update slots set unexplained = 5, unexplained_since = now(), shown = 12 where channel_id = ${amazon}`;
	const [row] = await database.ownerClient<{ id: string }[]>`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, listing_id, slot_id, units, facts)
		select merchant_id, 'drift', 'drift:' || id, sku_id, channel_id, listing_id, id, 5, '{"base": 7, "ours": 7, "channel": 12}'
		from slots where channel_id = ${amazon} returning id`;
	return row?.id ?? "";
}

async function oversold(): Promise<string> {
	await database.ownerClient`update levels set on_hand = -1 where sku_id = ${crew}`;
	const facts = JSON.stringify({
		orderNumber: "#2087",
		balance: -1,
		version: 3,
		locationId: merchant.locationId,
		winner: { orderNumber: "#1042", channelId: shopify, at: new Date(Date.now() - 800).toISOString() },
	});
	const [row] = await database.ownerClient<{ id: string }[]>`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, order_ref, units, facts)
		values (${merchant.merchantId}, 'oversold', 'oversold:1', ${crew}, ${amazon}, 'o2087', 1, ${facts}::text::jsonb) returning id`;
	return row?.id ?? "";
}

test("the worst comes first, and each says what it is", async () => {
	await drift();
	await oversold();
	const { items, counts } = await listConflicts(ctx);
	expect(items.map(({ title, detail }) => `${title} | ${detail}`)).toEqual([
		"Sold twice: MC-S-INK | 1 unit · Amazon #2087",
		"Amazon DE shows 12, expected 7 | MC-S-INK · 5 units apart",
	]);
	expect(counts).toEqual({ open: 2, snoozed: 0, settled: 0 });
});

test("keeping ours makes the channel's slot due, and touches no stock", async () => {
	const id = await drift();
	const view = await readConflict(ctx, id);
	expect(view.columns.map(({ value, hasMoved }) => [value, hasMoved])).toEqual([
		[7, false],
		[7, false],
		[12, true],
	]);
	expect(view.options[0]).toMatchObject({
		choice: "keep_ours",
		consequence: "Amazon DE goes 12 → 7 · nothing else changes",
	});
	expect(await decideConflict(ctx, { ids: [id], choice: "keep_ours" })).toEqual({ decided: 1, leftOver: 0 });
	expect(await slotOf(amazon)).toMatchObject({ offered: 7, expected: 12, unexplained: 0, is_pending: true });
	expect(await onHand()).toBe(7);
});

test("taking the channel's number moves the ledger, and every other channel follows", async () => {
	const id = await drift();
	await decideConflict(ctx, { ids: [id], choice: "take_channel", note: "stocktake in the shop" });
	expect(await onHand()).toBe(12);
	expect(await slotOf(amazon)).toMatchObject({ offered: 12, expected: 12, unexplained: 0, is_pending: false });
	expect(await slotOf(shopify)).toMatchObject({ offered: 12, expected: 7, is_pending: true });
	const [movement] = await database.ownerClient`
		select delta, balance, kind, actor, note from movements where sku_id = ${crew} order by version desc limit 1`;
	expect(movement).toMatchObject({ delta: 5, balance: 12, kind: "channel_edit", note: "stocktake in the shop" });
});

test("a channel that sells the SKU in a bundle only is woken, too", async () => {
	const kit = await makeSku(database, merchant, "KIT", null);
	await database.ownerClient`update skus set is_bundle = 'yes' where id = ${kit}`;
	await database.ownerClient`
		insert into sku_components (merchant_id, bundle_id, component_id, units) values (${merchant.merchantId}, ${kit}, ${crew}, 2)`;
	const bundles = await makeChannel(database, merchant, { name: "bundles" });
	await makeListing(database, merchant, bundles, "kit", { skuId: kit, shown: 3 });
	const worker = beginLoop("work", bundles);
	await decideConflict(ctx, { ids: [await drift()], choice: "set_value", value: 2 });
	expect(await slotOf(bundles)).toMatchObject({ offered: 1, is_pending: true });
	expect(worker?.end()).toBe(true);
});

test("setting the count is a count of what is there, whatever either side said", async () => {
	const id = await drift();
	await decideConflict(ctx, { ids: [id], choice: "set_value", value: 9 });
	expect(await onHand()).toBe(9);
	expect((await slots()).map(({ offered, is_pending }) => [offered, is_pending])).toEqual([
		[9, true],
		[9, true],
	]);
});

test("a decision is taken back whole: ledger, slots, conflict; and the log tells both", async () => {
	const id = await drift();
	const before = await slots();
	await decideConflict(ctx, { ids: [id], choice: "take_channel" });
	expect((await readConflict(ctx, id)).decided).toMatchObject({ choice: "take_channel" });
	await undoDecision(ctx, { ids: [id] });
	expect(await onHand()).toBe(7);
	expect(await slots()).toEqual(before);
	expect((await listConflicts(ctx)).counts.open).toBe(1);
	const told = await database.ownerClient`
		select data->>'choice' as choice, state from sync_log where merchant_id = ${merchant.merchantId} and kind = 'conflict.decided' order by id`;
	expect(told).toEqual([
		{ choice: "take_channel", state: "ok" },
		{ choice: "undo", state: "ok" },
	]);
	const sums = await database.ownerClient<{ sum: number; on_hand: number }[]>`
		select sum(m.delta)::int as sum, l.on_hand from movements m join levels l using (sku_id, location_id)
		where m.sku_id = ${crew} group by l.on_hand`;
	expect(sums[0]?.sum).toBe(sums[0]?.on_hand);
});

test("once a write has left, keeping ours can't be taken back, and says why", async () => {
	const id = await drift();
	await decideConflict(ctx, { ids: [id], choice: "keep_ours" });
	await database.ownerClient`
		update slots set expected = 7, expected_version = expected_version + 1 where channel_id = ${amazon}`;
	await expect(undoDecision(ctx, { ids: [id] })).rejects.toThrow(/has been told our number already/);
	expect((await readConflict(ctx, id)).state).toBe("decided");
});

test("after ten minutes a decision stands", async () => {
	const id = await drift();
	await decideConflict(ctx, { ids: [id], choice: "keep_ours" });
	const later = { ...ctx, now: () => new Date(Date.now() + 11 * 60_000) };
	await expect(undoDecision(later, { ids: [id] })).rejects.toThrow(/ten minutes have passed/);
});

test("two people decide at once: one does, the other is told", async () => {
	const id = await drift();
	const outcomes = await Promise.allSettled([
		decideConflict(ctx, { ids: [id], choice: "keep_ours" }),
		decideConflict(ctx, { ids: [id], choice: "take_channel" }),
	]);
	expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	const won = (await readConflict(ctx, id)).decided?.choice;
	expect(await onHand()).toBe(won === "take_channel" ? 12 : 7);
});

test("units that were found are at least one, and what goes against a rule says why, whoever asks", async () => {
	const id = await oversold();
	for (const note of [undefined, " "])
		for (const choice of ["restock", "cancel_other", "cancel_other_in_store"] as const)
			await expect(decideConflict(ctx, { ids: [id], choice, note })).rejects.toMatchObject({ reason: "note_missing" });
	await expect(
		decideConflict(ctx, { ids: [id], choice: "restock", value: 0, note: "behind the shelf" }),
	).rejects.toMatchObject({ reason: "too_few" });
	expect((await listConflicts(ctx)).counts).toMatchObject({ open: 1, settled: 0 });
	expect(await onHand()).toBe(-1);
});

test("a listing that can't be linked to what was chosen stays a conflict, and it is said why", async () => {
	const vase = await makeSku(database, merchant, "VASE", 7);
	const listing = await makeListing(database, merchant, amazon, "a2", { skuId: null, shown: 7 });
	await database.ownerClient`update skus set cap_units = 3 where id = ${vase}`;
	await database.ownerClient`update channels set out_of_stock_below = 5 where id = ${amazon}`;
	const [row] = await database.ownerClient<{ id: string }[]>`
		insert into conflicts (merchant_id, kind, dedupe_key, channel_id, listing_id, facts)
		values (${merchant.merchantId}, 'ambiguous_mapping', 'ambiguous:1', ${amazon}, ${listing}, '{}') returning id`;
	await expect(decideConflict(ctx, { ids: [row?.id ?? ""], choice: "relink", skuId: vase })).rejects.toMatchObject({
		reason: "policies_disagree",
	});
	expect((await listConflicts(ctx)).counts).toMatchObject({ open: 1, settled: 0 });
});

test("an oversale names who stands and who has no unit, and found units mend the count", async () => {
	const id = await oversold();
	const view = await readConflict(ctx, id);
	expect(view.headline).toBe("The last MC-S-INK was sold twice");
	expect(view.columns.map(({ title }) => title)).toEqual([
		"Order #1042",
		"Order #2087",
		"First in the ledger keeps it",
	]);
	expect(view.options.map(({ choice }) => choice)).toEqual([
		"cancel_in_store",
		"backorder",
		"restock",
		"cancel_other_in_store",
	]);
	expect(view.timeline.map(({ label }) => label)).toEqual(["Shopify #1042", "Amazon #2087"]);
	await decideConflict(ctx, { ids: [id], choice: "restock", note: "behind the shelf" });
	expect(await onHand()).toBe(0);
});

/** The order that stands, and of both when their stores say that they were placed. */
async function ordersOf(stamps: { winner: number; loser: number }): Promise<void> {
	const sql = database.ownerClient;
	await sql`
		insert into orders (channel_id, order_ref, merchant_id, number, status, placed_at, version_at, version_step)
		values (${shopify}, 'o1042', ${merchant.merchantId}, '#1042', 'open', now(), 1, 0),
			(${amazon}, 'o2087', ${merchant.merchantId}, '#2087', 'open', now(), 1, 0)`;
	await sql`
		insert into sync_log (merchant_id, kind, state, sku_id, order_ref, data)
		select ${merchant.merchantId}, 'stock.changed', 'ok', ${crew}, o.ref, jsonb_build_object('happenedAt', o.stamp)
		from (values ('o1042', ${stamps.winner}::float8), ('o2087', ${stamps.loser}::float8)) o(ref, stamp)`;
}

test("an oversale's orders stand where their stores say that they were sold, with when we heard of each", async () => {
	const id = await oversold();
	const now = Date.now();
	await ordersOf({ winner: now - 1_500, loser: now - 9_600 });
	const { timeline, openedAt } = await readConflict(ctx, id);
	expect(timeline).toEqual([
		{ label: "Amazon #2087", at: now - 9_600, heardAt: openedAt, state: "bad" },
		{ label: "Shopify #1042", at: now - 1_500, heardAt: expect.any(Number), state: "ok" },
	]);
});

test("an order that was sold before every store showed zero stands before that, though we heard of it after", async () => {
	const id = await oversold();
	const { openedAt } = await readConflict(ctx, id);
	const second = Math.floor(openedAt / 1_000) * 1_000 - 1_000;
	await ordersOf({ winner: second, loser: second });
	await database.ownerClient`
		insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, at, settled_at)
		select gen_random_uuid(), id, merchant_id, channel_id, sku_id, 'set', 0, 1, 2, 'applied',
			to_timestamp(${second + 860}::float8 / 1000), to_timestamp(${second + 900}::float8 / 1000)
		from slots where merchant_id = ${merchant.merchantId}`;
	const { timeline } = await readConflict(ctx, id);
	expect(timeline.map(({ label, at }) => [label, at])).toEqual([
		["Shopify #1042", second],
		["Amazon #2087", second],
		["zero sent", second + 860],
		["all show 0", second + 900],
	]);
});

test("no order was sold after we heard of it, whatever its store's clock says", async () => {
	const id = await oversold();
	await ordersOf({ winner: Date.now() - 1_500, loser: Date.now() + 60_000 });
	const { timeline, openedAt } = await readConflict(ctx, id);
	expect(timeline.at(-1)).toEqual({ label: "Amazon #2087", at: openedAt, heardAt: openedAt, state: "bad" });
});

describe("what is settled is told by its outcome, and by what it was", () => {
	const settled = async () =>
		(await listConflicts(ctx, { tab: "settled" })).items.map(({ title, detail }) => [title, detail]);

	test("a number that was kept says what the store goes from and to; neither changes with what it shows later", async () => {
		const id = await drift();
		await decideConflict(ctx, { ids: [id], choice: "keep_ours" });
		await database.ownerClient`update slots set shown = 7, expected = 7 where channel_id = ${amazon}`;
		expect(await settled()).toEqual([["7 kept, Amazon DE 12 → 7", "MC-S-INK · 12 shown, 7 expected on Amazon DE"]]);
		const { headline, measure, columns, decided } = await readConflict(ctx, id);
		expect([headline, measure, decided?.outcome]).toEqual([
			"Amazon DE showed 12 of MC-S-INK, and no order explained it",
			"5 units were apart",
			"7 kept, Amazon DE 12 → 7",
		]);
		expect(columns.map(({ value }) => value)).toEqual([7, 7, 12]);
	});

	test("taken or counted, the number is named", async () => {
		await decideConflict(ctx, { ids: [await drift()], choice: "take_channel" });
		await decideConflict(ctx, { ids: [await drift()], choice: "set_value", value: 9 });
		expect((await settled()).map(([title]) => title)).toEqual(["9 counted", "12 taken, as Amazon DE showed"]);
	});

	test("an order that a person cancels in its store is to be cancelled until that store says that it is", async () => {
		const id = await oversold();
		await ordersOf({ winner: Date.now() - 1_500, loser: Date.now() - 1_400 });
		await decideConflict(ctx, { ids: [id], choice: "cancel_in_store" });
		expect(await settled()).toEqual([["Amazon #2087 to be cancelled by hand", "MC-S-INK · sold twice, 1 unit"]]);
		await database.ownerClient`update orders set status = 'cancelled' where order_ref = 'o2087' and merchant_id = ${merchant.merchantId}`;
		const { measure, decided, timeline } = await readConflict(ctx, id);
		expect([measure, decided?.outcome]).toEqual(["1 unit was short", "Amazon #2087 cancelled"]);
		expect(timeline.map(({ state }) => state)).not.toContain("bad");
	});

	test("the other order, too, is named and followed", async () => {
		const id = await oversold();
		await ordersOf({ winner: Date.now() - 1_500, loser: Date.now() - 1_400 });
		await decideConflict(ctx, { ids: [id], choice: "cancel_other_in_store", note: "a regular" });
		expect((await settled())[0]?.[0]).toBe("Shopify #1042 to be cancelled by hand");
		await database.ownerClient`update orders set status = 'cancelled' where order_ref = 'o1042' and merchant_id = ${merchant.merchantId}`;
		expect((await settled())[0]?.[0]).toBe("Shopify #1042 cancelled");
	});
});

test("a choice that belongs to another kind is refused, and nothing happens", async () => {
	const id = await oversold();
	await expect(decideConflict(ctx, { ids: [id], choice: "keep_ours" })).rejects.toMatchObject({ status: 422 });
	expect((await listConflicts(ctx)).counts.open).toBe(1);
});

test("a listing that is refused again and again is one conflict", async () => {
	const [slot] = await database.ownerClient<{ id: number; listing_id: string }[]>`
		select id::float8 as id, listing_id from slots where channel_id = ${amazon}`;
	const refuse = () =>
		asMerchant(ctx.db, merchant.merchantId, (tx) =>
			openRefused(statementsOf(tx), merchant.merchantId, amazon, [
				{
					slotId: slot?.id ?? 0,
					skuId: crew,
					listingId: slot?.listing_id ?? "",
					quantity: 7,
					reason: "refused",
					sentence: "Stock is not managed there.",
				},
			]),
		);
	expect([(await refuse()).length, (await refuse()).length]).toEqual([1, 0]);
	const [item] = (await listConflicts(ctx)).items;
	expect(item).toMatchObject({ title: "Refused by Amazon DE", detail: "MC-S-INK: stock is not managed there" });
	await decideConflict(ctx, { ids: item?.ids ?? [], choice: "retry" });
	expect(await refuse()).toHaveLength(1);
});

test("conflicts of one cause are one row and are settled by one decision", async () => {
	await database.ownerClient`
		insert into conflicts (merchant_id, kind, dedupe_key, channel_id, slot_id, facts)
		select merchant_id, 'push_refused', 'r' || g, channel_id, id, '{"sentence": "Stock is not managed there."}'
		from slots, generate_series(1, 5) g where channel_id = ${amazon}`;
	await database.ownerClient`update slots set held_reason = 'refused' where channel_id = ${amazon}`;
	const [item] = (await listConflicts(ctx)).items;
	expect(item).toMatchObject({ title: "5 listings, one cause", detail: "Amazon DE: stock is not managed there" });
	expect(await decideConflict(ctx, { ids: item?.ids ?? [], choice: "retry" })).toMatchObject({ decided: 5 });
	const [slot] = await database.ownerClient`select held_reason, read_due_at from slots where channel_id = ${amazon}`;
	expect(slot?.held_reason).toBeNull();
	expect(slot?.read_due_at).not.toBeNull();
});

test("a snoozed conflict comes back by itself; an escalated one moves up", async () => {
	const id = await drift();
	await snoozeConflict(ctx, { ids: [id], until: Date.now() + 60_000 });
	expect((await listConflicts(ctx)).counts).toMatchObject({ open: 0, snoozed: 1 });
	await database.ownerClient`update conflicts set snoozed_until = now() - interval '1 s' where id = ${id}`;
	expect((await listConflicts(ctx)).counts).toMatchObject({ open: 1, snoozed: 0 });
	await escalateConflict(ctx, { ids: [id], isEscalated: true });
	expect((await listConflicts(ctx)).items[0]?.isEscalated).toBe(true);
});

test("a viewer may look and not decide; another merchant sees nothing", async () => {
	const id = await drift();
	const viewer: Context = { ...ctx, role: "viewer" };
	expect((await listConflicts(viewer)).items).toHaveLength(1);
	await expect(decideConflict(viewer, { ids: [id], choice: "keep_ours" })).rejects.toMatchObject({ status: 403 });
	const other: Context = { ...systemContext((await makeMerchant(database)).merchantId, database.db("app")) };
	expect((await listConflicts(other)).items).toEqual([]);
	await expect(readConflict(other, id)).rejects.toMatchObject({ status: 404 });
	await expect(decideConflict(other, { ids: [id], choice: "keep_ours" })).rejects.toMatchObject({ status: 409 });
});
