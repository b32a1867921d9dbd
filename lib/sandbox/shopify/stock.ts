/**
 * Units at locations. A sale is one conditional statement, as on the platform; whatever compares first locks its levels
 * in the order of their ids, so that two writes can't wait for each other.
 */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { levelId } from "./ids";
import type { LevelData } from "./rows";

/** A signed change of one level. */
export type LevelChange = { itemId: string; locationId: string; available: number; committed: number };

/** Also makes levels that don't exist yet. */
export async function changeLevels(
	tx: Transaction,
	storeId: string,
	changes: readonly LevelChange[],
	now: Date,
): Promise<void> {
	const rows = merge(changes);
	if (rows.length === 0) return;
	const changed = await update(tx, storeId, rows, now);
	if (changed.size === rows.length) return;
	const missing = rows.filter(({ id }) => !changed.has(id));
	await ensureLevels(tx, storeId, missing, now);
	await update(tx, storeId, missing, now);
}

type ChangeRow = LevelChange & { id: string };

function merge(changes: readonly LevelChange[]): ChangeRow[] {
	const byId = new Map<string, ChangeRow>();
	for (const change of changes) {
		const id = levelId(change.locationId, change.itemId);
		const known = byId.get(id);
		if (known) {
			known.available += change.available;
			known.committed += change.committed;
		} else byId.set(id, { ...change, id });
	}
	return [...byId.values()].filter(({ available, committed }) => available !== 0 || committed !== 0);
}

async function update(tx: Transaction, storeId: string, rows: ChangeRow[], now: Date): Promise<Set<string>> {
	const updated = await tx.execute<{ id: string }>(sql`
		with wanted as materialized (
			select r.id, r.available, r.committed
			from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, available int, committed int)
			join sandbox.items i on i.store_id = ${storeId} and i.id = r.id order by r.id for update of i)
		update sandbox.items i set quantity = i.quantity + w.available, committed = i.committed + w.committed,
			modified_at = ${now.toISOString()}::timestamptz
		from wanted w where i.store_id = ${storeId} and i.id = w.id returning i.id`);
	return new Set(updated.map(({ id }) => id));
}

export async function ensureLevels(
	executor: Executor,
	storeId: string,
	pairs: readonly { itemId: string; locationId: string }[],
	now: Date,
): Promise<void> {
	const rows = pairs.map(({ itemId, locationId }) => ({
		id: levelId(locationId, itemId),
		parent_id: itemId,
		data: newLevel(locationId, now),
	}));
	await executor.execute(sql`
		insert into sandbox.items (store_id, id, parent_id, kind, quantity, data, modified_at)
		select ${storeId}, r.id, r.parent_id, 'level', 0, r.data, ${now.toISOString()}::timestamptz
		from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, parent_id text, data jsonb)
		order by r.id on conflict do nothing`);
}

export const newLevel = (locationId: string, now: Date): LevelData => ({
	locationId,
	isActive: true,
	createdAt: now.toISOString(),
	incoming: 0,
	damaged: 0,
	quality_control: 0,
	reserved: 0,
	safety_stock: 0,
});

export type StockClaim = {
	itemId: string;
	quantity: number;
	/** Sells below zero: the variant's policy or the caller says so. */
	isForced: boolean;
};

/**
 * available −q, committed +q for each claim at the first location that has enough; null when one of them finds none,
 * and then the caller's transaction must be rolled back. The check and the decrement are one statement.
 */
export async function claimStock(
	tx: Transaction,
	storeId: string,
	claims: readonly StockClaim[],
	locationIds: readonly string[],
	now: Date,
): Promise<Map<string, string> | null> {
	const locationByItem = new Map<string, string>();
	let open = [...claims];
	for (const locationId of locationIds) {
		if (open.length === 0) break;
		const taken = await takeAt(tx, storeId, open, locationId, now);
		for (const { itemId } of open) if (taken.has(levelId(locationId, itemId))) locationByItem.set(itemId, locationId);
		open = open.filter(({ itemId }) => !locationByItem.has(itemId));
	}
	if (open.some(({ isForced }) => !isForced)) return null;
	const [primary] = locationIds;
	if (open.length > 0 && primary) {
		await changeLevels(
			tx,
			storeId,
			open.map(({ itemId, quantity }) => ({
				itemId,
				locationId: primary,
				available: -quantity,
				committed: quantity,
			})),
			now,
		);
		for (const { itemId } of open) locationByItem.set(itemId, primary);
	}
	return locationByItem;
}

async function takeAt(
	tx: Transaction,
	storeId: string,
	claims: readonly StockClaim[],
	locationId: string,
	now: Date,
): Promise<Set<string>> {
	const rows = claims.map(({ itemId, quantity }) => ({ id: levelId(locationId, itemId), quantity }));
	const taken = await tx.execute<{ id: string }>(sql`
		with wanted as materialized (
			select r.id, r.quantity from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, quantity int)
			join sandbox.items i on i.store_id = ${storeId} and i.id = r.id order by r.id for update of i)
		update sandbox.items i set quantity = i.quantity - w.quantity, committed = i.committed + w.quantity,
			modified_at = ${now.toISOString()}::timestamptz
		from wanted w where i.store_id = ${storeId} and i.id = w.id and i.quantity >= w.quantity returning i.id`);
	return new Set(taken.map(({ id }) => id));
}
