import fc from "fast-check";
import { expect, it } from "vitest";
import { differingParts } from "./diff-words";

it("marks the words that the other side lacks, and nothing that only punctuation and case change", () => {
	expect(differingParts("Merino Crew Sweater – S / Ink", "merino crew, S, Ink", { isLoose: true })).toEqual([
		{ text: "Merino Crew ", isDifferent: false },
		{ text: "Sweater", isDifferent: true },
		{ text: " – S / Ink", isDifferent: false },
	]);
	expect(differingParts("mc_s_ink", "MC-S-INK", { isLoose: false })).toEqual([{ text: "mc_s_ink", isDifferent: true }]);
});

it("loses no character, and equal texts differ nowhere", () => {
	fc.assert(
		fc.property(fc.string(), fc.string(), fc.boolean(), (text, other, isLoose) => {
			expect(
				differingParts(text, other, { isLoose })
					.map((part) => part.text)
					.join(""),
			).toBe(text);
			expect(differingParts(text, text, { isLoose }).some((part) => part.isDifferent)).toBe(false);
		}),
	);
});
