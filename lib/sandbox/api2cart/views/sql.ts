/** Conditions that every view shares. */
import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { Moved, OrderFilter } from "./view";

export const textList = (values: readonly string[]): SQL =>
	sql`(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;

const moment = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`;

/** Both ends belong to it. */
export function within(column: SQL, from: Date | null | undefined, to: Date | null | undefined): SQL {
	return sql`${from ? sql`${column} >= ${moment(from)}` : sql`true`} and ${to ? sql`${column} <= ${moment(to)}` : sql`true`}`;
}

export function orderConditions(storeId: string, filter: OrderFilter): SQL {
	return sql`store_id = ${storeId}
		and ${filter.ids ? sql`id in ${textList(filter.ids)}` : sql`true`}
		and ${within(sql`created_at`, filter.createdFrom, filter.createdTo)}
		and ${within(sql`modified_at`, filter.modifiedFrom, filter.modifiedTo)}`;
}

export const after = (column: SQL, from: Date, to: Date): SQL =>
	sql`${column} > ${moment(from)} and ${column} <= ${moment(to)}`;

export async function movedOrders(db: Executor, storeId: string, from: Date, to: Date): Promise<Moved["orders"]> {
	const rows = await db.execute<{ id: string; is_new: boolean }>(sql`
		select id, created_at > ${moment(from)} is_new from sandbox.orders
		where store_id = ${storeId} and ${after(sql`modified_at`, from, to)} order by modified_at, id`);
	return rows.map((row) => ({ id: row.id, isNew: row.is_new }));
}
