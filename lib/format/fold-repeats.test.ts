import { expect, test } from "vitest";
import { foldRepeats } from "./fold-repeats";

const minute = 60_000;
const line = (id: number, at: number, repeatKey: string | null = null) => ({ id, at, repeatKey });
const shown = (lines: ReturnType<typeof line>[]) => foldRepeats(lines).map((row) => [row.line.id, row.times]);

test("lines that say the same fold into the newest, also with others between them", () => {
	const lines = [line(5, 50, "down"), line(4, 40), line(3, 30, "down"), line(2, 20, "slow"), line(1, 10, "down")];
	expect(shown(lines)).toEqual([
		[5, 3],
		[4, 1],
		[2, 1],
	]);
	expect(foldRepeats(lines)[0]?.firstAt).toBe(10);
});

test("a run goes on as long as its lines are close, and a later trouble is another run", () => {
	const lines = [40, 31, 22, 1].map((at) => line(at, at * minute, "down"));
	expect(shown(lines)).toEqual([
		[40, 3],
		[1, 1],
	]);
});

test("lines without a key are never folded", () => {
	expect(shown([line(2, 2), line(1, 1)])).toEqual([
		[2, 1],
		[1, 1],
	]);
});
