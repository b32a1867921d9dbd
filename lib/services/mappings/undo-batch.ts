import { sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { Forbidden, NotFound, Unacceptable } from "../errors";
import { lockMail } from "../mail/lock-mail";
import { holdPolicies } from "../policies/policy-fault";
import { appendMovements } from "../stock/append-movements";
import { announce, changeInside } from "./change-mappings";
import type { RecordedChange } from "./mapping-change";

export type UndoneBatch = {
	/** The undoing, which can be undone too; null when everything was changed since. */
	batchId: string | null;
	restored: string[];
	/** What somebody changed since: left as it is, each by name. */
	kept: { listingId: string; name: string; sentence: string }[];
};

type Batch = { actor: string; at: Date; undone_at: Date | null; changes: RecordedChange[] };

/**
 * Puts back what one act changed, at once and whole, except what was changed since: that is named and left alone.
 * Orders that were counted because of it go back to waiting, or to the SKU that the listing had before: they were sold
 * on a link that never should have been.
 */
export async function undoBatch(ctx: Context, batchId: string): Promise<UndoneBatch> {
	authorise(ctx, "support");
	const done = await asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		await holdPolicies(statementsOf(tx), ctx.merchantId);
		const batch = await takeBatch(tx, ctx, batchId);
		await lockMailOf(tx, batch);
		const kept = await changedSince(tx, batchId, batch);
		const keptIds = new Set(kept.map(({ listingId }) => listingId));
		const undoing = batch.changes.filter(({ listingId }) => !keptIds.has(listingId));
		await giveBack(tx, ctx, batchId, batch.at, undoing);
		const changed = await changeInside(
			tx,
			ctx,
			{ action: "mapping.undone" },
			undoing.map(({ listingId, before }) => ({ listingId, seenVersion: null, next: before })),
		);
		const gone = changed.refused.map(({ listingId, sentence }) => ({ listingId, name: "A listing", sentence }));
		return { ...changed, kept: [...kept, ...gone] };
	});
	announce(ctx, done.pendingChannelIds, done.changed.length);
	return { batchId: done.batchId, restored: done.changed, kept: done.kept };
}

/** Whoever marks it undone first undoes it. */
async function takeBatch(tx: Transaction, ctx: Context, batchId: string): Promise<Batch> {
	const [found] = await tx.execute<Batch>(
		sql`select actor, at, undone_at, changes from mapping_batches where id = ${batchId} for update`,
	);
	if (!found) throw new NotFound("change");
	if (found.undone_at) throw new Unacceptable("This was undone already.", "undone_already");
	// One's own act may be taken back by whoever could do it; others' by a manager.
	if (found.actor !== ctx.actor && ctx.role === "support") throw new Forbidden("manager");
	await tx.execute(sql`update mapping_batches set undone_at = clock_timestamp() where id = ${batchId}`);
	return { ...found, at: new Date(found.at) };
}

const idsOf = (changes: readonly RecordedChange[]) => JSON.stringify(changes.map(({ listingId }) => listingId));

async function lockMailOf(tx: Transaction, batch: Batch): Promise<void> {
	const run = statementsOf(tx);
	const channels = await run<{ id: string }>`
		select distinct channel_id as id from listings where id in (select value::uuid from jsonb_array_elements_text(${idsOf(batch.changes)}::text::jsonb)) order by 1`;
	for (const { id } of channels) await lockMail(run, id);
}

/** A listing is as the batch left it when its mapping is still of that batch, or, where it was taken away, still absent. */
async function changedSince(tx: Transaction, batchId: string, batch: Batch): Promise<UndoneBatch["kept"]> {
	const left = batch.changes.map(({ listingId, after }) => ({ listingId, hasMapping: after !== null }));
	const rows = await tx.execute<{ listing_id: string; name: string; sku: string | null; by: string | null }>(sql`
		select a."listingId" as listing_id, coalesce(nullif(l.sku, ''), l.title, 'A listing') as name, k.code as sku, coalesce(u.name, u.email) as by
		from jsonb_to_recordset(${JSON.stringify(left)}::text::jsonb) as a("listingId" uuid, "hasMapping" boolean)
		left join listings l on l.id = a."listingId"
		left join mappings m on m.listing_id = a."listingId"
		left join skus k on k.id = m.sku_id
		left join users u on 'user:' || u.id = m.linked_by
		where case when a."hasMapping" then m.batch_id is distinct from ${batchId}::uuid else m.listing_id is not null end`);
	return [...rows].map(({ listing_id, name, sku, by }) => ({
		listingId: listing_id,
		name,
		sentence: `${name} ${sku ? `was linked to ${sku}` : "was changed"} since${by ? ` by ${by}` : ""}, and stays so.`,
	}));
}

