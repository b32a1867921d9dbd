import { expect, test } from "vitest";
import { messageState, nextTry } from "./message-state";

const endpoint = { disabledAt: null, failingSince: null, pausedUntil: null };
const failing = {
	...endpoint,
	failingSince: "2026-11-24T14:00:00Z",
	pausedUntil: "2026-11-24T14:10:00+00:00",
};
const untried = { state: "waiting" as const, attempts: [], body: null, nextTryAt: "2026-11-24T14:02:00Z" };
const tried = {
	...untried,
	body: "{}",
	attempts: [{ at: "2026-11-24T14:01:00Z", status: null, ms: 15_000, response: "no answer" }],
};

test("a message that nobody has tried is on its way, unless another is not taken or nothing is sent at all", () => {
	expect(messageState(untried, endpoint)).toEqual({ shape: "go", word: "on its way" });
	expect(messageState(untried, failing)).toEqual({ shape: "hold", word: "waits behind one that was not taken" });
	expect(messageState({ ...untried, body: "{}" }, failing)).toEqual({ shape: "go", word: "on its way" });
	expect(messageState(untried, { ...failing, disabledAt: "2026-11-27T14:00:00Z" })).toEqual({
		shape: "hold",
		word: "waits until the endpoint is switched on",
	});
});

test("one that was not taken is tried again at its time, and not before the endpoint's pause is over", () => {
	expect(messageState(tried, failing)).toEqual({ shape: "warn", word: "not taken yet" });
	expect(nextTry(tried, endpoint)).toBe(Date.parse("2026-11-24T14:02:00Z"));
	expect(nextTry(tried, failing)).toBe(Date.parse("2026-11-24T14:10:00Z"));
	expect(nextTry(untried, failing)).toBeNull();
	expect(nextTry(tried, { ...failing, disabledAt: "2026-11-27T14:00:00Z" })).toBeNull();
});
