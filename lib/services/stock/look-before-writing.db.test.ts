import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { wooFacts } from "@/lib/channels/woocommerce/facts";
import type { RaceRule } from "@/lib/stock/competing-edits";
import { takeTurn } from "../channels/take-turn";
import { systemContext } from "../context";
import { setRaceRule } from "../merchants/set-race-rules";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { appendMovements } from "./append-movements";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

/** Ten lamps on a store of each kind, of which somebody counted so many more or fewer; which stores are read first. */
async function readFirst(delta: number, isFenced = false, rule: RaceRule = "source_of_truth"): Promise<string[]> {
	const merchant = await makeMerchant(database);
	const skuId = await makeSku(database, merchant, "LAMP", 10);
	const sql = database.ownerClient;
	for (const platform of ["shopify", "woocommerce"] as const) {
		const channelId = await makeChannel(database, merchant, { platform });
		await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 10 });
		await sql`update slots set is_fenced = ${isFenced} where channel_id = ${channelId}`;
	}
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	const { db } = ctx;
	await setRaceRule(ctx, rule);
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

it("R8 where the first write wins a store that is written blindly is read before it is lowered, too", async () => {
	expect(await readFirst(-5, false, "first_write_wins")).toEqual(["woocommerce"]);
});

it.each([
	["first_write_wins", true],
	["source_of_truth", false],
] as const)("R8 by %s the lowering of an edit waits for that read: %s", async (rule, isWaiting) => {
	const merchant = await makeMerchant(database);
	const skuId = await makeSku(database, merchant, "LAMP", 30);
	const channelId = await makeChannel(database, merchant, { platform: "woocommerce" });
	await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 30 });
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	await setRaceRule(ctx, rule);
	await database.ownerClient`update channel_health set orders_read_at = now() where channel_id = ${channelId}`;
	const movement = { skuId, locationId: merchant.locationId, delta: -5, causeKey: randomUUID(), actor: "test" };
	await asMerchant(ctx.db, merchant.merchantId, (tx) =>
		appendMovements(tx, merchant.merchantId, [{ ...movement, kind: "adjustment" }]),
	);
	const target = { channelId, merchantId: merchant.merchantId, platform: "woocommerce" as const };
	const facts = { ...wooFacts, writeMode: "absolute" as const };
	const turn = await takeTurn(database.client("app"), target, facts, { now: Date.now(), mayClaim: true, only: null });
	expect([turn.push === null, turn.needsLevels]).toEqual([isWaiting, isWaiting]);
});
