import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type Context, systemContext } from "../context";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { dryRun } from "./dry-run";
import { switchPushingOn } from "./switch-pushing";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database?.close());

type Shop = {
	ctx: Context;
	merchant: FixtureMerchant;
	channelId: string;
	/** A linked listing that shows one number and ought to show another. */
	linked: (shows: number | null, offered: number | null) => Promise<string>;
};

async function shop(): Promise<Shop> {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant, { isLive: false });
	return {
		ctx: { ...systemContext(merchant.merchantId, database.db("app")), actor: `user:${randomUUID()}`, role: "owner" },
		merchant,
		channelId,
		linked: async (shows, offered) => {
			const ref = randomUUID();
			const skuId = await makeSku(database, merchant, ref, offered);
			const id = await makeListing(database, merchant, channelId, ref, { skuId });
			await database.ownerClient`update slots set offered = ${offered}, expected = ${shows}, shown = ${shows} where listing_id = ${id}`;
			return id;
		},
	};
}

const many = (count: number, make: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, make));

test("every listing is in exactly one group, whatever is known of it", async () => {
	const { ctx, merchant, channelId, linked } = await shop();
	const sql = database.ownerClient;
	await linked(5, 0);
	await linked(5, 3);
	await linked(5, 8);
	await linked(5, 5);
	await linked(null, 5);
	await linked(5, null);
	const held = await linked(5, 4);
	await sql`update slots set held_reason = 'refused' where listing_id = ${held}`;
	const uncounted = await linked(5, 4);
	await sql`update listings set is_managed = false where id = ${uncounted}`;
	const drifted = await linked(5, 5);
	await sql`update slots set unexplained = 2 where listing_id = ${drifted}`;
	await makeListing(database, merchant, channelId, "unlinked");
	const giftCard = await makeListing(database, merchant, channelId, "gift card");
	await sql`update listings set left_out_reason = 'It has no stock.' where id = ${giftCard}`;
	const gone = await linked(5, 0);
	await sql`update listings set gone_at = now() where id = ${gone}`;

	const run = await dryRun(ctx, channelId, { markSeen: false });
	expect(run.groups).toEqual({
		to_zero: 1,
		lowered: 2,
		raised: 1,
		same: 1,
		held: 1,
		unread: 1,
		uncounted: 2,
		unlinked: 1,
		left_out: 1,
	});
	expect(run).toMatchObject({ listings: 11, changes: 4, compared: 5, toZero: 1 });
	// What is counted as a change is what is shown as one.
	expect(run.rows.map(({ shown, offered }) => [shown, offered])).toEqual([
		[5, 0],
		[5, 8],
		[5, 3],
		[7, 5],
	]);
});

test("what the stores split just now is told of: its part is dealt once pushing is on", async () => {
	const { ctx, channelId, linked } = await shop();
	await linked(5, 3);
	const split = await linked(5, 5);
	await database.ownerClient`
		update levels set is_escrow = true where sku_id = (select sku_id from slots where listing_id = ${split})`;
	// That it becomes a part is a change like any other, and has to be agreed to.
	expect(await dryRun(ctx, channelId, { markSeen: false })).toMatchObject({
		split: 1,
		changes: 2,
		toZero: 0,
		rows: [{ isSplit: true }, { isSplit: false }],
	});
});

describe("switching pushing on", () => {
	const state = async (channelId: string) => {
		const [row] = await database.ownerClient<{ state: string }[]>`select state from channels where id = ${channelId}`;
		return row?.state;
	};

	test("is refused for an unusual share, with its numbers, until those are agreed to", async () => {
		const { ctx, channelId, linked } = await shop();
		await many(4, () => linked(5, 0));
		await many(6, () => linked(5, 5));
		const { changes, toZero } = await dryRun(ctx, channelId, { markSeen: true });
		expect({ changes, toZero }).toEqual({ changes: 4, toZero: 4 });
		await expect(switchPushingOn(ctx, channelId)).rejects.toMatchObject({
			reason: "share_not_confirmed",
			message: expect.stringContaining("4 listings of 10 would change: 4 listings to zero."),
		});
		expect(await state(channelId)).toBe("read_only");
		await switchPushingOn(ctx, channelId, { changes, toZero });
		expect(await state(channelId)).toBe("live");
	});

	test("asks again when an unusual share more would change than was agreed to", async () => {
		const { ctx, channelId, linked } = await shop();
		await many(4, () => linked(5, 0));
		await many(6, () => linked(5, 5));
		const { changes, toZero } = await dryRun(ctx, channelId, { markSeen: true });
		await many(2, () => linked(5, 0));
		await database.ownerClient`update slots set offered = 0 where channel_id = ${channelId}`;
		await expect(switchPushingOn(ctx, channelId, { changes, toZero })).rejects.toMatchObject({
			reason: "share_not_confirmed",
			message: expect.stringContaining("more than was agreed to"),
		});
		expect(await state(channelId)).toBe("read_only");
	});

	test("goes on as agreed when a sale or two came between", async () => {
		const { ctx, channelId, linked } = await shop();
		await many(4, () => linked(5, 0));
		await many(6, () => linked(5, 5));
		const { changes, toZero } = await dryRun(ctx, channelId, { markSeen: true });
		await linked(1, 0);
		await switchPushingOn(ctx, channelId, { changes, toZero });
		expect(await state(channelId)).toBe("live");
	});

	test("needs no agreement for a usual share, and no yes replaces having looked", async () => {
		const { ctx, channelId, linked } = await shop();
		await many(2, () => linked(5, 0));
		await expect(switchPushingOn(ctx, channelId, { changes: 2, toZero: 2 })).rejects.toMatchObject({
			reason: "dry_run_not_seen",
		});
		await dryRun(ctx, channelId, { markSeen: true });
		await switchPushingOn(ctx, channelId);
		expect(await state(channelId)).toBe("live");
	});
});
