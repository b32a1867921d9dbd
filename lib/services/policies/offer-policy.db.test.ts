import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { inheritedWord } from "@/lib/format/offer-policy";
import { type Context, systemContext } from "../context";
import { addLocation } from "../locations/add-location";
import { recomputeTimedOffers } from "../stock/recompute-timed-offers";
import { setWakeSender } from "../sync/wake";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "../testing/fixtures";
import { readOfferPolicy } from "./read-offer-policy";
import { setOfferPolicy } from "./set-offer-policy";

let database: TestDatabase;
let merchant: FixtureMerchant;
let ctx: Context;
let etsy: string;
let ebay: string;
let lamp: string;
let onEtsy: string;
let onEbay: string;
const woken = new Set<string>();
beforeAll(async () => {
	database = await testDatabase();
	setWakeSender(async (_kind, channelIds) => {
		for (const channelId of channelIds) woken.add(channelId);
	});
});
afterAll(async () => {
	setWakeSender(null);
	await database.close();
});
beforeEach(async () => {
	merchant = await makeMerchant(database, { bufferUnits: 1 });
	ctx = { ...systemContext(merchant.merchantId, database.db("app")), actor: "user:jana", role: "manager" };
	etsy = await makeChannel(database, merchant, { name: "Etsy" });
	ebay = await makeChannel(database, merchant, { name: "eBay" });
	lamp = await makeSku(database, merchant, "LAMP", 20);
	onEtsy = await makeListing(database, merchant, etsy, "lamp", { skuId: lamp, shown: 19 });
	onEbay = await makeListing(database, merchant, ebay, "lamp", { skuId: lamp, shown: 19 });
	woken.clear();
});

const offered = async () => {
	const rows =
		await database.ownerClient`select listing_id, offered from slots where merchant_id = ${merchant.merchantId}`;
	const by = new Map(rows.map((row) => [row.listing_id, row.offered]));
	return [by.get(onEtsy), by.get(onEbay)];
};

