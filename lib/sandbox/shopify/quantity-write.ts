/**
 * The write of quantities itself. The levels of a call are locked, compared and written in one transaction, and its
 * answer is remembered there too: a stale row fails the whole call.
 */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { takeIds } from "../context";
import { changeStore } from "../news";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { levelId, mintId } from "./ids";
import { type StoreEvent, shopifyDelays, tellSubscribers } from "./news";
import { touchProducts } from "./products";
import type { AdjustableName, UserError } from "./quantity-rules";
import { idList, type LevelRow, locationsOf, onHand } from "./rows";
import { settingsOf } from "./settings";
import { ensureLevels } from "./stock";
import { graphTime } from "./times";

/** What one row of a call changed; GraphQL shows it as two changes. Kept small: the answer is remembered for a day. */
export type AppliedRow = { itemId: string; locationId: string; delta: number; ledgerDocumentUri?: string };
export type AdjustmentGroup = {
	id: string;
	createdAt: string;
	reason: string;
	referenceDocumentUri: string | null;
	name: AdjustableName | "on_hand";
	rows: AppliedRow[];
};
export type QuantityPayload = { group: AdjustmentGroup | null; userErrors: UserError[] };

export type Input = { name: string; reason: string; referenceDocumentUri?: string | null };
/** One row of a call, whichever mutation it came by. */
export type QuantityRow = {
	index: number;
	itemId: string | null;
	locationId: string | null;
	changeFrom: number | null;
	/** From the level as it is under the lock; may push an error instead. */
	deltaOf(level: LevelRow): number;
	ledgerDocumentUri: string | null;
};

export type Remember = (tx: Transaction, payload: QuantityPayload) => Promise<void>;

export type Write = {
	listName: "quantities" | "changes";
	errors: UserError[];
	name: AdjustableName | "on_hand";
	staleMessage: string;
	rows: QuantityRow[];
	remember: Remember;
};

export async function writeQuantities(
	ctx: SandboxContext,
	store: SandboxStore,
	input: Input,
	write: Write,
): Promise<QuantityPayload> {
	const locationIds = new Set((await locationsOf(ctx, store)).map(({ id }) => id));
	const [groupNumber = 0] = await takeIds(ctx.db, store.id, 1);
	const now = ctx.now();
	return changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		const finish = async (payload: QuantityPayload) => {
			await write.remember(tx, payload);
			return payload;
		};
		let levels = await lockLevels(tx, store.id, write.rows);
		const isPlain = write.rows.every((row) => levels.get(levelOf(row))?.requires_components === false);
		const errors = isPlain
			? write.errors
			: [...write.errors, ...(await targetErrors(tx, store.id, write, locationIds))];
		if (errors.length > 0) return finish({ group: null, userErrors: errors });
		const missing = write.rows.filter((row) => !levels.has(levelOf(row)));
		if (missing.length > 0) {
			// Quantities can be set at any location: a level that does not exist yet is made, and is 0.
			await ensureLevels(
				tx,
				store.id,
				missing.map(({ itemId, locationId }) => ({ itemId: itemId ?? "", locationId: locationId ?? "" })),
				now,
			);
			levels = await lockLevels(tx, store.id, write.rows);
		}
		const deltas = new Map<QuantityRow, number>();
		const stale: UserError[] = [];
		for (const row of write.rows) {
			const level = levels.get(levelOf(row));
			if (!level) throw new Error("A locked level is gone.");
			if (row.changeFrom !== null && row.changeFrom !== quantityOf(level, write.name))
				stale.push({
					code: "CHANGE_FROM_QUANTITY_STALE",
					field: fieldOf(write, row, "changeFromQuantity"),
					message: write.staleMessage,
				});
			const delta = row.deltaOf(level);
			if (delta !== 0) deltas.set(row, delta);
		}
		if (stale.length > 0) return finish({ group: null, userErrors: stale });
		// Nothing to change is a success without a group.
		if (deltas.size === 0) return finish({ group: null, userErrors: [] });

		await applyDeltas(tx, store.id, deltas, write.name, now);
		const events = await quantityEvents(ctx, store, tx, [...deltas.keys()], levels, write.name, now);
		await tellSubscribers(ctx, store, tx, tell, events);
		return finish({ group: groupOf(groupNumber, input, write.name, deltas, now), userErrors: [] });
	});
}

const groupOf = (
	groupNumber: number,
	input: Input,
	name: Write["name"],
	deltas: ReadonlyMap<QuantityRow, number>,
	now: Date,
): AdjustmentGroup => ({
	id: mintId(groupNumber),
	createdAt: graphTime(now),
	reason: input.reason,
	referenceDocumentUri: input.referenceDocumentUri ?? null,
	name,
	rows: [...deltas].map(([row, delta]) => ({
		itemId: row.itemId ?? "",
		locationId: row.locationId ?? "",
		delta,
		...(row.ledgerDocumentUri !== null && { ledgerDocumentUri: row.ledgerDocumentUri }),
	})),
});

const fieldOf = (write: Write, row: QuantityRow, name: string) => ["input", write.listName, String(row.index), name];

const levelOf = (row: QuantityRow) => levelId(row.locationId ?? "", row.itemId ?? "");

export const quantityOf = (level: LevelRow, name: string): number => {
	if (name === "available") return level.quantity ?? 0;
	if (name === "on_hand") return onHand(level);
	if (name === "committed") return level.committed;
	return level.data[name as Exclude<AdjustableName, "available">];
};

