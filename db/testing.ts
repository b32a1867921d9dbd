/**
 * A database of its own for each test file: real Postgres, migrated, empty, gone afterwards. One embedded server, its
 * durability switched off, serves every test process of this checkout; the migrated template is named by what it was
 * made from, so a new migration makes a new template.
 */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { stateDir } from "../lib/env";
import { clientFor, closePools, type Database, dbFor } from "./client";
import { type EmbeddedServer, startEmbedded } from "./embedded";
import { migrateDatabase, schemaHash } from "./migrate";
import type { DbRole } from "./roles";
import * as schema from "./schema";

export type TestDatabase = {
	url: string;
	/** As production connects: under a role, guarded. */
	db: (role: DbRole) => Database;
	client: (role: DbRole) => postgres.Sql;
	/** Unguarded, for setting up and for looking at everything. */
	owner: Database;
	ownerClient: postgres.Sql;
	close: () => Promise<void>;
};

/** Handed from the run's set-up to its workers; a test database outside vitest starts the server by itself. */
type Handover = { adminUrl: string; template: string };
const handoverName = "ONECOUNT_TEST_SERVER";

const testSettings = {
	fsync: "off",
	synchronous_commit: "off",
	full_page_writes: "off",
	max_connections: 500,
	shared_buffers: "256MB",
};

const templatePrefix = "onecount_template_";
const clonePrefix = "onecount_test_";

/** Starts or joins the server and sees to the template; the returned function leaves it again. */
export async function startTestServer(): Promise<() => Promise<void>> {
	const server = await startEmbedded({ dir: path.join(stateDir(), "test-postgres"), settings: testSettings });
	const adminUrl = server.url("postgres");
	const template = await ensureTemplate(server, adminUrl);
	process.env[handoverName] = JSON.stringify({ adminUrl, template } satisfies Handover);
	return async () => {
		delete process.env[handoverName];
		await server.stop();
	};
}

/**
 * A new database, which also is the process's default one (`databaseUrl()`) until it is closed.
 *
 * ```ts
 * let database: TestDatabase;
 * beforeAll(async () => { database = await testDatabase(); });
 * afterAll(() => database.close());
 * ```
 */
export async function testDatabase(): Promise<TestDatabase> {
	const leave = await joinServer();
	const { adminUrl, template } = JSON.parse(process.env[handoverName] ?? "") as Handover;

	const name = `${clonePrefix}${Date.now().toString(36)}_${randomBytes(5).toString("hex")}`;
	await asAdmin(adminUrl, (admin) => admin`create database ${admin(name)} template ${admin(template)}`);
	const url = Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
	const ownerClient = postgres(url, { max: 4, onnotice: () => {}, connection: { application_name: "onecount-test" } });
	const previous = process.env.ONECOUNT_DATABASE_URL;
	process.env.ONECOUNT_DATABASE_URL = url;

	return {
		url,
		db: (role) => dbFor(role, url),
		client: (role) => clientFor(role, url),
		owner: drizzle(ownerClient, { schema }),
		ownerClient,
		close: async () => {
			if (previous === undefined) delete process.env.ONECOUNT_DATABASE_URL;
			else process.env.ONECOUNT_DATABASE_URL = previous;
			await Promise.all([closePools(url, 1), ownerClient.end({ timeout: 1 })]);
			await asAdmin(adminUrl, (admin) => admin`drop database if exists ${admin(name)} with (force)`);
			await leave();
		},
	};
}

let starting: Promise<() => Promise<void>> | undefined;
let users = 0;

/** Nothing to do in a run that has a set-up; else the first database of this process starts the server, the last leaves it. */
async function joinServer(): Promise<() => Promise<void>> {
	if (!starting && process.env[handoverName]) return async () => {};
	users += 1;
	starting ??= startTestServer();
	const stop = await starting;
	return async () => {
		users -= 1;
		if (users > 0) return;
		starting = undefined;
		await stop();
	};
}

async function ensureTemplate(server: EmbeddedServer, adminUrl: string): Promise<string> {
	const template = `${templatePrefix}${schemaHash().slice(0, 16)}`;
	await asAdmin(adminUrl, async (admin) => {
		// One builder at a time, on the whole server: roles belong to the server, not to a database.
		await admin`select pg_advisory_lock(hashtext(${templatePrefix}))`;
		const [found] = await admin`select from pg_database where datname = ${template}`;
		if (found) return;
		await dropLeftovers(admin);
		const building = `${template}_building`;
		await admin`drop database if exists ${admin(building)} with (force)`;
		await admin`create database ${admin(building)}`;
		await migrateDatabase(server.url(building));
		// Renamed when whole: nobody clones a half-migrated one.
		await admin`alter database ${admin(building)} rename to ${admin(template)}`;
	});
	return template;
}

/** Clones of runs that were killed, told by their age: no run lasts a day. */
async function dropLeftovers(admin: postgres.Sql): Promise<void> {
	const names = await admin<{ name: string }[]>`
		select datname as name from pg_database where starts_with(datname, ${clonePrefix})`;
	const dayAgo = Date.now() - 86_400_000;
	for (const { name } of names) {
		const madeAt = Number.parseInt(name.slice(clonePrefix.length), 36);
		if (!(madeAt > dayAgo)) await admin`drop database if exists ${admin(name)} with (force)`;
	}
}

async function asAdmin<T>(url: string, work: (admin: postgres.Sql) => Promise<T>): Promise<T> {
	const admin = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: "onecount-test-admin" } });
	try {
		return await work(admin);
	} finally {
		await admin.end({ timeout: 5 });
	}
}
