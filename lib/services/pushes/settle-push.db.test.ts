/** What becomes of a write that a store refuses: a conflict with its words, once, until it takes a number again. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { ChannelError } from "@/lib/channels/errors";
import type { WriteOutcome } from "@/lib/channels/listing";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { plainSentence } from "@/lib/format/log-line";
import { takeTurn } from "../channels/take-turn";
import { decideConflict } from "../conflicts/decide-conflict";
import { listConflicts } from "../conflicts/list-conflicts";
import { readConflict } from "../conflicts/read-conflict";
import { undoDecision } from "../conflicts/undo-decision";
import { type Context, systemContext } from "../context";
import { readLines } from "../log/line";
import { linkListings } from "../mappings/link-listings";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { sendAgain } from "./send-again";
import { orphanedPushes } from "./send-push";
import { settlePush } from "./settle-push";

let database: TestDatabase;
let ctx: Context;
let merchant: FixtureMerchant;
let skuId: string;
let target: { channelId: string; merchantId: string; platform: "shopify" };
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
	merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant, { name: "nordlicht.myshopify.com" });
	skuId = await makeSku(database, merchant, "LAMP", 5);
	await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 7 });
	await database.ownerClient`update slots set offered = 5 where channel_id = ${channelId}`;
	ctx = { ...systemContext(merchant.merchantId, database.db("app")), role: "support" };
	target = { channelId, merchantId: merchant.merchantId, platform: "shopify" };
});

const claim = async () =>
	(await takeTurn(database.client("app"), target, shopifyFacts, { now: Date.now(), mayClaim: true, only: null })).push;

/** One write of whatever is due, answered so. */
async function write(outcome: { result: "applied"; shown: null } | { result: "refused"; error: ChannelError }) {
	const push = await claim();
	if (!push || push === "orders_first") throw new Error("nothing is due");
	const rows = push.rows.map(({ externalKey }): WriteOutcome => ({ externalKey, ...outcome }));
	const answer = { rows, exchanges: [], trouble: null, budget: null };
	return settlePush(database.client("app"), target, shopifyFacts, push, answer, Date.now());
}

const refusal = (sentence: string, reason: "refused" | "gone" = "refused") => ({
	result: "refused" as const,
	error: new ChannelError(reason, sentence),
});
const accepted = { result: "applied" as const, shown: null };

const open = async () => (await listConflicts(ctx, { tab: "open" })).items;
const log = () =>
	asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const lines = await readLines(
			tx,
			sql`select * from sync_log where merchant_id = ${ctx.merchantId}::uuid and kind like 'conflict.%'`,
			sql`l.id`,
		);
		return lines.map(({ line }) => plainSentence(line.parts));
	});

it("a write is recorded whatever the store said, also where what is kept of it ends within a character", async () => {
	await write(refusal(`${"x".repeat(299)}😀\u0000`.slice(0, 300)));
	expect(await open()).toHaveLength(1);
	expect(await claim()).toBeNull();
});

it("a write that the store refuses is one conflict with the store's words, and nothing is written until it is settled", async () => {
	await write(refusal("Shopify works this bundle's number out of its components and lets nobody write it."));
	const [conflict, ...more] = await open();
	expect(more).toEqual([]);
	expect(conflict).toMatchObject({
		kind: "push_refused",
		title: "Refused by nordlicht.myshopify.com",
		detail: "LAMP: shopify works this bundle's number out of its components and lets nobody write it",
	});
	expect(await claim()).toBeNull();
	expect(await log()).toHaveLength(1);
});

it("refused again while the conflict is open it is the same one", async () => {
	await write(refusal("Shopify refused the quantity."));
	const [first] = await open();
	await sendAgain(ctx, { skuId });
	await database.ownerClient`update slots set read_due_at = null where channel_id = ${target.channelId}`;
	await write(refusal("Shopify refused the quantity."));
	expect((await open()).map(({ id }) => id)).toEqual([first?.id]);
	expect(await log()).toHaveLength(1);
});

it("refused again after somebody sent it again it is a new one", async () => {
	await write(refusal("Shopify refused the quantity."));
	const [first] = await open();
	await decideConflict(ctx, { ids: [first?.id ?? ""], choice: "retry" });
	await database.ownerClient`update slots set read_due_at = null where channel_id = ${target.channelId}`;
	await write(refusal("Shopify refused the quantity."));
	const [second] = await open();
	expect(second?.id).not.toBe(first?.id);
});

