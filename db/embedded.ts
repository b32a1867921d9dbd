/**
 * The embedded Postgres: the real server, started by whoever needs it first, shared by everyone who uses the same
 * folder, stopped by the last to leave. It listens on loopback only and asks for a password that is made with it.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
	chmodSync,
	chownSync,
	closeSync,
	existsSync,
	fstatSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { type Binaries, findBinaries, type RunAs, reachableDir, runAs } from "./embedded-binaries";
import { freePort } from "./free-port";
import { dropLease, isRunning, takeLease, withLock } from "./process-lock";

export type EmbeddedServer = {
	/** The owner's address of one of its databases. */
	url: (database: string) => string;
	/** True: it ran already, started by another process or left behind by one that was killed. */
	isReused: boolean;
	/** Leaves the server; the last one out stops it. */
	stop: () => Promise<void>;
};

type Options = {
	dir: string;
	/** Server settings beyond the usual, as in postgresql.conf. They bind whoever starts it. */
	settings?: Record<string, string | number>;
};

const user = "onecount";

/** Beyond it the log is put aside at the next start, over the one that was put aside before. */
const largestLogBytes = 10_000_000;

const usualSettings = {
	listen_addresses: "127.0.0.1",
	unix_socket_directories: "",
	max_connections: 150,
	shared_buffers: "256MB",
	// No replica and no archive can hang on an embedded server.
	wal_level: "minimal",
	max_wal_senders: 0,
	jit: "off",
	log_checkpoints: "off",
	// Containers give too little shared memory for them, and two cores no gain.
	max_parallel_workers_per_gather: 0,
	log_min_messages: "warning",
	timezone: "UTC",
	log_timezone: "UTC",
} satisfies Options["settings"];

export async function startEmbedded({ dir, settings = {} }: Options): Promise<EmbeddedServer> {
	const as = runAs();
	const home = reachableDir(dir, as);
	mkdirSync(home, { recursive: true });
	// The server's user walks through; only its own data folder is open to it.
	chmodSync(home, 0o711);
	const data = path.join(home, "data");
	const leases = path.join(home, "leases");
	const lock = path.join(home, "lock");

	return withLock(lock, async () => {
		const binaries = findBinaries(as);
		if (!existsSync(path.join(data, "PG_VERSION"))) initialise(home, data, binaries, as);
		const password = readFileSync(path.join(home, "password"), "utf8");
		const address = (port: number) => (database: string) =>
			`postgres://${user}:${password}@127.0.0.1:${port}/${database}`;

		const running = await findRunning(data, address);
		const port = running ?? (await launch({ home, data, binaries, as, settings, address }));
		takeLease(leases);
		return {
			url: address(port),
			isReused: running !== null,
			stop: () =>
				withLock(lock, async () => {
					if (dropLease(leases)) run(binaries.pgCtl, ["stop", "-D", data, "-m", "fast", "-w", "-t", "30"], data, as);
				}),
		};
	});
}

/** Makes a database unless it is there; true when it was made. */
export async function ensureDatabase(server: EmbeddedServer, name: string): Promise<boolean> {
	const sql = postgres(server.url("postgres"), { max: 1, onnotice: () => {} });
	try {
		const [found] = await sql`select from pg_database where datname = ${name}`;
		if (found) return false;
		await sql`create database ${sql(name)}`;
		return true;
	} catch (error) {
		// Another process made it meanwhile: found at the start of the statement (42P04) or at its end (23505).
		if (["42P04", "23505"].includes((error as { code?: string }).code ?? "")) return false;
		throw error;
	} finally {
		await sql.end();
	}
}

function initialise(home: string, data: string, binaries: Binaries, as: RunAs): void {
	const making = `${data}.new`;
	rmSync(making, { recursive: true, force: true });
	mkdirSync(making, { mode: 0o700 });
	const password = randomBytes(24).toString("base64url");
	writeFileSync(path.join(home, "password"), password, { mode: 0o600 });
	const handedOver = path.join(home, "password.new");
	writeFileSync(handedOver, password, { mode: 0o600 });
	if (as) for (const file of [making, handedOver]) chownSync(file, as.uid, as.gid);
	try {
		run(
			binaries.initdb,
			[
				...["-D", making, "-U", user, "-A", "scram-sha-256", `--pwfile=${handedOver}`, "-E", "UTF8"],
				// Built in, so that sorting and case are the same on every system.
				...["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"],
			],
			home,
			as,
		);
	} finally {
		rmSync(handedOver, { force: true });
	}
	// Renamed when whole: a half-made folder is never taken for a database.
	renameSync(making, data);
}

