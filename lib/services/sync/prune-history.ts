import { clientFor } from "@/db/client";

/**
 * How many days each kind of history stays (db/guards.sql says which table is of which kind). Mail keys must outlive
 * every platform's retries: a Shopify webhook can be a day late. Callers of the public API are promised a day for their
 * Idempotency-Keys, and whoever mends a queue after a weekend has a week.
 */
export const keepDays = { mail: 30, log: 90, pushes: 90, decisions: 365, visits: 30, requests: 7, attempts: 1 };

/** Rows of one table that one statement deletes. */
const bite = 10_000;

/**
 * Deletes by time, under a function that the owner defined: nobody else may delete history. One bite of each table;
 * returns how many rows went, 0 when none is old.
 */
export async function pruneHistory(): Promise<number> {
	const [row] = await clientFor("writer")<{ deleted: number }[]>`
		select prune_history(${JSON.stringify(keepDays)}::text::jsonb, ${bite}::int)::float8 as deleted`;
	return row?.deleted ?? 0;
}
