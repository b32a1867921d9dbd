/** The one number of a product: lowered and raised atomically by orders, written absolutely by everybody else. */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { Event } from "./news";
import type { WooSettings } from "./settings";

/** Units to add (negative: to take) at what holds the stock; `parentId`: the variable product of a variation. */
export type Move = { holderId: string; parentId: string | null; by: number };
export type Moved = { id: string; quantity: number };

/**
 * One statement for all lines of an order, each number changed where it lies. Locked in one order, so that orders of the
 * same things don't wait for each other in a circle. Never refused: WooCommerce sells below zero.
 */
export async function moveStock(
	db: Executor,
	storeId: string,
	moves: readonly Move[],
	at: Date,
	settings: WooSettings,
): Promise<Moved[]> {
	const byId = new Map<string, number>();
	const touched = new Set<string>();
	for (const { holderId, parentId, by } of moves) {
		byId.set(holderId, (byId.get(holderId) ?? 0) + by);
		if (parentId && parentId !== holderId) touched.add(parentId);
	}
	if (byId.size === 0) return [];
	const rows = [
		...[...byId].map(([id, by]) => ({ id, by })),
		...[...touched].filter((id) => !byId.has(id)).map((id) => ({ id, by: null })),
	];
	return [
		...(await db.execute<Moved>(sql`
			with moves as (select * from json_to_recordset(${JSON.stringify(rows)}::json) as m(id text, by int)),
			locked as (
				select i.id from sandbox.items i join moves using (id) where i.store_id = ${storeId} order by length(i.id), i.id for update of i
			),
			changed as (
				update sandbox.items i set
					quantity = case when m.by is null then i.quantity else coalesce(i.quantity, 0) + m.by end,
					modified_at = case when ${settings.salesMoveStamps} then ${at.toISOString()}::timestamptz else i.modified_at end
				from moves m, locked l
				where i.store_id = ${storeId} and i.id = m.id and l.id = i.id
				returning i.id, i.quantity, m.by
			)
			select id, quantity from changed where by is not null`)),
	];
}

export const stockNews = (moved: readonly Moved[]): Event[] =>
	moved.map(({ id }) => ({ topic: "product.updated", resourceId: id }));
