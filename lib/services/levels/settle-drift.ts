import type { DriftPolicy } from "@/db/schema";
import type { Statement } from "@/db/statement";
import type { Slot, WriteMode } from "@/lib/stock/slot";
import type { WorkTarget } from "../channels/work-target";
import { tellConflicts } from "../endpoints/tell";
import type { LogLine } from "../log/append-log";
import type { SlotRow } from "../pushes/slot-rows";
import { foldMovements, type MovementRow, stockChanged } from "../stock/append-movements";
import { stampSlackMs, updateSlots } from "../stock/recompute-offers";

export type SettledDrift = {
	log: LogLine[];
	/** Slots for which, from now on, what is shown is what we expect. The others wait for a person. */
	accepted: Set<number>;
	/** Edits in the channel that count, for {@link countEdits}. */
	movements: MovementRow[];
};

/** Why a level differs when no order explains it (R7). */
type DriftClass = "manual_edit" | "lost_write" | "hidden_return";

/**
 * A level that nothing explains: classified, then settled by the channel's policy. The master wins: what is shown is
 * accepted as shown, and the offer is pushed over it. The channel's edit counts: the difference becomes a movement. Ask:
 * one conflict, and no raise until a person has decided.
 */
export async function settleDrift(
	run: Statement,
	target: WorkTarget,
	rows: readonly SlotRow[],
	writeMode: WriteMode,
): Promise<SettledDrift> {
	const policy = await readPolicy(run, target.channelId);
	const isBlind = writeMode === "absolute" || writeMode === "over_reservations";
	const classes = isBlind ? await findOurDoing(run, target.channelId, rows) : notOurDoing;
	const before = await findShownBefore(run, target, rows);
	const result: SettledDrift = { log: [], accepted: new Set(), movements: [] };
	for (const row of rows) {
		const { slot } = row;
		const driftClass = classes.get(row.id) ?? "manual_edit";
		const facts = {
			...asFound(slot, before.get(row.id)),
			offered: slot.offered,
			class: driftClass,
			policy: policy.drift,
		};
		const about = { channelId: target.channelId, skuId: row.skuId, listingId: row.listingId };
		result.log.push({ ...about, kind: "level.drift", state: "warn", data: facts });
		if (row.skuId === null || policy.drift !== "ask" || driftClass !== "manual_edit") {
			result.accepted.add(row.id);
			if (row.skuId !== null)
				result.log.push({ ...about, kind: "level.healed", state: "ok", skuVersion: slot.skuVersion, data: facts });
		}
		if (row.skuId !== null && policy.drift === "channel_counts" && driftClass === "manual_edit" && policy.locationId) {
			result.movements.push({
				skuId: row.skuId,
				locationId: policy.locationId,
				delta: slot.unexplained * row.units,
				kind: "channel_edit",
				causeKey: `edit:${row.id}:${slot.expectedVersion}`,
				actor: "system",
				channelId: target.channelId,
				note: `the store shows ${facts.shown}, expected ${facts.expected}`,
			});
		}
	}
	if (policy.drift === "ask")
		await openConflicts(
			run,
			target,
			rows.filter((row) => !result.accepted.has(row.id)),
			before,
		);
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

async function readPolicy(
	run: Statement,
	channelId: string,
): Promise<{ drift: DriftPolicy; locationId: string | null }> {
	const [row] = await run<{ drift: DriftPolicy; location_id: string | null }>`
		select drift_policy as drift, location_id from channels where id = ${channelId}::uuid`;
	return { drift: row?.drift ?? "ask", locationId: row?.location_id ?? null };
}

/** A platform that compares or adds has said of each write whether it did: a level from before it is an edit back (R6). */
const notOurDoing: ReadonlyMap<number, DriftClass> = new Map();

/** Newest movements of a SKU among which a return is looked for: more than come in while one write is under way. */
const mostMovements = 200;

/**
 * What our last blind write explains, and nobody edited. A level that stands where it stood before it: it was lost. Units
 * too few, as many as the channel gave back while it was under way: it was worked out without them and landed on top.
 */
async function findOurDoing(
	run: Statement,
	channelId: string,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, DriftClass>> {
	const input = JSON.stringify(
		rows.flatMap(({ id, skuId, locationId, units, slot }) =>
			skuId ? [{ id, sku: skuId, location: locationId, shown: slot.shown, missing: -slot.unexplained * units }] : [],
		),
	);
	const found = await run<{ id: number; class: DriftClass }>`
		select i.id::float8 as id,
			case when last.expected = i.shown and last.quantity <> i.shown then 'lost_write' else 'hidden_return' end as class
		from jsonb_to_recordset(${input}::text::jsonb) as i(id bigint, sku uuid, location uuid, shown int, missing int)
		cross join lateral (
			select p.expected, p.quantity, p.at, p.settled_at from push_items p
			where p.sku_id = i.sku and p.channel_id = ${channelId}::uuid and p.slot_id = i.id and p.outcome = 'applied'
			order by p.sku_version desc, p.settled_at desc limit 1
		) last
		where (last.expected = i.shown and last.quantity <> i.shown) or (i.missing > 0 and i.missing <= (
			-- Heard of after the write was claimed, so not in its number; and by the store's stamp it was not later than the answer.
			select sum(m.delta) from (
				select * from movements where sku_id = i.sku and location_id = i.location order by version desc limit ${mostMovements}
			) m
			join orders o on o.channel_id = m.channel_id and o.order_ref = m.order_ref
			where m.channel_id = ${channelId}::uuid and m.kind = 'order_returned' and m.at >= last.at
				and to_timestamp(o.version_at / 1000.0) <= last.settled_at + ${stampSlackMs}::int * interval '1 ms'))`;
	return new Map(found.map((row) => [row.id, row.class]));
}

const conflictKey = (slotId: number) => `drift:${slotId}`;

async function openConflicts(
	run: Statement,
	target: WorkTarget,
	rows: readonly SlotRow[],
	shownBefore: ReadonlyMap<number, number>,
): Promise<void> {
	const input = rows.map(({ id, skuId, listingId, slot }) => {
		const { shown, expected, setBackTo } = asFound(slot, shownBefore.get(id));
		return {
			key: conflictKey(id),
			slot: id,
			sku: skuId,
			listing: listingId,
			units: Math.abs(slot.unexplained),
			facts: { base: expected, ours: slot.offered, channel: shown, setBackTo },
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
