import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import { driftKey } from "./drift-key";

/**
 * What these listings show is what they ought to: an order explains it by now, or somebody set it right in the store. What
 * was to be decided about it needs nobody any more.
 */
export async function closeDrift(run: Statement, merchantId: string, slotIds: readonly number[]): Promise<LogLine[]> {
	if (slotIds.length === 0) return [];
	const closed = await run<{ id: string; channelId: string; skuId: string | null; listingId: string }>`
		update conflicts set state = 'decided', decided_at = clock_timestamp(), decided_by = 'system', decision = '{"choice": "agreed"}',
			snoozed_until = null
		where merchant_id = ${merchantId}::uuid and kind = 'drift' and state <> 'decided'
			and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(slotIds.map(driftKey))}::text::jsonb))
		returning id, channel_id as "channelId", sku_id as "skuId", listing_id as "listingId"`;
	return closed.map(({ id, ...about }) => ({
		...about,
		kind: "conflict.decided",
		state: "ok",
		data: { conflictId: id, kind: "drift", choice: "agreed", actor: "system" },
	}));
}
