import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/db/testing";
import { closeNotifiers } from "@/lib/live/notify";
import type { GridFilter, ListingRow, SkuRow } from "@/lib/matching/grid";
import { filterInput } from "./filter-sql";
import { leaveOut, linkListings } from "./link-listings";
import { proposeMappings } from "./propose-mappings";
import { readOutline } from "./read-grid";
import { readListingRows } from "./read-listing-rows";
import { readPeek } from "./read-peek";
import { readSkuRows } from "./read-sku-rows";
import { resolveLinks } from "./resolve-links";
import { searchListings } from "./search-targets";
import { type MappingWorld, mappingWorld } from "./testing";

let database: TestDatabase;
let world: MappingWorld;
let channel: string;
let viewer: ReturnType<MappingWorld["as"]>;
const filter = (over: Partial<GridFilter> = {}) => filterInput.parse(over);

beforeAll(async () => {
	database = await testDatabase();
	world = await mappingWorld(database.ownerClient, database.db("app"));
	viewer = world.as("viewer");
	channel = await world.channel("Shopify");
	const { merchantId } = world;
	// 450 SKUs, each with a listing; a few titles alike, so that only the id tells listings apart.
	await database.ownerClient`insert into skus (merchant_id, code, title) select ${merchantId}, 'SKU-' || n, 'Title ' || n % 7 from generate_series(1, 450) n`;
	await database.ownerClient`
		insert into listings (merchant_id, channel_id, external_key, ids, sku, title)
		select ${merchantId}, ${channel}, n::text, '{}', 'sku' || n, 'Title ' || n % 7 from generate_series(1, 450) n`;
	await proposeMappings(world.as("manager"));
});
afterAll(async () => {
	await closeNotifiers(database.url);
	await database.close();
});

async function readAll<Row>(wanted: GridFilter, read: (range: { from: string; to: string | null }) => Promise<Row[]>) {
	const { total, fences } = await readOutline(viewer, wanted);
	const pages = await Promise.all(fences.map((from, at) => read({ from, to: fences[at + 1] ?? null })));
	return { total, pages, rows: pages.flat() };
}

describe("the grid's pages", () => {
	it("hold every SKU once and in order, each page full but the last", async () => {
		const { total, pages, rows } = await readAll<SkuRow>(filter(), (range) => readSkuRows(viewer, filter(), range));
		expect(total).toBe(450);
		expect(pages.map((page) => page.length)).toEqual([200, 200, 50]);
		expect(rows.map(({ code }) => code)).toEqual([...new Set(rows.map(({ code }) => code))].sort());
	});

	it("hold every listing once, though many share a title", async () => {
		const wanted = filter({ mode: "listings" });
		const { total, pages, rows } = await readAll<ListingRow>(wanted, (range) => readListingRows(viewer, wanted, range));
		expect(total).toBe(450);
		expect(pages.map((page) => page.length)).toEqual([200, 200, 50]);
		expect(new Set(rows.map(({ id }) => id)).size).toBe(450);
	});

	it("narrow by state, SKU, title and words, and treat no character as a wildcard", async () => {
		const total = async (over: Partial<GridFilter>) => (await readOutline(viewer, filter(over))).total;
		expect(await total({ state: "suggested" })).toBe(450);
		expect(await total({ state: "linked" })).toBe(0);
		expect(await total({ skus: ["SKU-44"] })).toBe(11);
		expect(await total({ titles: ["title 3"], text: "sku-1" })).toBe(17);
		expect(await total({ mode: "listings", text: "sku44" })).toBe(11);
		expect(await total({ skus: ["%"] })).toBe(0);
		expect(await total({ text: "SKU_44" })).toBe(0);
	});
});

