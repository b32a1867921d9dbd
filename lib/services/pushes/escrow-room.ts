import type { Statement } from "@/db/statement";
import { doubtOf } from "@/lib/stock/bound";
import type { Escrow, Plan } from "@/lib/stock/slot-plan";
import { lockEscrow } from "../stock/lock-escrow";
import type { SlotRow } from "./slot-rows";

/** What the slots of one call may take of the stock that they draw on (lib/stock/escrow.ts, E1). */
export type EscrowRoom = {
	/** In units of the listing. Null: the slot shares. */
	of(row: SlotRow): Escrow | null;
	/** This write leaves: what it may add is nobody else's any more. */
	take(row: SlotRow, plan: Extract<Plan, { act: "write" }>): void;
};

const sharedByAll: EscrowRoom = { of: () => null, take: () => {} };

/** A stock that a slot draws on: a SKU in a pool of locations. `units`: those of it that one of the listing takes. */
type Draw = { slot_id: number; stock: string; units: number; free: number };

/**
 * What nobody holds of the stock behind these slots: of each SKU that is in escrow, a bundle's components, in each pool that
 * has all the locations that the channel sells from (lib/stock/places.ts, L1). One claim at a time for each SKU, until the
 * caller's transaction ends: two channels must not take the same units. A sale that is applied meanwhile takes as much from
 * the stock as from its channel's bound, so that either sum is true.
 */
export async function escrowRoom(run: Statement, rows: readonly SlotRow[]): Promise<EscrowRoom> {
	const escrow = rows.filter((row) => row.isEscrow && row.skuId);
	if (escrow.length === 0) return sharedByAll;
	await lockEscrow(
		run,
		escrow.flatMap(({ skuId }) => skuId ?? []),
	);
	const found = await readDraws(
		run,
		escrow.map(({ id }) => id),
	);
	const free = new Map(found.map((draw) => [draw.stock, draw.free]));
	const drawsOf = ({ id }: SlotRow) => found.filter((draw) => draw.slot_id === id);
	const leftOf = ({ stock }: Draw) => free.get(stock) ?? 0;
	return {
		of: (row) => {
			if (!row.isEscrow) return null;
			const spare = drawsOf(row).map((draw) => Math.floor(leftOf(draw) / draw.units));
			return { free: spare.length > 0 ? Math.min(...spare) : 0, units: 1 };
		},
		take: (row, plan) => {
			for (const draw of drawsOf(row)) free.set(draw.stock, leftOf(draw) - doubtOf(plan) * draw.units);
		},
	};
}

const readDraws = (run: Statement, slotIds: readonly number[]) =>
	run<Draw>`
		with draw as (
			select s.id, coalesce(sc.component_id, s.sku_id) as sku_id, s.units * coalesce(sc.units, 1) as units, p.root_id, p.location_ids
			from slots s
			join channels c on c.id = s.channel_id
			join pools p on p.merchant_id = s.merchant_id and c.location_ids <@ p.location_ids
			left join sku_components sc on sc.bundle_id = s.sku_id
			where s.id = any(array(select value::bigint from jsonb_array_elements_text(${JSON.stringify(slotIds)}::text::jsonb)))
		),
		stock as (
			select d.sku_id, d.location_ids, sum(l.on_hand - l.reserved) as available
			from (select distinct sku_id, location_ids from draw) d
			join levels l on l.sku_id = d.sku_id and l.location_id = any(d.location_ids)
			group by 1, 2
		),
		held as (
			select k.sku_id, k.location_ids, sum(greatest(0, coalesce(s.bound::bigint + s.doubt, s.expected, 0)) * s.units * k.units) as units
			from (
				select st.sku_id, st.location_ids, st.sku_id as listed_id, 1 as units from stock st
				union all
				select st.sku_id, st.location_ids, sc.bundle_id, sc.units from stock st join sku_components sc on sc.component_id = st.sku_id
			) k
			join slots s on s.sku_id = k.listed_id
			join channels c on c.id = s.channel_id and c.location_ids <@ k.location_ids and c.pushing_since is not null
			group by 1, 2
		)
		select d.id::float8 as slot_id, d.sku_id || ' ' || array_to_string(d.location_ids, ' ') as stock, d.units,
			(st.available - coalesce(h.units, 0))::float8 as free
		from draw d
		join stock st using (sku_id, location_ids)
		left join held h using (sku_id, location_ids)
		where exists (
			select from levels l join pools p on l.location_id = any(p.location_ids)
			where l.sku_id = d.sku_id and l.is_escrow and p.root_id = d.root_id)`;
