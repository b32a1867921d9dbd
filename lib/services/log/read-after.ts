import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import type { Cursor } from "@/lib/live/cursor";
import type { LogBatch } from "@/lib/live/log-feed";
import { authorise, type Context } from "../context";
import { type LogLineView, pickedColumns, readLines } from "./line";

/** Rows of one read: enough for a burst, few enough that a browser takes them in within a frame. */
const batchRows = 500;

/**
 * New lines in commit order, each once. Only rows below the oldest open transaction are read: a row of a transaction
 * that commits late can then never fall behind the cursor.
 */
export async function readLogAfter(ctx: Context, after: Cursor): Promise<LogBatch<LogLineView>> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const rows = await readLines<{ tx: string }>(
			tx,
			sql`select ${pickedColumns} from sync_log
				where merchant_id = ${ctx.merchantId}::uuid and (tx, id) > (${after.tx}::xid8, ${after.id}::bigint)
					and tx < pg_snapshot_xmin(pg_current_snapshot())
				order by tx, id limit ${batchRows}`,
			sql`l.tx, l.id`,
			sql`, l.tx::text as tx`,
		);
		const isFull = rows.length === batchRows;
		const [held] = (await tx.execute(sql`
			select exists (
				select from sync_log
				where merchant_id = ${ctx.merchantId}::uuid and tx >= pg_snapshot_xmin(pg_current_snapshot())
			) as is_held_back`)) as unknown as { is_held_back: boolean }[];
		return {
			rows: rows.map(({ line, extra }) => ({ cursor: { tx: extra.tx, id: line.id }, row: line })),
			isFull,
			isHeldBack: !isFull && held?.is_held_back === true,
		};
	});
}

/** The present: every row before it is history, every row from it on comes live. */
export async function readHorizon(ctx: Context): Promise<Cursor> {
	authorise(ctx, "viewer");
	const [row] = (await ctx.db.execute(sql`select pg_snapshot_xmin(pg_current_snapshot())::text as tx`)) as unknown as {
		tx: string;
	}[];
	return { tx: row?.tx ?? "0", id: 0 };
}
