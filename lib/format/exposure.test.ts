import { expect, test } from "vitest";
import { averageUnits, averageWords, exposureMeaning, unitTime } from "./exposure";

test("units × seconds are told as people can picture them", () => {
	expect([0, 0.4, 1, 45.2, 3599].map(unitTime)).toEqual([
		"none",
		"none",
		"1 unit-second",
		"45 unit-seconds",
		"3,599 unit-seconds",
	]);
	expect([3600, 4000, 345_600, 432_000].map(unitTime)).toEqual([
		"1 unit-hour",
		"1.1 unit-hours",
		"96 unit-hours",
		"120 unit-hours",
	]);
});

test("an hour that is passing is averaged over what has passed of it", () => {
	const at = Date.parse("2026-11-30T10:00:00Z");
	expect(averageUnits({ at, unitSeconds: 7200 }, at + 5 * 3_600_000)).toBe(2);
	expect(averageUnits({ at, unitSeconds: 600 }, at + 300_000)).toBe(2);
	expect(averageUnits({ at, unitSeconds: 0 }, at)).toBe(0);
});

test("units × seconds say what they are made of, unless too few to be more than none on average", () => {
	expect(averageWords(5_846_400, 24, "24 h")).toBe("On average 67.7 units × 24 h = 1,624 unit-hours");
	expect(averageWords(86_400, 24, "24 h")).toBe("On average 1 unit × 24 h = 24 unit-hours");
	expect(averageWords(45, 24, "24 h")).toBe("45 unit-seconds in 24 h");
	expect(averageWords(0, 720, "30 days")).toBe("none in 30 days");
});

test("says what it means, and when there is nothing to fear", () => {
	expect(exposureMeaning(0)).toContain("can't sell more between them");
	expect(exposureMeaning(1_200)).toContain("1,200 more between them than there are");
});