/** A level changes on hand with it, except where units are only on their way. */
export function changesOf({ name, rows }: AdjustmentGroup) {
	const names = name === "incoming" ? ["incoming"] : [name === "on_hand" ? "available" : name, "on_hand"];
	return rows.flatMap(({ itemId, locationId, delta, ledgerDocumentUri }) =>
		names.map((changed) => ({
			name: changed,
			delta,
			quantityAfterChange: null,
			ledgerDocumentUri: changed === "on_hand" ? null : (ledgerDocumentUri ?? null),
			itemId,
			locationId,
		})),
	);
}

type LockedLevel = LevelRow & { product_id: string; requires_components: boolean };

/** With what is to be known of their items. Locked until the transaction ends. */
async function lockLevels(
	tx: Transaction,
	storeId: string,
	rows: readonly QuantityRow[],
): Promise<Map<string, LockedLevel>> {
	const locked = await tx.execute<LockedLevel>(sql`
		select l.id, l.parent_id, l.quantity, l.committed, l.data, v.parent_id product_id,
			(v.data->>'requiresComponents')::boolean requires_components
		from sandbox.items l
		join sandbox.items it on it.store_id = l.store_id and it.id = l.parent_id
		join sandbox.items v on v.store_id = l.store_id and v.id = it.parent_id
		where l.store_id = ${storeId} and l.id in ${idList(rows.map(levelOf))} order by l.id for update of l`);
	return new Map(locked.map((row) => [row.id, row]));
}

/** Items that don't exist or can't be written, locations that don't exist. */
async function targetErrors(
	tx: Transaction,
	storeId: string,
	write: Write,
	locationIds: ReadonlySet<string>,
): Promise<UserError[]> {
	const found = await tx.execute<{ id: string; requires_components: boolean }>(sql`
		select it.id, (v.data->>'requiresComponents')::boolean requires_components
		from sandbox.items it join sandbox.items v on v.store_id = it.store_id and v.id = it.parent_id
		where it.store_id = ${storeId} and it.kind = 'item'
			and it.id in ${idList(write.rows.flatMap(({ itemId }) => itemId ?? []))}`);
	const items = new Map(found.map((row) => [row.id, row]));
	const errors: UserError[] = [];
	for (const row of write.rows) {
		const item = items.get(row.itemId ?? "");
		if (!item || item.requires_components)
			errors.push({
				code: item ? "NON_MUTABLE_INVENTORY_ITEM" : "INVALID_INVENTORY_ITEM",
				field: fieldOf(write, row, "inventoryItemId"),
				message: item
					? "The specified inventory item is not allowed to be adjusted via API."
					: "The specified inventory item could not be found.",
			});
		if (!locationIds.has(row.locationId ?? ""))
			errors.push({
				code: "INVALID_LOCATION",
				field: fieldOf(write, row, "locationId"),
				message: "The specified location could not be found.",
			});
	}
	return errors;
}

async function applyDeltas(
	tx: Transaction,
	storeId: string,
	deltas: ReadonlyMap<QuantityRow, number>,
	name: Write["name"],
	now: Date,
): Promise<void> {
	const rows = [...deltas].map(([row, delta]) => ({ id: levelOf(row), delta }));
	const isAvailable = name === "available" || name === "on_hand";
	const changed = isAvailable
		? sql`quantity = i.quantity + r.delta`
		: sql`data = jsonb_set(i.data, array[${name}::text], to_jsonb((i.data->>${name})::int + r.delta))`;
	await tx.execute(sql`
		update sandbox.items i set ${changed}, modified_at = ${now.toISOString()}::timestamptz
		from (select id, sum(delta)::int delta
			from json_to_recordset(${JSON.stringify(rows)}::json) as j(id text, delta int) group by id) r
		where i.store_id = ${storeId} and i.id = r.id`);
}

async function quantityEvents(
	ctx: SandboxContext,
	store: SandboxStore,
	tx: Transaction,
	rows: readonly QuantityRow[],
	levels: ReadonlyMap<string, LockedLevel>,
	name: Write["name"],
	now: Date,
): Promise<StoreEvent[]> {
	const isAvailable = name === "available" || name === "on_hand";
	if (!isAvailable) return [];
	const changed = [...new Set(rows.map(levelOf))];
	const levelEvents = changed.map((resourceId) => ({
		topic: "inventory_levels/update",
		resourceId,
		body: null,
	}));
	const rate = settingsOf(store).productNews.writes;
	const products = new Set(changed.flatMap((id) => levels.get(id)?.product_id ?? []));
	const touched = [...products].filter(() => ctx.random() < rate);
	return [...levelEvents, ...(await touchProducts(tx, store.id, touched, now))];
}

/** The store's owner types a number at a location: no compare, no key, the same news. */
export async function typeQuantity(
	ctx: SandboxContext,
	store: SandboxStore,
	itemId: string,
	locationId: string,
	quantity: number,
): Promise<void> {
	const row: QuantityRow = {
		index: 0,
		itemId,
		locationId,
		changeFrom: null,
		deltaOf: (level) => quantity - (level.quantity ?? 0),
		ledgerDocumentUri: null,
	};
	await writeQuantities(
		ctx,
		store,
		{ name: "available", reason: "correction" },
		{
			listName: "quantities",
			errors: [],
			name: "available",
			staleMessage: "",
			rows: [row],
			remember: async () => {},
		},
	);
}
