/** Which order loses, by the merchant's rule, on real Postgres through the pipeline's own verb. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asMerchantPrepared } from "@/db/statement";
import { type TestDatabase, testDatabase } from "@/db/testing";
import type { LosingRule } from "@/lib/stock/losing-order";
import { setSellingLocations } from "../channels/set-selling-locations";
import { systemContext } from "../context";
import { addLocation } from "../locations/add-location";
import { setLosingRule } from "../merchants/set-race-rules";
import { applyOrders } from "../orders/apply-orders";
import { adjustStock } from "../skus/adjust-stock";
import { makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { readConflict } from "./read-conflict";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

type Sale = { on: "shop" | "market"; ref: string; lamps: number; ropes?: number; placedMsAgo?: number };

/** Lamps on two channels, of which there are so many, and ropes enough. */
async function shopWith(lamps: number, rule: LosingRule) {
	const merchant = await makeMerchant(database);
	const channels = {
		shop: await makeChannel(database, merchant, { name: "the shop" }),
		market: await makeChannel(database, merchant, { name: "the market", platform: "woocommerce" }),
	};
	const lamp = await makeSku(database, merchant, "LAMP", lamps);
	const rope = await makeSku(database, merchant, "ROPE", 100);
	for (const channelId of Object.values(channels)) {
		await makeListing(database, merchant, channelId, "lamp", { skuId: lamp, shown: lamps });
		await makeListing(database, merchant, channelId, "rope", { skuId: rope, shown: 100 });
	}
	const ctx = systemContext(merchant.merchantId, database.db("app"));
	await setLosingRule(ctx, { rule, channelId: rule === "lowest_channel" ? channels.market : null });
	// Later than the first count, which holds every order from before it.
	const began = Date.now() + 60_000;
	return {
		ctx,
		channels,
		lamp,
		async sell(...sales: Sale[]) {
			for (const { on, ref, lamps: taken, ropes = 0, placedMsAgo = 0 } of sales) {
				const lines = [
					{ lineRef: "1", listingRef: "lamp", sku: "LAMP", title: "Lamp", taken },
					{ lineRef: "2", listingRef: "rope", sku: "ROPE", title: "Rope", taken: ropes },
				];
				const order = {
					orderRef: ref,
					number: `#${ref}`,
					status: "open" as const,
					placedAt: new Date(began - placedMsAgo).toISOString(),
					version: { at: began, step: 0 },
					lines: lines.filter((line) => line.taken > 0),
				};
				await asMerchantPrepared(database.client("app"), merchant.merchantId, (run) =>
					applyOrders(run, merchant.merchantId, channels[on], [{ order, inboxId: 1, isLiveRead: false }]),
				);
			}
		},
		async lost() {
			const rows = await database.ownerClient<{ id: string; order_ref: string; units: number }[]>`
				select id, order_ref, units from conflicts where merchant_id = ${merchant.merchantId} and kind = 'oversold' order by order_ref`;
			return { ids: rows.map(({ id }) => id), orders: rows.map(({ order_ref, units }) => `${order_ref} ${units}`) };
		},
	};
}

const race: Sale[] = [
	{ on: "shop", ref: "a", lamps: 1, ropes: 3, placedMsAgo: 1_000 },
	{ on: "market", ref: "b", lamps: 1, ropes: 1, placedMsAgo: 5_000 },
	{ on: "shop", ref: "c", lamps: 1, placedMsAgo: 9_000 },
];

