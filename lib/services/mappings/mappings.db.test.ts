import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import { beginLoop } from "../sync/wake";
import { acceptProposals, previewAccept } from "./accept-proposals";
import { leaveOut, linkListings, unlinkListings } from "./link-listings";
import { previewLinks } from "./preview-links";
import { proposeMappings, rejectProposals } from "./propose-mappings";
import { countStates } from "./read-grid";
import { type MappingWorld, mappingWorld } from "./testing";
import { listBatches, undoBatch } from "./undo-batch";

let database: TestDatabase;
let world: MappingWorld;
let shopify: string;
let woo: string;

beforeAll(async () => {
	database = await testDatabase();
});
afterAll(async () => {
	await closeNotifiers(database.url);
	await database.close();
});
beforeEach(async () => {
	world = await mappingWorld(database.ownerClient, database.db("app"));
	shopify = await world.channel("Shopify");
	woo = await world.channel("WooCommerce", { platform: "woocommerce", bufferUnits: 1 });
});

const link = (listingId: string, skuId: string, over: { units?: number; seenVersion?: number | null } = {}) => ({
	links: [
		{ listingId, skuId, units: over.units ?? 1, seenVersion: over.seenVersion === undefined ? 0 : over.seenVersion },
	],
});

const versionOf = async (listingId: string) => {
	const [row] = await database.ownerClient<
		{ version: number }[]
	>`select version from mappings where listing_id = ${listingId}`;
	return row?.version ?? 0;
};

