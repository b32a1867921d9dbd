import { expect, test } from "vitest";
import { madeSentence } from "./made-sentence";

const tarp = { code: "TARP", available: 7, units: 2 };
const rope = { code: "ROPE", available: 20, units: 3 };

test("says how often a bundle can be made, and what limits it", () => {
	expect(madeSentence([tarp, rope])).toBe("Can be made 3 times, limited by TARP.");
	expect(madeSentence([tarp, { ...rope, available: 9 }])).toBe("Can be made 3 times, limited by all of them alike.");
	expect(madeSentence([{ ...tarp, available: 2 }])).toBe("Can be made 1 time, limited by TARP.");
	expect(madeSentence([{ ...tarp, available: -1 }, rope])).toBe("Can be made no more, limited by TARP.");
});

test("says what nobody has counted yet", () => {
	expect(madeSentence([tarp, { ...rope, available: null }])).toBe("Nothing is offered until ROPE is counted.");
});
