import { expect, it } from "vitest";
import { msUntil, parseDuration, parseRetryAfter } from "./duration";

it.each([
	["1s", 1_000],
	["1m30s", 90_000],
	["250ms", 250],
	["2h", 7_200_000],
	["1d", 86_400_000],
	["1w2d", 9 * 86_400_000],
	["1.5h", 5_400_000],
	["", null],
	["soon", null],
	["5", null],
	["5 parsecs", null],
	["1s later", null],
])("the duration %j is %j ms", (text, ms) => {
	expect(parseDuration(text)).toBe(ms);
});

const now = Date.parse("2026-11-24T10:00:00Z");

it("a moment is counted from now, and the past is now", () => {
	expect(msUntil("2026-11-24T10:01:00Z", now)).toBe(60_000);
	expect(msUntil("2026-11-24T09:00:00Z", now)).toBe(0);
	expect(msUntil("3m", now)).toBe(180_000);
	expect(msUntil("tomorrow", now)).toBeNull();
});

it("retry-after is seconds or a date", () => {
	expect(parseRetryAfter("30", now)).toBe(30_000);
	expect(parseRetryAfter("2026-11-24T10:00:05Z", now)).toBe(5_000);
	expect(parseRetryAfter("Tue, 24 Nov 2026 10:00:05 GMT", now)).toBe(5_000);
	expect(parseRetryAfter("whenever", now)).toBeNull();
	expect(parseRetryAfter(null, now)).toBeNull();
});
