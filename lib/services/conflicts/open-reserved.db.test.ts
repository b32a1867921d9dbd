/** What is reserved was there first: who lacks units when a channel sells past it, or fewer are counted than are held. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchant } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { LosingRule } from "@/lib/stock/losing-order";
import { systemContext } from "../context";
import { setLosingRule } from "../merchants/set-race-rules";
import { applyOrders } from "../orders/apply-orders";
import { confirmReservation } from "../reservations/confirm";
import { releaseReservation } from "../reservations/release";
import { reserve } from "../reservations/reserve";
import { adjustStock } from "../skus/adjust-stock";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { decideConflict } from "./decide-conflict";
import { listConflicts } from "./list-conflicts";
import { readConflict } from "./read-conflict";
import { undoDecision } from "./undo-decision";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

/** Five mugs, and a cart that holds so many of them. */
async function shopWith(held: number) {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant, { name: "the shop" });
	const skuId = await makeSku(database, merchant, "MUG", 5);
	await makeListing(database, merchant, channelId, "mug", { skuId, shown: 5 });
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	const reservationId = randomUUID();
	const began = Date.now() + 60_000;
	const inside = <T>(work: Parameters<typeof asMerchant<T>>[2]) => asMerchant(ctx.db, ctx.merchantId, work);
	await inside((tx) =>
		reserve(tx, ctx, reservationId, {
			lines: [{ sku: "MUG", quantity: held }],
			ttlSeconds: 900,
			reference: "CART-77",
		}),
	);
	return {
		ctx,
		reservationId,
		sell: (ref: string, mugs: number) =>
			asMerchantPrepared(database.client("app"), ctx.merchantId, (run) =>
				applyOrders(run, ctx.merchantId, channelId, [
					{
						order: {
							orderRef: ref,
							number: `#${ref}`,
							status: "open",
							placedAt: new Date(began).toISOString(),
							version: { at: began, step: 0 },
							lines: [{ lineRef: "1", listingRef: "mug", sku: "MUG", title: "Mug", taken: mugs }],
						},
						inboxId: 1,
						isLiveRead: false,
					},
				]),
			),
		confirm: () => inside((tx) => confirmReservation(tx, ctx, reservationId)),
		release: () => inside((tx) => releaseReservation(tx, ctx, reservationId)),
		count: (onHand: number, seen: number) =>
			adjustStock(ctx, {
				skuId,
				locationId: merchant.locationId,
				mode: "set",
				value: onHand,
				seen,
				key: randomUUID(),
			}),
		async onHand() {
			return (await database.ownerClient`select on_hand from levels where sku_id = ${skuId}`)[0]?.on_hand;
		},
		/** Who is short, and of how many; settled ones by how. */
		async short() {
			const rows = await database.ownerClient`
				select order_ref, units, coalesce(decision->>'choice', state) as state from conflicts
				where merchant_id = ${merchant.merchantId} order by order_ref`;
			return rows.map(({ order_ref, units, state }) => `${order_ref} ${units} ${state}`);
		},
		async view() {
			const [item] = (await listConflicts(ctx)).items;
			if (!item) throw new Error("something is open");
			return { ...(await readConflict(ctx, item.id)), item };
		},
	};
}

describe("a sale of what is reserved", () => {
	it("R8 lacks it from then on, by every rule, and the reservation that is confirmed later does not", async () => {
		for (const rule of ["last_in_ledger", "smallest_order", "latest_placed"] satisfies LosingRule[]) {
			const shop = await shopWith(5);
			await setLosingRule(shop.ctx, { rule, channelId: null });
			await shop.sell("7", 2);
			expect([rule, await shop.short()]).toEqual([rule, ["7 2 open"]]);
			await shop.confirm();
			expect(await shop.onHand()).toBe(-2);
			expect([rule, await shop.short()]).toEqual([rule, ["7 2 open"]]);
		}
	});

	it("lacks only what is not left beside what is held", async () => {
		const shop = await shopWith(4);
		await shop.sell("7", 3);
		expect(await shop.short()).toEqual(["7 2 open"]);
		await shop.sell("8", 1);
		expect(await shop.short()).toEqual(["7 2 open", "8 1 open"]);
	});

	it("is told with the reservation as who stands, which nobody is asked to cancel", async () => {
		const shop = await shopWith(5);
		await shop.sell("7", 2);
		const { columns, timeline, options } = await shop.view();
		expect(columns.slice(0, 2).map(({ label, title, note }) => [label, title, note])).toEqual([
			["Stands", "Reservation CART-77", "was reserved before the sale"],
			["Has no unit", "Order #7", "came when nothing was left"],
		]);
		expect(timeline.map(({ label }) => label)).toEqual(["Reservation CART-77", "Shopify #7"]);
		expect(options.map(({ choice }) => choice)).toEqual(["cancel_in_store", "backorder", "restock"]);
	});

	it("lacks nothing any more once the reservation lets go", async () => {
		const shop = await shopWith(5);
		await shop.sell("7", 2);
		const { id } = await shop.view();
		await shop.release();
		expect(await shop.short()).toEqual(["7 2 came_back"]);
		expect((await readConflict(shop.ctx, id)).decided?.because).toBe("reservation CART-77 ended and gave 5 units back");
	});
});

