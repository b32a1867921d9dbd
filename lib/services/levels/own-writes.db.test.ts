/** A difference that a write of ours makes, landed late or not at all, is nobody's edit: on real Postgres, against a scripted store. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import { shopify } from "@/lib/channels/shopify";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { readDueLevels } from "./read-levels";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const lateWriteMs = 60_000;

type Sent = { outcome: string; msAgo?: number };
type Found = { shows: number; appliesAfterMs?: number; verifiedMsAgo?: number };

/** A store whose edits count shows ten, and then another number; ours was to be 45. What became of it, and what was booked. */
async function found({ outcome, msAgo = 0 }: Sent, { shows, appliesAfterMs, verifiedMsAgo = 0 }: Found) {
	const sql = database.ownerClient;
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	const skuId = await makeSku(database, merchant, "LAMP", 10);
	const listingId = await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 10 });
	await sql`update channels set drift_policy = 'channel_counts' where id = ${channelId}`;
	await sql`
		insert into push_items (push_id, slot_id, merchant_id, channel_id, sku_id, kind, quantity, expected, sku_version, outcome, at, settled_at)
		select gen_random_uuid(), id, merchant_id, channel_id, sku_id, 'delta', 45, 10, 1, ${outcome}, now() - ${msAgo}::int * interval '1 ms', now()
		from slots where listing_id = ${listingId}`;
	await sql`update slots set verified_at = now() - ${verifiedMsAgo}::int * interval '1 ms' where listing_id = ${listingId}`;
	const adapter: ChannelAdapter = {
		...shopify,
		facts: {
			...shopify.facts,
			writeMode: "delta",
			appliesAfterMs: appliesAfterMs ?? null,
			orderListLagMs: 0,
			lateWriteMs,
		},
		listOrders: async () => ({ items: [], next: null, total: null }),
		readLevels: async (_, listings) =>
			listings.map(({ externalKey }) => ({ externalKey, quantity: shows, readAt: new Date() })),
	};
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	for (let read = 0; read < 2; read++) {
		await sql`update slots set read_due_at = now() where listing_id = ${listingId}`;
		await readDueLevels(database.client("app"), target, { adapter, connection: () => ({ http: {} }) as never });
	}
	const classes = await sql<{ class: string }[]>`
		select data->>'class' as class from sync_log where merchant_id = ${merchant.merchantId} and kind = 'level.drift'`;
	const edits = await sql<{ delta: number }[]>`
		select delta from movements where merchant_id = ${merchant.merchantId} and kind = 'channel_edit'`;
	return { classes: classes.map((row) => row.class), edits: edits.map(({ delta }) => delta) };
}

const ours = { classes: ["lost_write"], edits: [] };
const edited = (by: number) => ({ classes: ["manual_edit"], edits: [by] });

it.each([
	["unknown", "landed late", 45, ours],
	["accepted", "landed late", 45, ours],
	["not_applied", "landed late", 45, ours],
	["unknown", "was believed and is missing", -25, ours],
	["stale", "had landed when it was sent again", 45, ours],
	["not_sent", "had left all the same", 45, ours],
	["unknown", "explains no other number", 44, edited(34)],
	["refused", "never landed: somebody typed it", 45, edited(35)],
	["applied", "had landed by the store's own word: somebody typed it again", 45, edited(35)],
] as const)("R7 a write that was %s and %s", async (outcome, _, shows, expected) => {
	expect(await found({ outcome }, { shows })).toEqual(expected);
});

it("R7 one that a look took for applied, where no answer says so, may have been missing", async () => {
	expect(await found({ outcome: "applied" }, { shows: 45, appliesAfterMs: 10_000 })).toEqual(ours);
});

it("R6 is an edit where no write of ours could land any more when the level was last as expected", async () => {
	const verified = { shows: 45, verifiedMsAgo: 10_000 };
	expect(await found({ outcome: "unknown", msAgo: lateWriteMs }, verified)).toEqual(ours);
	expect(await found({ outcome: "unknown", msAgo: 3 * lateWriteMs }, verified)).toEqual(edited(35));
});
