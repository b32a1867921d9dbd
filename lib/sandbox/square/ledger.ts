/**
 * Square's ledger of stock. A count at a place is the last physical count by `occurred_at` and the adjustments after it,
 * whenever they were told; it starts from nothing. So a recount swallows what happened before it and came later, as the
 * sales of a till that was offline. Changes and counts lie in sandbox.items: `change` and `count`.
 */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";

export type Source = { product: string; application_id?: string; name: string };

type Place = {
	id: string;
	variationId: string;
	locationId: string;
	quantity: number;
	occurredAt: Date;
	createdAt: Date;
};
type Note = { referenceId?: string; transactionId?: string; refundId?: string; source?: Source };

export type Adjustment = Place & Note & { type: "ADJUSTMENT"; from: string; to: string };
export type PhysicalCount = Place & Note & { type: "PHYSICAL_COUNT" };
export type Change = Adjustment | PhysicalCount;

/** Of units in stock. `countedAt`: of the last physical count; empty where there was none. */
export type Count = {
	variation_id: string;
	location_id: string;
	quantity: string;
	/** What all adjustments moved to SOLD, less what came back. */
	sold: string;
	counted_at: string;
	calculated_at: string;
};

const keyOf = (variationId: string, locationId: string) => `${variationId}@${locationId}`;

const selectCounts = sql`select parent_id variation_id, data->>'location' location_id, data->>'quantity' quantity,
	data->>'sold' sold, data->>'countedAt' counted_at, modified_at calculated_at from sandbox.items`;

