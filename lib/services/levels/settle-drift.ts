import type { Statement } from "@/db/statement";
import { classifyDrift, type DriftPolicies, type DriftPolicy } from "@/lib/stock/drift";
import type { SlotFacts } from "@/lib/stock/slot";
import type { WorkTarget } from "../channels/work-target";
import { closeOfSlots } from "../conflicts/close-of-slots";
import { findRaces, type RaceFacts } from "../conflicts/find-races";
import { openCompeting } from "../conflicts/open-competing";
import type { LogLine } from "../log/append-log";
import { readSince, readUnreadOrders } from "../orders/unread-orders";
import type { SlotRow } from "../pushes/slot-rows";
import { largestChange } from "../skus/change-level";
import { closeShort, foldMovements, type MovementRow, stockChanged } from "../stock/append-movements";
import { nameMoves } from "../stock/name-moves";
import { type PlacedChange, placeChanges, type StockChange, takenBy } from "../stock/place-changes";
import { type Offered, updateSlots } from "../stock/recompute-offers";
import { asFound, findShownBefore } from "./as-found";
import { askAboutDrift, readAsked, type ToAsk } from "./ask-about-drift";
import { findEvidence } from "./drift-evidence";
import { readDriftPolicies } from "./drift-policies";

export type SettledDrift = {
	log: LogLine[];
	/** Slots for which, from now on, what is shown is what we expect. The others wait for a person. */
	accepted: Set<number>;
	/** Edits in the channel that count, for {@link countEdits}. */
	movements: MovementRow[];
};

/**
 * A level that no order explains: classified, then settled by the channel's policy for the class (lib/stock/drift.ts).
 * The master wins: what is shown is accepted as shown, and the offer is pushed over it. The channel's edit counts: the
 * difference becomes a movement. Ask: one conflict, and no raise until a person has decided.
 *
 * Units too few may be what an order took that the store lists and nobody can read: set back, they would be on sale once
 * more (R4). So a person is asked, whatever the policy and whoever else made an edit; and so it is about an edit by more
 * than anybody counts.
 */
