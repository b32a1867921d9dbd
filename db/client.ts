/**
 * Connections, one pool per role, shared by every copy of this module in the process (Next's bundle and the front door
 * each load their own).
 */
import { sql } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { againOnCollision } from "./again";
import { type DbRole, dbRoles } from "./roles";
import * as schema from "./schema";

export type Database = PostgresJsDatabase<typeof schema>;
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];
/** Where a statement may run: a pool or an open transaction. */
export type Executor = Database | Transaction;

/** Connections per role. Two cores and one Postgres: more would only queue there. */
const poolSizes: Record<DbRole, number> = { app: 10, writer: 4, auth: 4, engine: 6, sandbox: 6 };

/**
 * Storage is solid-state: an index probe costs about what a sequential page does. And a prepared statement is planned
 * once: the pipeline's get their rows as JSON, of which a plan can learn nothing (11 ms saved a call, 2026-11-24).
 */
const plannerSettings = { random_page_cost: "1.1", plan_cache_mode: "force_generic_plan" };

/** A database that is back is used within a second; the driver's own pauses grow to twenty. */
const secondsToReconnect = (failures: number) => Math.min(2 ** failures / 100, 1) * (0.5 + Math.random() / 2);

type Pools = Map<string, { client: postgres.Sql; db: Database }>;
const shared = globalThis as { onecountPools?: Pools };

function pool(role: DbRole, url: string) {
	shared.onecountPools ??= new Map();
	const key = `${role} ${url}`;
	let found = shared.onecountPools.get(key);
	if (!found) {
		const client = postgres(url, {
			max: poolSizes[role],
			connection: { role: dbRoles[role], application_name: `onecount-${role}`, ...plannerSettings },
			onnotice: () => {},
			idle_timeout: 60,
			backoff: secondsToReconnect,
		});
		found = { client, db: drizzle(client, { schema }) };
		shared.onecountPools.set(key, found);
	}
	return found;
}

/** The address that the launcher or the environment gave. */
export function databaseUrl(): string {
	const url = process.env.ONECOUNT_DATABASE_URL ?? process.env.DATABASE_URL;
	if (!url) throw new Error("No database address: start Onecount by npm run demo, dev or start, or set DATABASE_URL.");
	return url;
}

export const dbFor = (role: DbRole, url = databaseUrl()): Database => pool(role, url).db;

/** The raw driver, for what drizzle has no words for: LISTEN, COPY, large unnest statements. */
export const clientFor = (role: DbRole, url = databaseUrl()): postgres.Sql => pool(role, url).client;

/**
 * One merchant's rows and no others, for as long as the transaction lasts (R9). `work` may run more than once
 * ({@link againOnCollision}): whatever is to happen outside of the transaction happens after it.
 */
export function asMerchant<T>(db: Database, merchantId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
	return againOnCollision(() =>
		db.transaction(async (tx) => {
			await tx.execute(sql`select set_config('onecount.merchant_id', ${merchantId}, true)`);
			return work(tx);
		}),
	);
}

/** Ends the pools of one address, or all of them; statements under way have a few seconds. */
export async function closePools(url?: string, timeoutSeconds = 5): Promise<void> {
	const pools = shared.onecountPools ?? new Map();
	const ending = [...pools].filter(([key]) => !url || key.endsWith(` ${url}`));
	for (const [key] of ending) pools.delete(key);
	await Promise.all(ending.map(([, { client }]) => client.end({ timeout: timeoutSeconds })));
}
