/** Bundles: made, changed and taken apart, and what can't be one. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared, statementsOf } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { logSentence, plainSentence } from "@/lib/format/log-line";
import { type Context, systemContext } from "../context";
import { linkListings } from "../mappings/link-listings";
import { undoBatch } from "../mappings/undo-batch";
import { applyOrders } from "../orders/apply-orders";
import { appendMovements } from "../stock/append-movements";
import { checkLedger } from "../stock/check-ledger";
import { setSkuStrategy } from "../stock/set-strategy";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { adjustStock } from "./adjust-stock";
import { readSku } from "./read-sku";
import { mostComponents } from "./refuse-components";
import { setComponents } from "./set-components";

let database: TestDatabase;
let merchant: FixtureMerchant;
let ctx: Context;
let shop: string;
let tarp: string;
let rope: string;
let kit: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
	merchant = await makeMerchant(database);
	ctx = { ...systemContext(merchant.merchantId, database.db("app")), role: "manager" };
	shop = await makeChannel(database, merchant);
	tarp = await makeSku(database, merchant, "TARP", 7);
	rope = await makeSku(database, merchant, "ROPE", 20);
	kit = await makeSku(database, merchant, "KIT", null);
});

const offers = async (skuId: string) =>
	(
		await database.ownerClient<{ offered: number | null; is_pending: boolean }[]>`
			select offered, is_pending from slots where sku_id = ${skuId} order by id`
	).map(({ offered }) => offered);
const parts = (...of: [string, number][]) => of.map(([skuId, units]) => ({ skuId, units }));
const refusal = (skuId: string, wanted: unknown) =>
	setComponents(ctx, skuId, wanted).then(
		() => "nothing was refused",
		(error: Error) => error.message,
	);
const bundlesOf = async (skuId: string) =>
	(await database.ownerClient`select is_bundle from skus where id = ${skuId}`)[0]?.is_bundle;

describe("making a bundle", () => {
	it("offers on every listing what can be made of its components, in the same transaction, with audit and log", async () => {
		await makeListing(database, merchant, shop, "kit", { skuId: kit, shown: 1 });
		await makeListing(database, merchant, shop, "two kits", { skuId: kit, units: 2, shown: 1 });
		await setComponents(ctx, kit, parts([tarp, 2], [rope, 3]));
		expect(await offers(kit)).toEqual([3, 1]);
		const view = await readSku(ctx, kit);
		expect(view).toMatchObject({ isBundle: true, formula: { onHand: 3 } });
		expect(view.components.map(({ id, units }) => [id, units])).toEqual([
			[tarp, 2],
			[rope, 3],
		]);
		expect((await readSku(ctx, tarp)).bundles).toMatchObject([{ id: kit, name: "KIT", units: 2 }]);
		const [audit] = await database.ownerClient`
			select actor, subject, data from audit_log where merchant_id = ${merchant.merchantId} and action = 'sku.components_set'`;
		expect(audit).toEqual({
			actor: "system",
			subject: kit,
			data: {
				from: [],
				to: [
					{ sku: "TARP", units: 2 },
					{ sku: "ROPE", units: 3 },
				],
			},
		});
		expect(await sentences()).toEqual(["KIT is a bundle of 2 × TARP and 3 × ROPE"]);
	});

	it("moves every bundle that holds a component when that is sold alone, and its components when a bundle is sold", async () => {
		const pair = await makeSku(database, merchant, "PAIR", null);
		await makeListing(database, merchant, shop, "kit", { skuId: kit });
		await makeListing(database, merchant, shop, "pair", { skuId: pair });
		await makeListing(database, merchant, shop, "tarp", { skuId: tarp });
		await setComponents(ctx, kit, parts([tarp, 2], [rope, 3]));
		await setComponents(ctx, pair, parts([tarp, 1]));
		await move(tarp, -1);
		expect([await offers(kit), await offers(pair), await offers(tarp)]).toEqual([[3], [6], [6]]);
		await move(kit, -1);
		expect([await offers(kit), await offers(pair), await offers(tarp)]).toEqual([[2], [4], [4]]);
		const checked = await asMerchant(ctx.db, merchant.merchantId, (tx) =>
			checkLedger(statementsOf(tx), merchant.merchantId),
		);
		expect(checked.faults).toEqual([]);
	});

	it("changes what it is made of, and nothing when nothing differs", async () => {
		await makeListing(database, merchant, shop, "kit", { skuId: kit });
		await setComponents(ctx, kit, parts([tarp, 2]));
		await setComponents(ctx, kit, parts([rope, 4]));
		expect(await offers(kit)).toEqual([5]);
		await setComponents(ctx, kit, parts([rope, 4]));
		expect(await sentences()).toEqual(["KIT is a bundle of 2 × TARP", "KIT is a bundle of 4 × ROPE"]);
	});

	it("is a plain SKU again without components, and offers nothing until it is counted", async () => {
		await makeListing(database, merchant, shop, "kit", { skuId: kit });
		await setComponents(ctx, kit, parts([tarp, 2]));
		await setComponents(ctx, kit, []);
		expect([await offers(kit), await bundlesOf(kit)]).toEqual([[null], "no"]);
		expect((await sentences()).at(-1)).toBe("KIT is no bundle any more; it is offered once it is counted");
		await adjustStock(ctx, {
			skuId: kit,
			locationId: merchant.locationId,
			mode: "set",
			value: 4,
			seen: null,
			key: "first count",
		});
		expect(await offers(kit)).toEqual([4]);
	});

	it("splits a component's stock with the bundle, and gives it back when it is taken apart", async () => {
		const other = await makeChannel(database, merchant);
		for (const channel of [shop, other]) {
			await makeListing(database, merchant, channel, "tarp", { skuId: tarp, shown: 7 });
			await makeListing(database, merchant, channel, "kit", { skuId: kit, shown: 0 });
		}
		await database.ownerClient`update slots set bound = shown`;
		await setSkuStrategy(ctx, tarp, "escrow");
		expect(await offers(tarp)).toEqual([4, 3]);
		await setComponents(ctx, kit, parts([tarp, 2]));
		const all = [...(await offers(tarp)), ...(await offers(kit)).map((units) => 2 * (units ?? 0))];
		expect(all.reduce((sum: number, units) => sum + (units ?? 0), 0)).toBe(7);
		expect((await offers(kit)).every((units) => (units ?? 0) > 0)).toBe(true);
		await setComponents(ctx, kit, []);
		expect((await offers(tarp)).reduce((sum: number, units) => sum + (units ?? 0), 0)).toBe(7);
	});
});

describe("orders from before", () => {
	const stock = async (...ids: string[]) => {
		const rows = await database.ownerClient<{ sku_id: string; on_hand: number }[]>`
			select sku_id, on_hand from levels where merchant_id = ${merchant.merchantId}`;
		return ids.map((id) => rows.find((row) => row.sku_id === id)?.on_hand ?? null);
	};
	/** A newer version of the order, with so many of the listing. */
	let version = 0;
	const order = (ref: string, taken: number) =>
		asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
			applyOrders(run, merchant.merchantId, shop, [
				{
					order: {
						orderRef: ref,
						number: `#${ref}`,
						status: "open",
						placedAt: new Date(Date.now() + 60_000).toISOString(),
						version: { at: Date.now() + 60_000, step: ++version },
						lines: [{ lineRef: "1", listingRef: "kit", sku: "KIT", title: "Kit", taken }],
					},
					inboxId: version,
					isLiveRead: false,
				},
			]),
		);

	it("give back what was taken for them, whatever it is made of by now", async () => {
		await makeListing(database, merchant, shop, "kit", { skuId: kit });
		await setComponents(ctx, kit, parts([tarp, 2], [rope, 3]));
		await order("old", 2);
		expect(await stock(tarp, rope)).toEqual([3, 14]);
		await setComponents(ctx, kit, parts([rope, 1]));
		await order("new", 1);
		expect(await stock(tarp, rope)).toEqual([3, 13]);
		await order("old", 1);
		expect(await stock(tarp, rope)).toEqual([5, 16]);
		await setComponents(ctx, kit, []);
		await order("old", 0);
		await order("new", 0);
		expect(await stock(tarp, rope)).toEqual([7, 20]);
		const checked = await asMerchant(ctx.db, merchant.merchantId, (tx) =>
			checkLedger(statementsOf(tx), merchant.merchantId),
		);
		expect(checked.faults).toEqual([]);
	});

	it("give it back also where the first count held them already", async () => {
		await makeListing(database, merchant, shop, "kit", { skuId: kit });
		await setComponents(ctx, kit, parts([tarp, 2]));
		await database.ownerClient`update levels set counted_at = now() + interval '1 hour'`;
		await order("before", 1);
		expect(await stock(tarp, rope)).toEqual([7, 20]);
		await setComponents(ctx, kit, parts([rope, 3]));
		await order("before", 0);
		expect(await stock(tarp, rope)).toEqual([9, 20]);
	});

	it("of a SKU that was plain go back to it, and never to what it is made of", async () => {
		await makeListing(database, merchant, shop, "kit", { skuId: kit });
		await adjustStock(ctx, {
			skuId: kit,
			locationId: merchant.locationId,
			mode: "set",
			value: 1,
			seen: null,
			key: "only one",
		});
		await order("plain", 1);
		await setComponents(ctx, kit, parts([tarp, 2]));
		await order("plain", 0);
		expect(await stock(kit, tarp)).toEqual([1, 7]);
		await setComponents(ctx, kit, parts([tarp, 3]));
		expect(await offers(kit)).toEqual([2]);
	});

	it("come back whole when their link is undone, and are the right SKU's from then on", async () => {
		const listing = await makeListing(database, merchant, shop, "kit");
		const link = (skuId: string) => linkListings(ctx, { links: [{ listingId: listing, skuId, seenVersion: null }] });
		await setComponents(ctx, kit, parts([tarp, 2]));
		await order("old", 1);
		const { batchId } = await link(kit);
		expect(await stock(tarp, rope)).toEqual([5, 20]);
		await setComponents(ctx, kit, parts([rope, 3]));
		await undoBatch(ctx, batchId ?? "");
		expect(await stock(tarp, rope)).toEqual([7, 20]);
		await link(rope);
		expect(await stock(tarp, rope)).toEqual([7, 19]);
		await order("old", 0);
		expect(await stock(tarp, rope)).toEqual([7, 20]);
	});

	it("of a SKU that was plain come back to it when their link is undone", async () => {
		const listing = await makeListing(database, merchant, shop, "kit");
		await adjustStock(ctx, {
			skuId: kit,
			locationId: merchant.locationId,
			mode: "set",
			value: 1,
			seen: null,
			key: "only one",
		});
		await order("plain", 1);
		const { batchId } = await linkListings(ctx, { links: [{ listingId: listing, skuId: kit, seenVersion: null }] });
		await setComponents(ctx, kit, parts([tarp, 2]));
		await undoBatch(ctx, batchId ?? "");
		expect(await stock(kit, tarp)).toEqual([1, 7]);
	});
});

