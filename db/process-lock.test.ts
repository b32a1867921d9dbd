import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dropLease, isAlive, processIdentity, takeLease, withLock } from "./process-lock";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(path.join(tmpdir(), "onecount-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** The identity of a process that ran and is gone. */
async function deadIdentity(): Promise<string> {
	const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
	const identity = processIdentity(child.pid);
	child.kill("SIGKILL");
	await new Promise((resolve) => child.once("exit", resolve));
	return identity;
}

describe("a process", () => {
	it("is alive while it runs, and not once it was killed", async () => {
		expect(isAlive(processIdentity())).toBe(true);
		expect(isAlive(await deadIdentity())).toBe(false);
	});

	it("is not taken for another one that has its number", () => {
		expect(isAlive(`${process.pid}-1`)).toBe(false);
		expect(isAlive("nonsense")).toBe(false);
	});
});

describe("a lock", () => {
	it("lets one in at a time", async () => {
		let inside = 0;
		let most = 0;
		await Promise.all(
			Array.from({ length: 10 }, () =>
				withLock(path.join(dir, "lock"), async () => {
					most = Math.max(most, ++inside);
					await new Promise((resolve) => setImmediate(resolve));
					inside--;
				}),
			),
		);
		expect(most).toBe(1);
		expect(readdirSync(dir)).toEqual([]);
	});

	it("left behind by a killed process is taken over", async () => {
		writeFileSync(path.join(dir, "lock"), await deadIdentity());
		expect(await withLock(path.join(dir, "lock"), async () => "in", 5_000)).toBe("in");
	});

	it("held by a living process is waited for, and then named", async () => {
		writeFileSync(path.join(dir, "lock"), processIdentity(process.ppid));
		await expect(withLock(path.join(dir, "lock"), async () => "in", 50)).rejects.toThrow(path.join(dir, "lock"));
	});

	it("is given back when the work fails", async () => {
		await expect(withLock(path.join(dir, "lock"), () => Promise.reject(new Error("broke")))).rejects.toThrow("broke");
		expect(await withLock(path.join(dir, "lock"), async () => "in", 1_000)).toBe("in");
	});
});

describe("a lease", () => {
	it("is the last while no other living process holds one", async () => {
		takeLease(dir);
		writeFileSync(path.join(dir, await deadIdentity()), "");
		expect(dropLease(dir)).toBe(true);
		expect(readdirSync(dir)).toEqual([]);
	});

	it("is not the last while another living process holds one", () => {
		takeLease(dir);
		writeFileSync(path.join(dir, processIdentity(process.ppid)), "");
		expect(dropLease(dir)).toBe(false);
	});
});