export async function settleDrift(
	run: Statement,
	target: WorkTarget,
	rows: readonly SlotRow[],
	facts: SlotFacts,
	returned: ReadonlyMap<number, number>,
): Promise<SettledDrift> {
	const { policies, locationIds } = await readDriftPolicies(run, target.channelId);
	const before = await findShownBefore(run, target, rows);
	const evidence = await findEvidence(run, target.channelId, rows, before, facts, returned);
	const races = await findRaces(run, target, rows);
	const raced: Raced[] = [];
	const edits: Edit[] = [];
	const healed: { row: SlotRow; line: LogLine }[] = [];
	const result: SettledDrift = { log: [], accepted: new Set(), movements: [] };
	const toAsk: ToAsk[] = [];
	const asked = await readAsked(run, target.merchantId, rows);
	const unread = rows.some(({ slot }) => slot.unexplained < 0) ? await readUnreadOrders(run, target) : [];
	const read = await readSince(
		run,
		target,
		[...asked.values()].flatMap((told) => told.unread ?? []),
	);
	for (const row of rows) {
		const { slot } = row;
		const found = evidence.get(row.id);
		if (!found) throw new Error(`slot ${row.id} is not there`);
		const told = asked.get(row.id);
		const isTold = told !== undefined && told.units === Math.abs(slot.unexplained);
		const driftClass = (isTold && told.class) || (found.ours ?? classifyDrift(found));
		const stillUnread = isTold ? told.unread?.filter((ref) => !read.has(ref)) : undefined;
		const mayBeSold = slot.unexplained < 0 ? (stillUnread ?? unread) : [];
		const isUnread = mayBeSold.length > 0;
		const race = driftClass === "manual_edit" && !isUnread ? races.get(row.id) : undefined;
		const chosen = race?.policy ?? policyFor(driftClass, policies);
		const delta = race?.delta ?? slot.unexplained * row.units;
		const isTypingError = chosen === "channel_counts" && Math.abs(delta) > largestChange;
		const policy = isUnread || isTypingError ? "ask" : chosen;
		const data = {
			...asFound(slot, before.get(row.id)),
			offered: slot.offered,
			class: driftClass,
			policy,
		};
		const about = { channelId: target.channelId, skuId: row.skuId, listingId: row.listingId };
		const isAsked = row.skuId !== null && policy === "ask";
		// Read again and again while it waits for a person, it is told once.
		if (!isAsked || !isTold) result.log.push({ ...about, kind: "level.drift", state: "warn", data });
		const isRaced = race?.facts && (isAsked || race.facts.stands);
		if (race?.facts && isRaced) raced.push({ row, facts: race.facts });
		if (isAsked) {
			if (!isRaced) toAsk.push({ row, class: driftClass, unread: mayBeSold });
			continue;
		}
		result.accepted.add(row.id);
		if (row.skuId === null) continue;
		healed.push({
			row,
			line: { ...about, kind: "level.healed", state: "ok", skuVersion: slot.skuVersion, data },
		});
		if (policy === "channel_counts" && locationIds.length > 0)
			edits.push({
				channelId: target.channelId,
				locationIds,
				skuId: row.skuId,
				delta,
				undoes: race?.facts?.stands === "channel" ? race.facts.moved : [],
				row,
				note: `the store shows ${data.shown}, expected ${data.expected}`,
			});
	}
	const placed = await placeChanges(run, edits);
	result.movements = placed.map(movementOf);
	for (const { row, line } of healed) {
		const moved = locationIds.length > 1 ? await nameMoves(run, row.skuId, movedFor(row, placed)) : [];
		result.log.push(moved.length > 0 ? { ...line, data: { ...line.data, moved } } : line);
	}
	const settled = raced.map((one) => withMoved(one, placed));
	result.log.push(...(await openCompeting(run, target, settled)));
	await askAboutDrift(run, target, toAsk, before);
	const settledNow = [...asked.keys()].filter((id) => result.accepted.has(id));
	result.log.push(...(await closeOfSlots(run, target.merchantId, settledNow, "by_policy")));
	return result;
}

/** What came back is there, whoever decides. */
function policyFor(found: ToAsk["class"], policies: DriftPolicies): DriftPolicy {
	if (found === "returned") return "channel_counts";
	return policies[found === "hidden_return" ? "lost_write" : found];
}

type Raced = { row: SlotRow; facts: RaceFacts };
type Edit = StockChange & { row: SlotRow; note: string };

const movementOf = ({ change, skuId, locationId, delta }: PlacedChange<Edit>): MovementRow => ({
	skuId,
	locationId,
	delta,
	kind: "channel_edit",
	causeKey: `edit:${change.row.id}:${change.row.slot.expectedVersion}`,
	actor: "system",
	channelId: change.channelId,
	note: change.note,
});

const movedFor = (row: SlotRow, placed: readonly PlacedChange<Edit>[]) =>
	placed.filter(({ change }) => change.row.id === row.id);

/** Of two edits of which the channel's stands: what was moved for it, instead of what ours had moved. */
const withMoved = ({ row, facts }: Raced, placed: readonly PlacedChange<Edit>[]): Raced =>
	facts.stands === "channel" ? { row, facts: { ...facts, moved: takenBy(movedFor(row, placed)) } } : { row, facts };

/** The channel's own edits into the ledger; every other channel follows. */
export async function countEdits(
	run: Statement,
	merchantId: string,
	movements: readonly MovementRow[],
): Promise<Offered & { log: LogLine[] }> {
	const appended = await foldMovements(run, merchantId, movements);
	const offered = await updateSlots(run, [...new Set(appended.map(({ skuId }) => skuId))], []);
	return {
		...offered,
		log: [
			...appended.map((movement) => stockChanged(movement, movements[movement.row] as MovementRow)),
			...(await closeShort(run, merchantId, appended, movements)),
		],
	};
}
