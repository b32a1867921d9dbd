import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";

export type RefusedRow = {
	slotId: number;
	skuId: string | null;
	listingId: string;
	quantity: number;
	/** The error's reason and its sentence, which a merchant may read. */
	reason: string;
	sentence: string;
};

/** A listing in quarantine (R11) is a conflict until somebody retries or leaves it out; refused again, it is the same one. */
export async function openRefused(
	run: Statement,
	merchantId: string,
	channelId: string,
	rows: readonly RefusedRow[],
): Promise<LogLine[]> {
	if (rows.length === 0) return [];
	const opened = await run<{ id: string; sku_id: string | null; listing_id: string; facts: Record<string, unknown> }>`
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, listing_id, slot_id, facts)
		select ${merchantId}::uuid, 'push_refused', 'refused:' || r."slotId", r."skuId", ${channelId}::uuid, r."listingId", r."slotId",
			jsonb_build_object('reason', r.reason, 'sentence', r.sentence, 'quantity', r.quantity)
		from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
			"slotId" bigint, "skuId" uuid, "listingId" uuid, quantity int, reason text, sentence text)
		on conflict (merchant_id, dedupe_key) where state <> 'decided' do nothing
		returning id, sku_id, listing_id, facts`;
	return opened.map(({ id, sku_id: skuId, listing_id: listingId, facts }) => ({
		kind: "conflict.opened",
		state: "off",
		channelId,
		skuId,
		listingId,
		data: { conflictId: id, kind: "push_refused", sentence: facts.sentence },
	}));
}
