import { describe, expect, it } from "vitest";
import { backOffMs, closedBreaker, failed, mayCall, succeeded } from "./breaker";

describe("a channel's breaker", () => {
	it("R10 waits 1, 2, 4 … s at the most, capped, never nothing", () => {
		expect([1, 2, 3, 4, 5, 6, 9].map((n) => backOffMs(n, 0.9999))).toEqual(
			[1000, 2000, 4000, 8000, 15999, 29998, 29998].map((n) => expect.closeTo(n, -1)),
		);
		for (let n = 1; n < 12; n++) expect(backOffMs(n, 0)).toBeGreaterThanOrEqual(250);
	});

	it("R10 opens at the second failure in a row and lets one probe through when its time has come", () => {
		const once = failed(closedBreaker, 0, 0.5);
		expect(once.state).toBe("closed");
		const twice = failed(once, 1000, 0.5);
		expect(twice.state).toBe("open");
		expect(mayCall(twice, 1001)).toBe("no");
		expect(mayCall(twice, 60_000)).toBe("probe");
		expect(mayCall(succeeded(), 60_001)).toBe("yes");
	});
});