describe("an oversold unit", () => {
	it("R8 is lost by the order that the merchant's rule names, whichever was heard of first", async () => {
		const losers = { latest_placed: "a 1", smallest_order: "c 1", lowest_channel: "b 1" } as const;
		for (const [rule, loser] of Object.entries(losers) as [LosingRule, string][])
			for (const order of [race, race.toReversed(), [race[1], race[2], race[0]] as Sale[]]) {
				const shop = await shopWith(2, rule);
				await shop.sell(...order);
				expect([rule, (await shop.lost()).orders]).toEqual([rule, [loser]]);
			}
	});

	it("R8 is lost by the order that came last in the ledger, unless the merchant chose otherwise", async () => {
		for (const order of [race, race.toReversed()]) {
			const shop = await shopWith(2, "last_in_ledger");
			await shop.sell(...order);
			expect((await shop.lost()).orders).toEqual([`${order.at(-1)?.ref} 1`]);
		}
	});

	it("is never lost twice by one order: a second shortage finds the next loser", async () => {
		const shop = await shopWith(1, "smallest_order");
		await shop.sell(...race);
		expect((await shop.lost()).orders).toEqual(["b 1", "c 1"]);
	});

	it("was had by the last order that found its own there, and not by one that took from another location", async () => {
		const shop = await shopWith(1, "last_in_ledger");
		const { locationId } = await addLocation(shop.ctx, "Yard");
		await setSellingLocations(shop.ctx, shop.channels.market, [locationId]);
		await adjustStock(shop.ctx, { skuId: shop.lamp, locationId, mode: "set", value: 9, seen: null, key: "the yard's" });
		await shop.sell({ on: "shop", ref: "a", lamps: 1 });
		for (const ref of ["x", "y", "z"]) await shop.sell({ on: "market", ref, lamps: 1 });
		await shop.sell({ on: "shop", ref: "b", lamps: 1 });
		const [conflict, ...more] = await database.ownerClient<{ order_ref: string; winner: object }[]>`
			select order_ref, facts->'winner' as winner from conflicts where merchant_id = ${shop.ctx.merchantId}`;
		expect(more).toEqual([]);
		expect(conflict).toMatchObject({ order_ref: "b", winner: { orderNumber: "#a", channelId: shop.channels.shop } });
	});

	it("is told with who loses, why, and who keeps the unit", async () => {
		const shop = await shopWith(2, "smallest_order");
		await shop.sell(race[2] as Sale, race[0] as Sale, race[1] as Sale);
		const [id = ""] = (await shop.lost()).ids;
		const { columns, orderRef, channel } = await readConflict(shop.ctx, id);
		expect({ orderRef, channel: channel?.id }).toEqual({ orderRef: "c", channel: shop.channels.shop });
		expect(columns.map(({ title, note }) => [title, note])).toEqual([
			["Order #b", "keeps its unit"],
			["Order #c", "loses: the smallest, 1 unit"],
			["The larger order keeps it", "oversold 1 time in 30 days"],
		]);
	});

	it("is not lost by an order that its store has closed, or that we heard of hours ago", async () => {
		const shop = await shopWith(2, "smallest_order");
		await shop.sell(race[2] as Sale, race[0] as Sale);
		await database.ownerClient`update orders set status = 'closed' where channel_id = ${shop.channels.shop} and order_ref = 'c'`;
		await shop.sell(race[1] as Sale);
		expect((await shop.lost()).orders).toEqual(["b 1"]);
	});

	it("goes by a rule that only a manager sets, with a store that is the merchant's", async () => {
		const [mine, other] = [await shopWith(1, "last_in_ledger"), await shopWith(1, "last_in_ledger")];
		const support = { ...mine.ctx, role: "support" as const };
		await expect(setLosingRule(support, { rule: "smallest_order", channelId: null })).rejects.toMatchObject({
			status: 403,
		});
		const foreign = { rule: "lowest_channel", channelId: other.channels.market };
		await expect(setLosingRule(mine.ctx, foreign)).rejects.toThrow(/not connected any more/);
		await expect(setLosingRule(mine.ctx, { rule: "lowest_channel", channelId: null })).rejects.toThrow(/which store/);
		const audit = await database.ownerClient`
			select data from audit_log where merchant_id = ${mine.ctx.merchantId} and action = 'merchant.losing_rule_set'`;
		expect(audit).toEqual([{ data: { rule: "last_in_ledger", channelId: null } }]);
	});
});
