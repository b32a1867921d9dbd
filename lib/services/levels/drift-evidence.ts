import type { Statement } from "@/db/statement";
import type { DriftEvidence } from "@/lib/stock/drift";
import type { SlotFacts } from "@/lib/stock/slot";
import { writesBlindly } from "@/lib/stock/slot-news";
import type { SlotRow } from "../pushes/slot-rows";
import { stampSlackMs } from "../stock/recompute-offers";
import { findLateWrites } from "./own-writes";

/** How a write of our own explains a difference. */
export type OurDoing = "lost_write" | "hidden_return";

export type Evidence = DriftEvidence & { ours: OurDoing | null };

/**
 * What there is to say about each difference, by slot (R7). `shownBefore`: what was found, where our own lowering has set it
 * back since. `returned`: units that the store's ledger tells of.
 */
export async function findEvidence(
	run: Statement,
	channelId: string,
	rows: readonly SlotRow[],
	shownBefore: ReadonlyMap<number, number>,
	facts: SlotFacts,
	returned: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, Evidence>> {
	const known = writesBlindly(facts.writeMode) ? await findOurDoing(run, channelId, rows, shownBefore) : notOurDoing;
	const late = await findLateWrites(run, channelId, rows, shownBefore, facts);
	const oursOf = (id: number) => known.get(id) ?? (late.has(id) ? "lost_write" : null);
	const stock = await findStock(run, rows);
	return new Map(
		rows.map(({ id, units, slot }) => [
			id,
			{
				difference: slot.unexplained,
				ours: oursOf(id),
				isOurDoing: oursOf(id) !== null,
				isBundle: stock.get(id)?.is_bundle ?? false,
				units,
				returned: returned.get(id) ?? 0,
				leftOver: stock.get(id)?.left_over ?? null,
			},
		]),
	);
}

type Stock = { id: number; is_bundle: boolean; left_over: number | null };

async function findStock(run: Statement, rows: readonly SlotRow[]): Promise<ReadonlyMap<number, Stock>> {
	const found = await run<Stock>`
		select s.id::float8 as id, k.is_bundle = 'yes' as is_bundle, (stock.available % s.units)::int as left_over
		from slots s join skus k on k.id = s.sku_id
		join channels c on c.id = s.channel_id
		cross join lateral (
			select greatest(0, sum(l.on_hand - l.reserved)) as available from levels l
			where k.is_bundle = 'no' and l.sku_id = s.sku_id and l.location_id = any(c.location_ids) and l.counted_at is not null
		) stock
		where s.id = any(array(select value::bigint from jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => id))}::text::jsonb)))`;
	return new Map(found.map((row) => [row.id, row]));
}

/** A platform that compares or adds has said of each write that it applied: a level from before it is an edit back (R6). */
const notOurDoing: ReadonlyMap<number, OurDoing> = new Map();

/** Newest movements of a SKU among which a return is looked for: more than come in while one write is under way. */
const mostMovements = 200;

/**
 * What our last blind write before the finding explains, and nobody edited. A level that stands where it stood before it, or before the
 * zero that went ahead of it: it was lost. Units too few, as many as the channel gave back while it was under way: it was worked out
 * without them and landed on top.
 */
async function findOurDoing(
	run: Statement,
	channelId: string,
	rows: readonly SlotRow[],
	shownBefore: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, OurDoing>> {
	const input = JSON.stringify(
		rows.flatMap(({ id, skuId, units, slot }) =>
			skuId
				? [
						{
							id,
							sku: skuId,
							shown: shownBefore.get(id) ?? slot.shown,
							missing: -slot.unexplained * units,
							since: slot.unexplainedSince,
						},
					]
				: [],
		),
	);
	const found = await run<{ id: number; class: OurDoing }>`
		select i.id::float8 as id,
			case when last.is_lost then 'lost_write' else 'hidden_return' end as class
		from jsonb_to_recordset(${input}::text::jsonb) as i(id bigint, sku uuid, shown int, missing int, since float8)
		cross join lateral (
			select w.at, w.settled_at, w.quantity <> i.shown
				and (w.expected = i.shown or (w.expected = 0 and w.kind_ahead = 'fence' and w.expected_ahead = i.shown)) as is_lost
			from (
				select p.*, lead(p.kind) over newest as kind_ahead, lead(p.expected) over newest as expected_ahead from (
					select * from push_items p
					where p.sku_id = i.sku and p.channel_id = ${channelId}::uuid and p.slot_id = i.id and p.outcome = 'applied'
						and p.at <= to_timestamp(i.since / 1000)
					order by p.sku_version desc, p.settled_at desc limit 2
				) p
				window newest as (order by p.sku_version desc, p.settled_at desc)
			) w
			order by w.sku_version desc, w.settled_at desc limit 1
		) last
		where last.is_lost or (i.missing > 0 and i.missing <= (
			-- Heard of after the write was claimed, so not in its number; and by the store's stamp it was not later than the answer.
			select sum(m.delta) from (
				select m.* from levels l cross join lateral (
					select * from movements where sku_id = l.sku_id and location_id = l.location_id order by version desc limit ${mostMovements}
				) m where l.sku_id = i.sku
			) m
			join orders o on o.channel_id = m.channel_id and o.order_ref = m.order_ref
			where m.channel_id = ${channelId}::uuid and m.kind = 'order_returned' and m.at >= last.at
				and to_timestamp(o.version_at / 1000.0) <= last.settled_at + ${stampSlackMs}::int * interval '1 ms'))`;
	return new Map(found.map((row) => [row.id, row.class]));
}
