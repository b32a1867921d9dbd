import { expect, test } from "vitest";
import { allChecks } from "@/lib/channels/testing/checks";
import { isConforming, readColumns, tableLines } from "./conformance-report";

type Result = { title: string; status: string; failureMessages?: string[]; meta?: { unable?: string } };
const report = (...results: Result[]) => ({
	testResults: [{ name: "/house/lib/channels/shopify/conformance.db.test.ts", assertionResults: results }],
});
const [first = "", second = "", third = ""] = allChecks;
const passed = allChecks.map((title) => ({ title, status: "passed" }));

test("a platform that passes every check conforms", () => {
	const columns = readColumns(report(...passed), ["shopify"]);
	expect(isConforming(columns)).toBe(true);
	expect(tableLines(columns).at(-1)).toBe(
		`conformance holds: ${allChecks.length} passed, 0 not possible there, 0 failed of ${allChecks.length} checks on 1 platform`,
	);
});

test("what a platform is unable to do is no failure, and its reason is printed", () => {
	const unable = { title: first, status: "skipped", meta: { unable: "it has no such thing" } };
	const columns = readColumns(report(unable, ...passed.slice(1)), ["shopify"]);
	expect(isConforming(columns)).toBe(true);
	const lines = tableLines(columns);
	expect(lines).toContain("  1  shopify: it has no such thing");
	expect(lines.find((line) => line.includes(first))).toMatch(/– 1$/);
});

test("a check that failed, that was skipped without a reason or that nobody ran fails the platform", () => {
	const broken = { title: first, status: "failed", failureMessages: ["AssertionError: 4 is not 5\n at …"] };
	const skipped = { title: second, status: "skipped" };
	for (const results of [
		[broken, ...passed.slice(1)],
		[skipped, ...passed.filter(({ title }) => title !== second)],
		passed.filter(({ title }) => title !== third),
	])
		expect(isConforming(readColumns(report(...results), ["shopify"]))).toBe(false);
	const lines = tableLines(readColumns(report(broken, ...passed.slice(1)), ["shopify"]));
	expect(lines).toContain("  1  shopify: AssertionError: 4 is not 5");
	expect(lines.at(-1)).toMatch(/^conformance falls short on shopify: \d+ passed, 0 not possible there, 1 failed/);
});

test("a platform without a suite fails every check", () => {
	const columns = readColumns(report(...passed), ["shopify", "square"]);
	expect(isConforming(columns)).toBe(false);
	expect(tableLines(columns).at(-1)).toContain(`falls short on square: ${allChecks.length} passed`);
});