describe("linking a listing", () => {
	it("makes the channel's offer follow the SKU, in units of the listing, less the buffer", async () => {
		const sku = await world.sku("CSD", { onHand: 21 });
		const single = await world.listing(shopify, { sku: "CSD", shows: 4 });
		const sixPack = await world.listing(woo, { sku: "CSD-6", shows: 9 });
		await linkListings(world.as("manager"), {
			links: [...link(single, sku).links, ...link(sixPack, sku, { units: 6 }).links],
		});
		expect(await world.slot(single)).toMatchObject({ sku_id: sku, units: 1, offered: 21 });
		expect(await world.slot(sixPack)).toMatchObject({ sku_id: sku, units: 6, offered: 3 });
	});

	it("previews exactly what it then offers, parked orders, bundles and policies included", async () => {
		const part = await world.sku("PART", { onHand: 17 });
		const bundle = await world.sku("BUNDLE");
		const other = await world.sku("OTHER");
		await database.ownerClient`update skus set is_bundle = 'yes' where id = ${bundle}`;
		await database.ownerClient`insert into sku_components (merchant_id, bundle_id, component_id, units) values (${world.merchantId}, ${bundle}, ${part}, 2)`;
		await database.ownerClient`update skus set share_percent = 60, min_units = 2 where id = ${part}`;
		await database.ownerClient`update channels set cap_units = 4, out_of_stock_below = 2 where merchant_id = ${world.merchantId}`;
		const first = await world.listing(woo, { sku: "BUNDLE", shows: 5 });
		const second = await world.listing(shopify, { sku: "PART", shows: 20 });
		const third = await world.listing(shopify, { sku: "OTHER", shows: 3 });
		for (const [listingId, skuId, units] of [
			[first, bundle, 1],
			[second, part, 3],
			[third, other, 1],
		] as const) {
			await world.parkedLine(listingId === first ? woo : shopify, listingId, 2);
			const [preview] = await previewLinks(world.as("viewer"), [{ listingId, skuId, units }]);
			await linkListings(world.as("manager"), link(listingId, skuId, { units }));
			expect((await world.slot(listingId)).offered).toBe(preview?.willShow);
			expect(preview).toMatchObject({ parkedLines: 1 });
		}
		expect((await world.slot(third)).offered).toBeNull();
	});

	it("counts the orders that waited for it, once", async () => {
		const sku = await world.sku("TL-400", { onHand: 10 });
		const listing = await world.listing(shopify, { sku: "TL-400", shows: 7 });
		await world.parkedLine(shopify, listing, 3);
		await linkListings(world.as("support"), link(listing, sku));
		await linkListings(world.as("support"), link(listing, sku, { seenVersion: null }));
		expect(await world.onHand(sku)).toBe(7);
		expect(await world.slot(listing)).toMatchObject({ offered: 7 });
	});

	it("wakes the other channels for what the orders that waited for it take", async () => {
		const sku = await world.sku("TL-7", { onHand: 9 });
		const [listing, other] = [
			await world.listing(shopify, { sku: "TL-7", shows: 5 }),
			await world.listing(woo, { sku: "TL-7", shows: 8 }),
		];
		await linkListings(world.as("support"), link(other, sku));
		await world.parkedLine(shopify, listing, 4);
		const worker = beginLoop("work", woo);
		worker?.clear();
		await linkListings(world.as("support"), link(listing, sku));
		expect(await world.slot(other)).toMatchObject({ offered: 4, expected: 8 });
		expect(worker?.end()).toBe(true);
	});

	it("takes no order from before the first count, as its preview says, and its undoing gives none back", async () => {
		const sku = await world.sku("TL-401", { onHand: 10 });
		const listing = await world.listing(shopify, { sku: "TL-401", shows: 10 });
		await world.parkedLine(shopify, listing, 3, new Date(Date.now() - 30 * 86_400_000));
		const [preview] = await previewLinks(world.as("viewer"), [{ listingId: listing, skuId: sku, units: 2 }]);
		expect(preview).toMatchObject({ parkedLines: 0, parkedUnits: 0, willShow: 5 });
		const manager = world.as("manager");
		const act = await linkListings(manager, link(listing, sku, { units: 2 }));
		expect(await world.onHand(sku)).toBe(10);
		expect(await world.slot(listing)).toMatchObject({ offered: preview?.willShow });
		await undoBatch(manager, act.batchId ?? "");
		expect(await world.onHand(sku)).toBe(10);
	});

	it("leaves one winner of two people at one cell, and shows the other what was done", async () => {
		const [a, b] = [await world.sku("A", { onHand: 1 }), await world.sku("B", { onHand: 2 })];
		const listing = await world.listing(shopify, { sku: "?" });
		const answers = await Promise.all([
			linkListings(world.as("manager"), link(listing, a)),
			linkListings(world.as("manager"), link(listing, b)),
		]);
		const won = answers.filter(({ changed }) => changed.length === 1);
		const [lost] = answers.flatMap(({ refused }) => refused);
		expect(won).toHaveLength(1);
		expect(lost).toMatchObject({ reason: "changed_meanwhile", theirs: { state: "linked" } });
		const winner = answers[0]?.changed.length ? "A" : "B";
		expect(lost).toMatchObject({ theirs: { sku: winner }, mine: { skuId: winner === "A" ? b : a } });
	});

	it("made anew, is not taken for the one that somebody saw before", async () => {
		const [a, b] = [await world.sku("A", { onHand: 1 }), await world.sku("B", { onHand: 2 })];
		const listing = await world.listing(shopify, { sku: "?" });
		const manager = world.as("manager");
		await linkListings(manager, link(listing, a));
		const seen = await versionOf(listing);
		await unlinkListings(manager, { listings: [{ listingId: listing, seenVersion: seen }] });
		await linkListings(manager, link(listing, b));
		const late = await unlinkListings(manager, { listings: [{ listingId: listing, seenVersion: seen }] });
		expect(late.changed).toEqual([]);
		expect(late.refused).toMatchObject([{ reason: "changed_meanwhile", theirs: { sku: "B" } }]);
	});

	it("refuses what is not the merchant's, listing and SKU", async () => {
		const other = await mappingWorld(database.ownerClient, database.db("app"));
		const theirChannel = await other.channel("Theirs");
		const theirListing = await other.listing(theirChannel, { sku: "A" });
		const theirSku = await other.sku("A");
		const [sku, listing] = [await world.sku("A"), await world.listing(shopify, { sku: "A" })];
		expect((await linkListings(world.as("owner"), link(theirListing, sku))).refused).toMatchObject([
			{ reason: "not_found" },
		]);
		expect((await linkListings(world.as("owner"), link(listing, theirSku))).refused).toMatchObject([
			{ reason: "sku_not_found" },
		]);
		expect((await world.slot(listing)).sku_id).toBeNull();
	});

	it("is for support and above, unlinking for managers and above", async () => {
		const [sku, listing] = [await world.sku("A"), await world.listing(shopify, { sku: "A" })];
		await expect(linkListings(world.as("viewer"), link(listing, sku))).rejects.toThrow("support or above");
		await linkListings(world.as("support"), link(listing, sku));
		await expect(
			unlinkListings(world.as("support"), { listings: [{ listingId: listing, seenVersion: null }] }),
		).rejects.toThrow("manager");
		expect(
			(await unlinkListings(world.as("manager"), { listings: [{ listingId: listing, seenVersion: null }] })).changed,
		).toEqual([listing]);
	});
});

