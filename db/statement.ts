/**
 * Hand-written SQL, in one shape for both ways that lead to a transaction: drizzle's (verbs) and the driver's own
 * (the pipeline, whose statements are prepared once per connection).
 */
import { sql } from "drizzle-orm";
import type postgres from "postgres";
import { againOnCollision } from "./again";
import type { Executor } from "./client";

type Value = string | number | boolean | null;

/** Runs one statement. JSON goes in as text (`${json}::text::jsonb`: the driver would encode a jsonb parameter twice). */
export type Statement = <Row extends object>(strings: TemplateStringsArray, ...values: Value[]) => Promise<Row[]>;

export const statementsOf =
	(tx: Executor): Statement =>
	async <Row extends object>(strings: TemplateStringsArray, ...values: Value[]) =>
		[...(await tx.execute(sql(strings, ...values)))] as unknown as Row[];

/**
 * As `asMerchant`, with prepared statements. Statements that `work` asks for without waiting for the one before leave
 * together and run in their order: a transaction costs its round trips, so ask for what is known together
 * (`Promise.all`). `work` may run more than once, as `asMerchant`'s may.
 *
 * `isRedone`: what is lost with the database server is done again from what was committed before (mail that waits, a
 * push without an answer), so its commit need not wait for the disk. No request leaves on the strength of it: what leaves
 * for a store was claimed by a later commit that did wait, and which took this one's along. People see it at once, though:
 * a line of the live log may be on a screen some tenths of a second before it is on disk, and come again, under another
 * number, should the server fall in between.
 */
export function asMerchantPrepared<T>(
	client: postgres.Sql,
	merchantId: string,
	work: (run: Statement) => Promise<T>,
	{ isRedone = false } = {},
): Promise<T> {
	const transaction = () =>
		client.begin(async (tx) => {
			let isOver = false;
			const run = (async (strings: TemplateStringsArray, ...values: Value[]) => {
				// One of several branches of the work failed: the others must not go on, on a connection that is another's by then.
				if (isOver) throw new Error("the transaction is over");
				return [...(await tx(strings, ...values))];
			}) as unknown as Statement;
			// Batches reach rows by their keys. A plan is kept from when its tables were small, and must not be one that reads
			// them whole. Leaves with the first statement of the work.
			const setting = tx`
				select set_config('onecount.merchant_id', ${merchantId}, true), set_config('enable_seqscan', 'off', true),
					set_config('enable_mergejoin', 'off', true),
					set_config('synchronous_commit', case when ${isRedone} then 'off' else current_setting('synchronous_commit') end, true)`.execute();
			try {
				const [result] = await Promise.all([work(run), setting]);
				return result;
			} finally {
				isOver = true;
			}
		}) as Promise<T>;
	return againOnCollision(transaction);
}
