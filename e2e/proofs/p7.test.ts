import { describe, expect, it } from "vitest";
import { echoes, otherModes } from "./p7";

describe("P7", () => {
	it("two stores that share a stock never answer themselves, and every edit counts, also one back", () => {
		const apart = echoes("ours", 1, 20, true);
		expect(apart).toMatchObject({ restless: 0, outOfStep: 0, wrong: 0 });
		expect(apart.editsBack).toBeGreaterThan(200);
		expect(echoes("ours", 1, 20, false)).toMatchObject({ restless: 0, outOfStep: 0, over: 0 });
	});

	it.each(otherModes)("nor do stores that are written by %s and by %s, and both come to show the same", (...modes) => {
		for (const isApart of [true, false])
			expect(echoes("ours", 1, 6, isApart, modes)).toMatchObject({ restless: 0, outOfStep: 0 });
	});

	it("believing every level goes on for ever; a window of time drops edits", () => {
		expect(echoes("no suppression", 1, 20, false).restless).toBeGreaterThan(0);
		expect(echoes("time window", 1, 20, false).outOfStep).toBeGreaterThan(0);
	});
});
