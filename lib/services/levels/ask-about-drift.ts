/** Drift that a person decides: one conflict for a slot, until it is decided. */
import type { Statement } from "@/db/statement";
import type { DriftClass } from "@/lib/stock/drift";
import type { WorkTarget } from "../channels/work-target";
import { driftKey } from "../conflicts/drift-key";
import { tellConflicts } from "../endpoints/tell";
import type { SlotRow } from "../pushes/slot-rows";
import { asFound } from "./as-found";
import type { OurDoing } from "./drift-evidence";

/** What is found is put to a person with its class: by the time that they decide, our own lowering may look like its cause. */
export type ToAsk = { row: SlotRow; class: DriftClass | OurDoing };

/** What a person has been asked already and has not decided, by slot; null: asked by an older version, without a class. */
export async function readAsked(
	run: Statement,
	merchantId: string,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, { units: number; class: ToAsk["class"] | null }>> {
	const found = await run<{ slot_id: number; units: number; class: ToAsk["class"] | null }>`
		-- Two edits are asked about by what stands against each other: what is unexplained is the channel's, and it is an edit.
		select slot_id::float8,
			case when kind = 'competing_edits' then abs((facts->>'channel')::int - (facts->>'base')::int) else units end as units,
			case when kind = 'competing_edits' then 'manual_edit' else facts->>'class' end as class
		from conflicts
		where merchant_id = ${merchantId}::uuid and state <> 'decided'
			and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => driftKey(id)))}::text::jsonb))`;
	return new Map(found.map(({ slot_id, ...asked }) => [slot_id, asked]));
}

export async function askAboutDrift(
	run: Statement,
	target: WorkTarget,
	toAsk: readonly ToAsk[],
	shownBefore: ReadonlyMap<number, number>,
): Promise<void> {
	const input = toAsk.map(({ row: { id, skuId, listingId, slot }, class: driftClass }) => {
		const { shown, expected, setBackTo } = asFound(slot, shownBefore.get(id));
		return {
			key: driftKey(id),
			slot: id,
			sku: skuId,
			listing: listingId,
			units: Math.abs(slot.unexplained),
			facts: { base: expected, ours: slot.offered, channel: shown, setBackTo, class: driftClass },
		};
	});
	const opened = await run<{ id: string; sku_id: string | null; units: number; is_new: boolean }>`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, listing_id, slot_id, units, facts)
		select ${target.merchantId}::uuid, 'drift', i.key, i.sku, ${target.channelId}::uuid, i.listing, i.slot, i.units, i.facts
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i(key text, slot bigint, sku uuid, listing uuid, units int, facts jsonb)
		on conflict (merchant_id, dedupe_key) where state <> 'decided' do update set units = excluded.units, facts = excluded.facts
		-- A row that was there already bears the mark of the transaction that locked it to change it.
		returning id, sku_id, units, xmax = 0 as is_new`;
	await tellConflicts(
		run,
		target.merchantId,
		opened
			.filter(({ is_new }) => is_new)
			.map(({ id, sku_id, units }) => ({
				id,
				kind: "drift",
				skuId: sku_id,
				channelId: target.channelId,
				units,
				orderNumber: null,
			})),
	);
}
