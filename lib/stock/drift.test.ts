import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyDrift, type DriftEvidence, driftChoices, driftClasses, isOwnWrite, isUnseenSale } from "./drift";

const plain: DriftEvidence = { difference: -3, isOurDoing: false, isBundle: false, units: 1, leftOver: 0, returned: 0 };

describe("a difference that no order explains", () => {
	it.each([
		["fewer than expected", {}, "manual_edit"],
		["more than expected", { difference: 4 }, "manual_edit"],
		["what the store's ledger has as given back", { difference: 2, returned: 2 }, "returned"],
		["fewer than were given back", { difference: 1, returned: 2 }, "returned"],
		["more than were given back", { difference: 3, returned: 2 }, "manual_edit"],
		["fewer than expected, though some were given back", { difference: -1, returned: 2 }, "manual_edit"],
		[
			"what our last write explains, though as many were given back",
			{ isOurDoing: true, difference: 2, returned: 2 },
			"lost_write",
		],
		["what our last write explains", { isOurDoing: true }, "lost_write"],
		["what our last write explains, of a bundle", { isOurDoing: true, isBundle: true }, "lost_write"],
		["of a bundle", { isBundle: true }, "bundle"],
		["one more pack of six where four are left over", { units: 6, difference: 1, leftOver: 4 }, "rounding"],
		["one more pack of six where none is left over", { units: 6, difference: 1, leftOver: 0 }, "manual_edit"],
		["one more pack of what is not counted", { units: 6, difference: 1, leftOver: null }, "manual_edit"],
		["two more packs", { units: 6, difference: 2, leftOver: 4 }, "manual_edit"],
		["a pack fewer: nobody rounds below what is filled", { units: 6, difference: -1, leftOver: 4 }, "manual_edit"],
		["one more of what is sold by the piece", { difference: 1, leftOver: 0 }, "manual_edit"],
	] as const)("%s", (_, evidence, driftClass) => {
		expect(classifyDrift({ ...plain, ...evidence })).toBe(driftClass);
	});

	it("always is a return, or of a class for which something may be chosen, and never a sale", () => {
		fc.assert(
			fc.property(
				fc.record({
					difference: fc.integer({ min: -50, max: 50 }).filter((units) => units !== 0),
					isOurDoing: fc.boolean(),
					isBundle: fc.boolean(),
					units: fc.integer({ min: 1, max: 12 }),
					leftOver: fc.option(fc.nat({ max: 11 })),
					returned: fc.nat({ max: 50 }),
				}),
				(evidence) => {
					const driftClass = classifyDrift(evidence);
					if (driftClass === "returned") return;
					expect(driftClasses).toContain(driftClass);
					expect(driftClass).not.toBe("unseen_sale");
					expect(driftChoices[driftClass].length).toBeGreaterThan(1);
				},
			),
		);
	});
});

describe("a write of ours", () => {
	const raise = { quantity: 415, expected: 45 };
	it.each([
		["landed late, alone", { shown: 415, difference: 370 }, [true, true]],
		["landed late, and two were sold there", { shown: 413, difference: 370 }, [true, true]],
		["landed under a number that we took for lost", { shown: 415, difference: 12 }, [true, true]],
		["never landed", { shown: 45, difference: -370 }, [true, false]],
		["never landed, and one was sold there", { shown: 44, difference: -370 }, [true, false]],
		["is not what somebody typed", { shown: 99, difference: 54 }, [false, false]],
	] as const)("%s: doubtful, and turned away", (_, found, is) => {
		const fates = ["doubtful", "turned_away"] as const;
		expect(fates.map((fate) => isOwnWrite({ ...raise, fate }, found))).toEqual(is);
	});

	it("that changes nothing explains nothing", () => {
		const still = { fate: "doubtful", quantity: 45, expected: 45 } as const;
		expect(isOwnWrite(still, { shown: 45, difference: -3 })).toBe(false);
	});
});

it("R4 neither sells a sold unit again nor takes our own old number for an edit, whatever is chosen", () => {
	expect(driftChoices.unseen_sale).toEqual(["channel_counts"]);
	expect(driftChoices.lost_write).not.toContain("channel_counts");
});

it("a sale is unseen only once its news is too late to come", () => {
	expect(isUnseenSale(0, 130_000)).toBe(true);
	expect(isUnseenSale(0, 60_000)).toBe(false);
});