/** The port of the server that runs on `data`, if one does; clears what a killed one left behind. */
async function findRunning(data: string, address: (port: number) => (database: string) => string) {
	const file = path.join(data, "postmaster.pid");
	const deadline = Date.now() + 30_000;
	while (existsSync(file)) {
		const lines = readFileSync(file, "utf8").split("\n");
		const pid = Number(lines[0]);
		const port = Number(lines[3]);
		if (port && (await canConnect(address(port)("postgres"), data))) return port;
		if (!pid || !isPostgres(pid)) {
			rmSync(file, { force: true });
			return null;
		}
		if (Date.now() > deadline)
			throw new Error(`The embedded database is running (process ${pid}) but does not answer; stop that process.`);
		// It is starting, recovering or shutting down.
		await sleep(50);
	}
	return null;
}

function isPostgres(pid: number): boolean {
	if (!isRunning(pid)) return false;
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres");
	} catch {
		// No /proc: believe the number.
		return true;
	}
}

/** A server that takes our password and works on our folder is ours, whatever else may listen on that port. */
async function canConnect(url: string, data: string): Promise<boolean> {
	const sql = postgres(url, { max: 1, connect_timeout: 5, backoff: false, onnotice: () => {} });
	try {
		const [row] = await sql`select current_setting('data_directory') as dir`;
		return path.resolve(row?.dir) === path.resolve(data);
	} catch {
		return false;
	} finally {
		await sql.end({ timeout: 1 }).catch(() => {});
	}
}

async function launch(server: {
	home: string;
	data: string;
	binaries: Binaries;
	as: RunAs;
	settings: Record<string, string | number>;
	address: (port: number) => (database: string) => string;
}): Promise<number> {
	const { home, data, binaries, as, address } = server;
	const port = await freePort();
	const settings = Object.entries({ ...usualSettings, ...server.settings }).flatMap(([k, v]) => ["-c", `${k}=${v}`]);
	const logFile = path.join(home, "postgres.log");
	if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > largestLogBytes) renameSync(logFile, `${logFile}.1`);
	const log = openSync(logFile, "a", 0o600);
	const logStart = fstatSync(log).size;
	// Detached: Ctrl-C reaches the whole process group, and the database must outlive the work that it interrupts.
	const child = spawn(binaries.postgres, ["-D", data, "-p", String(port), ...settings], {
		cwd: data,
		detached: true,
		stdio: ["ignore", log, log],
		env: childEnv(),
		...as,
	});
	closeSync(log);
	child.unref();
	let ended: string | null = null;
	child.once("error", (error) => {
		ended = error.message;
	});
	child.once("exit", (code, signal) => {
		ended = `it ended with ${signal ?? code}`;
	});
	const deadline = Date.now() + 60_000;
	while (!(await canConnect(address(port)("postgres"), data))) {
		if (ended !== null || Date.now() > deadline) {
			const said = readFileSync(logFile).subarray(logStart).toString().trim();
			throw new Error(
				`The embedded database did not start: ${ended ?? "it does not answer"}.\n${said || `Its log, ${logFile}, is empty.`}`,
			);
		}
		await sleep(10);
	}
	return port;
}

function run(program: string, args: string[], cwd: string, as: RunAs): void {
	const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, env: childEnv(), encoding: "utf8", ...as });
	if (error || status !== 0)
		throw new Error(`${path.basename(program)} failed: ${error?.message ?? ""}${stderr ?? ""}${stdout ?? ""}`.trim());
}

/** No PG… variable of the caller's may steer the embedded server. */
function childEnv(): NodeJS.ProcessEnv {
	const { NODE_ENV, PATH, SystemRoot, TMPDIR } = process.env;
	return { NODE_ENV, PATH, SystemRoot, TMPDIR, LC_ALL: "C" };
}
