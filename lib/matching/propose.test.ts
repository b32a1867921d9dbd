import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseGtin } from "@/lib/channels/gtin";
import { normaliseCode } from "./codes";
import { certainScore, isCertain, type MatchListing, type MatchSku, type Proposal, proposeForChannel } from "./propose";

const sku = (id: string, over: Partial<MatchSku> = {}): MatchSku => ({
	id,
	code: id,
	gtin: null,
	title: `Thing ${id}`,
	options: null,
	...over,
});
const listing = (id: string, over: Partial<MatchListing> = {}): MatchListing => ({
	id,
	sku: null,
	gtin: null,
	title: `Offer ${id}`,
	options: null,
	...over,
});

/** A valid GTIN-13 of the 400 range, by number. */
function gtinOf(number: number): string {
	const body = `400${String(number).padStart(9, "0")}`;
	for (let digit = 0; digit < 10; digit++) if (normaliseGtin(body + digit)) return body + digit;
	throw new Error("every body has one check digit");
}

const bestOf = (proposals: Proposal[], listingId: string) =>
	proposals.filter((one) => one.listingId === listingId).sort((a, b) => b.score - a.score)[0];

describe("what makes a listing a SKU", () => {
	it("an equal GTIN is certain when it is unique on both sides, however it is written", () => {
		const gtin = gtinOf(7);
		const [found] = proposeForChannel([listing("l", { gtin: `0${gtin}` })], [sku("a", { gtin })]);
		expect(found).toMatchObject({ skuId: "a", score: 1, tier: "gtin", isAmbiguous: false });
		expect(found?.reasons[0]).toBe("GTIN is the same and unique on both sides");
	});

	it("M1: an equal GTIN of two SKUs or of two listings is not certain", () => {
		const gtin = gtinOf(7);
		const twoSkus = proposeForChannel([listing("l", { gtin })], [sku("a", { gtin }), sku("b", { gtin })]);
		const twoListings = proposeForChannel([listing("l", { gtin }), listing("m", { gtin })], [sku("a", { gtin })]);
		for (const proposals of [twoSkus, twoListings]) {
			expect(proposals).toHaveLength(2);
			expect(proposals.every((one) => one.isAmbiguous && one.score < certainScore)).toBe(true);
		}
	});

	it("an in-store barcode proves nothing", () => {
		const body = "2000000000015";
		expect(normaliseGtin(body)).not.toBeNull();
		expect(proposeForChannel([listing("l", { gtin: body })], [sku("a", { gtin: body })])).toEqual([]);
	});

	it("an equal SKU scores 0.99, one that differs in case and separators 0.97", () => {
		const skus = [sku("MC-S-INK", { title: "Crew" }), sku("DB-20", { title: "Dry Bag" })];
		const found = proposeForChannel([listing("x", { sku: "MC-S-INK" }), listing("y", { sku: "db20" })], skus);
		expect(bestOf(found, "x")).toMatchObject({ score: 0.99, tier: "sku" });
		expect(bestOf(found, "y")).toMatchObject({ skuId: "DB-20", score: 0.97, tier: "sku_normalised" });
	});

	it("the exact SKU wins over one that only looks alike", () => {
		const found = proposeForChannel([listing("l", { sku: "AB-1" })], [sku("AB-1"), sku("AB1")]);
		expect(found).toHaveLength(1);
		expect(found[0]).toMatchObject({ skuId: "AB-1", isAmbiguous: false });
		expect(
			proposeForChannel([listing("l", { sku: "ab_1" })], [sku("AB-1"), sku("AB1")]).every((one) => one.isAmbiguous),
		).toBe(true);
	});

	it("M2: a SKU that occurs twice in a channel is ambiguous on both, even where a GTIN would settle it", () => {
		const gtin = gtinOf(1);
		const found = proposeForChannel(
			[listing("l", { sku: "AB-1", gtin }), listing("m", { sku: "ab1" })],
			[sku("AB-1", { gtin })],
		);
		expect(found.map((one) => one.isAmbiguous)).toEqual([true, true]);
		expect(found[0]?.reasons[0]).toBe("2 listings of this channel carry the same SKU");
	});

	it("M3: a blank SKU matches nothing, not even another blank one", () => {
		const blanks = ["", " ", "--", "·"];
		const skus = [sku("x", { code: "--", title: "" })];
		expect(
			proposeForChannel(
				blanks.map((text, at) => listing(`l${at}`, { sku: text, title: "" })),
				skus,
			),
		).toEqual([]);
	});

	it("M4: a SKU that another listing of the channel has is not proposed as certain", () => {
		const [found] = proposeForChannel([listing("l", { sku: "AB-1" })], [sku("AB-1")], new Set(["AB-1"]));
		expect(found).toMatchObject({ isAmbiguous: true });
		expect(found?.reasons[0]).toBe("Another listing of this channel is linked to this SKU already");
	});

	it("M4: a SKU and a GTIN that name two SKUs leave it to a person", () => {
		const gtin = gtinOf(3);
		const found = proposeForChannel([listing("l", { sku: "A", gtin })], [sku("A"), sku("B", { gtin })]);
		expect(found.map((one) => one.skuId).sort()).toEqual(["A", "B"]);
		expect(found.some(isCertain)).toBe(false);
	});

	it("M6: another GTIN, another size or a pack takes the certainty away", () => {
		const cases: [MatchListing, MatchSku][] = [
			[listing("l", { sku: "A", gtin: gtinOf(1) }), sku("A", { gtin: gtinOf(2) })],
			[listing("l", { sku: "A", title: "Crew", options: "S" }), sku("A", { title: "Crew, M" })],
			[listing("l", { sku: "A", title: "Camp Stove, 6-pack" }), sku("A", { title: "Camp Stove" })],
		];
		for (const [one, other] of cases) {
			const [found] = proposeForChannel([one], [other]);
			expect(found?.tier).toBe("sku");
			expect(found?.score).toBeLessThan(certainScore);
		}
	});

	it("M6: a number that ends the title is no measure of the size that follows in the options", () => {
		const [found] = proposeForChannel(
			[listing("l", { sku: "A", title: "Down Vest 17", options: "L / Rust" })],
			[sku("A", { title: "Down Vest 17, L, Rust" })],
		);
		expect(found?.score).toBe(0.99);
	});

	it("M7: a code of one SKU with the title of another is left to a person; two languages are not", () => {
		const skus = [sku("A", { title: "Trail Lamp" }), sku("B", { title: "Camp Stove" })];
		const swapped = proposeForChannel([listing("x", { sku: "A", title: "Camp stove" })], skus);
		expect(swapped.map((one) => one.skuId).sort()).toEqual(["A", "B"]);
		expect(swapped.some(isCertain)).toBe(false);
		expect(proposeForChannel([listing("x", { sku: "A", title: "Wanderlampe" })], skus).filter(isCertain)).toHaveLength(
			1,
		);
	});

	it("M5: equal titles are a hint below the threshold, and rank what is more alike first", () => {
		const skus = [
			sku("a", { title: "Trail Lamp 400" }),
			sku("b", { title: "Trail Lamp 800" }),
			sku("c", { title: "Camp Stove Duo" }),
		];
		const found = proposeForChannel([listing("l", { title: "Trail lamp, 400 lumen" })], skus);
		expect(bestOf(found, "l")).toMatchObject({ skuId: "a", tier: "title" });
		expect(found.every((one) => one.score < certainScore)).toBe(true);
		expect(found.some((one) => one.skuId === "c")).toBe(false);
	});
});

