import type { Statement } from "@/db/statement";
import { assertNever } from "@/lib/assert-never";
import { type Fate, neverApplied } from "@/lib/stock/accepted";
import type { Accepted } from "@/lib/stock/slot";
import type { WorkTarget } from "../channels/work-target";
import { closeOfSlots } from "../conflicts/close-of-slots";
import { openRefused } from "../conflicts/open-refused";
import type { LogLine } from "../log/append-log";
import type { SlotRow } from "./slot-rows";

/** A write that was accepted, and what a look at the level told of it. `row`: the slot as it is since. */
export type KnownWrite = { row: SlotRow; write: Accepted & { fate: Fate } };

const outcomes: Record<Fate, "applied" | "not_applied" | "unknown"> = {
	applied: "applied",
	not_applied: "not_applied",
	unclear: "unknown",
};

/** Keeps what became of writes that their platform had only accepted. One that is held by it is a conflict (R11). */
export async function recordFates(
	run: Statement,
	target: WorkTarget,
	known: readonly KnownWrite[],
	now: number,
): Promise<LogLine[]> {
	if (known.length === 0) return [];
	const held = known.filter(({ row, write }) => write.fate === "not_applied" && row.slot.heldReason === neverApplied);
	const applied = known.filter(({ write }) => write.fate === "applied").map(({ row }) => row.id);
	const items = known.map(({ row, write }) => ({
		push: write.pushId,
		slot: row.id,
		sku: row.skuId,
		since: write.sinceSkuVersion,
		outcome: outcomes[write.fate],
	}));
	const [opened, closed] = await Promise.all([
		openRefused(
			run,
			target.merchantId,
			target.channelId,
			held.map(({ row, write }) => ({
				slotId: row.id,
				skuId: row.skuId,
				listingId: row.listingId,
				quantity: write.quantity,
				reason: "never_applied",
				sentence: neverApplied,
			})),
		),
		closeOfSlots(run, target.merchantId, applied, "accepted"),
		run`
			with told as (
				-- Of those that were open beside it nobody can tell any more.
				update push_items p set outcome = case when p.push_id = i.push then i.outcome else 'unknown' end, settled_at = clock_timestamp()
				from jsonb_to_recordset(${JSON.stringify(items)}::text::jsonb) as i(push uuid, slot bigint, sku uuid, since bigint, outcome text)
				where p.sku_id = i.sku and p.channel_id = ${target.channelId}::uuid and p.sku_version >= i.since and p.slot_id = i.slot
					and p.outcome = 'accepted'
				returning p.push_id, p.slot_id, p.outcome
			)
			update pushes p set outcome = case
				when exists (select from push_items i where i.push_id = p.id and i.outcome = 'accepted' and (i.push_id, i.slot_id) not in (select push_id, slot_id from told)) then 'accepted'
				when not exists (select from told t where t.push_id = p.id and t.outcome <> 'applied') then 'applied'
				when exists (select from told t where t.push_id = p.id and t.outcome = 'applied')
					or exists (select from push_items i where i.push_id = p.id and i.outcome = 'applied') then 'partly'
				else 'refused' end
			where p.id in (select push_id from told) and p.outcome = 'accepted'`,
	]);
	return [...known.flatMap((one) => lineOf(target, one, now)), ...opened, ...closed];
}

function lineOf({ channelId }: WorkTarget, { row, write }: KnownWrite, now: number): LogLine[] {
	const { pushId, skuVersion, kind, quantity } = write;
	const about = { channelId, skuId: row.skuId, listingId: row.listingId, skuVersion, pushId };
	switch (write.fate) {
		case "applied":
			return [
				{
					...about,
					kind: "push.applied",
					state: "ok",
					data: { from: write.expected, to: quantity, kind, ms: now - write.at },
				},
			];
		case "not_applied": {
			const isHeld = row.slot.heldReason === neverApplied;
			return [{ ...about, kind: "push.unapplied", state: isHeld ? "off" : "warn", data: { quantity, isHeld } }];
		}
		case "unclear":
			return [];
		default:
			return assertNever(write.fate);
	}
}
