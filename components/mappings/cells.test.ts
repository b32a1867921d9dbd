import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate, GridCell, LinkedListing, ListingRow, SkuRow } from "@/lib/matching/grid";
import {
	afterClear,
	afterLeaveOut,
	afterLink,
	copyText,
	decidedIn,
	type GridRow,
	isOpen,
	isSkuRow,
	listingsIn,
	nameOf,
	pairsOf,
	peekTargetOf,
	spokenText,
	wishOf,
} from "./cells";
import { findOpen, wishesFrom } from "./screen-parts";

const id = fc.uuid();
const name = fc.constantFrom("AB-1", "ab_1", "", "X");
const candidate: fc.Arbitrary<Candidate> = fc.record({
	listingId: id,
	sku: fc.option(name),
	title: name,
	score: fc.constantFrom(0.5, 0.97, 1),
	tier: fc.constantFrom("gtin", "sku", "sku_normalised", "title"),
	version: fc.nat(3),
});
const listing: fc.Arbitrary<LinkedListing> = fc.record({
	listingId: id,
	sku: fc.option(name),
	title: name,
	units: fc.integer({ min: 1, max: 6 }),
	shows: fc.option(fc.nat(9)),
	offered: fc.option(fc.nat(9)),
	state: fc.constantFrom("ok", "go", "warn", "off", "hold"),
	word: fc.constant("in step"),
	version: fc.integer({ min: 1, max: 9 }),
});
const gridCell: fc.Arbitrary<GridCell> = fc.oneof(
	fc.record({ kind: fc.constant("linked" as const), listings: fc.array(listing, { minLength: 1, maxLength: 3 }) }),
	fc.record({ kind: fc.constant("suggested" as const), candidate }),
	fc.record({
		kind: fc.constant("ambiguous" as const),
		candidates: fc.array(candidate, { minLength: 1, maxLength: 3 }),
	}),
	fc.record({ kind: fc.constant("left_out" as const), candidate, reason: fc.constant("FBA") }),
);
const skuRow: fc.Arbitrary<SkuRow> = fc.record({
	id,
	code: fc.constantFrom("AB-1", "CD-2"),
	title: fc.constant("Lamp"),
	options: fc.constant(null),
	imageUrl: fc.constant(null),
	available: fc.option(fc.integer({ min: -3, max: 9 })),
	cells: fc.option(gridCell).map((cell): SkuRow["cells"] => (cell ? { channel: cell } : {})),
});
const listingRow: fc.Arbitrary<ListingRow> = fc
	.record({
		id,
		sku: fc.option(name),
		version: fc.nat(3),
		state: fc.constantFrom("suggested" as const, "ambiguous" as const, "unmatched" as const, "left_out" as const),
		candidates: fc.array(
			fc.record({
				skuId: id,
				code: fc.constant("AB-1"),
				title: fc.constant("Lamp"),
				score: fc.constant(0.97),
				tier: fc.constant("sku" as const),
			}),
			{ maxLength: 3 },
		),
	})
	.map((row) => ({
		...row,
		channelId: "channel",
		title: "A listing",
		options: null,
		imageUrl: null,
		price: null,
		shows: 3,
		link: null,
		reason: row.state === "left_out" ? "FBA" : null,
		parkedLines: 0,
		candidates: row.state === "unmatched" || row.state === "left_out" ? [] : row.candidates,
	}));
const anyRow: fc.Arbitrary<GridRow> = fc.oneof(skuRow, listingRow);
const columnOf = (row: GridRow) => (isSkuRow(row) ? "channel" : "answer");

