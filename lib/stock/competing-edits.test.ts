import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Edit, raceRules, settleEdits } from "./competing-edits";

const blind = (at: number): Edit => ({ at, sawOther: false });
const seeing = (at: number): Edit => ({ at, sawOther: true });

describe("R8 two edits", () => {
	it("of which one was made after having seen the other are no race, whichever of the two it was", () => {
		for (const rule of raceRules) {
			expect(settleEdits(rule, blind(1), seeing(2))).toBe("next");
			expect(settleEdits(rule, seeing(2), blind(1))).toBe("next");
			expect(settleEdits(rule, null, blind(1))).toBe("next");
		}
	});

	it("that had not seen each other: the earlier stands where the first write wins, the ledger decides otherwise", () => {
		expect(settleEdits("first_write_wins", blind(1), blind(2))).toBe("ours_stands");
		expect(settleEdits("first_write_wins", blind(2), blind(1))).toBe("channel_stands");
		expect(settleEdits("first_write_wins", blind(1), blind(1))).toBe("ours_stands");
		expect(settleEdits("source_of_truth", blind(2), blind(1))).toBe("policy");
	});

	it("are settled by their times alone only where neither saw the other, and from both sides alike", () => {
		const edit = fc.record({ at: fc.integer({ min: 0, max: 5 }), sawOther: fc.boolean() });
		fc.assert(
			fc.property(edit, edit, (a, b) => {
				const verdict = settleEdits("first_write_wins", a, b);
				const mirrored = settleEdits("first_write_wins", b, a);
				if (a.sawOther || b.sawOther) expect([verdict, mirrored]).toEqual(["next", "next"]);
				else if (a.at !== b.at) {
					expect(verdict).toBe(a.at < b.at ? "ours_stands" : "channel_stands");
					expect(mirrored).toBe(a.at < b.at ? "channel_stands" : "ours_stands");
				}
			}),
		);
	});
});
