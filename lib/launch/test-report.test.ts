import { describe, expect, it } from "vitest";
import { countPlaywright, countVitest, summaryLines } from "./test-report";

describe("vitest's report", () => {
	it("counts tests", () => {
		const report = {
			numPassedTests: 3,
			numFailedTests: 1,
			testResults: [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] }],
		};
		expect(countVitest(report)).toEqual({ passed: 3, failed: 1 });
	});

	it("counts a file that could not be loaded as a failure, though it holds no test", () => {
		const report = { numPassedTests: 3, numFailedTests: 0, testResults: [{ status: "failed", assertionResults: [] }] };
		expect(countVitest(report)).toEqual({ passed: 3, failed: 1 });
	});
});

describe("Playwright's report", () => {
	it("counts a journey that needed a second try as failed", () => {
		const stats = { expected: 4, unexpected: 1, flaky: 1, skipped: 2 };
		expect(countPlaywright({ stats, errors: [] })).toEqual({ passed: 4, failed: 2 });
	});

	it("counts a server that did not start as a failure", () => {
		const stats = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
		expect(countPlaywright({ stats, errors: [{ message: "no server" }] })).toEqual({ passed: 0, failed: 1 });
	});
});

it("the summary ends with the sum and nothing else", () => {
	const lines = summaryLines([
		{ name: "lint", passed: 0, failed: 1, ms: 900 },
		{ name: "unit and database", passed: 120, failed: 0, ms: 61_250 },
		{ name: "browser", passed: 14, failed: 2, ms: 90_000 },
	]);
	expect(lines.at(-1)).toBe("134 passed, 3 failed");
	expect(lines.find((line) => line.startsWith("unit"))).toMatch(/120 +0 +61\.3 s$/);
});
