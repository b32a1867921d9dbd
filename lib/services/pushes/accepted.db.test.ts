/** A platform that says "accepted" and applies it later, or never: on real Postgres, against a scripted store. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { ChannelAdapter } from "@/lib/channels/channel-adapter";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { shopify } from "@/lib/channels/shopify";
import { plainSentence } from "@/lib/format/log-line";
import type { OpenConnection } from "../channels/open-connection";
import { takeTurn } from "../channels/take-turn";
import { decideConflict } from "../conflicts/decide-conflict";
import { listConflicts } from "../conflicts/list-conflicts";
import { type Context, systemContext } from "../context";
import { readDueLevels } from "../levels/read-levels";
import { readLines } from "../log/line";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { settlePush } from "./settle-push";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const facts: PlatformFacts = {
	...shopify.facts,
	writeMode: "delta",
	orderListLagMs: 0,
	appliesAfterMs: 10_000,
	lateWriteMs: 60_000,
};

/** It shows seven, and ought to show five. */
async function store() {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant, { name: "bergland.example" });
	const skuId = await makeSku(database, merchant, "LAMP", 5);
	await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 7 });
	const owner = database.ownerClient;
	await owner`update slots set offered = 5, bound = 7 where channel_id = ${channelId}`;
	const state = { shows: 7 };
	const adapter: ChannelAdapter = {
		...shopify,
		facts,
		listOrders: async () => ({ items: [], next: null, total: null }),
		readLevels: async (_, listings) =>
			listings.map(({ externalKey }) => ({ externalKey, quantity: state.shows, readAt: new Date() })),
	};
	const open: OpenConnection = { adapter, connection: () => ({ http: {} }) as never };
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	const client = database.client("app");
	const ctx: Context = { ...systemContext(merchant.merchantId, database.db("app")), role: "support" };
	const claim = async () =>
		(await takeTurn(client, target, facts, { now: Date.now(), mayClaim: true, only: null })).push;
	return {
		state,
		ctx,
		claim,
		/** One write of whatever is due, which the store accepts. */
		async write() {
			const push = await claim();
			if (!push || push === "orders_first") throw new Error("nothing is due");
			const rows = push.rows.map(({ externalKey }) => ({ externalKey, result: "accepted" as const }));
			await settlePush(client, target, facts, push, { rows, exchanges: [], trouble: null, budget: null }, Date.now());
		},
		/** Puts the clock forward by as much, for all that the slot keeps. */
		async pass(ms: number) {
			const by = `${ms} milliseconds`;
			await owner`
				update slots set read_due_at = read_due_at - ${by}::interval, open_until = open_until - ${by}::interval, paced_until = null,
					accepted = case when accepted is not null then accepted || jsonb_build_object(
						'at', (accepted->>'at')::float8 - ${ms}::float8, 'until', (accepted->>'until')::float8 - ${ms}::float8) end
				where channel_id = ${channelId}`;
		},
		async look() {
			for (let read = 0; read < 2; read++) await readDueLevels(client, target, open);
		},
		slot: async () =>
			(
				await owner`
					select expected, bound, doubt, maybe, accepted is not null as is_accepted, unapplied, held_reason is not null as is_held
					from slots where channel_id = ${channelId}`
			)[0],
		outcomes: async () =>
			(
				await owner<{ outcome: string; item: string }[]>`
					select p.outcome, i.outcome as item from pushes p join push_items i on i.push_id = p.id
					where p.channel_id = ${channelId} order by p.claimed_at`
			).map(({ outcome, item }) => `${outcome}: ${item}`),
		conflicts: async () => (await listConflicts(ctx, { tab: "open" })).items,
		log: () =>
			asMerchant(ctx.db, ctx.merchantId, async (tx) => {
				const lines = await readLines(
					tx,
					sql`select * from sync_log where merchant_id = ${ctx.merchantId}::uuid and kind like 'push.%'`,
					sql`l.id`,
				);
				return lines.map(({ line }) => plainSentence(line.parts));
			}),
	};
}

it("S9 is told apart from no answer, keeps its doubt, and is not sent again while it may land", async () => {
	const shop = await store();
	await shop.write();
	expect(await shop.slot()).toMatchObject({ expected: 7, bound: 7, maybe: -2, is_accepted: true });
	expect(await shop.outcomes()).toEqual(["accepted: accepted"]);
	expect(await shop.log()).toEqual(["LAMP → 5: bergland.example has accepted it, not applied it yet"]);
	expect(await shop.claim()).toBeNull();
	await shop.look();
	expect(await shop.slot()).toMatchObject({ expected: 7, is_accepted: true });
});

it("S9 is applied once a look shows it, long before the last moment, and the log says so", async () => {
	const shop = await store();
	await shop.write();
	shop.state.shows = 5;
	await shop.pass(10_000);
	await shop.look();
	expect(await shop.slot()).toMatchObject({ expected: 5, bound: 5, doubt: 0, maybe: null, is_accepted: false });
	expect(await shop.outcomes()).toEqual(["applied: applied"]);
	expect((await shop.log())[1]).toBe("LAMP 7 → 5 written to bergland.example");
	expect(await shop.claim()).toBeNull();
});

it("S9 never applied it is sent again once, and then it is one conflict that a person can have sent again", async () => {
	const shop = await store();
	for (let time = 0; time < 2; time++) {
		await shop.write();
		await shop.pass(60_000);
		await shop.look();
	}
	expect(await shop.slot()).toMatchObject({ expected: 7, bound: 7, doubt: 0, unapplied: 2, is_held: true });
	expect(await shop.outcomes()).toEqual(["refused: not_applied", "refused: not_applied"]);
	const [conflict, ...more] = await shop.conflicts();
	expect(more).toEqual([]);
	expect(conflict).toMatchObject({
		kind: "push_refused",
		title: "Never applied by bergland.example",
		detail: "LAMP: the store accepted the number twice and never applied it",
	});
	expect((await shop.log()).filter((line) => line.includes("never"))).toEqual([
		"LAMP → 5: bergland.example accepted it and never applied it, it is sent again",
		"LAMP → 5: bergland.example accepted it and never applied it, twice; nothing is sent until somebody says so",
	]);
	expect(await shop.claim()).toBeNull();
	await decideConflict(shop.ctx, { ids: [conflict?.id ?? ""], choice: "retry" });
	await shop.look();
	await shop.write();
	shop.state.shows = 5;
	await shop.pass(10_000);
	await shop.look();
	expect(await shop.slot()).toMatchObject({ expected: 5, unapplied: 0, is_held: false });
});
