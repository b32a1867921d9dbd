import { expect, it } from "vitest";
import { levelsStaleAfterMs, sweepAfterMs } from "./sweep";

const { covered, uncovered } = sweepAfterMs;

it.each([
	["every change is told by webhook", { webhooks: "all", stamps: "none" }, true, covered],
	["every change would be told by webhook, and none arrives", { webhooks: "all", stamps: "none" }, false, uncovered],
	["some changes are told by webhook", { webhooks: "some", stamps: "some" }, true, uncovered],
	["every change moves a stamp", { webhooks: "none", stamps: "all" }, false, covered],
	["nothing tells of a change", { webhooks: "none", stamps: "none" }, true, uncovered],
] as const)("where %s", (_, coverage, hearsWebhooks, afterMs) => {
	expect(levelsStaleAfterMs(coverage, hearsWebhooks)).toBe(afterMs);
});

it("R7 sweeps even what every signal covers, for none of them is trusted", () => {
	expect(covered).toBeLessThan(15 * 60_000);
});
