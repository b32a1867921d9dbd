/** A browser for the tests: one that is here, or one that can be fetched. */
import { spawnSync } from "node:child_process";
import { chromium } from "@playwright/test";
import { LaunchError } from "./command";

const systemPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const versionTimeoutMs = 20_000;
const downloadTimeoutMs = 180_000;

/** Beyond being headless: a browser that talks to nobody but the page under test. */
export const quietFlags = [
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	// The sandbox of Chromium cannot be set up by root.
	...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** In this order: the one that was asked for, Playwright's own, the system's. Null: none of them starts. */
export function chooseChromium(
	asked: string | undefined,
	playwrights: string,
	starts: (program: string) => boolean,
): string | null {
	if (asked) {
		if (starts(asked)) return asked;
		throw new LaunchError(`CHROMIUM_PATH names ${asked}, which does not start; correct it, or unset it.`);
	}
	return [playwrights, ...systemPaths].find(starts) ?? null;
}

export const findChromium = (): string | null =>
	chooseChromium(process.env.CHROMIUM_PATH, chromium.executablePath(), starts);

/** Finds one, or fetches one: from Playwright, else from the system's packages. */
export function ensureChromium(): string {
	const found = findChromium();
	if (found) return found;
	console.log("There is no Chromium here: fetching one…");
	run("npx", ["playwright", "install", "chromium"], {
		PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: undefined,
		PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "10000",
	});
	// Playwright's own may be there and still lack libraries of the system; Debian's brings them along.
	if (!findChromium() && process.getuid?.() === 0) {
		run("apt-get", ["update", "-q"]);
		run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], {
			DEBIAN_FRONTEND: "noninteractive",
		});
	}
	const fetched = findChromium();
	if (fetched) return fetched;
	throw new LaunchError(
		"There is no Chromium, and none could be fetched; install one (on Debian: apt-get install chromium) or set CHROMIUM_PATH.",
	);
}

/** That the file is there is not enough: on a bare system its libraries are missing. */
const starts = (program: string): boolean =>
	spawnSync(program, ["--version"], { stdio: "ignore", timeout: versionTimeoutMs }).status === 0;

function run(program: string, args: string[], env: Record<string, string | undefined> = {}): void {
	spawnSync(program, args, { stdio: "inherit", timeout: downloadTimeoutMs, env: { ...process.env, ...env } });
}