it("a cell says what is linked, before what is proposed, before what was left out", async () => {
	const own = await mappingWorld(database.ownerClient, database.db("app"));
	const manager = own.as("manager");
	const [a, b] = [await own.channel("A"), await own.channel("B")];
	const skuId = await own.sku("MC-S", { onHand: 7 });
	const linked = await own.listing(a, { sku: "MC-S", shows: 12 });
	const twins = [
		await own.listing(b, { sku: "mc_s", title: "One" }),
		await own.listing(b, { sku: "MC-S", title: "Two" }),
	];
	await proposeMappings(manager);
	await linkListings(manager, { links: [{ listingId: linked, skuId }] });
	const [row] = await readSkuRows(manager, filter(), { from: "", to: null });
	expect(row).toMatchObject({ code: "MC-S", available: 7 });
	expect(row?.cells[a]).toMatchObject({
		kind: "linked",
		listings: [{ listingId: linked, shows: 12, offered: 7, state: "go", word: "on its way" }],
	});
	expect(row?.cells[b]).toMatchObject({ kind: "ambiguous" });
	await leaveOut(manager, { listings: [{ listingId: twins[0], seenVersion: 0 }], reason: "FBA" });
	const [after] = await readSkuRows(manager, filter(), { from: "", to: null });
	expect(after?.cells[b]).toMatchObject({ kind: "ambiguous", candidates: [{ listingId: twins[1] }] });
});

it("the peek tells why, what linking does, and what else it could be", async () => {
	const own = await mappingWorld(database.ownerClient, database.db("app"));
	const a = await own.channel("A");
	const skuId = await own.sku("MC-S", { title: "Merino Crew, S, Ink", onHand: 7 });
	const listingId = await own.listing(a, { sku: "mc_s", title: "Merino Crew Sweater – S / Ink", shows: 12 });
	const near = await own.listing(a, { sku: "mc_2024", title: "Merino Crew 2024 – S / Ink", shows: 1 });
	await own.listing(a, { sku: "tent", title: "Bivy, long", shows: 1 });
	await proposeMappings(own.as("manager"));
	const peek = await readPeek(own.as("viewer"), { listingId, skuId, channelId: a });
	expect(peek).toMatchObject({
		listing: { sku: "mc_s" },
		sku: { code: "MC-S" },
		proposal: {
			score: 0.97,
			tier: "sku_normalised",
			reasons: ["SKU is the same without case and separators", "Titles agree on S"],
		},
		preview: { shows: 12, willShow: 7 },
	});
	expect(peek.others.map((other) => other.listingId)).toEqual([near]);
});

it("finds the listing with that SKU before others, and says which are linked", async () => {
	const own = await mappingWorld(database.ownerClient, database.db("app"));
	const a = await own.channel("A");
	const skuId = await own.sku("AB");
	await own.listing(a, { sku: "AB-1-XL", title: "A" });
	const exact = await own.listing(a, { sku: "ab1", title: "Z" });
	await linkListings(own.as("manager"), { links: [{ listingId: exact, skuId }] });
	const found = await searchListings(own.as("viewer"), a, "AB-1");
	expect(found.map(({ sku, linkedTo }) => [sku, linkedTo])).toEqual([
		["ab1", "AB"],
		["AB-1-XL", null],
	]);
});

it("pasted links are understood or refused line by line, and nothing is changed by asking", async () => {
	const own = await mappingWorld(database.ownerClient, database.db("app"));
	const a = await own.channel("Amazon DE");
	const skuId = await own.sku("MC-S", { onHand: 7 });
	const listingId = await own.listing(a, { sku: "MERCREWS", shows: 12 });
	await own.listing(a, { sku: "TWICE" });
	await own.listing(a, { sku: "twice" });
	const wish = (line: number, over: object) => ({
		line,
		sku: "mc_s",
		channel: "amazon de",
		listing: "mercrew-s",
		...over,
	});
	const resolved = await resolveLinks(own.as("support"), {
		wishes: [
			wish(2, { units: 6 }),
			wish(3, { sku: "NO" }),
			wish(4, { listing: "nowhere" }),
			wish(5, { listing: "TWICE" }),
			wish(6, { channel: "eBay" }),
		],
	});
	expect(resolved.map(({ line, outcome, sentence }) => [line, outcome, sentence])).toEqual([
		[2, "link", ""],
		[3, "refused", "There is no SKU “NO”."],
		[4, "refused", "No listing of this channel has the SKU “nowhere”."],
		[5, "refused", "2 listings of this channel have the SKU “TWICE”."],
		[6, "refused", "There is no channel “eBay”."],
	]);
	expect(resolved[0]).toMatchObject({ link: { listingId, skuId, units: 6 }, preview: { shows: 12, willShow: 1 } });
	await linkListings(own.as("support"), { links: [resolved[0]?.link] });
	expect(await resolveLinks(own.as("support"), { wishes: [wish(2, { units: 6 })] })).toMatchObject([
		{ outcome: "same" },
	]);
});
