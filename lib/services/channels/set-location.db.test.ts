import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { systemContext } from "../context";
import { ChangedMeanwhile } from "../errors";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { requireLocation } from "./require-location";
import { setLocation } from "./set-location";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

async function shop() {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant);
	const skuId = await makeSku(database, merchant, "LAMP", 10);
	const listingId = await makeListing(database, merchant, channelId, "lamp", { skuId });
	const facts = { locations: [{ ref: "loft", name: "Loft", isActive: true }] };
	await database.ownerClient`update channels set facts = ${JSON.stringify(facts)}::text::jsonb where id = ${channelId}`;
	return { channelId, listingId, ctx: systemContext(merchant.merchantId, database.db("app")) };
}

const slotOf = async (listingId: string) =>
	(await database.ownerClient`select location_ref, expected, push_id from slots where listing_id = ${listingId}`)[0];

it("another location's numbers are unknown", async () => {
	const { ctx, channelId, listingId } = await shop();
	await setLocation(ctx, channelId, "loft");
	expect(await slotOf(listingId)).toEqual({ location_ref: "loft", expected: null, push_id: null });
});

it("nothing is counted from one of several locations before a person has named it, be it the one that was taken", async () => {
	const { ctx, channelId } = await shop();
	const facts = { locations: ["loft", "yard"].map((ref) => ({ ref, name: ref, isActive: true })) };
	await database.ownerClient`
		update channels set facts = ${JSON.stringify(facts)}::text::jsonb, location_ref = 'loft', pushing_since = null, state = 'read_only' where id = ${channelId}`;
	await expect(requireLocation(ctx, channelId)).rejects.toThrow("has several locations");
	await setLocation(ctx, channelId, "loft");
	await expect(requireLocation(ctx, channelId)).resolves.toBeUndefined();
});

it("a quantity that is being claimed at the very moment keeps the location from changing", async () => {
	const { ctx, channelId, listingId } = await shop();
	const pushId = randomUUID();
	let changing: Promise<unknown> = Promise.resolve();
	await database.ownerClient.begin(async (tx) => {
		await tx`update slots set push_id = ${pushId} where listing_id = ${listingId}`;
		changing = setLocation(ctx, channelId, "loft").catch((error) => error);
		await expect
			.poll(
				async () =>
					(await tx`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
						.length,
			)
			.toBe(1);
	});
	expect(await changing).toBeInstanceOf(ChangedMeanwhile);
	expect(await slotOf(listingId)).toMatchObject({ expected: 10, push_id: pushId });
});
