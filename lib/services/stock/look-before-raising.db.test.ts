import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { systemContext } from "../context";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { appendMovements } from "./append-movements";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

/** Ten lamps on a store of each kind, of which somebody counted so many more or fewer; which stores are read first. */
async function readFirst(delta: number, isFenced = false): Promise<string[]> {
	const merchant = await makeMerchant(database);
	const skuId = await makeSku(database, merchant, "LAMP", 10);
	const sql = database.ownerClient;
	for (const platform of ["shopify", "woocommerce"] as const) {
		const channelId = await makeChannel(database, merchant, { platform });
		await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 10 });
		await sql`update slots set is_fenced = ${isFenced} where channel_id = ${channelId}`;
	}
	const { db } = systemContext(merchant.merchantId, database.db("app"));
	const movement = { skuId, locationId: merchant.locationId, delta, causeKey: randomUUID(), actor: "test" };
	await asMerchant(db, merchant.merchantId, (tx) =>
		appendMovements(tx, merchant.merchantId, [{ ...movement, kind: "adjustment" }]),
	);
	const rows = await sql<{ platform: string }[]>`
		select c.platform from slots s join channels c on c.id = s.channel_id
		where s.merchant_id = ${merchant.merchantId} and s.read_due_at <= now() and s.is_pending`;
	return rows.map(({ platform }) => platform);
}

it("R8 a store that can only be written blindly is read before somebody's edit raises it; one that compares is not", async () => {
	expect(await readFirst(5)).toEqual(["woocommerce"]);
});

it("R4 a lowering goes at once, and behind a fence the read that is due already decides", async () => {
	expect(await readFirst(-5)).toEqual([]);
	expect(await readFirst(5, true)).toEqual([]);
});
