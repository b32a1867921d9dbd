import type { ConflictKind } from "@/db/schema";
import type { Statement } from "@/db/statement";
import type { WorkTarget } from "../channels/work-target";
import type { SlotRow } from "../pushes/slot-rows";

/** A number that a slot shows and that a person must settle, or look at. `key`: what makes two findings the same. */
export type FoundConflict = {
	key: string;
	row: SlotRow;
	kind: Extract<ConflictKind, "drift" | "competing_edits">;
	units: number;
	facts: object;
};

export type OpenedOfSlot = { id: string; kind: string; skuId: string; listingId: string; units: number };

/** Found again, it is the same one, as it stands now: only those that are new are returned. */
export async function openOfSlots(
	run: Statement,
	{ merchantId, channelId }: WorkTarget,
	found: readonly FoundConflict[],
): Promise<OpenedOfSlot[]> {
	if (found.length === 0) return [];
	const input = found.map(({ key, row, kind, units, facts }) => ({
		key,
		kind,
		units,
		facts,
		slot: row.id,
		sku: row.skuId,
		listing: row.listingId,
	}));
	const opened = await run<OpenedOfSlot & { isNew: boolean }>`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, listing_id, slot_id, units, facts)
		select ${merchantId}::uuid, i.kind, i.key, i.sku, ${channelId}::uuid, i.listing, i.slot, i.units, i.facts
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i(
			key text, kind text, slot bigint, sku uuid, listing uuid, units int, facts jsonb)
		on conflict (merchant_id, dedupe_key) where state <> 'decided'
			do update set kind = excluded.kind, units = excluded.units, facts = excluded.facts
		-- A row that was there already bears the mark of the transaction that locked it to change it.
		returning id, kind, sku_id as "skuId", listing_id as "listingId", units, xmax = 0 as "isNew"`;
	return opened.flatMap(({ isNew, ...conflict }) => (isNew ? [conflict] : []));
}
