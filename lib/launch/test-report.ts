/** Reads what the test runners report, and sums it up. */

export type Counts = { passed: number; failed: number };
export type StageResult = Counts & { name: string; ms: number };

type VitestReport = {
	numPassedTests: number;
	numFailedTests: number;
	testResults: { status: string; assertionResults: { status: string }[] }[];
};

/** A file that fails to load holds no test that failed, and is a failure all the same. */
export function countVitest(report: unknown): Counts {
	const { numPassedTests, numFailedTests, testResults } = report as VitestReport;
	const broken = testResults.filter(
		(file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
	);
	return { passed: numPassedTests, failed: numFailedTests + broken.length };
}

type PlaywrightReport = { stats: { expected: number; unexpected: number; flaky: number }; errors: unknown[] };

/** Flaky ones have failed once, which is once too often. Errors outside of tests (a server that did not start) count. */
export function countPlaywright(report: unknown): Counts {
	const { stats, errors } = report as PlaywrightReport;
	return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length };
}

/** A table of the stages; its last line is the sum. */
export function summaryLines(results: StageResult[]): string[] {
	const width = Math.max(...results.map((result) => result.name.length), 5);
	const row = (name: string, passed: string, failed: string, time: string) =>
		`${name.padEnd(width)}  ${passed.padStart(7)}  ${failed.padStart(7)}  ${time.padStart(8)}`;
	const sum = (pick: (result: StageResult) => number) => results.reduce((total, result) => total + pick(result), 0);
	return [
		"",
		row("stage", "passed", "failed", "time"),
		...results.map((result) =>
			row(result.name, String(result.passed), String(result.failed), `${(result.ms / 1000).toFixed(1)} s`),
		),
		row("all", "", "", `${(sum((result) => result.ms) / 1000).toFixed(1)} s`),
		"",
		`${sum((result) => result.passed)} passed, ${sum((result) => result.failed)} failed`,
	];
}
