/** What time alone does: the end of a secret is told of, payments are checked, submissions land, feeds are worked off, reports are made. Done whenever somebody looks. */
import { sql } from "drizzle-orm";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { isNoticeDue, tellOfEnd } from "./app-secret";
import { runDueFeeds } from "./feeds";
import { changeAccount } from "./news";
import { confirmDue } from "./orders";
import { makeDueReports } from "./reports";
import { landDue } from "./submissions";

export async function passTime(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	if (isNoticeDue(ctx, store)) await tellOfEnd(ctx, store);
	if (!(await isSomethingDue(ctx, store))) return;
	await changeAccount(ctx, store, async (tx, tell) => {
		await confirmDue(tx, ctx, store, tell);
		await runDueFeeds(tx, ctx, store);
		// After the feeds: what they take in may land at once.
		await landDue(tx, ctx, store, tell);
		await makeDueReports(tx, ctx, store);
	});
}

async function isSomethingDue(ctx: SandboxContext, store: SandboxStore): Promise<boolean> {
	const now = ctx.now().toISOString();
	const [row] = await ctx.db.execute<{ is_due: boolean }>(sql`
		select exists (select from sandbox.tokens where store_id = ${store.id} and kind in ('submission', 'feed', 'report') and expires_at <= ${now}::timestamptz)
			or exists (select from sandbox.orders where store_id = ${store.id} and status = 'PENDING' and (data->>'pendingUntil')::timestamptz <= ${now}::timestamptz) as is_due`);
	return row?.is_due ?? false;
}