describe("setting what channels are offered", () => {
	it("changes the offers at once: merchant under channel under SKU under listing", async () => {
		await setOfferPolicy(ctx, { level: "merchant" }, { bufferUnits: 2 });
		expect(await offered()).toEqual([18, 18]);
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferUnits: 3 });
		expect(await offered()).toEqual([17, 18]);
		await setOfferPolicy(ctx, { level: "sku", id: lamp }, { bufferUnits: 4 });
		expect(await offered()).toEqual([16, 16]);
		await setOfferPolicy(ctx, { level: "listing", id: onEbay }, { bufferUnits: 0 });
		expect(await offered()).toEqual([16, 20]);
	});

	it("leaves the fields that it does not name to themselves and to the other levels", async () => {
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferUnits: 3, sharePercent: 50 });
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 5 });
		await setOfferPolicy(ctx, { level: "sku", id: lamp }, { capUnits: 7 });
		expect(await offered()).toEqual([7, 7]);
		const { own, inherited } = await readOfferPolicy(ctx, { level: "listing", id: onEtsy });
		expect(Object.values(own)).toEqual([null, null, null, null, null, null]);
		expect(inherited).toMatchObject({
			bufferUnits: { value: 3, from: "channel" },
			sharePercent: { value: 50, from: "channel" },
			capUnits: { value: 7, from: "sku" },
			minUnits: { value: 0, from: null },
		});
	});

	it("to null gives a field back to the next level", async () => {
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferUnits: 3 });
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferUnits: null });
		expect(await offered()).toEqual([19, 19]);
		await setOfferPolicy(ctx, { level: "merchant" }, { bufferUnits: null });
		expect(await offered()).toEqual([20, 20]);
	});

	it("wakes the channels whose offers changed, and writes down who changed what", async () => {
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 5 });
		expect([...woken]).toEqual([etsy]);
		const lines = await database.ownerClient`
			select actor, action, subject, data from audit_log where merchant_id = ${merchant.merchantId}`;
		expect([...lines]).toEqual([
			{
				actor: "user:jana",
				action: "offer_policy.set",
				subject: `channel:${etsy}`,
				data: { capUnits: { from: null, to: 5 } },
			},
		]);
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 5 });
		expect(await database.ownerClient`select from audit_log where merchant_id = ${merchant.merchantId}`).toHaveLength(
			1,
		);
	});

	it("is no sale: a store is not taken for one that sells out", async () => {
		await database.ownerClient`update slots set sku_version = 1 where merchant_id = ${merchant.merchantId}`;
		await setOfferPolicy(ctx, { level: "merchant" }, { capUnits: 2 });
		const slots =
			await database.ownerClient`select offered, sold_units from slots where merchant_id = ${merchant.merchantId}`;
		expect([...slots]).toEqual(Array(2).fill({ offered: 2, sold_units: 0 }));
	});

	it("that disagrees with another level is refused with both numbers, and nothing is changed", async () => {
		await setOfferPolicy(ctx, { level: "sku", id: lamp }, { outOfStockBelow: 5 });
		await expect(setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 3 })).rejects.toMatchObject({
			reason: "policies_disagree",
			message:
				"LAMP on Etsy then shows none below 5 (from the SKU) and never shows more than 3 (from the channel): both can't be. Change one of them.",
		});
		expect(await offered()).toEqual([19, 19]);
		await expect(
			setOfferPolicy(ctx, { level: "merchant" }, { minUnits: 9, capUnits: 8, sharePercent: 10 }),
		).rejects.toMatchObject({ message: expect.stringMatching(/at least 9 .* more than 8/) });
	});

	it("that would never sell, however many there are, is refused with the numbers, and nothing is changed", async () => {
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { sharePercent: 1 });
		await expect(setOfferPolicy(ctx, { level: "sku", id: lamp }, { outOfStockBelow: 1_000_000 })).rejects.toMatchObject(
			{
				reason: "never_sells",
				message:
					"LAMP on Etsy then never sells: of 1,000,000 units, the most that can be counted, holds 1 unit back (from Settings) → 999,999, 1 % of what is left (from the channel) → 9,999, shows none below 1,000,000 (from the SKU) → 0. Change one of them.",
			},
		);
		expect(await offered()).toEqual([0, 19]);
		await expect(
			setOfferPolicy(ctx, { level: "merchant" }, { sharePercent: 1, outOfStockBelow: 1_000_000 }),
		).rejects.toMatchObject({ reason: "never_sells" });
		await setOfferPolicy(ctx, { level: "sku", id: lamp }, { outOfStockBelow: 9_999 });
	});

	it("counts the most of all locations together before it says that nothing ever sells", async () => {
		const shelf = { sharePercent: 50, outOfStockBelow: 900_000, bufferUnits: 0 };
		await expect(setOfferPolicy(ctx, { level: "channel", id: etsy }, shelf)).rejects.toThrow(/never sells/);
		await addLocation(ctx, "Yard");
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, shelf);
	});

	it("to a cap of zero takes a channel off sale, whatever else is set", async () => {
		await setOfferPolicy(ctx, { level: "merchant" }, { outOfStockBelow: 2, minUnits: 4, sharePercent: 50 });
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 0 });
		expect(await offered()).toEqual([0, 9]);
	});

	it("at the same moment, by two people who disagree, is refused to the second", async () => {
		const outcomes = await Promise.allSettled([
			setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 3 }),
			setOfferPolicy(ctx, { level: "sku", id: lamp }, { outOfStockBelow: 5 }),
		]);
		expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
	});

	it.each<[object, RegExp]>([
		[{ bufferUnits: -1 }, /can't be negative/],
		[{ bufferUnits: 1.5 }, /whole number/],
		[{ bufferUnits: 10_001 }, /typing error/],
		[{ bufferUnits: Number.NaN }, /is a number/],
		[{ sharePercent: 0 }, /at least 1/],
		[{ sharePercent: 101 }, /at most 100/],
		[{ bufferSeconds: 601 }, /ten minutes/],
		[{ bufer: 1 }, /bufer/],
	])("to %o is refused", async (fields, sentence) => {
		await expect(setOfferPolicy(ctx, { level: "merchant" }, fields)).rejects.toThrow(sentence);
	});

	it("is for managers of that very merchant", async () => {
		const stranger = { ...ctx, ...systemContext((await makeMerchant(database)).merchantId, ctx.db) };
		for (const target of [
			{ level: "channel", id: etsy },
			{ level: "sku", id: lamp },
			{ level: "listing", id: onEtsy },
		]) {
			await expect(setOfferPolicy({ ...ctx, role: "support" }, target, { capUnits: 1 })).rejects.toMatchObject({
				status: 403,
			});
			await expect(setOfferPolicy(stranger, target, { capUnits: 1 })).rejects.toMatchObject({ status: 404 });
			await expect(readOfferPolicy(stranger, target)).rejects.toMatchObject({ status: 404 });
		}
		await setOfferPolicy(stranger, { level: "merchant" }, { capUnits: 1 });
		expect(await offered()).toEqual([19, 19]);
	});
});

