import { createServer, connect as dial, type Server, type Socket } from "node:net";
import type postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { clientFor, closePools } from "./client";
import { type TestDatabase, testDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

it("every statement and transaction is answered although Postgres cuts the connections again and again", async () => {
	const sql = database.client("engine");
	const failures = await workWhileCut(sql, terminate);
	expect(failures.length).toBeGreaterThan(0);
	await expect.poll(() => sql`select 1 as one`.catch(() => null)).toEqual([{ one: 1 }]);
});

it("every statement and transaction is answered although the network resets the connections again and again", async () => {
	const wire = await openWire();
	const sql = clientFor("engine", wire.url);
	const failures = await workWhileCut(sql, async () => wire.reset());
	expect(failures.length).toBeGreaterThan(0);
	await expect.poll(() => sql`select 1 as one`.catch(() => null)).toEqual([{ one: 1 }]);
});

it("what a transaction sends after its connection was cut runs nowhere", async () => {
	const wire = await openWire();
	const sql = clientFor("engine", wire.url);
	await database.ownerClient`create table after_cut (line text)`;
	await database.ownerClient`grant all on after_cut to public`;
	const late: unknown[] = [];
	const cut = sql
		.begin(async (tx) => {
			await tx`insert into after_cut values ('before')`;
			wire.reset();
			// Long enough for others to have the connection made again.
			await new Promise((resolve) => setTimeout(resolve, 300));
			await tx`insert into after_cut values ('after')`.catch((error: Error) => late.push(error.message));
		})
		.catch((error: Error) => error.message);
	await new Promise((resolve) => setTimeout(resolve, 100));
	await Promise.all(Array.from({ length: 12 }, () => sql`select 1`.catch(() => null)));
	expect(await cut).toMatch(/CONNECTION_CLOSED|ECONNRESET/);
	await expect.poll(() => late).toEqual([expect.stringMatching(/CONNECTION_CLOSED|ECONNRESET/)]);
	expect(await database.ownerClient`select line from after_cut`).toEqual([]);
});

it("rows of a statement that failed half-way leave no gap in the next answer", async () => {
	const sql = database.client("engine");
	const statements = Array.from({ length: 12 }, async () => {
		await expect(sql`select 1 / (5 - n) as n from generate_series(1, 10) n`).rejects.toThrow("division by zero");
		return sql`select 1 as one`;
	});
	expect(await Promise.all(statements)).toEqual(Array.from({ length: 12 }, () => [{ one: 1 }]));
});

it("a statement that was cut fails by itself, and none that comes after it", async () => {
	const sql = database.client("engine");
	for (let cut = 0; cut < 3; cut++) {
		const asleep = sql`select pg_sleep(10)`.execute();
		const expected = expect(asleep).rejects.toThrow("CONNECTION_CLOSED");
		await new Promise((resolve) => setTimeout(resolve, 50));
		await terminate();
		await expected;
		// Until all of them are known to be gone.
		await new Promise((resolve) => setTimeout(resolve, 50));
		const next = await Promise.all(Array.from({ length: 12 }, () => sql`select 1 as one`));
		expect(next).toEqual(next.map(() => [{ one: 1 }]));
	}
});

/** Cuts the connections of the engine's pool as a restart of Postgres does. */
const terminate = () =>
	database.ownerClient`
		select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and application_name = 'onecount-engine'`;

/** What failed of five workers' statements and transactions, between which everything is cut twelve times. */
async function workWhileCut(sql: postgres.Sql, cutAll: () => Promise<unknown>): Promise<string[]> {
	const failures: string[] = [];
	let isCutting = true;
	const work = async (inTransaction: boolean) => {
		while (isCutting) {
			const statement = inTransaction
				? sql.begin(async (tx) => {
						await tx`select 1`;
						await tx`select pg_sleep(0.003)`;
					})
				: sql`select pg_sleep(0.003)`.execute();
			await Promise.resolve(statement).catch((error: Error) => failures.push(error.message));
		}
	};
	const workers = Promise.all([true, true, true, false, false].map(work));
	for (let cut = 0; cut < 12; cut++) {
		await new Promise((resolve) => setTimeout(resolve, 40 + Math.random() * 40));
		await cutAll();
	}
	isCutting = false;
	await workers;
	return failures;
}

const opened: { url: string; server: Server; reset: () => void }[] = [];
afterEach(async () => {
	for (const { url, server, reset } of opened.splice(0)) {
		await closePools(url, 1);
		reset();
		server.close();
	}
});

/** An address that leads to the test's database, and whose connections can be reset. */
async function openWire() {
	const to = new URL(database.url);
	const sockets = new Set<Socket>();
	const server = createServer((near) => {
		const far = dial(Number(to.port), to.hostname);
		sockets.add(near);
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			socket.on("error", () => other.destroy());
			socket.on("close", () => {
				sockets.delete(near);
				other.destroy();
			});
		}
		near.pipe(far).pipe(near);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (!address || typeof address === "string") throw new Error("No port.");
	const url = Object.assign(new URL(database.url), { hostname: "127.0.0.1", port: String(address.port) }).href;
	const wire = {
		url,
		server,
		reset: () => {
			for (const socket of sockets) socket.resetAndDestroy();
		},
	};
	opened.push(wire);
	return wire;
}
