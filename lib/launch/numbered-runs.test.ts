import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findRuns, readRequest, runNumbered } from "./numbered-runs";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(path.join(tmpdir(), "onecount-runs-"));
	vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
	rmSync(dir, { recursive: true });
	vi.restoreAllMocks();
});
const write = (file: string, text = "") => writeFileSync(path.join(dir, file), text);

describe("what was asked for", () => {
	it.each([
		[["P1", "p3"], { ids: ["P1", "P3"] }],
		[["16"], { ids: ["P16"] }],
		[["all"], { isAll: true }],
		[["P5", "--full"], { ids: ["P5"], full: true }],
		[["P5", "--seed", "7"], { ids: ["P5"], seed: 7 }],
		[["--seed=7", "P5"], { ids: ["P5"], seed: 7 }],
		[["P4", "--story", "lost.json"], { ids: ["P4"], story: "lost.json" }],
	])("%j", (args, request) => {
		expect(readRequest(args)).toEqual({ ids: [], isAll: false, full: false, seed: 1, ...request });
	});

	it.each([[["P5", "--seed"]], [["P5", "--seed", "x"]], [["P4", "--story"]], [["--fast"]], [["P5!"]]])(
		"%j is not guessed at",
		(args) => {
			expect(() => readRequest(args)).toThrow(/give|understood|which/);
		},
	);
});

it("runs are found by their number, in its order; tests and types beside them are none", () => {
	for (const file of [
		"p16-ingest.ts",
		"p2.ts",
		"p2.test.ts",
		"proof.ts",
		"p09-fan-out.ts",
		"strategies-table.ts",
		"twins.ts",
	])
		write(file);
	expect([...findRuns(dir)].map(([id, file]) => [id, path.basename(file)])).toEqual([
		["P2", "p2.ts"],
		["P9", "p09-fan-out.ts"],
		["P16", "p16-ingest.ts"],
		["strategies", "strategies-table.ts"],
	]);
});

describe("one run", () => {
	const verdictOf = (holds: boolean) =>
		runNumbered({
			command: "proof",
			dir,
			args: ["P1", "--seed", "7"],
			run: async (module, { seed }) => ({
				holds,
				line: `${module.word} ${seed}`,
			}),
		});

	it("ends with its verdict, and the exit status agrees", async () => {
		write("p1.ts", 'export const word = "held";');
		expect(await verdictOf(true)).toBe(0);
		expect(console.log).toHaveBeenLastCalledWith("held 7");
		expect(await verdictOf(false)).toBe(1);
	});

	it("a story is of one proof", async () => {
		write("p1.ts");
		write("p2.ts");
		const ask = (...args: string[]) =>
			runNumbered({ command: "proof", dir, args, run: async () => ({ holds: true, line: "" }) });
		await expect(ask("P1", "P2", "--story", "lost.json")).rejects.toThrow("A story belongs to one proof");
		expect(await ask("P1", "--story", "lost.json")).toBe(0);
	});

	it("that does not exist is refused, with those that do", async () => {
		write("p2.ts");
		await expect(verdictOf(true)).rejects.toThrow("There is no proof P1. There are: P2 (or all).");
	});
});