describe("a policy that changes an unusual share of a catalogue", () => {
	beforeEach(async () => {
		for (let n = 0; n < 50; n++) {
			const skuId = await makeSku(database, merchant, `S${n}`, 20);
			await makeListing(database, merchant, etsy, `s${n}`, { skuId, shown: 19 });
		}
	});
	const zeroes = async () =>
		(
			await database.ownerClient`select from slots where merchant_id = ${merchant.merchantId} and (offered = 0 or is_pending)`
		).length;

	it.each([
		["of the shop's", () => ({ level: "merchant" })],
		["of a channel's", () => ({ level: "channel", id: etsy })],
	])("is refused with the numbers until somebody agrees (R12): %s", async (_whose, target) => {
		await expect(setOfferPolicy(ctx, target(), { capUnits: 0 })).rejects.toMatchObject({
			reason: "share_not_confirmed",
			message:
				"51 of 51 listings on Etsy would change, 51 of them to zero. That is an unusual share of the catalogue. Look at it and agree to it first.",
		});
		expect(await zeroes()).toBe(0);
		expect(woken.size).toBe(0);
		expect((await readOfferPolicy(ctx, target())).own.capUnits).toBeNull();
		await setOfferPolicy(ctx, target(), { capUnits: 0 }, { isConfirmed: true });
		expect(await zeroes()).toBeGreaterThanOrEqual(51);
	});

	it("is not asked about again for what was due to change before it", async () => {
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferUnits: 3 }, { isConfirmed: true });
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferUnits: 4 });
		await expect(setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 0 })).rejects.toThrow(
			/^51 of 51 listings on Etsy would change, 51 of them to zero/,
		);
	});

	it("is none where the store is not pushed to, or of one SKU", async () => {
		await setOfferPolicy(ctx, { level: "sku", id: lamp }, { capUnits: 0 });
		await database.ownerClient`update channels set state = 'read_only' where id = ${etsy}`;
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { capUnits: 0 });
	});
});

describe("what a level inherits", () => {
	const word = async (target: object) => {
		const { inherited } = await readOfferPolicy({ ...ctx, role: "viewer" }, target);
		return inheritedWord("bufferUnits", inherited.bufferUnits);
	};

	it("is named with the level that decides it; a SKU's may differ by channel", async () => {
		expect(await word({ level: "merchant" })).toBe("none");
		expect(await word({ level: "channel", id: etsy })).toBe("1 from Settings");
		expect(await word({ level: "sku", id: lamp })).toBe("1 from Settings");
		await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferUnits: 3 });
		expect(await word({ level: "sku", id: lamp })).toBe("differs by channel");
		expect(await word({ level: "listing", id: onEtsy })).toBe("3 from the channel");
		expect(await word({ level: "listing", id: onEbay })).toBe("1 from Settings");
	});
});

it("what was held back for a pace is offered again once the pace is over", async () => {
	await setOfferPolicy(ctx, { level: "channel", id: etsy }, { bufferSeconds: 60 });
	await database.ownerClient`update levels set sold_units = 5, sold_at = now() where sku_id = ${lamp}`;
	await setOfferPolicy(ctx, { level: "merchant" }, { bufferUnits: 0 });
	expect(await offered()).toEqual([20 - 8, 20]);
	await database.ownerClient`update levels set sold_at = now() - interval '5 min' where sku_id = ${lamp}`;
	await database.ownerClient`update slots set reoffer_at = now() - interval '1 s' where listing_id = ${onEtsy}`;
	expect(await recomputeTimedOffers()).toBe(1);
	expect(await offered()).toEqual([20, 20]);
	expect(await recomputeTimedOffers()).toBe(0);
});
