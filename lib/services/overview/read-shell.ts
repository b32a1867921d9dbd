import { sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import type { Context } from "../context";

/** What stands around every page. */
export type Shell = {
	/** Listings that sell here but count for nobody: neither linked nor left out. */
	unlinkedListings: number;
	openConflicts: number;
	/** ISO 8601; null while pushes may leave. */
	pushesPausedAt: string | null;
	merchantName: string;
	timeZone: string;
};

/** One statement, since every page asks for it. */
export async function readShell(ctx: Pick<Context, "db" | "merchantId">): Promise<Shell> {
	const [row] = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<{ unlinked: number; conflicts: number; paused_at: string | null; name: string; time_zone: string }>(sql`
			select
				m.name,
				m.time_zone,
				to_char(m.pushes_paused_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as paused_at,
				(select count(*) from conflicts c where c.merchant_id = m.id and c.state = 'open')::int as conflicts,
				(select count(*) from listings l
					where l.merchant_id = m.id and l.gone_at is null and l.left_out_reason is null
					and not exists (select from mappings p where p.listing_id = l.id)
					and exists (select from channels c where c.id = l.channel_id and c.state <> 'disconnected'))::int as unlinked
			from merchants m where m.id = ${ctx.merchantId}`),
	);
	if (!row) throw new Error("The merchant of a member is not there.");
	return {
		unlinkedListings: row.unlinked,
		openConflicts: row.conflicts,
		pushesPausedAt: row.paused_at,
		merchantName: row.name,
		timeZone: row.time_zone,
	};
}
