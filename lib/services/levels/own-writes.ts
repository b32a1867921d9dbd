import type { Statement } from "@/db/statement";
import { isOwnWrite, type OwnWrite } from "@/lib/stock/drift";
import type { SlotFacts } from "@/lib/stock/slot";
import { claimLeaseMs, type SlotRow } from "../pushes/slot-rows";

type Found = OwnWrite & { slot_id: number };

/**
 * Slots whose difference a write of ours makes that landed late, or not at all, or otherwise than was thought. Looked for among
 * the writes from before the difference that could still land when the level was last as expected, or were sent since. Where the
 * store's answer says that a write was applied it was; where a look had to tell (`appliesAfterMs`), it may have been another's
 * doing. `shownBefore`: what was found, where our own lowering has set it back since.
 */
export async function findLateWrites(
	run: Statement,
	channelId: string,
	rows: readonly SlotRow[],
	shownBefore: ReadonlyMap<number, number>,
	{ appliesAfterMs, lateWriteMs }: SlotFacts,
): Promise<ReadonlySet<number>> {
	const input = rows.map(({ id, skuId, slot }) => ({ id, sku: skuId, since: slot.unexplainedSince }));
	const doubtful = ["unknown", "accepted", "not_applied", ...(appliesAfterMs === null ? [] : ["applied"])];
	const writes = await run<Found>`
		select p.slot_id::float8 as slot_id, p.quantity, p.expected,
			case when p.outcome in (select jsonb_array_elements_text(${JSON.stringify(doubtful)}::text::jsonb)) then 'doubtful' else 'turned_away' end as fate
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i(id bigint, sku uuid, since float8)
		join slots s on s.id = i.id
		join push_items p on p.sku_id = i.sku and p.channel_id = ${channelId}::uuid and p.slot_id = i.id
			and p.at <= to_timestamp(i.since / 1000)
			and p.at >= coalesce(s.verified_at, to_timestamp(i.since / 1000)) - ${lateWriteMs + claimLeaseMs}::int * interval '1 ms'
			and p.outcome in (select jsonb_array_elements_text(${JSON.stringify([...doubtful, "stale", "not_sent"])}::text::jsonb))`;
	const found = new Map(
		rows.map(({ id, slot }) => [id, { shown: shownBefore.get(id) ?? slot.shown, difference: slot.unexplained }]),
	);
	return new Set(
		writes.flatMap((write) => {
			const difference = found.get(write.slot_id);
			return difference && isOwnWrite(write, difference) ? [write.slot_id] : [];
		}),
	);
}
