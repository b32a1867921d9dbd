/**
 * Brings a database to this version: tables first, then who may touch them (guards.sql). Safe to run from many processes
 * at once; a database that is up to date is only looked at.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

const migrationsFolder = path.join(import.meta.dirname, "migrations");
const guardsFile = path.join(import.meta.dirname, "guards.sql");

/** Any number, the same everywhere: whoever holds it migrates. */
const migrationLock = 7_310_552_001;

/** Names the state that migrateDatabase brings about. */
export function schemaHash(): string {
	const hash = createHash("sha256");
	for (const file of readdirSync(migrationsFolder).sort())
		if (file.endsWith(".sql")) hash.update(file).update(readFileSync(path.join(migrationsFolder, file)));
	return hash.update(readFileSync(guardsFile)).digest("hex");
}

export async function migrateDatabase(url: string): Promise<void> {
	// Its own connection: the lock belongs to a session, and drizzle takes no lock of its own (two at once crash).
	const client = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: "onecount-migrate" } });
	try {
		await client`select pg_advisory_lock(${migrationLock})`;
		await migrate(drizzle(client), { migrationsFolder });
		// The guards name both, even while one has no table.
		await client.unsafe("create schema if not exists engine; create schema if not exists sandbox;");
		await applyGuards(client);
	} finally {
		await client.end();
	}
}

/**
 * Guards take exclusive locks for a moment, so they are applied only when they or the tables changed: a replica that
 * restarts must not stop the others.
 */
async function applyGuards(client: postgres.Sql): Promise<void> {
	const hash = schemaHash();
	await client`create table if not exists drizzle.guards (hash text primary key, applied_at timestamptz not null default now())`;
	const [applied] = await client`select from drizzle.guards where hash = ${hash}`;
	if (applied) return;
	const guards = readFileSync(guardsFile, "utf8");
	await client.begin(async (tx) => {
		await tx.unsafe(guards);
		await tx`delete from drizzle.guards`;
		await tx`insert into drizzle.guards (hash) values (${hash})`;
	});
}
