/** What a process that was killed leaves behind, as the next one finds it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { workChannel } from "../channels/work-channel";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { askForMissedNews } from "./ask-for-missed-news";
import { findWork } from "./find-work";

let database: TestDatabase;
let merchant: FixtureMerchant;
let channelId: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
	merchant = await makeMerchant(database);
	channelId = await makeChannel(database, merchant);
});

const keepMail = (ageMs: number) => database.ownerClient`
	insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body, received_at)
	values (${merchant.merchantId}, ${channelId}, 'webhook', 'orders/create', ${randomUUID()}, '{}', now() - ${ageMs}::int * interval '1 ms')`;

const lease = (ms: number) => database.ownerClient`
	update channel_health set push_lease = ${randomUUID()}, push_lease_until = now() + ${ms}::int * interval '1 ms' where channel_id = ${channelId}`;

const makePending = async () => {
	const skuId = await makeSku(database, merchant, "LAMP", 5);
	const listingId = await makeListing(database, merchant, channelId, "L", { skuId, shown: 7 });
	await database.ownerClient`update slots set offered = 5 where listing_id = ${listingId}`;
};

const found = async (options?: { isStart: boolean }) => {
	const work = await findWork(options);
	return { mail: work.mail.includes(channelId), work: work.work.includes(channelId) };
};

it("mail whose wake-up was lost is found while the channel's pushes are busy, too", async () => {
	await keepMail(10_000);
	await lease(60_000);
	expect(await found()).toEqual({ mail: true, work: false });
});

it("mail that was acknowledged a moment before the kill is found when the next process starts", async () => {
	await keepMail(0);
	expect(await found()).toEqual({ mail: false, work: false });
	expect(await found({ isStart: true })).toEqual({ mail: true, work: false });
});

it("offers are found when a process starts, though the killed one's lease still stands", async () => {
	await makePending();
	await lease(60_000);
	expect(await found()).toEqual({ mail: false, work: false });
	expect(await found({ isStart: true })).toEqual({ mail: false, work: true });
});

it("who finds a channel leased comes again when the lease ends", async () => {
	await lease(4_000);
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	const { nextDueAt, calls } = await workChannel(target, {
		maxMs: 1_000,
		lingerMs: 10,
		client: database.client("app"),
	});
	expect(calls).toBe(0);
	expect(nextDueAt).toBeGreaterThan(Date.now() + 2_000);
	expect(nextDueAt).toBeLessThan(Date.now() + 6_000);
});

it("nobody comes again to a channel that may not be worked on", async () => {
	await database.ownerClient`update channels set state = 'revoked' where id = ${channelId}`;
	const target = { channelId, merchantId: merchant.merchantId, platform: "shopify" as const };
	expect(await workChannel(target, { maxMs: 1_000, lingerMs: 10, client: database.client("app") })).toEqual({
		nextDueAt: null,
		calls: 0,
	});
});

it("after a start each channel is asked for what was told while nobody listened", async () => {
	const other = await makeChannel(database, merchant);
	await database.ownerClient`update channel_health set next_poll_at = now() + interval '1 hour' where channel_id in (${channelId}, ${other})`;
	await database.ownerClient`update channels set state = 'disconnected' where id = ${other}`;
	await askForMissedNews();
	const due = await database.ownerClient<{ id: string; is_due: boolean }[]>`
		select channel_id as id, next_poll_at <= now() as is_due from channel_health where channel_id in (${channelId}, ${other})`;
	expect(new Map(due.map((row) => [row.id, row.is_due]))).toEqual(
		new Map([
			[channelId, true],
			[other, false],
		]),
	);
	expect((await found({ isStart: true })).work).toBe(true);
});
