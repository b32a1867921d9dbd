import type { Statement } from "@/db/statement";
import type { WorkTarget } from "../channels/work-target";
import type { LogLine } from "../log/append-log";
import type { SlotRow } from "../pushes/slot-rows";
import { driftKey } from "./drift-key";
import type { RaceFacts } from "./find-races";
import { openOfSlots } from "./open-of-slots";

/**
 * Two edits of which neither knew of the other are one conflict: to be decided, or, where the first write wins, to be
 * looked at by whoever made the later one. Found again, it is the same one.
 */
export async function openCompeting(
	run: Statement,
	target: WorkTarget,
	raced: readonly { row: SlotRow; facts: RaceFacts }[],
): Promise<LogLine[]> {
	const opened = await openOfSlots(
		run,
		target,
		raced.map(({ row, facts }) => ({
			// Of one slot's number there is one conflict: a difference that was open when somebody changed it here, too.
			key: facts.stands ? `edits:${row.id}:${facts.channelAt}` : driftKey(row.id),
			row,
			kind: "competing_edits",
			units: Math.abs(facts.channel - facts.ours),
			facts,
		})),
	);
	return opened.map(({ id, kind, units, skuId, listingId }) => ({
		kind: "conflict.opened",
		state: "warn",
		channelId: target.channelId,
		skuId,
		listingId,
		data: { conflictId: id, kind, units },
	}));
}