/** Lines that this link had counted: their units come back, and they wait again for the right link. */
async function giveBack(
	tx: Transaction,
	ctx: Pick<Context, "merchantId" | "actor">,
	batchId: string,
	since: Date,
	changes: readonly RecordedChange[],
): Promise<void> {
	const links = changes.flatMap(({ listingId, before, after }) =>
		after?.state === "linked" && !(before?.state === "linked" && before.skuId === after.skuId)
			? [{ listingId, skuId: after.skuId }]
			: [],
	);
	if (links.length === 0) return;
	const lines = await tx.execute<{
		channel_id: string;
		order_ref: string;
		line_ref: string;
		sku_id: string;
		location_id: string;
		moved: number;
		number: string;
	}>(sql`
		with counted as (
			select ol.channel_id, ol.order_ref, ol.line_ref, o.number,
				-- What it is made of by now, and what it was made of when it was taken.
				array(
					select ol.sku_id union select component_id from sku_components where bundle_id = ol.sku_id
					union select (part->>'skuId')::uuid from jsonb_array_elements(ol.parts) part
				) as sku_ids
			from jsonb_to_recordset(${JSON.stringify(links)}::text::jsonb) as a("listingId" uuid, "skuId" uuid)
			join listings l on l.id = a."listingId"
			join order_lines ol on ol.channel_id = l.channel_id and ol.listing_id = l.id and ol.sku_id = a."skuId"
			join orders o on o.channel_id = ol.channel_id and o.order_ref = ol.order_ref
			for update of ol
		),
		mine as (
			select * from counted ol
			-- Counted by this link, not by an earlier one to the same SKU.
			where not exists (
				select from levels v join movements m on m.sku_id = v.sku_id and m.location_id = v.location_id
				where v.sku_id = any(ol.sku_ids)
					and m.at < ${since.toISOString()}::timestamptz and m.order_ref = ol.order_ref and m.channel_id = ol.channel_id and starts_with(m.cause_key, 'order:' || ol.channel_id || ':' || ol.order_ref || ':' || ol.line_ref || ':'))
		),
		waiting as (
			update order_lines ol set sku_id = null, location_id = null, units = null, consumed = 0, parts = null, taken_from = null
			from mine where ol.channel_id = mine.channel_id and ol.order_ref = mine.order_ref and ol.line_ref = mine.line_ref
		)
		-- Not what the line has consumed: of one from before the first count the ledger moved only what changed since.
		select mine.channel_id, mine.order_ref, mine.line_ref, mine.number, m.sku_id, m.location_id, -sum(m.delta)::int as moved
		from mine
		join levels v on v.sku_id = any(mine.sku_ids)
		join movements m on m.sku_id = v.sku_id and m.location_id = v.location_id and m.order_ref = mine.order_ref and m.channel_id = mine.channel_id
			and starts_with(m.cause_key, 'order:' || mine.channel_id || ':' || mine.order_ref || ':' || mine.line_ref || ':')
		group by 1, 2, 3, 4, 5, 6`);
	await appendMovements(
		tx,
		ctx.merchantId,
		[...lines]
			.filter(({ moved }) => moved !== 0)
			.map((line) => ({
				skuId: line.sku_id,
				// It may be a bundle by now, and is not moved by what it is made of.
				parts: [{ skuId: line.sku_id, units: 1 }],
				locationId: line.location_id,
				delta: line.moved,
				kind: line.moved > 0 ? "order_returned" : "order",
				causeKey: `undone:${batchId}:${line.channel_id}:${line.order_ref}:${line.line_ref}`,
				actor: ctx.actor,
				note: "its link was undone",
				channelId: line.channel_id,
				orderRef: line.order_ref,
				orderNumber: line.number,
			})),
	);
}

export type PastBatch = {
	id: string;
	sentence: string;
	listings: number;
	by: string;
	at: string;
	undoneAt: string | null;
};

/** What was done to mappings lately, each act to be undone as one. */
export async function listBatches(ctx: Context, limit = 30): Promise<PastBatch[]> {
	authorise(ctx, "viewer");
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<{ id: string; sentence: string; listings: number; by: string; at: Date; undone_at: Date | null }>(sql`
			select b.id, b.sentence, jsonb_array_length(b.changes) as listings, coalesce(u.name, u.email, b.actor) as by, b.at, b.undone_at
			from mapping_batches b left join users u on 'user:' || u.id = b.actor
			order by b.at desc limit ${limit}`),
	);
	return [...rows].map((row) => ({
		id: row.id,
		sentence: row.sentence,
		listings: row.listings,
		by: row.by,
		at: new Date(row.at).toISOString(),
		undoneAt: row.undone_at ? new Date(row.undone_at).toISOString() : null,
	}));
}
