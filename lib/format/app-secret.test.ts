import { describe, expect, test } from "vitest";
import { endWords, isEnding, newSecretHref, renewalSentence, renewalWords, type SecretState } from "./app-secret";

const now = Date.parse("2026-11-30T12:00:00Z");
const secret = (hours: number, more: Partial<SecretState> = {}): SecretState => ({
	endsAt: new Date(now + hours * 3_600_000).toISOString(),
	isTold: true,
	isAsked: false,
	trouble: null,
	byHand: "Make one there.",
	...more,
});

test.each([
	[12 * 24 + 5, true, "ends in 12 days"],
	[24, true, "ends in 1 day"],
	[5, true, "ends within a day"],
	[-1, true, "has ended"],
	[170 * 24, false, "ends in 170 days at the latest"],
	[5, false, "ends within a day"],
	[-1, false, "has ended by now"],
])("in %i hours, said by the platform %s: it %s", (hours, isTold, words) => {
	expect(endWords(secret(hours, { isTold }), now)).toBe(words);
});

test("a person is told from a fortnight before", () => {
	expect([15, 14, 13, -1].map((days) => isEnding(secret(days * 24), now))).toEqual([false, true, true, true]);
});

describe("what becomes of it", () => {
	const trouble = { sentence: "There is no queue.", fix: null };
	test.each<[Partial<SecretState>, string, RegExp]>([
		[{}, "a new one is asked for by itself", /by itself a month before/],
		[{ isAsked: true }, "a new one was asked for and has not come", /has not come.*Make one there/],
		[{ isAsked: true, trouble }, "There is no queue.", /^There is no queue\. Make one there\.$/],
		[{ trouble: { ...trouble, fix: "Name one." } }, "There is no queue.", /^There is no queue\. Name one\.$/],
	])("%o", (more, words, sentence) => {
		expect(renewalWords(secret(100, more))).toBe(words);
		expect(renewalSentence(secret(100, more))).toMatch(sentence);
	});
});

test("the form that takes another knows whose it is", () => {
	expect(newSecretHref("amazon", "c-1")).toBe("/channels/connect/amazon?again=c-1&way=secret");
});
