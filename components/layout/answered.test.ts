import { expect, test } from "vitest";
import { answered } from "./answered";
import { reportAnswer, reportLive } from "./live-status";

const noAnswer = () => Promise.reject(new TypeError("Failed to fetch"));

test("an action without an answer is refused, with whether something can have been done", async () => {
	reportLive({ kind: "live", lagMs: null });
	expect(await answered(noAnswer())).toMatchObject({
		ok: false,
		sentence: expect.stringContaining("look before you do it again"),
	});
	reportLive({ kind: "reconnecting" });
	reportAnswer(false);
	expect(await answered(noAnswer())).toMatchObject({
		ok: false,
		sentence: expect.stringContaining("Onecount does not answer, so nothing was done."),
	});
});

test("what was answered, and what failed for another reason, comes through as it is", async () => {
	expect(await answered(Promise.resolve(7))).toBe(7);
	await expect(answered(Promise.reject(new Error("refused")))).rejects.toThrow("refused");
});