describe("what is done to a cell", () => {
	it("a link that was made is decided, open no more, and says the listing that was meant", () => {
		fc.assert(
			fc.property(anyRow, (row) => {
				const column = columnOf(row);
				const wish = wishOf(row, column);
				if (!wish) return;
				const after = afterLink(row, column, wish, nameOf(row, column, wish));
				expect(isOpen(after, column)).toBe(false);
				expect(wishOf(after, column)).toBeNull();
				expect(listingsIn(after, column).map((one) => one.listingId)).toContain(wish.listingId);
				expect(isOpen(row, column)).toBe(true);
			}),
		);
	});

	it("nothing is proposed or decided in a cell that was cleared, and left out says its reason", () => {
		fc.assert(
			fc.property(anyRow, (row) => {
				const column = columnOf(row);
				const cleared = afterClear(row, column);
				expect(pairsOf(cleared, column)).toEqual([]);
				if (isSkuRow(cleared)) expect(decidedIn(cleared, column)).toEqual([]);
				if (listingsIn(row, column).length === 0) return;
				expect(spokenText(afterLeaveOut(row, column, "Gift card"), column)).toBe("left out, Gift card");
			}),
		);
	});

	it("an act names the version that was seen, and changes no other cell", () => {
		fc.assert(
			fc.property(skuRow, gridCell, (row, other) => {
				const two: SkuRow = { ...row, cells: { ...row.cells, other } };
				for (const after of [afterClear(two, "channel"), afterLeaveOut(two, "channel", "x")])
					expect(isSkuRow(after) && after.cells.other).toBe(other);
				for (const { listingId, seenVersion } of decidedIn(row, "channel")) {
					const found = listingsIn(row, "channel").find((one) => one.listingId === listingId);
					expect(found?.seenVersion).toBe(seenVersion);
				}
			}),
		);
	});

	it("every cell has words and a place to look, whatever is in it", () => {
		fc.assert(
			fc.property(anyRow, (row) => {
				for (const column of isSkuRow(row) ? ["sku", "available", "channel"] : ["listing", "shows", "answer"]) {
					expect(spokenText(row, column)).not.toMatch(/undefined|null|^$/);
					expect(copyText(row, column)).not.toBeUndefined();
				}
				const target = peekTargetOf(row, columnOf(row));
				expect(target?.listingId ?? target?.skuId).toBeTruthy();
			}),
		);
	});

	it("a failed cell says why, one that is being saved says so", () => {
		const [row] = fc.sample(skuRow, 1) as [SkuRow];
		expect(
			spokenText({ ...row, marks: { channel: { state: "failed", sentence: "Mia linked it to B." } } }, "channel"),
		).toMatch(/Mia linked it to B\.$/);
		expect(spokenText({ ...row, marks: { channel: { state: "saving" } } }, "channel")).toMatch(/being saved$/);
	});
});

const open = (code: string): SkuRow => ({
	id: code,
	code,
	title: code,
	options: null,
	imageUrl: null,
	available: 1,
	cells: {
		channel: {
			kind: "suggested",
			candidate: { listingId: code, sku: code, title: code, score: 1, tier: "gtin", version: 0 },
		},
	},
});
const shut = (code: string): SkuRow => ({ ...open(code), cells: {} });

describe("moving on", () => {
	const columns = ["sku", "available", "channel", "other"];
	it("finds the next open cell below, in its own column first, and stops where rows are not loaded", () => {
		const rows = [open("A"), shut("B"), open("C")];
		expect(findOpen((at) => rows[at], 3, { index: 0, columnId: "channel" }, columns)).toEqual({
			index: 2,
			columnId: "channel",
		});
		expect(findOpen((at) => rows[at], 3, { index: 0, columnId: "other" }, columns)).toEqual({
			index: 2,
			columnId: "channel",
		});
		expect(
			findOpen((at) => (at === 1 ? undefined : rows[at]), 3, { index: 0, columnId: "channel" }, columns),
		).toBeNull();
		expect(findOpen((at) => rows[at], 3, { index: 2, columnId: "channel" }, columns)).toBeNull();
	});

	it("lays a pasted block over the cells below and to the right, and skips what can't be linked", () => {
		const rows = [open("A"), shut("B")];
		expect(
			wishesFrom(
				{ index: 0, columnId: "available" },
				[
					["9", "x", ""],
					["9", "y", "z"],
					["9", "w"],
				],
				columns,
				(at) => rows[at],
			),
		).toEqual([
			{ line: 2, skuId: "A", channelId: "channel", listing: "x" },
			{ line: 5, skuId: "B", channelId: "channel", listing: "y" },
			{ line: 6, skuId: "B", channelId: "other", listing: "z" },
		]);
	});
});