describe("a reservation of which fewer are counted than it holds", () => {
	it("lacks them once it is confirmed, in words and with answers of its own", async () => {
		const shop = await shopWith(5);
		await shop.count(3, 5);
		expect(await shop.short()).toEqual([]);
		await shop.confirm();
		expect(await shop.short()).toEqual([`${shop.reservationId} 2 open`]);
		const { item, headline, orderNumber, columns, options, cancel } = await shop.view();
		expect([item.title, item.detail]).toEqual(["Reserved and not there: MUG", "2 units · Reservation CART-77"]);
		expect(headline).toBe("Reservation CART-77 took 2 units of MUG that are not there");
		expect([orderNumber, cancel]).toEqual([null, null]);
		expect([columns[1]?.title, columns[1]?.note]).toEqual(["Reservation CART-77", "fewer were there than it held"]);
		expect(options.map(({ choice, title }) => [choice, title])).toEqual([
			["give_back", "Sell Reservation CART-77 2 units fewer"],
			["backorder", "Keep it whole, and send the rest later"],
			["restock", "2 units found: add them at Main"],
		]);
		expect(JSON.stringify(options)).not.toMatch(/in the store|tells us of it|the channel/);
	});

	it("lacks only what no order has lost already", async () => {
		const shop = await shopWith(4);
		await shop.sell("7", 2);
		expect(await shop.short()).toEqual(["7 1 open"]);
		await shop.count(2, 3);
		await shop.confirm();
		expect(await shop.onHand()).toBe(-2);
		expect((await shop.short()).toSorted()).toEqual(["7 1 open", `${shop.reservationId} 1 open`].toSorted());
	});

	it("lacks what a count took, though an order lost units before, once those were there again", async () => {
		for (const refilled of [false, true]) {
			const shop = await shopWith(4);
			await shop.sell("7", 2);
			await decideConflict(shop.ctx, { ids: [(await shop.view()).id], choice: "backorder" });
			if (refilled) await shop.count(9, 3);
			await shop.count(2, refilled ? 9 : 3);
			await shop.confirm();
			expect(await shop.onHand()).toBe(-2);
			expect((await shop.short()).toSorted()).toEqual(
				["7 1 backorder", `${shop.reservationId} ${refilled ? 2 : 1} open`].toSorted(),
			);
		}
	});

	it("is sold what there is, by a decision that can be taken back", async () => {
		const shop = await shopWith(5);
		await shop.count(3, 5);
		await shop.confirm();
		const { id } = await shop.view();
		await decideConflict(shop.ctx, { ids: [id], choice: "give_back" });
		expect([await shop.onHand(), await shop.short()]).toEqual([0, [`${shop.reservationId} 2 give_back`]]);
		await undoDecision(shop.ctx, { ids: [id] });
		expect([await shop.onHand(), await shop.short()]).toEqual([-2, [`${shop.reservationId} 2 open`]]);
	});

	it("is the only one that is sold fewer: what an order took comes back with its store's news", async () => {
		const shop = await shopWith(5);
		await shop.sell("7", 2);
		const { id } = await shop.view();
		await expect(decideConflict(shop.ctx, { ids: [id], choice: "give_back" })).rejects.toThrow(/Cancel it there/);
		expect(await shop.short()).toEqual(["7 2 open"]);
	});
});
