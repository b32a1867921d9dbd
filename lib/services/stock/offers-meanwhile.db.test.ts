/** What is offered when two transactions come to the same slots at once: the first one's stock, not what it was before. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { foldMovements } from "./append-movements";
import { updateSlots } from "./recompute-offers";

let database: TestDatabase;
let merchant: FixtureMerchant;
beforeAll(async () => {
	database = await testDatabase();
	merchant = await makeMerchant(database);
});
afterAll(() => database.close());

const inTransaction = <T>(work: (run: Statement) => Promise<T>) =>
	asMerchantPrepared(database.client("app"), merchant.merchantId, work);

/** Twelve units are sold; before that is committed `second` begins, and waits for a slot. */
async function whileSold(skuId: string, second: (run: Statement) => Promise<unknown>): Promise<void> {
	let waiting: Promise<unknown> | undefined;
	await inTransaction(async (run) => {
		await foldMovements(run, merchant.merchantId, [
			{ skuId, locationId: merchant.locationId, delta: -12, kind: "order", causeKey: `sold ${skuId}`, actor: "system" },
		]);
		await updateSlots(run, [skuId], []);
		waiting = inTransaction(second);
		await expect
			.poll(
				() => database.ownerClient`
					select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
			)
			.toHaveLength(1);
	});
	await waiting;
}

it("an order that moves nothing does not put back what another's sale has just taken off sale", async () => {
	const channelId = await makeChannel(database, merchant);
	const skuId = await makeSku(database, merchant, "LAMP", 13);
	const listingId = await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 13 });
	await inTransaction((run) => updateSlots(run, [skuId], []));
	// The first that is heard of it: it was cancelled since.
	const told = { listingId, units: 0, from: Date.now() - 60_000, to: Date.now(), isChanged: true };
	await whileSold(skuId, (run) => updateSlots(run, [], [told]));
	const [slot] = await database.ownerClient`
		select offered, sku_version::int, offered_version::int from slots where listing_id = ${listingId}`;
	expect(slot).toEqual({ offered: 1, sku_version: 2, offered_version: 1 });
});