const idList = (ids: readonly string[]) => sql`(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;

export async function countsOf(db: Executor, storeId: string, variationIds: readonly string[]): Promise<Count[]> {
	return [
		...(await db.execute<Count>(
			sql`${selectCounts} where store_id = ${storeId} and kind = 'count' and parent_id in ${idList(variationIds)}`,
		)),
	];
}

/** Five decimals, as Square keeps them, and none that are zero. */
export const decimalText = (value: number) => String(Math.round(value * 100_000) / 100_000 || 0);

export type Moved = { count: Count; changedStates: ("IN_STOCK" | "SOLD")[] };

/**
 * All of them or none; in the caller's transaction. Variations are locked in one order, so that changes of the same
 * things don't wait for each other in a circle. Returns the counts that were touched, as they are now.
 */
export async function applyChanges(tx: Executor, storeId: string, changes: readonly Change[]): Promise<Moved[]> {
	const ids = [...new Set(changes.map(({ variationId }) => variationId))];
	await tx.execute(
		sql`select id from sandbox.items where store_id = ${storeId} and id in ${idList(ids)} order by id for update`,
	);
	const known = new Map(
		(await countsOf(tx, storeId, ids)).map((count) => [keyOf(count.variation_id, count.location_id), count]),
	);
	const moved = new Map<string, Moved>();
	for (const change of changes) {
		const key = keyOf(change.variationId, change.locationId);
		const before = known.get(key);
		const next =
			change.type === "ADJUSTMENT" ? adjusted(before, change) : await recounted(tx, storeId, before, change, changes);
		known.set(key, next);
		const states = new Set(moved.get(key)?.changedStates);
		if (next.quantity !== (before?.quantity ?? null)) states.add("IN_STOCK");
		if (next.sold !== (before?.sold ?? "0")) states.add("SOLD");
		moved.set(key, { count: next, changedStates: [...states] });
	}
	await keepChanges(tx, storeId, changes);
	await keepCounts(
		tx,
		storeId,
		[...moved.values()].map(({ count }) => count),
	);
	return [...moved.values()];
}

const blank = ({ variationId, locationId, createdAt }: Change): Count => ({
	variation_id: variationId,
	location_id: locationId,
	quantity: "0",
	sold: "0",
	counted_at: "",
	calculated_at: createdAt.toISOString(),
});

const differenceOf = ({ from, to, quantity }: Pick<Adjustment, "from" | "to" | "quantity">, state: string) =>
	(to === state ? quantity : 0) - (from === state ? quantity : 0);

/** What happened before the last recount is in that recount. */
function adjusted(before: Count | undefined, change: Adjustment): Count {
	const count = before ?? blank(change);
	const isSwallowed = count.counted_at !== "" && change.occurredAt.getTime() < Date.parse(count.counted_at);
	const quantity = Number(count.quantity) + (isSwallowed ? 0 : differenceOf(change, "IN_STOCK"));
	const sold = Number(count.sold) + differenceOf(change, "SOLD");
	return {
		...count,
		quantity: decimalText(quantity),
		sold: decimalText(sold),
		calculated_at: change.createdAt.toISOString(),
	};
}

async function recounted(
	tx: Executor,
	storeId: string,
	before: Count | undefined,
	change: PhysicalCount,
	together: readonly Change[],
): Promise<Count> {
	const count = before ?? blank(change);
	if (count.counted_at !== "" && change.occurredAt.getTime() < Date.parse(count.counted_at)) return count;
	const later = await tx.execute<{ from: string; to: string; quantity: string }>(sql`
		select data->>'from' "from", data->>'to' "to", data->>'quantity' quantity from sandbox.items
		where store_id = ${storeId} and kind = 'change' and parent_id = ${change.variationId} and data->>'type' = 'ADJUSTMENT'
			and data->>'location' = ${change.locationId} and (data->>'occurredAt')::timestamptz > ${change.occurredAt.toISOString()}::timestamptz`);
	const here = together
		.slice(0, together.indexOf(change))
		.filter((one) => one.type === "ADJUSTMENT")
		.filter(
			(one) =>
				one.variationId === change.variationId &&
				one.locationId === change.locationId &&
				one.occurredAt.getTime() > change.occurredAt.getTime(),
		);
	const since = [...later.map((one) => ({ ...one, quantity: Number(one.quantity) })), ...here];
	const quantity = since.reduce((sum, one) => sum + differenceOf(one, "IN_STOCK"), change.quantity);
	return {
		...count,
		quantity: decimalText(quantity),
		counted_at: change.occurredAt.toISOString(),
		calculated_at: change.createdAt.toISOString(),
	};
}

async function keepChanges(tx: Executor, storeId: string, changes: readonly Change[]): Promise<void> {
	const rows = changes.map((change) => ({
		id: change.id,
		parent: change.variationId,
		at: change.createdAt.toISOString(),
		data: {
			type: change.type,
			location: change.locationId,
			quantity: decimalText(change.quantity),
			occurredAt: change.occurredAt.toISOString(),
			referenceId: change.referenceId,
			transactionId: change.transactionId,
			refundId: change.refundId,
			source: change.source,
			...(change.type === "ADJUSTMENT" && { from: change.from, to: change.to }),
		},
	}));
	await tx.execute(sql`
		insert into sandbox.items (store_id, id, parent_id, kind, data, modified_at)
		select ${storeId}, r.id, r.parent, 'change', r.data, r.at
		from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, parent text, data jsonb, at timestamptz)`);
}

async function keepCounts(tx: Executor, storeId: string, counts: readonly Count[]): Promise<void> {
	const rows = counts.map((count) => ({
		id: keyOf(count.variation_id, count.location_id),
		parent: count.variation_id,
		at: count.calculated_at,
		data: {
			location: count.location_id,
			quantity: count.quantity,
			sold: count.sold,
			countedAt: count.counted_at,
		},
	}));
	await tx.execute(sql`
		insert into sandbox.items (store_id, id, parent_id, kind, data, modified_at)
		select ${storeId}, r.id, r.parent, 'count', r.data, r.at
		from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, parent text, data jsonb, at timestamptz)
		on conflict (store_id, id) do update set data = excluded.data, modified_at = excluded.modified_at`);
}
