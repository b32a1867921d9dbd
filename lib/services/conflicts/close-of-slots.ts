import type { ConflictKind } from "@/db/schema";
import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import { driftKey } from "./drift-key";

/**
 * Why nobody has to decide about a slot's conflict any more. `accepted`: the store took a number after all; `agreed`: the
 * listing shows what it ought to, since an order explains it by now, or somebody set it right in the store; `by_policy`: what
 * kept the channel's policy from deciding is gone.
 */
export type SettledAlone = "accepted" | "agreed" | "by_policy";

const about: Record<SettledAlone, { kind: ConflictKind; keyOf: (slotId: number) => string }> = {
	accepted: { kind: "push_refused", keyOf: (slotId) => `refused:${slotId}` },
	agreed: { kind: "drift", keyOf: driftKey },
	by_policy: { kind: "drift", keyOf: driftKey },
};

/** What is open about these slots settles by itself; returns the log's lines. */
export async function closeOfSlots(
	run: Statement,
	merchantId: string,
	slotIds: readonly number[],
	choice: SettledAlone,
): Promise<LogLine[]> {
	if (slotIds.length === 0) return [];
	const { kind, keyOf } = about[choice];
	const closed = await run<{ id: string; channelId: string; skuId: string | null; listingId: string }>`
		update conflicts set state = 'decided', decided_at = clock_timestamp(), decided_by = 'system',
			decision = jsonb_build_object('choice', ${choice}::text), snoozed_until = null
		where merchant_id = ${merchantId}::uuid and kind = ${kind} and state <> 'decided'
			and dedupe_key in (select jsonb_array_elements_text(${JSON.stringify(slotIds.map(keyOf))}::text::jsonb))
		returning id, channel_id as "channelId", sku_id as "skuId", listing_id as "listingId"`;
	return closed.map(({ id, ...place }) => ({
		...place,
		kind: "conflict.decided",
		state: "ok",
		data: { conflictId: id, kind, choice, actor: "system" },
	}));
}
