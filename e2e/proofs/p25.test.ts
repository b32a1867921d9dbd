import { describe, expect, it } from "vitest";
import { explore } from "./every-interleaving/explore";
import { acceptingTwins, belowZeroTwins, reservingTwins, rulesOf, twins } from "./every-interleaving/rules";
import { twinStory, worlds } from "./p25";

describe("P25", () => {
	it("no interleaving of a small world sells what does not exist", () => {
		for (const { modes, units, returns } of worlds(false)) {
			const walk = explore(modes, { units, returns, rules: rulesOf(null), mostStates: 200_000, isOnlyOversold: false });
			expect(walk, modes.join(" + ")).toMatchObject({ unvisited: 0, story: null });
		}
	}, 120_000);

	it.each(twins)(
		"the twin %s does, and its story is told",
		(twin) => {
			expect(twinStory(twin)?.at(-1)).toMatch(/sold that did not exist/);
		},
		60_000,
	);

	it.each([...twins, ...reservingTwins])(
		"the twin %s does over reservations",
		(twin) => {
			expect(twinStory(twin, "over_reservations")?.at(-1)).toMatch(/sold that did not exist/);
		},
		60_000,
	);

	it.each(belowZeroTwins)(
		"the twin %s does where a difference is taken below zero",
		(twin) => {
			expect(twinStory(twin, "delta below zero")?.at(-1)).toMatch(/sold that did not exist/);
		},
		60_000,
	);

	it.each(acceptingTwins)(
		"the twin %s does where a write is only accepted",
		(twin) => {
			expect(twinStory(twin, "accepting absolute")?.at(-1)).toMatch(/sold that did not exist/);
		},
		60_000,
	);

	it("to hold back only what orders that we know may ship is not enough: what is sold meanwhile ships as well", () => {
		expect(twinStory("only orders that we know ship", "over_reservations")?.join("; ")).toContain("ships one");
	});
});
