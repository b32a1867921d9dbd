/**
 * The numbers: on hand for each item and location, as a row of their own that does not exist until somebody first sets
 * one. What sells is what is on hand less the safety stock.
 */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";

/** In BigCommerce's own names. */
export type StockData = {
	location_id: number;
	safety_stock: number;
	is_in_stock: boolean;
	warning_level: number;
	bin_picking_number: string;
};

export type StockRow = { holder_id: string; location_id: number; onhand: number; data: StockData };

export const stockId = (locationId: number, holderId: string) => `${locationId}/${holderId}`;

export const newStock = (locationId: number): StockData => ({
	location_id: locationId,
	safety_stock: 0,
	is_in_stock: true,
	warning_level: 0,
	bin_picking_number: "",
});

export const availableOf = ({ onhand, data }: Pick<StockRow, "onhand" | "data">) => onhand - data.safety_stock;

const columns = sql`parent_id as holder_id, (data->>'location_id')::int as location_id, quantity as onhand, data`;

/** Locked in one order, so that what changes the same numbers does not wait in a circle. */
export async function lockStock(db: Executor, storeId: string, ids: readonly string[]): Promise<StockRow[]> {
	if (ids.length === 0) return [];
	return [
		...(await db.execute<StockRow>(sql`
			select ${columns} from sandbox.items
			where store_id = ${storeId} and id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
			order by id for update`)),
	];
}

export async function stockOf(db: Executor, storeId: string, holderIds: readonly string[]): Promise<StockRow[]> {
	if (holderIds.length === 0) return [];
	return [
		...(await db.execute<StockRow>(sql`
			select ${columns} from sandbox.items
			where store_id = ${storeId} and kind = 'stock'
				and parent_id in (select jsonb_array_elements_text(${JSON.stringify(holderIds)}::jsonb))`)),
	];
}

export type NewLevel = { holderId: string; locationId: number; onhand: number };

/** Sets, and makes what was never set. */
export async function writeStock(db: Executor, storeId: string, levels: readonly NewLevel[], at: Date): Promise<void> {
	if (levels.length === 0) return;
	const rows = levels.map(({ holderId, locationId, onhand }) => ({
		id: stockId(locationId, holderId),
		parent_id: holderId,
		onhand,
		data: newStock(locationId),
	}));
	await db.execute(sql`
		insert into sandbox.items (store_id, id, parent_id, kind, quantity, data, modified_at)
		select ${storeId}, r.id, r.parent_id, 'stock', r.onhand, r.data, ${at.toISOString()}::timestamptz
		from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, parent_id text, onhand int, data jsonb)
		order by r.id
		on conflict (store_id, id) do update set quantity = excluded.quantity, modified_at = excluded.modified_at`);
}

export type Move = { holderId: string; by: number };

/**
 * Units to add (negative: to take) at one location, each number changed where it lies; never refused. Gives the new
 * numbers; an item that was never set there has none, and stays so.
 */
export async function moveStock(
	db: Executor,
	storeId: string,
	locationId: number,
	moves: readonly Move[],
	at: Date,
): Promise<StockRow[]> {
	const byId = new Map<string, number>();
	for (const { holderId, by } of moves) {
		const id = stockId(locationId, holderId);
		byId.set(id, (byId.get(id) ?? 0) + by);
	}
	await lockStock(db, storeId, [...byId.keys()]);
	const rows = [...byId].flatMap(([id, by]) => (by === 0 ? [] : [{ id, by }]));
	if (rows.length === 0) return [];
	return [
		...(await db.execute<StockRow>(sql`
			update sandbox.items i set quantity = i.quantity + m.by, modified_at = ${at.toISOString()}::timestamptz
			from json_to_recordset(${JSON.stringify(rows)}::json) as m(id text, by int)
			where i.store_id = ${storeId} and i.id = m.id
			returning i.parent_id as holder_id, (i.data->>'location_id')::int as location_id, i.quantity as onhand, i.data`)),
	];
}
