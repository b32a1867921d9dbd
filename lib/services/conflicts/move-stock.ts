import type { Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { formatNumber } from "@/lib/format/number";
import type { Context } from "../context";
import { Unacceptable } from "../errors";
import { largestChange } from "../skus/change-level";
import { appendMovements, type MovementRow } from "../stock/append-movements";
import { lockPlaces, placeChanges, type StockChange } from "../stock/place-changes";
import type { ConflictRow } from "./list-conflicts";
import type { Undos } from "./undos";

/** What deciding about a conflict moves. `locationIds`: in the order in which is taken from them. */
export type DecidedMove = Pick<StockChange, "delta" | "locationIds" | "undoes"> & Pick<MovementRow, "kind">;

/** Moves what was decided, and says what would have to be moved to take it back. */
export async function moveStock(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	note: string | undefined,
	/** Null: for this one nothing moves. */
	of: (row: ConflictRow) => DecidedMove | null,
): Promise<Undos> {
	const run = statementsOf(tx);
	const changes = rows.flatMap((row) => {
		const move = of(row);
		if (!move) return [];
		if (!row.sku_id || move.locationIds.length === 0)
			throw new Unacceptable("There is no location to count it at. Choose one for the channel in its settings.");
		if (Math.abs(move.delta) > largestChange)
			throw new Unacceptable(
				`That would change what is on hand by ${formatNumber(Math.abs(move.delta))}. Beyond ${formatNumber(largestChange)} it is likely a typing error: keep ours, or write how many are there.`,
				"too_many",
			);
		return [{ ...move, row, skuId: row.sku_id, channelId: row.channel_id }];
	});
	const placed = await placeChanges(run, changes);
	const undos: Undos = new Map();
	for (const { change, skuId, locationId, delta } of placed) {
		const movements = undos.get(change.row.id)?.movements ?? [];
		undos.set(change.row.id, { movements: [...movements, { skuId, locationId, delta }] });
	}
	const at = ctx.now().getTime();
	await appendMovements(
		tx,
		ctx.merchantId,
		placed.map(({ change: { row, kind }, skuId, locationId, delta }) => ({
			skuId,
			locationId,
			delta,
			kind,
			causeKey: `conflict:${row.id}:${at}`,
			actor: ctx.actor,
			note: note || null,
			channelId: kind === "channel_edit" ? row.channel_id : null,
		})),
		rows.map(({ id }) => id),
	);
	return undos;
}

/** Locks all that these conflicts' stock is moved by, before it is looked at. */
export const lockStock = (tx: Transaction, rows: readonly ConflictRow[]): Promise<void> =>
	lockPlaces(
		statementsOf(tx),
		[...new Set(rows.flatMap(({ sku_id }) => sku_id ?? []))],
		rows.flatMap(({ slot_id }) => slot_id ?? []),
	);
