import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type Context, systemContext } from "../context";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { readOverview } from "./read-overview";

let database: TestDatabase;
let merchant: FixtureMerchant;
let ctx: Context;
let tarp: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
	merchant = await makeMerchant(database);
	ctx = { ...systemContext(merchant.merchantId, database.db("app")), role: "viewer" };
	tarp = await makeSku(database, merchant, "TRP-33", 6);
});

const needsOf = async () => (await readOverview(ctx)).needs.map(({ title, href }) => [title, href]);

describe("what is shown and not there, and what was verified", () => {
	test("a store that is only read sells too: what it shows too much of counts, and is said apart", async () => {
		const live = await makeChannel(database, merchant);
		const outlet = await makeChannel(database, merchant, { name: "Outlet", isLive: false });
		await makeListing(database, merchant, live, "l1", { skuId: tarp, shown: 7 });
		await makeListing(database, merchant, outlet, "o1", { skuId: tarp, shown: 9 });
		const { notThere, verified, pushing } = await readOverview(ctx);
		expect(notThere).toEqual({ units: 4, listings: 2, unitsNotPushed: 3, unitsUnderWay: 0 });
		expect(verified).toMatchObject({ listings: 2, ofListings: 2 });
		expect(pushing).toBe(1);
	});

	test("what a push is about to lower is said apart, unless something keeps that push", async () => {
		const live = await makeChannel(database, merchant);
		const listingId = await makeListing(database, merchant, live, "l1", { skuId: tarp, shown: 8 });
		const underWay = async () => (await readOverview(ctx)).notThere;
		await database.ownerClient`update slots set offered = 6 where listing_id = ${listingId}`;
		expect(await underWay()).toMatchObject({ units: 2, unitsUnderWay: 2 });

		await database.ownerClient`update channels set paused_at = now() where id = ${live}`;
		expect(await underWay()).toMatchObject({ units: 2, unitsUnderWay: 0 });
		await database.ownerClient`update channels set paused_at = null where id = ${live}`;
		await database.ownerClient`update channel_health set breaker = 'open' where channel_id = ${live}`;
		expect(await underWay()).toMatchObject({ units: 2, unitsUnderWay: 0 });
		await database.ownerClient`update channel_health set breaker = 'closed' where channel_id = ${live}`;
		await database.ownerClient`update slots set unexplained = 1, expected = 7 where listing_id = ${listingId}`;
		expect(await underWay()).toMatchObject({ units: 2, unitsUnderWay: 0 });
	});

	test("a store that is gone sells nothing", async () => {
		const gone = await makeChannel(database, merchant);
		await makeListing(database, merchant, gone, "g1", { skuId: tarp, shown: 9 });
		await database.ownerClient`update channels set state = 'disconnected' where id = ${gone}`;
		expect(await readOverview(ctx)).toMatchObject({
			notThere: { units: 0 },
			verified: { ofListings: 0, oldestAt: null },
		});
	});

	test("a listing that nobody has read is not verified", async () => {
		const live = await makeChannel(database, merchant);
		const unread = await makeListing(database, merchant, live, "l1", { skuId: tarp, shown: 6 });
		await makeListing(database, merchant, live, "l2", { skuId: tarp, shown: 6 });
		await database.ownerClient`update slots set shown_at = null where listing_id = ${unread}`;
		expect((await readOverview(ctx)).verified).toMatchObject({ listings: 1, ofListings: 2 });
	});
});

describe("what waits for a person", () => {
	test("a store that was connected and not switched on leads on to where it stopped", async () => {
		const live = await makeChannel(database, merchant);
		await makeListing(database, merchant, live, "l1", { skuId: tarp, shown: 6 });
		expect(await needsOf()).toEqual([]);

		const bare = await makeChannel(database, merchant, { name: "Bare", isLive: false });
		expect(await needsOf()).toEqual([["Bare is not switched on yet", `/channels/${bare}/setup/match`]]);

		await makeListing(database, merchant, bare, "b1", { skuId: tarp, shown: 9 });
		expect(await needsOf()).toEqual([["Bare is not switched on yet", `/channels/${bare}/setup/dry-run`]]);
	});

	test("forged webhooks are told of while they come: when they are many, and many of all", async () => {
		const channelId = await makeChannel(database, merchant, { name: "Outdoor" });
		const rejected = async (count: number, believed: number) => {
			await database.ownerClient`
				insert into webhook_days (channel_id, day, merchant_id, accepted, rejected)
				values (${channelId}, current_date, ${merchant.merchantId}, ${believed}, ${count})
				on conflict (channel_id, day) do update set accepted = excluded.accepted, rejected = excluded.rejected`;
			await database.ownerClient`update channel_health set last_rejected_at = now() where channel_id = ${channelId}`;
			const { needs } = await readOverview(ctx);
			return needs.map(({ title, detail, href }) => [title, detail, href]);
		};
		expect(await rejected(9, 0)).toEqual([]);
		expect(await rejected(35, 315)).toEqual([]);
		const title = "Outdoor: 35 webhooks rejected today";
		const href = `/channels/${channelId}`;
		expect(await rejected(35, 314)).toEqual([
			[title, "likely somebody else's mail: 314 of its own came rightly signed", href],
		]);
		expect(await rejected(35, 0)).toEqual([
			[title, "none came rightly signed: a changed secret, or somebody else's mail", href],
		]);

		await database.ownerClient`
			update channel_health set last_rejected_at = now() - interval '61 minutes' where channel_id = ${channelId}`;
		expect(await needsOf()).toEqual([]);
	});

	test("what was sold and is not there stands above all, then what nobody could read, then what can wait", async () => {
		const channelId = await makeChannel(database, merchant);
		await makeListing(database, merchant, channelId, "loose", {});
		const { merchantId } = merchant;
		await database.ownerClient`
			insert into inbox (merchant_id, channel_id, source, topic, dedupe_key, body, state)
			values (${merchantId}, ${channelId}, 'webhook', 'orders/create', 'k', ''::bytea, 2)`;
		for (const kind of ["drift", "oversold", "oversold", "oversold"])
			await database.ownerClient`
				insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, units, facts)
				values (${merchantId}, ${kind}, gen_random_uuid()::text, ${tarp}, ${channelId}, 1, '{}')`;
		const { needs } = await readOverview(ctx);
		expect(needs.map(({ shape }) => shape)).toEqual(["bad", "bad", "bad", "warn", "warn", "none"]);
		expect(needs.map(({ key }) => key).slice(-2)).toEqual(["dead", "unlinked"]);
	});
});

test("the hour's last minute is the one that is passing, and none lies ahead", async () => {
	await makeChannel(database, merchant);
	const now = Date.UTC(2026, 10, 24, 14, 2, 31);
	const { hour } = await readOverview({ ...ctx, now: () => new Date(now) });
	expect(hour).toHaveLength(60);
	expect(hour.at(-1)?.at).toBe(Date.UTC(2026, 10, 24, 14, 2));
	const onTheMinute = await readOverview({ ...ctx, now: () => new Date(Date.UTC(2026, 10, 24, 14, 2)) });
	expect(onTheMinute.hour.at(-1)?.at).toBe(Date.UTC(2026, 10, 24, 14, 2));
});
