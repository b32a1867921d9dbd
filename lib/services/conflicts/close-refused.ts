import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";

/**
 * The store took a number for these listings after all, so what it refused before needs nobody's decision any more.
 */
export async function closeRefused(run: Statement, merchantId: string, slotIds: readonly number[]): Promise<LogLine[]> {
	if (slotIds.length === 0) return [];
	const closed = await run<{ id: string; channel_id: string; sku_id: string | null; listing_id: string }>`
		update conflicts f set state = 'decided', decided_at = clock_timestamp(), decided_by = 'system', decision = '{"choice": "accepted"}',
			snoozed_until = null
		from jsonb_array_elements_text(${JSON.stringify(slotIds)}::text::jsonb) as s(id)
		where f.merchant_id = ${merchantId}::uuid and f.dedupe_key = 'refused:' || s.id and f.state <> 'decided'
		returning f.id, f.channel_id, f.sku_id, f.listing_id`;
	return closed.map(({ id, channel_id: channelId, sku_id: skuId, listing_id: listingId }) => ({
		kind: "conflict.decided",
		state: "ok",
		channelId,
		skuId,
		listingId,
		data: { conflictId: id, kind: "push_refused", choice: "accepted", actor: "system" },
	}));
}