describe("whatever the catalogues are", () => {
	const text = fc.constantFrom("", " ", "A", "a", "A-1", "a1", "A1", "B 2", "b-2", "Ä1", "-", "C3");
	const title = fc.constantFrom("Crew S", "Crew, M", "Lamp 400", "Lamp 800", "Stove", "Stove 6-pack", "");
	const gtin = fc.constantFrom(null, gtinOf(1), gtinOf(2), "123", "2000000000015");
	const listings = fc
		.array(fc.record({ sku: fc.option(text), gtin, title, options: fc.option(fc.constantFrom("S", "M")) }), {
			maxLength: 12,
		})
		.map((rows) => rows.map((row, at) => ({ id: `l${at}`, ...row })));
	const skus = fc
		.uniqueArray(fc.record({ code: text, gtin, title, options: fc.constant(null) }), {
			maxLength: 12,
			selector: ({ code }) => code,
		})
		.map((rows) => rows.map((row, at) => ({ id: `s${at}`, ...row })));

	it("no two certain proposals of a channel name one SKU, and none names one that is linked already", () => {
		fc.assert(
			fc.property(listings, skus, fc.boolean(), (some, all, isTaken) => {
				const linked = new Set(isTaken && all[0] ? [all[0].id] : []);
				const certain = proposeForChannel(some, all, linked).filter(isCertain);
				expect(new Set(certain.map((one) => one.skuId)).size).toBe(certain.length);
				expect(new Set(certain.map((one) => one.listingId)).size).toBe(certain.length);
				expect(certain.some((one) => linked.has(one.skuId))).toBe(false);
			}),
		);
	});

	it("a certain proposal rests on an equal identity, and a duplicate or blank SKU never makes one", () => {
		fc.assert(
			fc.property(listings, skus, (some, all) => {
				const codes = some.map((one) => normaliseCode(one.sku));
				for (const proposal of proposeForChannel(some, all).filter(isCertain)) {
					const one = some.find(({ id }) => id === proposal.listingId);
					const other = all.find(({ id }) => id === proposal.skuId);
					const code = normaliseCode(one?.sku);
					const isSameGtin =
						normaliseGtin(one?.gtin) !== null && normaliseGtin(one?.gtin) === normaliseGtin(other?.gtin);
					expect(isSameGtin || (code !== null && code === normaliseCode(other?.code))).toBe(true);
					if (code) expect(codes.filter((each) => each === code)).toHaveLength(1);
					expect(proposal.tier).not.toBe("title");
				}
			}),
		);
	});

	it("the order of the input changes nothing", () => {
		const sorted = (proposals: Proposal[]) =>
			proposals.map((one) => JSON.stringify({ ...one, reasons: [...one.reasons].sort() })).sort();
		fc.assert(
			fc.property(listings, skus, (some, all) => {
				expect(sorted(proposeForChannel([...some].reverse(), [...all].reverse()))).toEqual(
					sorted(proposeForChannel(some, all)),
				);
			}),
		);
	});
});
