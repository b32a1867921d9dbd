import { expect, test } from "vitest";
import { duration } from "@/lib/format/time";
import { countTop, durationTop } from "./bars-scale";

test("a scale of whole things ends at or above the highest, and its middle is whole from two on", () => {
	expect([0, 1, 2, 3, 5, 7, 9, 11, 21, 100, 101].map(countTop)).toEqual([1, 1, 2, 4, 6, 8, 10, 20, 40, 100, 200]);
	for (let highest = 2; highest < 2_000; highest++) {
		expect(countTop(highest)).toBeGreaterThanOrEqual(highest);
		expect(countTop(highest) % 2).toBe(0);
	}
});

test("a scale of time ends where its words and those of its middle are exact", () => {
	expect([0, 80, 300, 1_300, 41_000, 130_000].map((ms) => duration(durationTop(ms)))).toEqual([
		"0.1 s",
		"0.1 s",
		"0.4 s",
		"2.0 s",
		"1 min",
		"4 min",
	]);
	expect(duration(durationTop(61_000) / 2)).toBe("1 min");
	expect(durationTop(900 * 3_600_000)).toBe(900 * 3_600_000);
});