describe("unlinking and leaving out", () => {
	it("stops offering, keeps what the channel shows, and keeps counted orders counted", async () => {
		const sku = await world.sku("A", { onHand: 5 });
		const listing = await world.listing(shopify, { sku: "A", shows: 9 });
		await world.parkedLine(shopify, listing, 2);
		await linkListings(world.as("manager"), link(listing, sku));
		await unlinkListings(world.as("manager"), { listings: [{ listingId: listing, seenVersion: null }] });
		expect(await world.slot(listing)).toMatchObject({ sku_id: null, offered: null, expected: 9 });
		expect(await world.onHand(sku)).toBe(3);
	});

	it("is in the audit log and in the sync log, with who did it", async () => {
		const [sku, listing] = [await world.sku("A"), await world.listing(shopify, { sku: "A" })];
		const manager = world.as("manager");
		await linkListings(manager, link(listing, sku));
		await leaveOut(manager, { listings: [{ listingId: listing, seenVersion: null }], reason: "sold by Amazon" });
		const audit =
			await database.ownerClient`select action, actor from audit_log where merchant_id = ${world.merchantId} order by id`;
		expect(audit).toEqual([
			{ action: "mapping.linked", actor: manager.actor },
			{ action: "mapping.left_out", actor: manager.actor },
		]);
		const log =
			await database.ownerClient`select kind, sku_id, listing_id from sync_log where merchant_id = ${world.merchantId} and kind like 'mapping.%' order by id`;
		expect(log).toEqual([
			{ kind: "mapping.linked", sku_id: sku, listing_id: listing },
			{ kind: "mapping.unlinked", sku_id: sku, listing_id: listing },
		]);
	});
});

describe("undoing an act", () => {
	it("puts back what was there, also from history, and once", async () => {
		const [a, b] = [await world.sku("A", { onHand: 5 }), await world.sku("B", { onHand: 8 })];
		const [one, two] = [await world.listing(shopify, { sku: "1" }), await world.listing(shopify, { sku: "2" })];
		const manager = world.as("manager");
		await linkListings(manager, link(one, a));
		const moved = await linkListings(manager, {
			links: [
				{ listingId: one, skuId: b, seenVersion: null },
				{ listingId: two, skuId: a, seenVersion: 0 },
			],
		});
		const [latest] = await listBatches(manager);
		expect(latest).toMatchObject({ id: moved.batchId, sentence: "Linked 2 listings", listings: 2 });
		const undone = await undoBatch(manager, moved.batchId ?? "");
		expect(undone.kept).toEqual([]);
		expect(await world.slot(one)).toMatchObject({ sku_id: a, offered: 5 });
		expect(await world.slot(two)).toMatchObject({ sku_id: null, offered: null });
		await expect(undoBatch(manager, moved.batchId ?? "")).rejects.toThrow("undone already");
		// The undoing is an act like any other: undone, it is done again.
		await undoBatch(manager, undone.batchId ?? "");
		expect(await world.slot(one)).toMatchObject({ sku_id: b, offered: 8 });
	});

	it("leaves alone what was changed since, and names it", async () => {
		const [a, b] = [await world.sku("A"), await world.sku("B")];
		const [one, two] = [await world.listing(shopify, { sku: "ONE" }), await world.listing(shopify, { sku: "TWO" })];
		const manager = world.as("manager");
		const act = await linkListings(manager, {
			links: [
				{ listingId: one, skuId: a },
				{ listingId: two, skuId: b },
			],
		});
		await linkListings(world.as("manager"), link(two, a, { seenVersion: null }));
		const undone = await undoBatch(manager, act.batchId ?? "");
		expect(undone.restored).toEqual([one]);
		expect(undone.kept).toEqual([
			{ listingId: two, name: "TWO", sentence: "TWO was linked to A since, and stays so." },
		]);
	});

	it("gives back the orders that it had counted; linked rightly they are counted there, linked again they are counted again", async () => {
		const [wrong, right] = [await world.sku("WRONG", { onHand: 10 }), await world.sku("RIGHT", { onHand: 10 })];
		const listing = await world.listing(shopify, { sku: "?", shows: 3 });
		await world.parkedLine(shopify, listing, 4);
		const manager = world.as("manager");
		const act = await linkListings(manager, link(listing, wrong));
		expect(await world.onHand(wrong)).toBe(6);
		await undoBatch(manager, act.batchId ?? "");
		expect(await world.onHand(wrong)).toBe(10);
		await linkListings(manager, link(listing, wrong));
		expect(await world.onHand(wrong)).toBe(6);
		const again = await linkListings(manager, link(listing, right, { seenVersion: null }));
		// A person who moves a link leaves the past where it was counted.
		expect([await world.onHand(wrong), await world.onHand(right)]).toEqual([6, 10]);
		expect(again.changed).toEqual([listing]);
		const [sums] = await database.ownerClient`
			select bool_and(v.on_hand = (select sum(delta) from movements m where m.sku_id = v.sku_id)) as adds_up from levels v where merchant_id = ${world.merchantId}`;
		expect(sums).toEqual({ adds_up: true });
	});

	it("of somebody else's act is for managers", async () => {
		const [sku, listing] = [await world.sku("A"), await world.listing(shopify, { sku: "A" })];
		const support = world.as("support");
		const act = await linkListings(support, link(listing, sku));
		await expect(undoBatch(world.as("support"), act.batchId ?? "")).rejects.toThrow("manager");
		await undoBatch(support, act.batchId ?? "");
	});
});

