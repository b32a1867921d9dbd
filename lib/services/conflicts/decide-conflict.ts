import { sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant, type Transaction } from "@/db/client";
import type { ConflictDecision } from "@/db/schema";
import { statementsOf } from "@/db/statement";
import { notifyLog } from "@/lib/live/notify";
import { authorise, type Context } from "../context";
import { ChangedMeanwhile, Unacceptable } from "../errors";
import { appendLog } from "../log/append-log";
import { leaveOut, linkListings } from "../mappings/link-listings";
import { appendMovements, type MovementRow } from "../stock/append-movements";
import { lockLevels } from "../stock/lock-levels";
import { wake } from "../sync/wake";
import { askCancel, askedChannels } from "./ask-cancel";
import { type ConflictChoice, choicesOf, conflictChoices } from "./choices";
import { editDelta, raceOf } from "./edit-delta";
import { type ConflictRow, readConflictRows } from "./list-conflicts";

export const decideConflictSchema = z.object({
	/** More than one: conflicts of one cause, settled alike. */
	ids: z.array(z.guid()).min(1).max(1_000),
	choice: z.enum(conflictChoices),
	/** `restock`: units found. `set_value`: units on hand. */
	value: z.number().int().min(0).max(1_000_000).optional(),
	skuId: z.guid().optional(),
	note: z.string().trim().max(500).optional(),
});
export type DecideConflictInput = z.input<typeof decideConflictSchema>;

export type Decided = {
	decided: number;
	/** Somebody else was faster, or what they were about has changed. */
	leftOver: number;
};

/**
 * Settles conflicts and does what was chosen, in one transaction: the movement, the slot, the log, the audit. A conflict
 * that somebody settled meanwhile is left alone.
 */
export async function decideConflict(ctx: Context, input: DecideConflictInput): Promise<Decided> {
	authorise(ctx, "support");
	const { ids, choice, value, skuId, note } = decideConflictSchema.parse(input);
	if (choice === "relink" || choice === "leave_out") await remap(ctx, ids, choice, skuId, note);
	const { rows, channelIds, cancelledOn } = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const open = await lockOpen(tx, ids);
		if (open.length === 0) return { rows: [], channelIds: [], cancelledOn: [] };
		for (const row of open)
			if (!choicesOf[row.kind].includes(choice))
				throw new Unacceptable("This can't be decided about such a conflict. Reload the page and choose again.");
		const undos = await apply(tx, ctx, open, choice, value, note);
		await record(tx, ctx, open, choice, value, note, undos);
		return { rows: open, channelIds: await channelsOf(tx, open), cancelledOn: await askedChannels(tx, undos) };
	});
	if (rows.length === 0) {
		// A relink settles its conflict by itself.
		if (choice === "relink" || choice === "leave_out") return { decided: ids.length, leftOver: 0 };
		throw new ChangedMeanwhile("Somebody has settled this meanwhile. Reload to see what they chose.");
	}
	notifyLog(ctx.merchantId);
	wake("work", channelIds);
	wake("cancel", cancelledOn);
	return { decided: rows.length, leftOver: ids.length - rows.length };
}

async function lockOpen(tx: Transaction, ids: string[]): Promise<ConflictRow[]> {
	// Two people at one conflict are settled here: the second finds nothing open.
	const locked = (await tx.execute(sql`
		select id from conflicts
		where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)) and state <> 'decided'
		order by id for update`)) as unknown as { id: string }[];
	if (locked.length === 0) return [];
	const open = JSON.stringify(locked.map(({ id }) => id));
	return readConflictRows(
		tx,
		sql`f.id in (select value::uuid from jsonb_array_elements_text(${open}::jsonb))`,
		sql`f.id`,
		locked.length,
	);
}

type Undos = Map<string, NonNullable<ConflictDecision["undo"]>>;

