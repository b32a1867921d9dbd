import type { Statement } from "@/db/statement";
import { classifyDrift, type DriftClass } from "@/lib/stock/drift";
import type { Slot, WriteMode } from "@/lib/stock/slot";
import type { WorkTarget } from "../channels/work-target";
import { tellConflicts } from "../endpoints/tell";
import type { LogLine } from "../log/append-log";
import type { SlotRow } from "../pushes/slot-rows";
import { foldMovements, type MovementRow, stockChanged } from "../stock/append-movements";
import { updateSlots } from "../stock/recompute-offers";
import { findEvidence, type OurDoing } from "./drift-evidence";
import { readDriftPolicies } from "./drift-policies";

export type SettledDrift = {
	log: LogLine[];
	/** Slots for which, from now on, what is shown is what we expect. The others wait for a person. */
	accepted: Set<number>;
	/** Edits in the channel that count, for {@link countEdits}. */
	movements: MovementRow[];
};

/**
 * A level that no order explains: classified, then settled by the channel's policy for the class (lib/stock/drift.ts). The master wins: what is shown is
 * accepted as shown, and the offer is pushed over it. The channel's edit counts: the difference becomes a movement. Ask:
 * one conflict, and no raise until a person has decided.
 */
export async function settleDrift(
	run: Statement,
	target: WorkTarget,
	rows: readonly SlotRow[],
	writeMode: WriteMode,
): Promise<SettledDrift> {
	const { policies, locationId } = await readDriftPolicies(run, target.channelId);
	const before = await findShownBefore(run, target, rows);
	const evidence = await findEvidence(run, target.channelId, rows, before, writeMode);
	const result: SettledDrift = { log: [], accepted: new Set(), movements: [] };
	const toAsk: ToAsk[] = [];
	const asked = await readAsked(run, target.merchantId, rows);
	for (const row of rows) {
		const { slot } = row;
		const found = evidence.get(row.id);
		if (!found) throw new Error(`slot ${row.id} is not there`);
		const told = asked.get(row.id);
		const isTold = told !== undefined && told.units === Math.abs(slot.unexplained);
		const driftClass = (isTold && told.class) || (found.ours ?? classifyDrift(found));
		const policy = policies[driftClass === "hidden_return" ? "lost_write" : driftClass];
		const facts = {
			...asFound(slot, before.get(row.id)),
			offered: slot.offered,
			class: driftClass,
			policy,
		};
		const about = { channelId: target.channelId, skuId: row.skuId, listingId: row.listingId };
		const isAsked = row.skuId !== null && policy === "ask";
		// Read again and again while it waits for a person, it is told once.
		if (!isAsked || !isTold) result.log.push({ ...about, kind: "level.drift", state: "warn", data: facts });
		if (isAsked) {
			toAsk.push({ row, class: driftClass });
			continue;
		}
		result.accepted.add(row.id);
		if (row.skuId === null) continue;
		result.log.push({ ...about, kind: "level.healed", state: "ok", skuVersion: slot.skuVersion, data: facts });
		if (policy === "channel_counts" && locationId)
			result.movements.push({
				skuId: row.skuId,
				locationId,
				delta: slot.unexplained * row.units,
				kind: "channel_edit",
				causeKey: `edit:${row.id}:${slot.expectedVersion}`,
				actor: "system",
				channelId: target.channelId,
				note: `the store shows ${facts.shown}, expected ${facts.expected}`,
			});
	}
	if (toAsk.length > 0) await openConflicts(run, target, toAsk, before);
	return result;
}

/** `setBackTo`: a lowering goes at once, so units too many may be gone again by the time that nothing explains them; null: they are not. */
type AsFound = { shown: number | null; expected: number | null; setBackTo: number | null };

/** The two numbers that didn't agree. After a lowering of ours the slot holds neither of them any more. */
function asFound(slot: Slot, shownBefore: number | undefined): AsFound {
	if (shownBefore === undefined) return { shown: slot.shown, expected: slot.expected, setBackTo: null };
	return { shown: shownBefore, expected: shownBefore - slot.unexplained, setBackTo: slot.shown };
}

/**
 * What was shown when our first write after the finding left, of slots that show too many: a lowering that took them off.
 * A decision that was taken back makes the same units new again: what was found is in the conflict.
 */
async function findShownBefore(
	run: Statement,
	{ merchantId, channelId }: WorkTarget,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, number>> {
	const input = rows.flatMap(({ id, skuId, slot }) =>
		skuId && slot.unexplained > 0
			? [{ id, sku: skuId, since: slot.unexplainedSince, units: slot.unexplained, key: conflictKey(id) }]
			: [],
	);
	if (input.length === 0) return new Map();
	const lowered = await run<{ id: number; shown: number }>`
		select i.id::float8 as id, coalesce(first.expected, told.shown) as shown
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i(id bigint, sku uuid, since float8, units int, key text)
		left join lateral (
			select p.expected from push_items p
			where p.sku_id = i.sku and p.channel_id = ${channelId}::uuid and p.slot_id = i.id and p.outcome = 'applied'
				and p.quantity < p.expected and p.settled_at >= to_timestamp(i.since / 1000)
			order by p.settled_at limit 1
		) first on true
		left join lateral (
			select (c.facts->>'channel')::int as shown from conflicts c
			where c.merchant_id = ${merchantId}::uuid and c.dedupe_key = i.key and c.state <> 'decided'
				and c.units = i.units and c.facts->>'setBackTo' is not null
		) told on true
		where coalesce(first.expected, told.shown) is not null`;
	return new Map(lowered.map(({ id, shown }) => [id, shown]));
}

/** The channel's own edits into the ledger; every other channel follows. */
export async function countEdits(
	run: Statement,
	merchantId: string,
	movements: readonly MovementRow[],
): Promise<LogLine[]> {
	const appended = await foldMovements(run, merchantId, movements);
	await updateSlots(run, [...new Set(appended.map(({ skuId }) => skuId))], []);
	return appended.map((movement) => stockChanged(movement, movements[movement.row] as MovementRow));
}

const conflictKey = (slotId: number) => `drift:${slotId}`;

/** What is found is put to a person with its class: by the time that they decide, our own lowering may look like its cause. */
type ToAsk = { row: SlotRow; class: DriftClass | OurDoing };

/** What a person has been asked already and has not decided, by slot; null: asked by an older version, without a class. */
async function readAsked(
	run: Statement,
	merchantId: string,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, { units: number; class: ToAsk["class"] | null }>> {
	const found = await run<{ slot_id: number; units: number; class: ToAsk["class"] | null }>`
		select slot_id::float8, units, facts->>'class' as class from conflicts
		where merchant_id = ${merchantId}::uuid and state <> 'decided'
			and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => conflictKey(id)))}::text::jsonb))`;
	return new Map(found.map(({ slot_id, ...asked }) => [slot_id, asked]));
}

async function openConflicts(
	run: Statement,
	target: WorkTarget,
	toAsk: readonly ToAsk[],
	shownBefore: ReadonlyMap<number, number>,
): Promise<void> {
	const input = toAsk.map(({ row: { id, skuId, listingId, slot }, class: driftClass }) => {
		const { shown, expected, setBackTo } = asFound(slot, shownBefore.get(id));
		return {
			key: conflictKey(id),
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
