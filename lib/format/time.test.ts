import { expect, test } from "vitest";
import { duration, relativeTime, shortAge } from "./time";

const second = 1_000;
const minute = 60 * second;

test.each([
	[42 * second, "0:42"],
	[3 * minute + 10 * second, "3:10"],
	[14 * minute, "14 min"],
	[5 * 60 * minute, "5 h"],
	[-second, "0:00"],
])("something that waits for %i ms is %s old", (passed, words) => {
	expect(shortAge(1_000_000, 1_000_000 + passed)).toBe(words);
});

test.each([
	[0, "now"],
	[8 * second, "8 s ago"],
	[-16 * second, "in 16 s"],
	[49 * 60 * minute, "2 d ago"],
])("%i ms is said as %s", (passed, words) => {
	expect(relativeTime(1_000_000, 1_000_000 + passed)).toBe(words);
});

test.each([
	[4, "4 ms"],
	[1_230, "1.2 s"],
	[41 * second, "41 s"],
	[125 * minute, "2 h 5 min"],
])("a duration of %i ms is %s", (ms, words) => {
	expect(duration(ms)).toBe(words);
});