async function apply(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	choice: ConflictChoice,
	value: number | undefined,
	note: string | undefined,
): Promise<Undos> {
	switch (choice) {
		case "restock":
			return move(tx, ctx, rows, note, (row) => ({
				delta: value ?? row.units,
				kind: "adjustment",
				locationId: typeof row.facts.locationId === "string" ? row.facts.locationId : null,
			}));
		case "cancel":
			return askCancel(tx, ctx, rows, "loser");
		case "cancel_other":
			return askCancel(tx, ctx, rows, "winner");
		case "keep_ours":
		case "take_channel": {
			const slots = await readSlots(tx, rows);
			const undos = await move(tx, ctx, rows, note, (row) => {
				const slot = slots.get(row.slot_id ?? 0);
				const delta = editDelta(choice, row, (slot?.unexplained ?? 0) * (slot?.units ?? 1));
				const kind = choice === "keep_ours" ? ("adjustment" as const) : ("channel_edit" as const);
				return delta === 0 ? null : { delta, kind, locationId: slot?.location_id ?? null };
			});
			// Our number holds whatever the channel shows by now; theirs must still be the one that was seen.
			const seen = choice === "take_channel" ? slots : undefined;
			return merge(undos, await acceptShown(tx, rows.filter(isUndecided), seen));
		}
		case "set_value": {
			if (value === undefined) throw new Unacceptable("Say how many units are there.");
			if (rows.length > 1) throw new Unacceptable("One count can't be true of several SKUs. Open them one by one.");
			const slots = await readSlots(tx, rows);
			const onHand = await readOnHand(tx, rows, slots);
			const undos = await move(tx, ctx, rows, note, (row) => ({
				delta: value - (onHand.get(row.id) ?? 0),
				kind: "count",
				locationId: slots.get(row.slot_id ?? 0)?.location_id ?? null,
			}));
			return merge(undos, await acceptShown(tx, rows.filter(isUndecided), slots));
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

type SlotNow = { id: number; unexplained: number; units: number; location_id: string | null };

const slotIds = (rows: readonly ConflictRow[]) =>
	JSON.stringify(rows.flatMap(({ slot_id }) => (slot_id === null ? [] : [slot_id])));

/** Not locked: the ledger locks levels before slots, and so must we. {@link acceptShown} checks that nothing has moved. */
async function readSlots(tx: Transaction, rows: readonly ConflictRow[]): Promise<Map<number, SlotNow>> {
	const found = (await tx.execute(sql`
		select s.id::float8 as id, s.unexplained, s.units, coalesce(s.location_id, c.location_id) as location_id
		from slots s join channels c on c.id = s.channel_id
		where s.id in (select value::bigint from jsonb_array_elements_text(${slotIds(rows)}::jsonb))`)) as unknown as SlotNow[];
	return new Map(found.map((slot) => [slot.id, slot]));
}

async function readOnHand(tx: Transaction, rows: readonly ConflictRow[], slots: Map<number, SlotNow>) {
	await lockLevels(
		statementsOf(tx),
		rows.flatMap(({ sku_id }) => sku_id ?? []),
	);
	const result = new Map<string, number>();
	for (const row of rows) {
		const [level] = (await tx.execute(sql`
			select on_hand from levels
			where sku_id = ${row.sku_id}::uuid and location_id = ${slots.get(row.slot_id ?? 0)?.location_id ?? null}::uuid`)) as unknown as {
			on_hand: number;
		}[];
		result.set(row.id, level?.on_hand ?? 0);
	}
	return result;
}

async function move(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	note: string | undefined,
	/** Null: for this one nothing moves. */
	of: (row: ConflictRow) => { delta: number; kind: MovementRow["kind"]; locationId: string | null } | null,
): Promise<Undos> {
	const undos: Undos = new Map();
	const movements: MovementRow[] = [];
	for (const row of rows) {
		const moved = of(row);
		if (!moved) continue;
		const { delta, kind, locationId } = moved;
		if (!row.sku_id || !locationId)
			throw new Unacceptable("There is no location to count it at. Choose one for the channel in its settings.");
		movements.push({
			skuId: row.sku_id,
			locationId,
			delta,
			kind,
			causeKey: `conflict:${row.id}:${ctx.now().getTime()}`,
			actor: ctx.actor,
			note: note || null,
			channelId: kind === "channel_edit" ? row.channel_id : null,
		});
		undos.set(row.id, { movement: { skuId: row.sku_id, locationId, delta } });
	}
	await appendMovements(tx, ctx.merchantId, movements);
	return undos;
}

/** As lib/stock/slot.ts acceptShown: what the channel shows is what we expect from now on, and our offer is pushed over it. */
async function acceptShown(tx: Transaction, rows: readonly ConflictRow[], seen?: Map<number, SlotNow>): Promise<Undos> {
	const asSeen = JSON.stringify(
		rows.flatMap(({ slot_id }) =>
			slot_id === null ? [] : [{ id: slot_id, unexplained: seen?.get(slot_id)?.unexplained ?? null }],
		),
	);
	const accepted = (await tx.execute(sql`
		update slots s set expected = s.expected + b.unexplained, expected_version = s.expected_version + 1, unexplained = 0,
			unexplained_since = null, read_due_at = null
		from (
			select s.id, s.unexplained, a.unexplained as seen from slots s
			join jsonb_to_recordset(${asSeen}::jsonb) as a(id bigint, unexplained int) on a.id = s.id
			order by s.id for no key update of s
		) b
		where s.id = b.id and (b.seen is null or b.seen = b.unexplained)
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
		if (!slot) throw new ChangedMeanwhile("The channel shows another number by now. Look at it again, then decide.");
		undos.set(row.id, {
			slot: { id: slot.id, unexplained: slot.unexplained, expectedVersion: slot.expected_version },
		});
	}
	return undos;
}

function merge(a: Undos, b: Undos): Undos {
	const merged: Undos = new Map(a);
	for (const [id, undo] of b) merged.set(id, { ...merged.get(id), ...undo });
	return merged;
}

async function record(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	choice: ConflictChoice,
	value: number | undefined,
	note: string | undefined,
	undos: Undos,
): Promise<void> {
	const decisions = rows.map((row): { id: string; decision: ConflictDecision } => {
		const undo = undos.get(row.id);
		return {
			id: row.id,
			decision: {
				choice,
				...(note ? { note } : {}),
				...(value === undefined ? {} : { value }),
				...(undo ? { undo } : {}),
			},
		};
	});
	await tx.execute(sql`
		update conflicts f set state = 'decided', decided_at = ${ctx.now().toISOString()}::timestamptz, decided_by = ${ctx.actor},
			decision = d.decision, snoozed_until = null
		from jsonb_to_recordset(${JSON.stringify(decisions)}::jsonb) as d(id uuid, decision jsonb) where f.id = d.id`);
	await recordDecisions(tx, ctx, rows, choice, note ?? null);
}

/** The log and the audit of a decision or its undoing. */
export async function recordDecisions(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	choice: string,
	note: string | null,
): Promise<void> {
	await appendLog(
		statementsOf(tx),
		ctx.merchantId,
		rows.map((row) => ({
			kind: "conflict.decided",
			state: "ok",
			channelId: row.channel_id,
			skuId: row.sku_id,
			listingId: row.listing_id,
			orderRef: row.order_ref,
			data: { conflictId: row.id, kind: row.kind, choice, note, actor: ctx.actor },
		})),
	);
	await tx.execute(sql`
		insert into audit_log (merchant_id, actor, action, subject, data)
		select ${ctx.merchantId}::uuid, ${ctx.actor}, ${choice === "undo" ? "conflict.undone" : "conflict.decided"}, 'conflict:' || c.id, c.data
		from jsonb_to_recordset(${JSON.stringify(rows.map((row) => ({ id: row.id, data: { kind: row.kind, choice, note } })))}::jsonb) as c(id text, data jsonb)`);
}

async function channelsOf(tx: Transaction, rows: readonly ConflictRow[]): Promise<string[]> {
	const skuIds = JSON.stringify(rows.flatMap(({ sku_id }) => sku_id ?? []));
	const found = (await tx.execute(sql`
		select distinct channel_id from slots
		where sku_id in (select value::uuid from jsonb_array_elements_text(${skuIds}::jsonb)) and (is_pending or read_due_at is not null)`)) as unknown as {
		channel_id: string;
	}[];
	return found.map(({ channel_id }) => channel_id);
}

/** Answers that are given by linking: the mappings' own verbs do it, with their own undo. */
async function remap(
	ctx: Context,
	ids: string[],
	choice: "relink" | "leave_out",
	skuId: string | undefined,
	note: string | undefined,
): Promise<void> {
	const rows = (await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute(sql`
			select f.listing_id, m.version from conflicts f left join mappings m on m.listing_id = f.listing_id
			where f.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
				and f.state <> 'decided' and f.listing_id is not null`),
	)) as unknown as { listing_id: string; version: number | null }[];
	const listings = rows.map(({ listing_id: listingId, version: seenVersion }) => ({ listingId, seenVersion }));
	if (choice === "leave_out") await leaveOut(ctx, { listings, ...(note ? { reason: note.slice(0, 120) } : {}) });
	else {
		if (!skuId) throw new Unacceptable("Choose which SKU it is.");
		await linkListings(ctx, { links: listings.map((listing) => ({ ...listing, skuId })) });
	}
}
