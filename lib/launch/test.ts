/**
 * `npm test`: everything that says whether Onecount works, in one command. Each stage runs even when one before it
 * failed; the last line is the sum.
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "@/db/free-port";
import { buildApp, isBuildCurrent } from "./app-build";
import { ensureChromium } from "./chromium";
import { runCommand, sentenceOf } from "./command";
import { type Counts, countPlaywright, countVitest, type StageResult, summaryLines } from "./test-report";

const bin = (file: string) => path.resolve("node_modules", file);
const scratch = mkdtempSync(path.join(tmpdir(), "onecount-test-"));
// The database's user has to walk through.
chmodSync(scratch, 0o711);

type Stage = { name: string; group: "unit" | "e2e"; run: () => Promise<Counts> };

const stages: Stage[] = [
	{
		name: "lint",
		group: "unit",
		run: () => check(bin("@biomejs/biome/bin/biome"), ["check", "--error-on-warnings", "."]),
	},
	{ name: "types", group: "unit", run: () => check(bin("typescript/bin/tsc"), ["--noEmit"]) },
	{ name: "unit and database", group: "unit", run: runVitest },
	{ name: "build", group: "e2e", run: runBuild },
	{ name: "browser", group: "e2e", run: runBrowser },
];

/** Passes when it exits well; only its failure is counted, since it holds no tests. */
async function check(program: string, args: string[]): Promise<Counts> {
	return { passed: 0, failed: (await node(program, args)) === 0 ? 0 : 1 };
}

async function runVitest(): Promise<Counts> {
	const report = path.join(scratch, "vitest.json");
	const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
	const code = await node(bin("vitest/vitest.mjs"), args);
	return orCrash(report, code, countVitest);
}

async function runBuild(): Promise<Counts> {
	if (isBuildCurrent()) console.log("The build is of these sources.");
	else await buildApp({ isVerbose: true });
	return { passed: 0, failed: 0 };
}

async function runBrowser(): Promise<Counts> {
	if (!isBuildCurrent()) throw new Error("The browser tests need the build, which failed.");
	const report = path.join(scratch, "playwright.json");
	const code = await node(
		bin("@playwright/test/cli.js"),
		["test", "--config=e2e/playwright.config.ts", "--reporter=list,json"],
		{
			CHROMIUM_PATH: ensureChromium(),
			PLAYWRIGHT_JSON_OUTPUT_FILE: report,
			PORT: String(await freePort()),
			ONECOUNT_STATE_DIR: path.join(scratch, "state"),
		},
	);
	return orCrash(report, code, countPlaywright);
}

/** A runner that dies, or fails for another reason than a test, counts as one failure. */
function orCrash(report: string, code: number | null, count: (report: unknown) => Counts): Counts {
	const counts = existsSync(report) ? count(JSON.parse(readFileSync(report, "utf8"))) : { passed: 0, failed: 0 };
	return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function node(
	program: string,
	args: string[],
	env: NodeJS.ProcessEnv | Record<string, string> = {},
): Promise<number | null> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [program, ...args], { stdio: "inherit", env: { ...process.env, ...env } });
		child.once("error", reject);
		child.once("exit", resolve);
	});
}

await runCommand(async () => {
	const wanted = process.argv.slice(2);
	const chosen = stages.filter(
		(stage) => wanted.length === 0 || wanted.includes(stage.group) || wanted.some((word) => stage.name.includes(word)),
	);
	const results: StageResult[] = [];
	for (const stage of chosen) {
		console.log(`\n── ${stage.name} ──`);
		const startedAt = performance.now();
		let counts: Counts;
		try {
			counts = await stage.run();
		} catch (error) {
			console.error(sentenceOf(error));
			counts = { passed: 0, failed: 1 };
		}
		results.push({ name: stage.name, ...counts, ms: performance.now() - startedAt });
	}
	rmSync(scratch, { recursive: true, force: true });
	for (const line of summaryLines(results)) console.log(line);
	return results.length > 0 && results.every((result) => result.failed === 0) ? 0 : 1;
});
