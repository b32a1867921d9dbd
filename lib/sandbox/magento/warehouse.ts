/** Somebody who ships: what is paid for leaves its source some time after it was ordered, where enough lies there. */
import { sql } from "drizzle-orm";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { shipOrder } from "./orders";
import { settingsOf } from "./settings";
import { MageError } from "./wire";

const mostAtOnce = 20;

/** Requests wake the warehouse: nothing else would show what it did. Orders that it can't ship are tried again. */
export async function shipDueOrders(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	const { shipsAfterMs } = settingsOf(store);
	if (shipsAfterMs === null) return;
	const until = new Date(ctx.now().getTime() - shipsAfterMs).toISOString();
	const due = await ctx.db.execute<{ id: string }>(sql`
		select id from sandbox.orders where store_id = ${store.id} and status = 'processing' and created_at <= ${until}::timestamptz
		order by created_at limit ${mostAtOnce}`);
	for (const { id } of due) {
		try {
			await shipOrder(ctx, store, id);
		} catch (error) {
			if (!(error instanceof MageError)) throw error;
		}
	}
}
