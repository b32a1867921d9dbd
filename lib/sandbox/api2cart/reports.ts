/**
 * Some platforms make a report before they list products: until it is there each asking is told to come back with the
 * report's id. `reportMs` says how long that takes.
 */
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { A2cError, type StoreCall } from "./wire";

export async function demandReport({ ctx, store, settings, cart, method, query }: StoreCall): Promise<void> {
	if (settings.reportMs === 0 || query.has("page_cursor")) return;
	const now = ctx.now();
	const given = query.get("report_request_id");
	const about = [...query].filter(
		([name]) => !["report_request_id", "response_fields", "count", "start"].includes(name),
	);
	const digest = createHash("sha256")
		.update(JSON.stringify([cart.storeKey, method, about]))
		.digest("hex")
		.slice(0, 16);
	const id = given ?? `ATVPDKIKX0DER${BigInt(`0x${digest}`)}`;
	const [row] = await ctx.db.execute<{ created_at: string }>(sql`
		insert into sandbox.tokens (store_id, token, kind, created_at) values (${store.id}, ${id}, 'report', ${now.toISOString()}::timestamptz)
		on conflict (store_id, token) do update set kind = 'report' returning created_at`);
	if (row && now.getTime() - Date.parse(row.created_at) < settings.reportMs)
		throw new A2cError(107, `Report is not ready yet, please try again later (report_request_id=${id})`);
}
