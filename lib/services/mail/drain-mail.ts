import type postgres from "postgres";
import { clientFor } from "@/db/client";
import { asMerchantPrepared } from "@/db/statement";
import { openConnection } from "../channels/open-connection";
import type { WorkTarget } from "../channels/work-target";
import { readTold } from "../orders/read-told";
import { beginLoop } from "../sync/wake";
import { applyMailBatch } from "./apply-mail";

export type DrainOptions = {
	/** The loop ends after this at the latest. */
	maxMs: number;
	/** How long it waits for more mail before it ends. */
	lingerMs: number;
	client?: postgres.Sql;
};

export type Drained = { rows: number; hasMore: boolean };

/** Applies a channel's mail until there is none, and a moment longer: while a channel sells, one loop serves many sales. */
export async function drainMail(target: WorkTarget, options: DrainOptions): Promise<Drained> {
	const loop = beginLoop("mail", target.channelId);
	if (!loop) return { rows: 0, hasMore: false };
	const client = options.client ?? clientFor("app");
	const endAt = Date.now() + options.maxMs;
	let rows = 0;
	try {
		while (Date.now() < endAt) {
			loop.clear();
			const batch = await applyMailBatch(target, client);
			rows += batch.rows;
			if (batch.orderRefsToRead.length > 0)
				await readTold(client, target, batch.orderRefsToRead, () => openConnection(client, target));
			else if (batch.rows === 0 && !(await loop.wait(Math.min(options.lingerMs, endAt - Date.now())))) break;
		}
	} finally {
		loop.end();
	}
	// Mail that came between the last look and the end of the loop was signalled to nobody.
	return { rows, hasMore: await hasMail(client, target) };
}

async function hasMail(client: postgres.Sql, target: WorkTarget): Promise<boolean> {
	const rows = await asMerchantPrepared(
		client,
		target.merchantId,
		(run) => run`select 1 from inbox where channel_id = ${target.channelId}::uuid and state = 0 limit 1`,
	);
	return rows.length > 0;
}
