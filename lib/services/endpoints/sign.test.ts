import { describe, expect, it } from "vitest";
import { giveUpAfterMs, isGivenUp, pauseMs, readRetryAfter, retryDelayMs } from "./pace";
import { mintSecret, sign } from "./sign";

describe("a signature", () => {
	it("is Standard Webhooks' own, by its published example", () => {
		const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' };
		expect(sign(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], message, new Date(1_614_265_330_000))).toEqual({
			"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
			"webhook-timestamp": "1614265330",
			"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		});
	});

	it("is made with 256 random bits, in the form that receivers' libraries take", () => {
		expect(mintSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
		expect(mintSecret()).not.toBe(mintSecret());
	});
});

describe("the next try", () => {
	it("comes later each time, with jitter, up to six hours", () => {
		expect([1, 2, 3, 4].map((tries) => retryDelayMs(tries, 1))).toEqual([5_000, 15_000, 45_000, 135_000]);
		expect(retryDelayMs(40, 1)).toBe(6 * 3_600_000);
		expect(retryDelayMs(3, 0)).toBe(11_250);
	});

	it("comes no sooner than the receiver asked for, and no later than in six hours", () => {
		expect(retryDelayMs(1, 0, 60_000)).toBe(60_000);
		expect(retryDelayMs(1, 0, 1e12)).toBe(6 * 3_600_000);
		expect(pauseMs(1, 0, 60_000)).toBe(60_000);
	});

	it("of an endpoint that is down is never more than ten minutes away", () => {
		expect(pauseMs(40, 1)).toBe(600_000);
	});

	it("is the last within three days", () => {
		expect(isGivenUp(giveUpAfterMs - 10_000, 5_000)).toBe(false);
		expect(isGivenUp(giveUpAfterMs - 1_000, 5_000)).toBe(true);
	});

	it.each([
		["120", 120_000],
		["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
		["soon", null],
		[undefined, null],
	])("reads Retry-After: %s", (header, ms) => {
		expect(readRetryAfter(header, new Date("2026-01-01T00:00:00Z"))).toBe(ms);
	});
});