describe("suggestions", () => {
	it("link nothing by themselves, and are counted in exactly one state each", async () => {
		await world.sku("AB-1", { onHand: 4 });
		await world.sku("CD-2");
		await world.listing(shopify, { sku: "AB-1" });
		await world.listing(shopify, { sku: "cd2", title: "First" });
		await world.listing(shopify, { sku: "CD-2", title: "Second" });
		await world.listing(shopify, { sku: "", title: "Quite unlike" });
		const gone = await world.listing(shopify, { sku: "FBA" });
		await database.ownerClient`update listings set left_out_reason = 'fulfilled by Amazon' where id = ${gone}`;
		await proposeMappings(world.as("support"));
		expect(await countStates(world.as("viewer"), [])).toEqual({
			linked: 0,
			suggested: 1,
			ambiguous: 2,
			unmatched: 1,
			left_out: 1,
			certain: { "99": 1 },
		});
		expect(await database.ownerClient`select from mappings where merchant_id = ${world.merchantId}`).toHaveLength(0);
	});

	it("that were rejected are not made again, and can be taken back", async () => {
		const sku = await world.sku("AB-1");
		const listing = await world.listing(shopify, { sku: "AB-1" });
		const support = world.as("support");
		await proposeMappings(support);
		expect(await rejectProposals(support, [{ listingId: listing, skuId: sku }])).toBe(1);
		await proposeMappings(support);
		expect(await countStates(support, [])).toMatchObject({ suggested: 0, unmatched: 1 });
		await rejectProposals(support, [{ listingId: listing, skuId: sku }], false);
		expect(await countStates(support, [])).toMatchObject({ suggested: 1, unmatched: 0 });
	});

	it("above a threshold are accepted in steps as one batch, exactly those that the dry run named", async () => {
		for (let at = 0; at < 300; at++) {
			await world.sku(`SKU-${at}`, { onHand: at % 3 });
			await world.listing(shopify, { sku: at % 2 ? `SKU-${at}` : `sku_${at}`, shows: 1, title: `SKU-${at}` });
		}
		const manager = world.as("manager");
		await proposeMappings(manager);
		const preview = await previewAccept(manager, { threshold: 0.95, filter: {} });
		expect(preview).toMatchObject({ links: 300, changing: 200, toZero: 100, uncounted: 0 });
		expect((await previewAccept(manager, { threshold: 0.98, filter: {} })).links).toBe(150);
		expect(
			(await previewAccept(manager, { threshold: 0.95, filter: { skus: ["SKU-1"], channelIds: [shopify] } })).links,
		).toBe(111);
		let [linked, isDone, batchId] = [0, false, undefined as string | undefined];
		while (!isDone) {
			const step = await acceptProposals(manager, { threshold: 0.95, filter: {}, batchId });
			[linked, isDone, batchId] = [linked + step.linked, step.isDone, step.batchId];
		}
		expect(linked).toBe(300);
		expect((await undoBatch(manager, batchId ?? "")).restored).toHaveLength(300);
		await expect(acceptProposals(manager, { threshold: 0.9, filter: {} })).rejects.toThrow("Below 95 %");
	});

	it("are not accepted in bulk for a SKU that got another listing of the channel meanwhile", async () => {
		const sku = await world.sku("AB-1");
		await world.listing(shopify, { sku: "AB-1" });
		const manager = world.as("manager");
		await proposeMappings(manager);
		await linkListings(manager, link(await world.listing(shopify, { sku: "elsewhere" }), sku));
		expect(await acceptProposals(manager, { threshold: 0.95, filter: {} })).toMatchObject({ linked: 0, isDone: true });
	});
});

it("nobody reads or undoes another merchant's batch", async () => {
	const other = await mappingWorld(database.ownerClient, database.db("app"));
	const [sku, listing] = [await world.sku("A"), await world.listing(shopify, { sku: "A" })];
	const act = await linkListings(world.as("manager"), link(listing, sku));
	await expect(undoBatch(other.as("owner"), act.batchId ?? randomUUID())).rejects.toThrow("not here");
	expect(await listBatches(other.as("owner"))).toEqual([]);
});