describe("what can't be", () => {
	it("names the SKUs of a loop, of any length", async () => {
		expect(await refusal(kit, parts([kit, 1]))).toBe("KIT can't be made of itself.");
		await database.ownerClient`delete from levels`;
		await setComponents(ctx, kit, parts([tarp, 1]));
		expect(await refusal(tarp, parts([kit, 1]))).toBe(
			"TARP can't be made of KIT: KIT is made of TARP, and each would wait for the other.",
		);
		expect(await refusal(tarp, parts([rope, 1]))).toContain("TARP is a component of KIT");
		expect(await refusal(rope, parts([kit, 2]))).toBe(
			"KIT is a bundle itself, and a bundle can't be inside of another. Put in what it is made of: 2 × TARP.",
		);
		expect([await bundlesOf(tarp), await bundlesOf(rope)]).toEqual(["no", "no"]);
	});

	it("lets one of two that would hold each other through, when both are set at once", async () => {
		const a = await makeSku(database, merchant, "A", null);
		const b = await makeSku(database, merchant, "B", null);
		const outcomes = await Promise.allSettled([
			setComponents(ctx, a, parts([b, 1])),
			setComponents(ctx, b, parts([a, 1])),
		]);
		expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	});

	it.each<[string, (ids: { tarp: string; rope: string }) => unknown, RegExp]>([
		["the same component twice", (ids) => parts([ids.tarp, 1], [ids.tarp, 2]), /TARP is there twice.*count of 3/],
		["none of it", (ids) => parts([ids.tarp, 0]), /TARP × 0: a component counts one unit or more/],
		["less than none", (ids) => parts([ids.tarp, -2]), /TARP × -2/],
		["half of it", (ids) => parts([ids.tarp, 0.5]), /TARP × 0.5/],
		["more than anybody packs", (ids) => parts([ids.rope, 10_001]), /ROPE × 10,001 is likely a typing error/],
		[
			"too many SKUs",
			(ids) => Array(mostComponents + 1).fill({ skuId: ids.tarp, units: 1 }),
			/made of 51 SKUs; a bundle has up to 50/,
		],
		["a word for a count", (ids) => [{ skuId: ids.tarp, units: "two" }], /A count is a number/],
		["what is not here", () => parts(["00000000-0000-4000-8000-000000000000", 1]), /component is not here/],
	])("refuses %s", async (_, wanted, sentence) => {
		expect(await refusal(kit, wanted({ tarp, rope }))).toMatch(sentence);
		expect(await bundlesOf(kit)).toBe("no");
	});

	it("refuses an archived component, and a SKU that has stock of its own, saying what to do", async () => {
		await database.ownerClient`update levels set reserved = 2 where sku_id = ${tarp}`;
		expect(await refusal(tarp, parts([rope, 1]))).toBe(
			"TARP has stock of its own: 7 on hand at Main, 2 of them reserved. A bundle is counted by what it is made of: set TARP to 0 there first and count its units with the components, or make a new SKU for the bundle.",
		);
		await database.ownerClient`update skus set archived_at = now() where id = ${rope}`;
		expect(await refusal(kit, parts([rope, 1]))).toBe("ROPE is archived. Choose a SKU that is sold.");
	});

	it("refuses support, and another merchant's SKUs", async () => {
		await expect(setComponents({ ...ctx, role: "support" }, kit, [])).rejects.toMatchObject({ status: 403 });
		const stranger = systemContext((await makeMerchant(database)).merchantId, database.db("app"));
		await expect(setComponents(stranger, kit, parts([tarp, 1]))).rejects.toMatchObject({ status: 404 });
	});

	it("leaves no stock on a bundle when a first count comes at the same moment", async () => {
		const outcomes = await Promise.allSettled([
			setComponents(ctx, kit, parts([tarp, 2])),
			adjustStock(ctx, {
				skuId: kit,
				locationId: merchant.locationId,
				mode: "set",
				value: 5,
				seen: null,
				key: "same moment",
			}),
		]);
		expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
		const [level] = await database.ownerClient<{ units: number }[]>`
			select coalesce(sum(on_hand), 0)::int as units from levels where sku_id = ${kit}`;
		expect(level?.units).toBe((await bundlesOf(kit)) === "yes" ? 0 : 5);
		expect((await readSku(ctx, tarp)).formula.onHand).toBe(7);
	});
});

let moves = 0;
const move = (skuId: string, delta: number) =>
	asMerchant(ctx.db, merchant.merchantId, (tx) =>
		appendMovements(tx, merchant.merchantId, [
			{ skuId, locationId: merchant.locationId, delta, kind: "order", causeKey: `m${++moves}`, actor: "system" },
		]),
	);

async function sentences(): Promise<string[]> {
	const rows = await database.ownerClient<{ data: Record<string, unknown> }[]>`
		select data from sync_log where merchant_id = ${merchant.merchantId} and kind = 'bundle.changed' order by id`;
	return rows.map(({ data }) =>
		plainSentence(
			logSentence({
				at: 0,
				kind: "bundle.changed",
				state: "ok",
				data,
				sku: "KIT",
				listing: null,
				channel: null,
				person: null,
				bundles: 0,
				progress: null,
			}),
		),
	);
}
