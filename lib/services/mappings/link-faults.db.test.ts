/** What policies say together is held to be possible on the day of the link, as on the day on which they are set. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import { setOfferPolicy } from "../policies/set-offer-policy";
import { linkListings, unlinkListings } from "./link-listings";
import { type MappingWorld, mappingWorld } from "./testing";
import { undoBatch } from "./undo-batch";

let database: TestDatabase;
let world: MappingWorld;
let shopify: string;
let woo: string;
let sku: string;
let listing: string;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(async () => {
	await closeNotifiers(database.url);
	await database.close();
});

const link = (listingId: string, units = 1) => ({ listingId, skuId: sku, units, seenVersion: null });

const refusal = {
	reason: "policies_disagree",
	sentence:
		"TL-7 on Shopify then shows none below 5 (from the channel) and never shows more than 3 (from the SKU): both can't be. Change one of them.",
};
beforeEach(async () => {
	world = await mappingWorld(database.ownerClient, database.db("app"));
	shopify = await world.channel("Shopify");
	woo = await world.channel("WooCommerce", { platform: "woocommerce", bufferUnits: 1 });
	sku = await world.sku("TL-7", { onHand: 100 });
	listing = await world.listing(shopify, { sku: "TL-7", shows: 100 });
});
const cap = () => setOfferPolicy(world.as("manager"), { level: "sku", id: sku }, { capUnits: 3 });
const threshold = () => setOfferPolicy(world.as("manager"), { level: "channel", id: shopify }, { outOfStockBelow: 5 });

describe("a link whose policies can't hold together", () => {
	it("is refused with both numbers, and the others of the act go on", async () => {
		await cap();
		await threshold();
		const other = await world.listing(woo, { sku: "TL-7", shows: 100 });
		const links = [link(listing), link(other)];
		expect(await linkListings(world.as("support"), { links })).toMatchObject({
			changed: [other],
			refused: [{ listingId: listing, ...refusal }],
		});
		expect(await world.slot(listing)).toMatchObject({ sku_id: null, offered: null });
		expect(await world.slot(other)).toMatchObject({ sku_id: sku, offered: 3 });
	});

	it("is refused where so many units to a listing can't be counted", async () => {
		await setOfferPolicy(world.as("manager"), { level: "channel", id: shopify }, { outOfStockBelow: 200 });
		const { refused } = await linkListings(world.as("support"), { links: [link(listing, 10_000)] });
		expect(refused).toMatchObject([
			{
				reason: "never_sells",
				sentence:
					"TL-7 on Shopify then never sells: of 1,000,000 units, the most that can be counted, each takes 10,000 → 100, shows none below 200 (from the channel) → 0. Change one of them.",
			},
		]);
	});

	it("at the moment at which one of them is set: one of the two is refused", async () => {
		await threshold();
		for (let round = 0; round < 5; round++) {
			const [set, linked] = await Promise.allSettled([
				cap(),
				linkListings(world.as("support"), { links: [link(listing)] }),
			]);
			const isRefused = [
				set.status === "rejected",
				linked.status === "fulfilled" && linked.value.refused[0]?.reason === "policies_disagree",
			];
			expect(isRefused.filter(Boolean)).toHaveLength(1);
			await unlinkListings(world.as("manager"), { listings: [{ listingId: listing, seenVersion: null }] });
			await setOfferPolicy(world.as("manager"), { level: "sku", id: sku }, { capUnits: null });
		}
	});

	it("stays unlinked when an act is undone into it, and is named", async () => {
		const linked = await linkListings(world.as("manager"), { links: [link(listing)] });
		const listings = [{ listingId: listing, seenVersion: null }];
		const { batchId } = await unlinkListings(world.as("manager"), { listings });
		expect(linked.changed).toEqual([listing]);
		await cap();
		await threshold();
		expect(await undoBatch(world.as("manager"), batchId ?? "")).toMatchObject({
			restored: [],
			kept: [{ listingId: listing, sentence: refusal.sentence }],
		});
	});
});
