/** Drift that a person decides: one conflict for a slot, until it is decided. */
import type { Statement } from "@/db/statement";
import type { DriftClass } from "@/lib/stock/drift";
import type { WorkTarget } from "../channels/work-target";
import { driftKey } from "../conflicts/drift-key";
import { openOfSlots } from "../conflicts/open-of-slots";
import { tellConflicts } from "../endpoints/tell";
import type { SlotRow } from "../pushes/slot-rows";
import { asFound } from "./as-found";
import type { OurDoing } from "./drift-evidence";

/** What is found is put to a person with its class: by the time that they decide, our own lowering may look like its cause. */
export type ToAsk = {
	row: SlotRow;
	class: DriftClass | OurDoing | "returned";
	/** Orders that nobody can read and that may be the cause. */
	unread: readonly string[];
};

/** What a person was asked; `unread` null: of no order. */
type Asked = { units: number; class: ToAsk["class"] | null; unread: string[] | null };

/** What a person has been asked already and has not decided, by slot; null: asked by an older version, without a class. */
export async function readAsked(
	run: Statement,
	merchantId: string,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, Asked>> {
	const found = await run<Asked & { slot_id: number }>`
		-- Two edits are asked about by what stands against each other: what is unexplained is the channel's, and it is an edit.
		select slot_id::float8,
			case when kind = 'competing_edits' then abs((facts->>'channel')::int - (facts->>'base')::int) else units end as units,
			case when kind = 'competing_edits' then 'manual_edit' else facts->>'class' end as class, facts->'unread' as unread
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
	const opened = await openOfSlots(
		run,
		target,
		toAsk.map(({ row, class: driftClass, unread }) => {
			const { shown, expected, setBackTo } = asFound(row.slot, shownBefore.get(row.id));
			return {
				key: driftKey(row.id),
				row,
				kind: "drift",
				units: Math.abs(row.slot.unexplained),
				facts: {
					base: expected,
					ours: row.slot.offered,
					channel: shown,
					setBackTo,
					class: driftClass,
					...(unread.length > 0 && { unread }),
				},
			};
		}),
	);
	await tellConflicts(
		run,
		target.merchantId,
		opened.map(({ id, kind, skuId, units }) => ({
			id,
			kind,
			skuId,
			channelId: target.channelId,
			units,
			orderNumber: null,
		})),
	);
}
