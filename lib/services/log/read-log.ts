import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import { type LogFilter, logOutcomes, logTopics } from "@/lib/format/log-filter";
import { authorise, type Context } from "../context";
import { findSource, siftLines } from "./filter-sql";
import { type LogLineView, pickedColumns, readLines } from "./line";

const some = z.array(z.string().trim().min(1).max(200)).max(50).default([]);

export const logFilterSchema = z.object({
	channelIds: z.array(z.guid()).max(50).default([]),
	skus: some,
	orders: some,
	outcomes: z.array(z.enum(logOutcomes)).default([]),
	causes: z.array(z.enum(logTopics)).default([]),
	text: z.string().max(200).default(""),
}) satisfies z.ZodType<LogFilter, unknown>;

/** Where the page before ended: exact to the microsecond, since many lines share a millisecond. */
const positionSchema = z.object({ at: z.iso.datetime({ offset: true }), id: z.number().int() });
type Position = z.infer<typeof positionSchema>;

export const readLogSchema = z.object({
	filter: logFilterSchema.default(() => logFilterSchema.parse({})),
	/** Milliseconds since the epoch; both ends belong to it. */
	from: z.number().nullable().default(null),
	to: z.number().nullable().default(null),
	before: positionSchema.nullable().default(null),
	/** From the first page: rows of this transaction and later ones come live and not here. */
	horizon: z
		.string()
		.regex(/^\d{1,20}$/)
		.nullable()
		.default(null),
	limit: z.number().int().min(1).max(1000).default(100),
});
export type ReadLogInput = z.input<typeof readLogSchema>;

export type LogPage = {
	/** Newest first. */
	lines: LogLineView[];
	/** Where to go on; null: there is no more. A page may be short, or empty, and still go on. */
	next: Position | null;
	/** Where the live stream begins for a reader who starts with this page. */
	horizon: string;
	/** How far back this page looked, in milliseconds, for "nothing since …". */
	lookedBackTo: number | null;
};

/** Rows that one page sifts at the most, so that a rare outcome in a long log costs many short answers and not one long. */
const siftRows = 20_000;

/**
 * The log's history, newest first, by keyset. Together with the stream that starts at `horizon` it is whole: a row is
 * in one of them and never in both.
 */
export async function readLog(ctx: Context, input: ReadLogInput): Promise<LogPage> {
	authorise(ctx, "viewer");
	const { filter, from, to, before, horizon: given, limit } = readLogSchema.parse(input);
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const horizon = given ?? (await currentHorizon(tx));
		const source = await findSource(tx, ctx.merchantId, filter);
		const bounds = [
			source.where,
			sql`tx < ${horizon}::xid8`,
			from === null ? null : sql`at >= ${instant(from)}`,
			to === null ? null : sql`at <= ${instant(to)}`,
			before && sql`(at, id) < (${before.at}::timestamptz, ${before.id}::bigint)`,
		].filter((bound) => bound !== null);
		const within = sql.join(bounds, sql` and `);
		// The inner limit stops the scan, the outer one ends it early: no row is read that is not needed.
		const found = await readLines<{ exact: string }>(
			tx,
			sql`select * from (
					select ${pickedColumns} from sync_log where ${within} order by at desc, id desc ${source.isNarrow ? sql`` : sql`limit ${siftRows}`}
				) l where ${siftLines(filter)} order by at desc, id desc limit ${limit}`,
			sql`l.at desc, l.id desc`,
			sql`, ${exactly(sql`l.at`)} as exact`,
		);
		const lines = found.map(({ line }) => line);
		const last = found.at(-1);
		if (last && found.length === limit)
			return { lines, next: { at: last.extra.exact, id: last.line.id }, horizon, lookedBackTo: last.line.at };
		const next = source.isNarrow ? null : await endOfSift(tx, within);
		return { lines, next, horizon, lookedBackTo: next ? Date.parse(next.at) : from };
	});
}

/** The page is short because the sifted rows were used up; null when the log was. */
async function endOfSift(tx: Transaction, within: SQL): Promise<Position | null> {
	const [row] = (await tx.execute(sql`
		select ${exactly(sql`l.at`)} as at, l.id::float8 as id from sync_log l where ${within}
		order by l.at desc, l.id desc offset ${siftRows - 1} limit 1`)) as unknown as Position[];
	return row ? { at: row.at, id: row.id } : null;
}

async function currentHorizon(tx: Transaction): Promise<string> {
	const [row] = (await tx.execute(sql`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`)) as unknown as {
		horizon: string;
	}[];
	if (!row) throw new Error("the database gave no snapshot");
	return row.horizon;
}

const instant = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
const exactly = (column: SQL) => sql`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
