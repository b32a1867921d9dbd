import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureDatabase, startEmbedded } from "./embedded";
import { isTraversable, reachableDir } from "./embedded-binaries";
import { isRunning } from "./process-lock";

const settings = { fsync: "off" };

describe("the embedded server", () => {
	let dir: string;
	beforeAll(() => {
		dir = path.join(mkdtempSync(path.join(tmpdir(), "onecount-pg-")), "postgres");
		chmodSync(path.dirname(dir), 0o755);
	});
	afterAll(() => rmSync(path.dirname(dir), { recursive: true, force: true }));

	const postmaster = () => Number(readFileSync(path.join(dir, "data", "postmaster.pid"), "utf8").split("\n")[0]);
	const ask = async (url: string, query: string) => {
		const sql = postgres(url, { max: 1, onnotice: () => {} });
		try {
			return [...(await sql.unsafe(query))];
		} finally {
			await sql.end();
		}
	};

	it("keeps what is written over stop and start, and makes a database once", async () => {
		const first = await startEmbedded({ dir, settings });
		expect(first.isReused).toBe(false);
		expect(await Promise.all([ensureDatabase(first, "shop"), ensureDatabase(first, "shop")])).toContain(true);
		await ask(first.url("shop"), "create table kept as select 42 as answer");
		await first.stop();
		const second = await startEmbedded({ dir, settings });
		expect(await ensureDatabase(second, "shop")).toBe(false);
		expect(await ask(second.url("shop"), "select answer from kept")).toEqual([{ answer: 42 }]);
		await second.stop();
	});

	it("sorts and folds the same everywhere", async () => {
		const server = await startEmbedded({ dir, settings });
		expect(
			await ask(
				server.url("postgres"),
				"select upper('žluťoučký') as upper, 'Z' < 'a' as bytewise, version() ~ ' 1[5-9]' as known",
			),
		).toEqual([{ upper: "ŽLUŤOUČKÝ", bytewise: true, known: true }]);
		await server.stop();
	});

	it("listens on loopback only, and lets nobody in without its password", async () => {
		const server = await startEmbedded({ dir, settings });
		expect(await ask(server.url("postgres"), "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
		const url = new URL(server.url("postgres"));
		url.password = "guess";
		await expect(ask(url.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
		for (const file of ["password", "data"]) expect(statSync(path.join(dir, file)).mode & 0o077, file).toBe(0);
		await server.stop();
	});

	it("that was left behind by a killed process is used again, and stopped in the end", async () => {
		const script = `
			import { startEmbedded } from ${JSON.stringify(path.resolve("db/embedded.ts"))};
			startEmbedded({ dir: ${JSON.stringify(dir)}, settings: ${JSON.stringify(settings)} }).then(() => process.kill(process.pid, "SIGKILL"));
		`;
		const file = path.join(path.dirname(dir), "killed.mts");
		writeFileSync(file, script);
		const run = promisify(execFile)(process.execPath, ["--import", "tsx", file]);
		await expect(run).rejects.toMatchObject({ signal: "SIGKILL" });
		const left = postmaster();
		expect(isRunning(left)).toBe(true);
		const server = await startEmbedded({ dir, settings });
		expect(server.isReused).toBe(true);
		expect(postmaster()).toBe(left);
		await server.stop();
		await expect(ask(server.url("postgres"), "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
	});

	it("starts after a power cut, whose lock file names a process that is now another", async () => {
		writeFileSync(
			path.join(dir, "data", "postmaster.pid"),
			`${process.pid}\n${dir}/data\n1\n1\n\n127.0.0.1\n\nready\n`,
		);
		const server = await startEmbedded({ dir, settings });
		expect(server.isReused).toBe(false);
		await server.stop();
	});

	it("says what Postgres said when it does not start", async () => {
		await expect(startEmbedded({ dir, settings: { shared_buffers: "much" } })).rejects.toThrow(
			/did not start[\s\S]*shared_buffers/,
		);
	});
});

describe.runIf(process.getuid?.() === 0)("started by root", () => {
	it("Postgres runs as somebody else, also out of a checkout that is closed to others", () => {
		const closed = mkdtempSync(path.join(tmpdir(), "onecount-closed-"));
		mkdirSync(path.join(closed, "state"));
		expect(isTraversable(path.join(closed, "state"))).toBe(false);
		expect(reachableDir(path.join(closed, "state", "postgres"))).toMatch(/^\/var\/lib\/onecount\//);
		expect(reachableDir(path.join(closed, "state", "postgres"), null)).toBe(path.join(closed, "state", "postgres"));
		chmodSync(closed, 0o755);
		expect(isTraversable(path.join(closed, "state"))).toBe(true);
		expect(reachableDir(path.join(closed, "state", "postgres"))).toBe(path.join(closed, "state", "postgres"));
		rmSync(closed, { recursive: true });
	});
});
