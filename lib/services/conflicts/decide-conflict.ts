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
import { wake } from "../sync/wake";
import { text } from "../text";
import { applyChoice } from "./apply-choice";
import { askedChannels } from "./ask-cancel";
import { type ConflictChoice, choicesOf, conflictChoices, leastUnits, needsNote } from "./choices";
import { type ConflictRow, readConflictRows } from "./list-conflicts";
import { lockLevelsOf } from "./lock-levels-of";
import type { Undos } from "./undos";

export const decideConflictSchema = z.object({
	/** More than one: conflicts of one cause, settled alike. */
	ids: z.array(z.guid()).min(1).max(1_000),
	choice: z.enum(conflictChoices),
	/** `restock`: units found. `set_value`: units on hand. */
	value: z.number().int().min(0).max(1_000_000).optional(),
	skuId: z.guid().optional(),
	note: text().trim().max(500).optional(),
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
	if (needsNote(choice) && !note) throw new Unacceptable("Say why, in a few words.", "note_missing");
	if (value !== undefined && value < leastUnits(choice))
		throw new Unacceptable(`Write how many: ${leastUnits(choice)} or more, not ${value}.`, "too_few");
	if (choice === "relink" || choice === "leave_out") await remap(ctx, ids, choice, skuId, note);
	const { rows, channelIds, cancelledOn } = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const open = await lockOpen(tx, ids);
		if (open.length === 0) return { rows: [], channelIds: [], cancelledOn: [] };
		for (const row of open)
			if (!choicesOf[row.kind].includes(choice))
				throw new Unacceptable("This can't be decided about such a conflict. Reload the page and choose again.");
		const undos = await applyChoice(tx, ctx, open, { choice, value, note });
		await record(tx, ctx, open, choice, value, note, undos, await readNumbers(tx, open));
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
	await lockLevelsOf(statementsOf(tx), ids);
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

type Numbers = ReadonlyMap<string, NonNullable<ConflictDecision["numbers"]>>;

/** By conflict about a number, what its store shows still and what it ought to show from now on. */
async function readNumbers(tx: Transaction, rows: readonly ConflictRow[]): Promise<Numbers> {
	const about = rows.filter(({ kind }) => kind === "drift" || kind === "competing_edits");
	const found = (await tx.execute(sql`
		select f.id, s.shown, s.offered from conflicts f join slots s on s.id = f.slot_id
		where f.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(about.map(({ id }) => id))}::jsonb))`)) as unknown as {
		id: string;
		shown: number | null;
		offered: number | null;
	}[];
	return new Map(found.map(({ id, ...numbers }) => [id, numbers]));
}

async function record(
	tx: Transaction,
	ctx: Context,
	rows: readonly ConflictRow[],
	choice: ConflictChoice,
	value: number | undefined,
	note: string | undefined,
	undos: Undos,
	numbers: Numbers,
): Promise<void> {
	const decisions = rows.map((row): { id: string; decision: ConflictDecision } => {
		const undo = undos.get(row.id);
		const told = numbers.get(row.id);
		return {
			id: row.id,
			decision: {
				choice,
				...(note ? { note } : {}),
				...(value === undefined ? {} : { value }),
				...(told ? { numbers: told } : {}),
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
	// A bundle moves with what it is made of, and with it all that is made of the same.
	const found = (await tx.execute(sql`
		with decided as (select value::uuid as sku_id from jsonb_array_elements_text(${skuIds}::jsonb)),
		moved as (
			select sku_id from decided union select component_id from sku_components where bundle_id in (select sku_id from decided)
		)
		select distinct channel_id from slots
		where sku_id in (select sku_id from moved union select bundle_id from sku_components where component_id in (select sku_id from moved))
			and (is_pending or read_due_at is not null)`)) as unknown as {
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
	const { refused } =
		choice === "leave_out"
			? await leaveOut(ctx, { listings, ...(note ? { reason: note.slice(0, 120) } : {}) })
			: await linkAll(ctx, listings, skuId);
	if (refused[0]) throw new Unacceptable(refused[0].sentence, refused[0].reason);
}

function linkAll(ctx: Context, listings: readonly object[], skuId: string | undefined) {
	if (!skuId) throw new Unacceptable("Choose which SKU it is.");
	return linkListings(ctx, { links: listings.map((listing) => ({ ...listing, skuId })) });
}
