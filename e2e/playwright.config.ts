/**
 * Browser journeys against the production build, started as a user would start it: with sandbox stores, on a port of
 * its own, everything that it keeps in a folder that is new for this run.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defineConfig, devices } from "@playwright/test";
import { findChromium, quietFlags } from "../lib/launch/chromium";

// Read again by every worker, which must find what the first reading chose.
process.env.PORT ??= String(15_000 + (process.pid % 17_000));
process.env.ONECOUNT_STATE_DIR ??= temporaryDir();
process.env.CHROMIUM_PATH ??= findChromium() ?? "";

function temporaryDir(): string {
	const dir = mkdtempSync(path.join(tmpdir(), "onecount-e2e-"));
	// The database's user has to walk through.
	chmodSync(dir, 0o711);
	process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
	return dir;
}

const origin = `http://localhost:${process.env.PORT}`;

export default defineConfig({
	testDir: "journeys",
	outputDir: "../test-results",
	// Journeys share one server and two cores.
	workers: 2,
	fullyParallel: false,
	forbidOnly: Boolean(process.env.CI),
	retries: 0,
	timeout: 60_000,
	// Two cores for a server, a database and two browsers: slow is not wrong.
	expect: { timeout: 20_000 },
	reporter: [["list"]],
	use: {
		...devices["Desktop Chrome"],
		baseURL: origin,
		viewport: { width: 1440, height: 900 },
		trace: "retain-on-failure",
		screenshot: "only-on-failure",
		// Needs a program that only Playwright's own download brings.
		video: "off",
		launchOptions: { executablePath: process.env.CHROMIUM_PATH || undefined, args: quietFlags },
	},
	webServer: {
		command: "node lib/launch/bootstrap.mjs start",
		cwd: path.resolve(import.meta.dirname, ".."),
		url: `${origin}/sign-in`,
		timeout: 60_000,
		reuseExistingServer: false,
		gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
		stdout: "pipe",
		stderr: "pipe",
		env: {
			PORT: process.env.PORT,
			ONECOUNT_STATE_DIR: process.env.ONECOUNT_STATE_DIR,
			ONECOUNT_SANDBOX: "on",
			DATABASE_URL: "",
			NODE_ENV: "production",
		},
	},
});
