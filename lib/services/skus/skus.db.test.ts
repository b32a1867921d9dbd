import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import { startFromCatalogue } from "../imports/start-from-catalogue";
import { linkListings } from "../mappings/link-listings";
import { type MappingWorld, mappingWorld } from "../mappings/testing";
import { createSku } from "./create-sku";
import { exportSkus } from "./export-skus";
import { importSkus } from "./import-skus";
import { countInventory, listSkus } from "./list-skus";

let database: TestDatabase;
let world: MappingWorld;

beforeAll(async () => {
	database = await testDatabase();
});
afterAll(async () => {
	await closeNotifiers(database.url);
	await database.close();
});
beforeEach(async () => {
	world = await mappingWorld(database.ownerClient, database.db("app"));
});

const bring = (text: string, isDryRun = false) => importSkus(world.as("manager"), Buffer.from(text), { isDryRun });
const stock = () =>
	database.ownerClient`select k.code, k.title, v.on_hand from skus k left join levels v on v.sku_id = k.id where k.merchant_id = ${world.merchantId} order by k.code`;

describe("a file of master SKUs", () => {
	const file = [
		"sku,title,gtin,on_hand,location,buffer",
		"A,Lamp,4006381333931,7,,1",
		"B,Stove,,12,warehouse,",
		",No code,,1,,",
		"C,Tent,4006381333932,1,,",
		"D,Vest,,many,,",
		"E,Cap,,1,Moon,",
		"A,Again,,3,,",
		"F,Rope,4.00638E+12,,,",
	].join("\n");

	it("takes the good rows and refuses each bad one by its line and reason", async () => {
		const result = await bring(file);
		expect(result).toMatchObject({ added: 2, changed: 0, same: 0 });
		expect(result.refused.map(({ line, sentence }) => `${line}: ${sentence}`)).toEqual([
			"4: The SKU is empty.",
			"5: 4006381333932 is no valid barcode: 8, 12, 13 or 14 digits, the last of which checks the others.",
			"6: On hand is “many”; write a whole number without separators.",
			"7: There is no location “Moon”. Correct the name, or add it in Settings.",
			"8: The same SKU stands in line 2 already.",
			"9: A spreadsheet turned the barcode into 4.00638E+12. Format the column as text and export again.",
		]);
		expect(await stock()).toEqual([
			{ code: "A", title: "Lamp", on_hand: 7 },
			{ code: "B", title: "Stove", on_hand: 12 },
		]);
	});

	it("refuses the line whose quote is open, and the one that says more than there are columns", async () => {
		const { added, refused } = await bring('sku,title,quantity\nA,"Open quote,5\nB,Lamp,7\nC,Stove,8,extra,\n');
		expect(added).toBe(1);
		expect(refused.map(({ line, sentence }) => [line, sentence])).toEqual([
			[2, expect.stringContaining("opened and not closed")],
			[4, expect.stringContaining("“extra” stands behind the last column")],
		]);
		expect(await stock()).toEqual([{ code: "B", title: "Lamp", on_hand: 7 }]);
	});

	it("says what a file is that is no list", async () => {
		const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
		await expect(importSkus(world.as("manager"), png, { isDryRun: true })).rejects.toThrow("This is not a CSV.");
		await expect(bring(" \n")).rejects.toThrow("The file is empty.");
		await expect(bring("sku,title\n")).rejects.toThrow("no line below them");
	});

	it("tells in a dry run what it then does, and changes nothing by it", async () => {
		const dry = await bring(file, true);
		expect(await stock()).toEqual([]);
		expect(dry).toMatchObject({ added: 2, refused: expect.arrayContaining([]) });
		await bring(file);
		const next = "sku,on_hand,title\nA,5,Lamp\nB,12,\nNEW,,";
		const second = await bring(next, true);
		expect(second).toMatchObject({ added: 1, changed: 1, same: 1 });
		expect(second.changes).toEqual([
			{ line: 2, code: "A", kind: "changed", fields: [{ field: "on hand", from: "7", to: "5" }] },
			{ line: 4, code: "NEW", kind: "added", fields: [{ field: "title", from: null, to: "NEW" }] },
		]);
		const { added, changed, same } = await bring(next);
		expect({ added, changed, same }).toEqual({ added: 1, changed: 1, same: 1 });
		expect(await stock()).toEqual([
			{ code: "A", title: "Lamp", on_hand: 5 },
			{ code: "B", title: "Stove", on_hand: 12 },
			{ code: "NEW", title: "NEW", on_hand: null },
		]);
	});

	it("keeps the ledger: the first count is an import, later ones are counts, and the sums agree", async () => {
		await bring("sku;on hand\nA;7");
		await bring("sku\ton_hand\nA\t3");
		await bring("sku,on_hand\nA,3");
		const movements =
			await database.ownerClient`select kind, delta, balance from movements where merchant_id = ${world.merchantId} order by id`;
		expect(movements).toEqual([
			{ kind: "import", delta: 7, balance: 7 },
			{ kind: "count", delta: -4, balance: 3 },
		]);
	});

	it("that sets a buffer is followed by the offers at once, also where nothing was counted", async () => {
		const sku = await world.sku("A", { onHand: 9 });
		const listing = await world.listing(await world.channel("Shopify"), { sku: "A", shows: 9 });
		await database.ownerClient`update slots set sku_id = ${sku}, offered = 9 where listing_id = ${listing}`;
		await bring("sku,buffer\nA,2");
		expect(await world.slot(listing)).toMatchObject({ offered: 7 });
	});

	it("that we wrote is read back as no change at all, oversold SKUs included", async () => {
		await world.sku("A", { onHand: -2, title: "=Lamp" });
		await world.sku("B", { gtin: "04006381333931" });
		await world.sku("C", { onHand: 0 });
		const written = await exportSkus(world.as("viewer"));
		expect(await bring(written)).toMatchObject({ added: 0, changed: 0, same: 3, refused: [] });
		expect((await bring("sku,on_hand\nA,-3")).refused).toEqual([
			{ line: 2, sku: "A", sentence: "On hand can't be set below zero." },
		]);
	});

	it("is for managers and above", async () => {
		await expect(importSkus(world.as("support"), Buffer.from(file), { isDryRun: true })).rejects.toThrow("manager");
	});
});

