/** `npm run conformance`, or `-- shopify woocommerce`: one suite for every platform that has an adapter and a sandbox. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectablePlatforms } from "@/lib/channels/registry";
import { sandboxPlatform } from "@/lib/sandbox/platforms";
import { LaunchError, runCommand } from "./command";
import { isConforming, readColumns, suiteOf, tableLines } from "./conformance-report";

await runCommand(async () => {
	const known: string[] = connectablePlatforms.filter((platform) => sandboxPlatform(platform) !== null);
	const wanted = process.argv.slice(2);
	const unknown = wanted.filter((platform) => !known.includes(platform));
	if (unknown.length > 0)
		throw new LaunchError(`No platform is called ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
	const platforms = wanted.length > 0 ? known.filter((platform) => wanted.includes(platform)) : known;

	const scratch = mkdtempSync(path.join(tmpdir(), "onecount-conformance-"));
	// The database's user has to walk through.
	chmodSync(scratch, 0o711);
	try {
		const report = path.join(scratch, "report.json");
		const suites = platforms.map(suiteOf).filter((file) => existsSync(file));
		if (suites.length > 0) await runVitest(suites, report);
		const read = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : { testResults: [] };
		const columns = readColumns(read, platforms);
		for (const line of tableLines(columns)) console.log(line);
		return isConforming(columns) ? 0 : 1;
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
});

/** The report says how it went. */
function runVitest(files: readonly string[], report: string): Promise<number | null> {
	const vitest = path.resolve("node_modules/vitest/vitest.mjs");
	const args = ["run", ...files, "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
	return new Promise((resolve, reject) => {
		const env = { ...process.env, ONECOUNT_CONFORMANCE: "whole" };
		const child = spawn(process.execPath, [vitest, ...args], { stdio: "inherit", env });
		child.once("error", reject);
		child.once("exit", resolve);
	});
}
