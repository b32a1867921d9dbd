/** The production build of the app: whether it is there, whether it is of these sources, and making it. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { withLock } from "@/db/process-lock";
import { LaunchError } from "./command";

const sources = [
	...["app", "components", "db", "inngest", "lib", "public"],
	...["instrumentation.ts", "next.config.mjs", "package-lock.json", "postcss.config.mjs", "proxy.ts", "tsconfig.json"],
];

/** Sources that never reach the build. */
const isOutside = (file: string) => /\.test\.tsx?$/.test(file) || /^(db\/migrations|lib\/.*\/testing)\//.test(file);

export const distDir = (): string => process.env.NEXT_DIST_DIR ?? ".next";

/** Changes whenever something that the build is made from changes. */
export function sourceHash(root = process.cwd()): string {
	const hash = createHash("sha256");
	for (const file of sources.flatMap((name) => filesBelow(root, name)).sort()) {
		const bytes = readFileSync(path.join(root, file));
		hash.update(`${file}\0${bytes.length}\0`).update(bytes);
	}
	return hash.digest("hex");
}

function filesBelow(root: string, name: string): string[] {
	const stat = statSync(path.join(root, name), { throwIfNoEntry: false });
	if (!stat) return [];
	if (stat.isFile()) return [name];
	return readdirSync(path.join(root, name), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
		.filter((file) => !isOutside(file));
}

const hashFile = () => path.resolve(distDir(), "onecount-source-hash");

export const hasBuild = (): boolean => existsSync(path.resolve(distDir(), "BUILD_ID"));

export const isBuildCurrent = (): boolean =>
	hasBuild() && existsSync(hashFile()) && readFileSync(hashFile(), "utf8") === sourceHash();

/** Builds when there is no build of these sources; true when it had to. */
export async function ensureBuild(say: (line: string) => void = console.log): Promise<boolean> {
	if (isBuildCurrent()) return false;
	const lock = path.resolve(`${distDir()}.lock`);
	return withLock(
		lock,
		async () => {
			if (isBuildCurrent()) return false;
			say(hasBuild() ? "The sources have changed: building the app again…" : "Building the app, once…");
			await buildApp();
			return true;
		},
		10 * 60_000,
	);
}

/** Next's own build, quiet unless it fails. */
export async function buildApp({ isVerbose = false } = {}): Promise<void> {
	// Taken before: what changes while it builds makes the build stale, not the change built.
	const hash = sourceHash();
	const next = path.resolve("node_modules/next/dist/bin/next");
	const child = spawn(process.execPath, [next, "build"], {
		stdio: ["ignore", isVerbose ? "inherit" : "pipe", isVerbose ? "inherit" : "pipe"],
		env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
	});
	let said = "";
	for (const stream of [child.stdout, child.stderr])
		stream?.on("data", (chunk: Buffer) => {
			said += chunk;
		});
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once("error", reject);
		child.once("close", resolve);
	});
	if (code !== 0)
		throw new LaunchError(`${said.trim()}\nThe app could not be built; what Next.js said is above.`.trim());
	writeFileSync(hashFile(), hash);
}
