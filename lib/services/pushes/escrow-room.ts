import type { Statement } from "@/db/statement";
import { doubtOf } from "@/lib/stock/bound";
import type { Escrow, Plan } from "@/lib/stock/slot-writes";
import { lockEscrow } from "../stock/lock-escrow";
import type { SlotRow } from "./slot-rows";

/** What the slots of one call may take of their SKUs' stock (lib/stock/escrow.ts, E1). */
export type EscrowRoom = {
	/** Null: the slot shares. */
	of(row: SlotRow): Escrow | null;
	/** This write leaves: what it may add is nobody else's any more. */
	take(row: SlotRow, plan: Extract<Plan, { act: "write" }>): void;
};

const sharedByAll: EscrowRoom = { of: () => null, take: () => {} };

const poolOf = ({ skuId, locationId }: SlotRow) => `${skuId} ${locationId}`;

/**
 * What nobody holds of the stock behind these slots. One claim at a time for each SKU, until the caller's transaction ends:
 * two channels must not take the same units. A sale that is applied meanwhile takes as much from the stock as from its
 * channel's bound, so that either sum is true.
 */
export async function escrowRoom(run: Statement, rows: readonly SlotRow[]): Promise<EscrowRoom> {
	const skuIds = [...new Set(rows.flatMap((row) => (row.isEscrow ? (row.skuId ?? []) : [])))].sort();
	if (skuIds.length === 0) return sharedByAll;
	const input = JSON.stringify(skuIds);
	await lockEscrow(run, skuIds);
	const pools = await run<{ sku_id: string; location_id: string; free: number }>`
		select l.sku_id, l.location_id,
			(l.on_hand - l.reserved - sum(greatest(0, coalesce(s.bound + s.doubt, s.expected, 0)) * s.units))::int as free
		from levels l join slots s on s.sku_id = l.sku_id and s.location_id = l.location_id
		where l.sku_id in (select value::uuid from jsonb_array_elements_text(${input}::text::jsonb))
		group by l.sku_id, l.location_id`;
	const free = new Map(pools.map((pool) => [`${pool.sku_id} ${pool.location_id}`, pool.free]));
	return {
		of: (row) => (row.isEscrow ? { free: free.get(poolOf(row)) ?? 0, units: row.units } : null),
		take: (row, plan) => {
			if (row.isEscrow) free.set(poolOf(row), (free.get(poolOf(row)) ?? 0) - doubtOf(plan) * row.units);
		},
	};
}
