/** What one sale costs, and what a change of everything costs, must not rise with the catalogue. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { type Context, systemContext } from "../context";
import { keepForTheNext } from "../reservations/keep-for-carts";
import { makeChannel, makeMerchant } from "../testing/fixtures";
import { recomputeWith } from "./recompute-offers";
import { setDefaultStrategy } from "./set-strategy";

const skus = 6_000;

let database: TestDatabase;
let ctx: Context;
let skuId: string;
beforeAll(async () => {
	database = await testDatabase();
	const sql = database.ownerClient;
	const merchant = await makeMerchant(database);
	const { merchantId, locationId } = merchant;
	ctx = { ...systemContext(merchantId, database.db("app")), role: "owner" };
	await sql`insert into skus (merchant_id, code, title) select ${merchantId}, 'S' || n, 'x' from generate_series(1, ${skus}) n`;
	await sql`
		insert into levels (merchant_id, sku_id, location_id, on_hand, version, counted_at)
		select ${merchantId}, id, ${locationId}, 50, 1, now() from skus where merchant_id = ${merchantId}`;
	for (const channelId of [await makeChannel(database, merchant), await makeChannel(database, merchant)]) {
		await sql`
			insert into listings (merchant_id, channel_id, external_key, ids, sku, title)
			select ${merchantId}, ${channelId}, code, '{}', code, code from skus where merchant_id = ${merchantId}`;
		await sql`
			insert into slots (merchant_id, channel_id, listing_id, location_id, sku_id, offered, expected, bound, shown, shown_at)
			select ${merchantId}, ${channelId}, l.id, ${locationId}, k.id, 10, 10, 10, 10, now()
			from listings l join skus k on k.code = l.sku and k.merchant_id = ${merchantId} where l.channel_id = ${channelId}`;
	}
	await sql`analyze`;
	const [sku] = await sql<{ id: string }[]>`select id from skus where merchant_id = ${merchantId} and code = 'S7'`;
	skuId = sku?.id ?? "";
});
afterAll(() => database.close());

/** Rows that the work read of any table. */
const rowsRead = (work: (run: Parameters<typeof recomputeWith>[0]) => Promise<unknown>) =>
	asMerchantPrepared(database.client("app"), ctx.merchantId, async (run) => {
		const read = async () =>
			(
				await run<{ rows: number }>`
					select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 as rows from pg_stat_xact_user_tables`
			)[0]?.rows ?? 0;
		const before = await read();
		await work(run);
		return (await read()) - before;
	});

it("dealing one SKU's stock reads the rows of that SKU", async () => {
	await setDefaultStrategy(ctx, "adaptive");
	expect(await rowsRead((run) => recomputeWith(run, [skuId]))).toBeLessThan(500);
});

it("splitting every SKU's stock takes as long for each as for one", async () => {
	const began = performance.now();
	await setDefaultStrategy(ctx, "escrow");
	expect(performance.now() - began).toBeLessThan(10_000);
	const [row] = await database.ownerClient<{ split: number; offered: number }[]>`
		select count(*) filter (where is_escrow)::int as split, sum(offered)::int as offered from slots where merchant_id = ${ctx.merchantId}`;
	expect(row).toEqual({ split: 2 * skus, offered: 50 * skus });
});

it("a cart's stock is kept by reading the rows of its SKU", async () => {
	await database.ownerClient`update levels set cart_units = 3, cart_until = now() + interval '1 min' where sku_id = ${skuId}`;
	await database.ownerClient`analyze`;
	expect(await rowsRead((run) => keepForTheNext(run, [skuId]))).toBeLessThan(500);
});
