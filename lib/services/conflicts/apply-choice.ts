import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { Context } from "../context";
import { ChangedMeanwhile, Unacceptable } from "../errors";
import { askCancel } from "./ask-cancel";
import type { ConflictChoice } from "./choices";
import { editDelta, raceOf } from "./edit-delta";
import type { ConflictRow } from "./list-conflicts";
import { lockStock, moveStock } from "./move-stock";
import { readOnHand } from "./read-on-hand";
import { mergeUndos, type Undos } from "./undos";

type Chosen = {
	choice: ConflictChoice;
	/** `restock`: units found. `set_value`: units on hand. */
	value?: number | undefined;
	note?: string | undefined;
};

/** Does what was chosen about conflicts that the caller has locked: the movement, the slot, what a store is to be asked. */
export async function applyChoice(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	{ choice, value, note }: Chosen,
): Promise<Undos> {
	switch (choice) {
		case "restock":
			return moveStock(tx, ctx, rows, note, ({ units, facts }) => ({
				delta: value ?? units,
				kind: "adjustment",
				// Where they were short.
				locationIds: typeof facts.locationId === "string" ? [facts.locationId] : [],
			}));
		case "give_back":
			if (rows.some(({ facts }) => facts.isReservation !== true))
				throw new Unacceptable("What an order took comes back with the news of its store. Cancel it there.");
			return moveStock(tx, ctx, rows, note || "a reservation was sold fewer than it held", ({ units, facts }) => ({
				delta: units,
				kind: "adjustment",
				locationIds: typeof facts.locationId === "string" ? [facts.locationId] : [],
			}));
		case "cancel":
			return askCancel(tx, ctx, rows, "loser");
		case "cancel_other":
			return askCancel(tx, ctx, rows, "winner");
		case "keep_ours":
		case "take_channel": {
			await lockStock(tx, rows);
			const slots = await readSlots(tx, rows);
			const undos = await moveStock(tx, ctx, rows, note, (row) => {
				const slot = slots.get(row.slot_id ?? 0);
				const delta = editDelta(choice, row, (slot?.unexplained ?? 0) * (slot?.units ?? 1));
				const kind = choice === "keep_ours" ? "adjustment" : "channel_edit";
				return delta === 0
					? null
					: { delta, kind, locationIds: slot?.location_ids ?? [], undoes: raceOf(row.facts)?.moved ?? [] };
			});
			return mergeUndos(undos, await acceptShown(tx, rows.filter(isUndecided)));
		}
		case "set_value": {
			if (value === undefined) throw new Unacceptable("Say how many units are there.");
			const [row, ...others] = rows;
			if (!row || others.length > 0)
				throw new Unacceptable("One count can't be true of several SKUs. Open them one by one.");
			await lockStock(tx, rows);
			const locationIds = (await readSlots(tx, rows)).get(row.slot_id ?? 0)?.location_ids ?? [];
			const onHand = await readOnHand(statementsOf(tx), row.sku_id, locationIds);
			const undos = await moveStock(tx, ctx, rows, note, () => ({
				delta: value - (onHand ?? 0),
				kind: "count",
				locationIds,
			}));
			return mergeUndos(undos, await acceptShown(tx, rows.filter(isUndecided)));
		}
		case "retry":
			await tx.execute(sql`
				update slots set held_reason = null, held_at = null, next_try_at = null, attempts = 0, unapplied = 0,
					read_due_at = case when shown_at is null and (is_fenced or maybe is not null) then read_due_at else clock_timestamp() end
				where id in (select value::bigint from jsonb_array_elements_text(${slotIds(rows)}::jsonb))
					and exists (select from listings l where l.id = slots.listing_id and l.gone_at is null)`);
			return new Map();
		default:
			return new Map();
	}
}

/** Of two edits the earlier stands already, and the slot has nothing to be decided. */
const isUndecided = ({ facts }: ConflictRow) => raceOf(facts)?.stands === undefined;

type SlotNow = { id: number; unexplained: number; units: number; location_ids: string[] };

const slotIds = (rows: readonly ConflictRow[]) => JSON.stringify(rows.flatMap(({ slot_id }) => slot_id ?? []));

/** Their levels are locked, and so are they: the ledger locks levels before slots, and so must we. */
async function readSlots(tx: Transaction, rows: readonly ConflictRow[]): Promise<Map<number, SlotNow>> {
	const found = (await tx.execute(sql`
		select s.id::float8 as id, s.unexplained, s.units, c.location_ids
		from slots s join channels c on c.id = s.channel_id
		where s.id in (select value::bigint from jsonb_array_elements_text(${slotIds(rows)}::jsonb))`)) as unknown as SlotNow[];
	return new Map(found.map((slot) => [slot.id, slot]));
}

/** As lib/stock/slot-news.ts acceptShown: what the channel shows is what we expect from now on, and our offer is pushed over it. */
async function acceptShown(tx: Transaction, rows: readonly ConflictRow[]): Promise<Undos> {
	const accepted = (await tx.execute(sql`
		update slots s set expected = s.expected + b.unexplained, expected_version = s.expected_version + 1, unexplained = 0,
			unexplained_since = null, read_due_at = null
		from (
			select id, unexplained from slots
			where id in (select value::bigint from jsonb_array_elements_text(${slotIds(rows)}::jsonb))
			order by id for no key update
		) b
		where s.id = b.id
		returning s.id::float8 as id, b.unexplained, s.expected_version::float8 as expected_version`)) as unknown as {
		id: number;
		unexplained: number;
		expected_version: number;
	}[];
	const bySlot = new Map(accepted.map((slot) => [slot.id, slot]));
	const undos: Undos = new Map();
	for (const row of rows) {
		if (row.slot_id === null) continue;
		const slot = bySlot.get(row.slot_id);
		if (!slot) throw new ChangedMeanwhile("The listing is not there any more. Reload the page.");
		undos.set(row.id, {
			slot: { id: slot.id, unexplained: slot.unexplained, expectedVersion: slot.expected_version },
		});
	}
	return undos;
}
