import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import { driftKey } from "./drift-key";

/**
 * Why nobody has to decide about drift any more. `agreed`: the listing shows what it ought to, since an order explains it
 * by now, or somebody set it right in the store; `by_policy`: what kept the channel's policy from deciding is gone.
 */
export type DriftClosed = "agreed" | "by_policy";

export async function closeDrift(
	run: Statement,
	merchantId: string,
	slotIds: readonly number[],
	choice: DriftClosed,
): Promise<LogLine[]> {
	if (slotIds.length === 0) return [];
	const closed = await run<{ id: string; channelId: string; skuId: string | null; listingId: string }>`
		update conflicts set state = 'decided', decided_at = clock_timestamp(), decided_by = 'system',
			decision = jsonb_build_object('choice', ${choice}::text), snoozed_until = null
		where merchant_id = ${merchantId}::uuid and kind = 'drift' and state <> 'decided'
			and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(slotIds.map(driftKey))}::text::jsonb))
		returning id, channel_id as "channelId", sku_id as "skuId", listing_id as "listingId"`;
	return closed.map(({ id, ...about }) => ({
		...about,
		kind: "conflict.decided",
		state: "ok",
		data: { conflictId: id, kind: "drift", choice, actor: "system" },
	}));
}
