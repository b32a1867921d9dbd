import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import { authorise, type Context } from "../context";
import { type LogLineView, pickedColumns, readLines } from "./line";

export const readProgressSchema = z.object({ ids: z.array(z.number().int()).max(200) });

export type LineProgress = Pick<LogLineView, "id" | "state" | "detail" | "longDetail">;

/** How far lines that were on their way have come since. */
export async function readProgress(ctx: Context, input: z.input<typeof readProgressSchema>): Promise<LineProgress[]> {
	authorise(ctx, "viewer");
	const { ids } = readProgressSchema.parse(input);
	if (ids.length === 0) return [];
	const found = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		readLines(
			tx,
			sql`select ${pickedColumns} from sync_log
				where id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`,
			sql`l.id`,
		),
	);
	return found.map(({ line: { id, state, detail, longDetail } }) => ({ id, state, detail, longDetail }));
}
