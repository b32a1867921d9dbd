/** What a difference was when it was found: our own lowering may have gone over it before anything could explain it. */
import type { Statement } from "@/db/statement";
import type { Slot } from "@/lib/stock/slot";
import type { WorkTarget } from "../channels/work-target";
import { driftKey } from "../conflicts/drift-key";
import type { SlotRow } from "../pushes/slot-rows";

/** `setBackTo`: a lowering goes at once, so units too many may be gone again by the time that nothing explains them; null: they are not. */
type AsFound = { shown: number | null; expected: number | null; setBackTo: number | null };

/** The two numbers that didn't agree. After a lowering of ours the slot holds neither of them any more. */
export function asFound(slot: Slot, shownBefore: number | undefined): AsFound {
	if (shownBefore === undefined) return { shown: slot.shown, expected: slot.expected, setBackTo: null };
	return { shown: shownBefore, expected: shownBefore - slot.unexplained, setBackTo: slot.shown };
}

/**
 * What was shown when our first write after the finding left, of slots that show too many: a lowering that took them off,
 * whether or not an answer said so.
 * A decision that was taken back makes the same units new again: what was found is in the conflict.
 */
export async function findShownBefore(
	run: Statement,
	{ merchantId, channelId }: WorkTarget,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, number>> {
	const input = rows.flatMap(({ id, skuId, slot }) =>
		skuId && slot.unexplained > 0
			? [
					{
						id,
						sku: skuId,
						since: slot.unexplainedSince,
						units: slot.unexplained,
						shown: slot.shown,
						key: driftKey(id),
					},
				]
			: [],
	);
	if (input.length === 0) return new Map();
	const lowered = await run<{ id: number; shown: number }>`
		select i.id::float8 as id, coalesce(first.expected, told.shown) as shown
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i(id bigint, sku uuid, since float8, units int, shown int, key text)
		left join lateral (
			select p.expected from push_items p
			where p.sku_id = i.sku and p.channel_id = ${channelId}::uuid and p.slot_id = i.id
				and (p.outcome = 'applied' or (p.outcome = 'unknown' and p.expected > i.shown))
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
