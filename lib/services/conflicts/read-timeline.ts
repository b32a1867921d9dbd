import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { LogState } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { findWinner } from "./find-order";
import { type ConflictRow, subjectOf } from "./list-conflicts";
import { nameOrder } from "./name-order";
import { winnerOf } from "./winner";
import { orderName } from "./words";

export type ConflictMoment = {
	label: string;
	/** By what they are in order. An order's: when it was sold, by its store's stamp; where there is none, when we heard of it. */
	at: number;
	/** An order's: when we heard of it; null: it is no order. */
	heardAt: number | null;
	state: LogState;
};

/** How it came about: who sold, when zero left, when every channel showed it. */
export async function readTimeline(tx: Transaction, merchantId: string, row: ConflictRow): Promise<ConflictMoment[]> {
	const winner = winnerOf(row.facts);
	const version = typeof row.facts.version === "number" ? row.facts.version : null;
	const moments: ConflictMoment[] = [];
	if (winner?.at && winner.isReservation)
		moments.push({ label: await nameOrder(tx, winner), at: Date.parse(winner.at), heardAt: null, state: "ok" });
	else if (winner?.at && winner.orderNumber) {
		const stamp = await readStamp(
			tx,
			merchantId,
			row.sku_id,
			(await findWinner(statementsOf(tx), merchantId, row.facts))?.orderRef ?? null,
			Date.parse(winner.at),
		);
		moments.push({ label: await nameOrder(tx, winner), ...stamp, state: "ok" });
	}
	const stamp = await readStamp(tx, merchantId, row.sku_id, row.order_ref, row.opened_ms);
	moments.push({ label: orderName(subjectOf(row)), ...stamp, state: row.state === "decided" ? "none" : "bad" });
	if (version === null) return moments;
	const [zero] = (await tx.execute(sql`
		select extract(epoch from min(first_at))::float8 * 1000 as sent, extract(epoch from max(first_settled))::float8 * 1000 as shown
		from (
			select channel_id, min(at) as first_at, min(settled_at) as first_settled from push_items
			where sku_id = ${row.sku_id}::uuid and sku_version >= ${version - 1}::bigint and sku_version <= ${version + 5}::bigint
				and quantity = 0 and outcome = 'applied'
			group by channel_id
		) per_channel`)) as unknown as { sent: number | null; shown: number | null }[];
	if (zero?.sent) moments.push({ label: "zero sent", at: zero.sent, heardAt: null, state: "go" });
	if (zero?.shown) moments.push({ label: "all show 0", at: zero.shown, heardAt: null, state: "ok" });
	// Most stores stamp whole seconds: of two orders of one second the one heard of first stays first.
	return moments.sort((a, b) => a.at - b.at);
}

/**
 * When the store says that an order moved the SKU, of the change that we heard of at `heardAt`. It was sold before we heard
 * of it, whatever the store's clock says.
 */
async function readStamp(
	tx: Transaction,
	merchantId: string,
	skuId: string | null,
	orderRef: string | null,
	heardAt: number,
): Promise<Pick<ConflictMoment, "at" | "heardAt">> {
	const [found] = (await tx.execute(sql`
		select (data->>'happenedAt')::float8 as stamp from sync_log
		where merchant_id = ${merchantId}::uuid and order_ref = ${orderRef} and sku_id = ${skuId}::uuid and kind = 'stock.changed'
		order by abs(extract(epoch from at) * 1000 - ${heardAt}::float8) limit 1`)) as unknown as {
		stamp: number | null;
	}[];
	return { at: Math.min(found?.stamp ?? heardAt, heardAt), heardAt };
}
