import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { foldMovements } from "./append-movements";
import { checkLedger } from "./check-ledger";
import { rebuildLevels } from "./rebuild-levels";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const asApp = <T>(merchant: FixtureMerchant, work: (run: Statement) => Promise<T>) =>
	asMerchantPrepared(database.client("app"), merchant.merchantId, work);
const check = (merchant: FixtureMerchant) => asApp(merchant, (run) => checkLedger(run, merchant.merchantId));
const rebuild = (merchant: FixtureMerchant) => asApp(merchant, (run) => rebuildLevels(run, merchant.merchantId));

/** A SKU of ten that sold one three times. */
async function soldThrice() {
	const merchant = await makeMerchant(database);
	const skuId = await makeSku(database, merchant, "LAMP", 10);
	for (const n of [1, 2, 3])
		await asApp(merchant, (run) =>
			foldMovements(run, merchant.merchantId, [
				{ skuId, locationId: merchant.locationId, delta: -1, kind: "order", causeKey: `sale ${n}`, actor: "system" },
			]),
		);
	return { merchant, skuId, sql: database.ownerClient };
}

const levelOf = async (skuId: string) =>
	(await database.ownerClient`select * from levels where sku_id = ${skuId}`)[0] as Record<string, unknown>;

describe("R3 the ledger", () => {
	it("adds up, and a rebuild gives the same bytes", async () => {
		const { merchant, skuId } = await soldThrice();
		expect(await check(merchant)).toEqual({ levels: 1, movements: 4, faultCount: 0, faults: [] });
		const before = await levelOf(skuId);
		expect((await rebuild(merchant)).changed).toBe(0);
		expect(await levelOf(skuId)).toEqual(before);
		expect(before).toMatchObject({ on_hand: 7, version: "4" });
	});

	it("shows a level that is not its sum, and a rebuild mends it and what is offered", async () => {
		const { merchant, skuId, sql } = await soldThrice();
		const channelId = await makeChannel(database, merchant);
		const listingId = await makeListing(database, merchant, channelId, "lamp", { skuId, shown: 7 });
		await sql`update levels set on_hand = 9, version = 9 where sku_id = ${skuId}`;
		await sql`update slots set offered = 9 where listing_id = ${listingId}`;
		const about = { skuId, locationId: merchant.locationId, version: null };
		expect((await check(merchant)).faults).toEqual([
			{ ...about, what: "sum", expected: 7, found: 9 },
			{ ...about, what: "version", expected: 4, found: 9 },
		]);
		expect((await rebuild(merchant)).changed).toBe(1);
		expect((await check(merchant)).faultCount).toBe(0);
		const [slot] = await sql`select offered from slots where listing_id = ${listingId}`;
		expect(slot?.offered).toBe(7);
	});

	it("shows a movement that is missing from the chain, and one whose balance was changed", async () => {
		const { merchant, skuId, sql } = await soldThrice();
		await sql`delete from movements where sku_id = ${skuId} and version = 2`;
		await sql`update movements set balance = 5 where sku_id = ${skuId} and version = 4`;
		const { faults } = await check(merchant);
		expect(faults.map(({ what, version }) => `${what} ${version}`)).toEqual(
			expect.arrayContaining(["gap 3", "balance 3", "balance 4", "sum null", "version null"]),
		);
	});

	it("tells a level that vanished, and brings it back", async () => {
		const { merchant, skuId, sql } = await soldThrice();
		await sql`delete from levels where sku_id = ${skuId}`;
		expect((await check(merchant)).faults[0]).toMatchObject({ what: "sum", expected: 7, found: 0 });
		await rebuild(merchant);
		expect(await levelOf(skuId)).toMatchObject({ on_hand: 7, version: "4", counted_at: expect.any(String) });
	});

	it("of one merchant is nobody else's business", async () => {
		const { skuId } = await soldThrice();
		const other = await makeMerchant(database);
		expect(await check(other)).toEqual({ levels: 0, movements: 0, faultCount: 0, faults: [] });
		expect(await levelOf(skuId)).toBeDefined();
	});
});
