import { expect, test } from "vitest";
import { areaPath, stepPath } from "./step-path";

const same = (value: number) => value;
const steps = [
	{ at: 0, value: 8 },
	{ at: 10, value: 5 },
	{ at: 30, value: 9 },
];

test("a value holds until the next one, the last until the end", () => {
	expect(stepPath(steps, 40, same, same)).toBe("M0 8H10V5H30V9H40");
	expect(areaPath(steps, 40, same, same, 100)).toBe("M0 8H10V5H30V9H40V100H0Z");
});

test("one value is a line, none is nothing", () => {
	expect(stepPath(steps.slice(0, 1), 40, same, same)).toBe("M0 8H40");
	expect(stepPath([], 40, same, same)).toBe("");
	expect(areaPath([], 40, same, same, 100)).toBe("");
});
