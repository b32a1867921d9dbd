import { describe, expect, it } from "vitest";
import { fanOut, isOrderly } from "./p9";

describe("P9", () => {
	it("200 changes of one SKU in two seconds are a handful of calls, and the last value is last", async () => {
		const { ours, twin } = await fanOut(1, 200, 2_000);
		// A burst of two, one each 1.1 s, and the last value.
		expect(isOrderly(ours, 6), JSON.stringify(ours)).toBe(true);
		expect(isOrderly(twin, 6), JSON.stringify(twin)).toBe(false);
	}, 60_000);
});
