import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The load generator that comes with Postgres, of whichever version is installed. */
export function findPgbench(): string {
	const onPath = (process.env.PATH ?? "").split(":").map((dir) => path.join(dir, "pgbench"));
	const debian = existsSync("/usr/lib/postgresql")
		? readdirSync("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin/pgbench`)
		: [];
	const found = [...onPath, ...debian].find((file) => existsSync(file));
	if (!found)
		throw new Error("pgbench is missing: it comes with Debian's package postgresql (apt-get install postgresql).");
	return found;
}

/** Transactions per second of a frozen script, `clients` connections, prepared. */
export async function pgbench(
	url: string,
	script: string,
	payload: string,
	options: { clients: number; seconds: number },
): Promise<number> {
	const file = path.join(import.meta.dirname, "..", "anchor", script);
	const load = ["-c", String(options.clients), "-j", "2", "-T", String(options.seconds)];
	const { stdout } = await run(findPgbench(), [
		"-n",
		"-M",
		"prepared",
		"-D",
		`payload=${payload}`,
		...load,
		"-f",
		file,
		url,
	]);
	const tps = /tps = ([\d.]+)/.exec(stdout)?.[1];
	if (!tps) throw new Error(`pgbench said: ${stdout}`);
	return Number(tps);
}