describe("starting from one store's catalogue", () => {
	it("makes a SKU per clear listing, links it and counts its stock in; the rest is named, not guessed", async () => {
		const channel = await world.channel("Shopify");
		await world.sku("HAVE");
		const clear = await world.listing(channel, { sku: "A-1", title: "Lamp", shows: 7, gtin: "4006381333931" });
		await world.listing(channel, { sku: "B-1", title: "Uncounted", shows: null });
		await world.listing(channel, { sku: "", title: "Blank" });
		await world.listing(channel, { sku: "T-1", title: "One" });
		await world.listing(channel, { sku: "t1", title: "Two" });
		await world.listing(channel, { sku: "have", title: "Have" });
		const before = await startFromCatalogue(world.as("manager"), channel, { isDryRun: true });
		const done = await startFromCatalogue(world.as("manager"), channel, { isDryRun: false });
		expect({ ...before, batchId: null }).toEqual({ ...done, batchId: null });
		expect(done).toMatchObject({ made: 2, units: 7, uncounted: 1 });
		expect(done.flagged.map(({ name, reason }) => [name, reason]).sort()).toEqual([
			["Blank", "blank"],
			["T-1", "duplicate"],
			["have", "exists"],
			["t1", "duplicate"],
		]);
		expect(await world.slot(clear)).toMatchObject({ offered: 7, expected: 7, units: 1 });
		const movements =
			await database.ownerClient`select kind, delta, channel_id from movements where merchant_id = ${world.merchantId}`;
		expect(movements).toEqual([{ kind: "import", delta: 7, channel_id: channel }]);
		// A second start finds nothing to do.
		expect(await startFromCatalogue(world.as("manager"), channel, { isDryRun: false })).toMatchObject({
			made: 0,
			units: 0,
			batchId: null,
		});
	});

	it("does not count twice what was sold before it was counted", async () => {
		const channel = await world.channel("Shopify");
		const listing = await world.listing(channel, { sku: "A-1", shows: 7 });
		await world.parkedLine(channel, listing, 2);
		await startFromCatalogue(world.as("manager"), channel, { isDryRun: false });
		expect(await world.slot(listing)).toMatchObject({ offered: 7 });
	});
});

describe("the list of SKUs", () => {
	it("says what is available, where each channel stands, and pages by code", async () => {
		const channel = await world.channel("Shopify");
		const sku = await world.sku("A", { onHand: 7, title: "Lamp" });
		await world.sku("B", { onHand: 0 });
		await world.sku("C", { onHand: -1 });
		await world.sku("D");
		await world.sku("E", { onHand: 3 });
		const listingId = await world.listing(channel, { sku: "A", shows: 7 });
		await linkListings(world.as("manager"), { links: [{ listingId, skuId: sku }] });
		const viewer = world.as("viewer");
		const all = await listSkus(viewer, { text: "", show: "all", after: null });
		expect(all.rows.map(({ code, available }) => [code, available])).toEqual([
			["A", 7],
			["B", 0],
			["C", -1],
			["D", null],
			["E", 3],
		]);
		expect(all.rows[0]?.channels).toEqual([{ channelId: channel, shows: 7, offered: 7, state: "ok", word: "in step" }]);
		expect(await countInventory(viewer)).toEqual({ all: 5, out: 1, low: 1, oversold: 1, uncounted: 1 });
		expect((await listSkus(viewer, { text: "lamp", show: "all", after: null })).rows).toHaveLength(1);
		expect((await listSkus(viewer, { text: "", show: "low", after: null })).rows.map(({ code }) => code)).toEqual([
			"E",
		]);
		expect((await listSkus(viewer, { text: "", show: "all", after: "C" })).rows.map(({ code }) => code)).toEqual([
			"D",
			"E",
		]);
	});

	it("a code can be made once", async () => {
		const made = await createSku(world.as("manager"), { code: "NEW-1" });
		expect(made.code).toBe("NEW-1");
		await expect(createSku(world.as("manager"), { code: "NEW-1" })).rejects.toThrow("There is a SKU NEW-1 already.");
		await expect(createSku(world.as("manager"), { code: "--" })).rejects.toThrow("letter or digit");
	});
});
