import type { Statement } from "@/db/statement";
import type { WorkTarget } from "../channels/work-target";
import type { LogLine } from "../log/append-log";
import type { SlotRow } from "../pushes/slot-rows";
import { driftKey } from "./drift-key";
import type { RaceFacts } from "./find-races";

/**
 * Two edits of which neither knew of the other are one conflict: to be decided, or, where the first write wins, to be
 * looked at by whoever made the later one. Found again, it is the same one.
 */
export async function openCompeting(
	run: Statement,
	target: WorkTarget,
	raced: readonly { row: SlotRow; facts: RaceFacts }[],
): Promise<LogLine[]> {
	if (raced.length === 0) return [];
	const input = raced.map(({ row, facts }) => ({
		// Of one slot's number there is one conflict: a difference that was open when somebody changed it here, too.
		key: facts.stands ? `edits:${row.id}:${facts.channelAt}` : driftKey(row.id),
		slot: row.id,
		sku: row.skuId,
		listing: row.listingId,
		units: Math.abs(facts.channel - facts.ours),
		facts,
	}));
	const opened = await run<{ id: string; sku_id: string; listing_id: string; units: number; is_new: boolean }>`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, listing_id, slot_id, units, facts)
		select ${target.merchantId}::uuid, 'competing_edits', i.key, i.sku, ${target.channelId}::uuid, i.listing, i.slot, i.units, i.facts
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i(key text, slot bigint, sku uuid, listing uuid, units int, facts jsonb)
		on conflict (merchant_id, dedupe_key) where state <> 'decided' do update set kind = excluded.kind, units = excluded.units, facts = excluded.facts
		-- A row that was there already bears the mark of the transaction that locked it to change it.
		returning id, sku_id, listing_id, units, xmax = 0 as is_new`;
	return opened
		.filter(({ is_new }) => is_new)
		.map(({ id, sku_id: skuId, listing_id: listingId, units }) => ({
			kind: "conflict.opened",
			state: "warn",
			channelId: target.channelId,
			skuId,
			listingId,
			data: { conflictId: id, kind: "competing_edits", units },
		}));
}
