/**
 * Who is alive, one at a time, and last one out: what several processes need to share one embedded server without a
 * daemon. A process is known by its id and start time, because containers hand out the same ids after every restart.
 */
import {
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** `pid-startTime`; where the system does not tell the start time, `pid-0`. */
export const processIdentity = (pid = process.pid): string => `${pid}-${processStat(pid)?.startTime ?? 0}`;

function processStat(pid: number): { state: string; startTime: string } | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		// The name, in parentheses, may hold spaces; state is the first field behind it, the start time the 20th.
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return { state: fields[0] ?? "", startTime: fields[19] ?? "0" };
	} catch {
		return null;
	}
}

export function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** Whether that very process still runs, not only one that was given its number. */
export function isAlive(identity: string): boolean {
	const pid = Number(identity.split("-")[0]);
	if (!Number.isInteger(pid) || pid <= 0 || !isRunning(pid)) return false;
	// A dead process that its parent has not collected still has its number and its start time.
	return processStat(pid)?.state !== "Z" && processIdentity(pid) === identity;
}

/** Runs `work` while no other process does so under the same file; a lock left behind by a dead process is taken over. */
export async function withLock<T>(file: string, work: () => Promise<T>, waitMs = 120_000): Promise<T> {
	const deadline = Date.now() + waitMs;
	while (!tryLock(file)) {
		if (Date.now() > deadline)
			throw new Error(`Another process has held ${file} for ${waitMs / 1000} s; stop it, or delete that file.`);
		await sleep(25);
	}
	try {
		return await work();
	} finally {
		rmSync(file, { force: true });
	}
}

function tryLock(file: string): boolean {
	try {
		writeFileSync(file, processIdentity(), { flag: "wx" });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
	const holder = readText(file);
	if (holder === null || isAlive(holder)) return false;
	// An empty file is a lock whose writer is between creating and writing.
	if (holder === "" && Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 1_000) return false;
	// Of several who find it stale only one may remove it, and never the fresh lock of a quicker one.
	const aside = `${file}.${processIdentity()}`;
	try {
		renameSync(file, aside);
		if (readText(aside) !== holder) linkSync(aside, file);
	} catch {}
	rmSync(aside, { force: true });
	return false;
}

function readText(file: string): string | null {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return null;
	}
}

/** Notes that this process uses what `dir` stands for. */
export function takeLease(dir: string): void {
	mkdirSync(dir, { recursive: true });
	writeFileSync(path.join(dir, processIdentity()), "");
}

/** Gives this process's lease back; true when no living process holds one any more. */
export function dropLease(dir: string): boolean {
	rmSync(path.join(dir, processIdentity()), { force: true });
	if (!existsSync(dir)) return true;
	const held = readdirSync(dir);
	for (const identity of held) if (!isAlive(identity)) rmSync(path.join(dir, identity), { force: true });
	return !held.some(isAlive);
}
