/**
 * The first file that runs: plain JavaScript for whatever Node is there, without a single dependency. It sees to the
 * right Node and to installed packages, then runs `lib/launch/<command>.ts` in this same process, so that signals and
 * the exit code are that command's own.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const oldestNode = [20, 19];
const modes = {
	demo: "production",
	start: "production",
	build: "production",
	dev: "development",
	test: "test",
	proof: "production",
	bench: "production",
	conformance: "test",
	adapters: "production",
};

// The version that is installed runs here; that later ones will not is no news for whoever starts this.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const [command = "", ...args] = process.argv.slice(2);

/** @returns {never} */
function stop(sentence) {
	console.error(sentence);
	process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
	stop(
		`Onecount needs Node ${oldestNode.join(".")} or newer, and this is ${process.versions.node}; install a newer one from https://nodejs.org.`,
	);

if (!Object.hasOwn(modes, command))
	stop(`There is no command "${command}"; choose one of ${Object.keys(modes).join(", ")}.`);

process.chdir(root);
process.env.NODE_ENV = modes[command];
process.env.NEXT_TELEMETRY_DISABLED ??= "1";
// Commands look at their own arguments only.
process.argv.splice(2, process.argv.length - 2, ...args);

installPackages();
// As after an install, for those that ran without scripts; nothing where it is done.
await import(pathToFileURL(path.join(root, "db/driver-patch.mjs")).href);
const { register } = await import("tsx/esm/api");
register();
await import(pathToFileURL(path.join(root, "lib/launch", `${command}.ts`)).href);

function installPackages() {
	const wanted = readJson("package-lock.json");
	const installed = readJson("node_modules/.package-lock.json");
	if (installed && isComplete(wanted.packages, installed.packages)) return;
	console.log(installed ? "Bringing the packages up to date…" : "Installing the packages, once…");
	const npm = process.platform === "win32" ? "npm.cmd" : "npm";
	const { status } = spawnSync(npm, [installed ? "install" : "ci", "--no-audit", "--no-fund", "--include=dev"], {
		stdio: "inherit",
		shell: process.platform === "win32",
		env: { ...process.env, NODE_ENV: "development", PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" },
	});
	if (status !== 0) stop("The packages could not be installed; what npm said is above.");
}

/** By content, not by date: a fresh checkout and a copied folder have any dates. Optional ones are for other systems. */
function isComplete(wanted, installed) {
	const isProduction = command === "start";
	return Object.entries(wanted).every(
		([name, entry]) =>
			name === "" || entry.optional || (isProduction && entry.dev) || installed[name]?.version === entry.version,
	);
}

function readJson(file) {
	const full = path.join(root, file);
	return existsSync(full) ? JSON.parse(readFileSync(full, "utf8")) : null;
}
