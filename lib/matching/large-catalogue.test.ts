import { describe, expect, it } from "vitest";
import { isCertain, proposeForChannel } from "./propose";
import { flawedCatalogue } from "./testing/flawed-catalogue";

describe("a catalogue of 10,000 variants with 3 % duplicate, 2 % blank and 1 % renamed SKUs", () => {
	it.each([1, 2, 3])("links nothing wrongly at or above 0.95, and flags every flaw (seed %i)", (seed) => {
		const { skus, listings, truth, flaws } = flawedCatalogue(10_000, seed);
		const certain = proposeForChannel(listings, skus).filter(isCertain);
		const certainIds = new Set(certain.map((one) => one.listingId));
		const flawed = [...flaws].filter(([, flaw]) => flaw !== "none");

		expect(flawed.length).toBeGreaterThan(450);
		expect(certain.filter((one) => truth.get(one.listingId) !== one.skuId)).toEqual([]);
		expect(flawed.filter(([id]) => certainIds.has(id))).toEqual([]);
		// What has no flaw and no twin is offered, so that the flags are not bought with silence.
		expect(certain.length).toBeGreaterThan(9_000);
	});

	it("a matcher that takes the first equal SKU links hundreds wrongly on the same catalogue", () => {
		const { skus, listings, truth } = flawedCatalogue(10_000, 1);
		const byCode = new Map(skus.map((sku) => [sku.code, sku.id]));
		const wrong = listings.filter((one) => {
			const linked = byCode.get(one.sku ?? "");
			return linked !== undefined && linked !== truth.get(one.id);
		});
		expect(wrong.length).toBeGreaterThan(200);
	});

	it("takes time in proportion to its size", () => {
		const time = (count: number) => {
			const { skus, listings } = flawedCatalogue(count, 4);
			const runs = [0, 1, 2].map(() => {
				// Of the processor, not of the clock: what else the machine does has no part in it.
				const from = process.cpuUsage();
				proposeForChannel(listings, skus);
				return process.cpuUsage(from).user;
			});
			return Math.min(...runs);
		};
		time(1_000);
		expect(time(8_000) / time(1_000)).toBeLessThan(24);
	});
});