it("a number that the store takes later settles the conflict by itself, which nobody can take back", async () => {
	await write(refusal("Shopify refused the quantity."));
	const [conflict] = await open();
	const id = conflict?.id ?? "";
	await sendAgain(ctx, { skuId });
	await database.ownerClient`update slots set read_due_at = null where channel_id = ${target.channelId}`;
	await write(accepted);
	expect(await open()).toEqual([]);
	expect((await readConflict(ctx, id)).decided).toMatchObject({ by: "Onecount", choice: "accepted", undoUntil: null });
	expect((await log())[1]).toBe("LAMP: nordlicht.myshopify.com takes the number after all");
	await expect(undoDecision(ctx, { ids: [id] })).rejects.toThrow("can't be taken back");
	const [slot] = await database.ownerClient`
		select expected, is_pending, held_reason from slots where channel_id = ${target.channelId}`;
	expect(slot).toEqual({ expected: 5, is_pending: false, held_reason: null });
});

it("an accepted write leaves the conflicts of other listings alone", async () => {
	await write(refusal("Shopify refused the quantity."));
	const other = await makeSku(database, merchant, "ROPE", 3);
	const listingId = await makeListing(database, merchant, target.channelId, "rope", { skuId: other, shown: 4 });
	await database.ownerClient`update slots set offered = 3 where listing_id = ${listingId}`;
	expect((await write(accepted)).applied).toBe(1);
	expect(await open()).toHaveLength(1);
});

it("a listing that the store calls gone is read next, since its absence there tells gone from mistaken", async () => {
	await write(refusal("This variant no longer exists in Shopify.", "gone"));
	const [slot] = await database.ownerClient`
		select read_due_at <= clock_timestamp() as is_due, held_reason from slots where channel_id = ${target.channelId}`;
	expect(slot).toEqual({ is_due: true, held_reason: "This variant no longer exists in Shopify." });
	expect(await open()).toHaveLength(1);
});

it("a lost answer goes again under its key for as long as the platform remembers keys, and is in doubt afterwards", async () => {
	const facts: PlatformFacts = { ...shopifyFacts, writeMode: "delta", keysRememberedMs: 600_000 };
	const client = database.client("app");
	const turn = await takeTurn(client, target, facts, { now: Date.now(), mayClaim: true, only: null });
	const { push } = turn;
	if (!push || push === "orders_first") throw new Error("nothing is due");
	const rows = push.rows.map(({ externalKey }): WriteOutcome => ({ externalKey, result: "unknown" }));
	const lost = { rows, exchanges: [], trouble: null, budget: null };
	const slot = async () =>
		(
			await database.ownerClient`
				select push_id is not null as is_in_flight, maybe from slots where channel_id = ${target.channelId}`
		)[0];
	const now = Date.now();
	expect((await settlePush(client, target, facts, push, lost, now + 500_000)).toResend).toBe(true);
	expect(await slot()).toEqual({ is_in_flight: true, maybe: null });
	expect(await orphanedPushes(client, target)).toMatchObject([{ pushId: push.pushId, rows: push.rows }]);
	expect((await settlePush(client, target, facts, push, lost, now + 700_000)).toResend).toBe(false);
	expect(await slot()).toEqual({ is_in_flight: false, maybe: -2 });
});

it("a write that lands after its listing was linked to another SKU confirms nothing of that one", async () => {
	await database.ownerClient`update slots set sku_version = 40 where channel_id = ${target.channelId}`;
	const push = await claim();
	if (!push || push === "orders_first") throw new Error("nothing is due");
	const rope = await makeSku(database, merchant, "ROPE", 3);
	const [listing] = await database.ownerClient<{ id: string }[]>`
		select id from listings where channel_id = ${target.channelId}`;
	await linkListings(ctx, { links: [{ listingId: listing?.id ?? "", skuId: rope, seenVersion: null }] });
	const rows = push.rows.map(({ externalKey }): WriteOutcome => ({ externalKey, ...accepted }));
	const answer = { rows, exchanges: [], trouble: null, budget: null };
	await settlePush(database.client("app"), target, shopifyFacts, push, answer, Date.now());
	const [slot] = await database.ownerClient`
		select offered, expected, is_pending, sku_version::int, confirmed_sku_version::int from slots where channel_id = ${target.channelId}`;
	expect(slot).toEqual({ offered: 3, expected: 5, is_pending: true, sku_version: 1, confirmed_sku_version: 0 });
});
