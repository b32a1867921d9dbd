import { randomUUID } from "node:crypto";
import { asMerchant, type Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { notifyLog } from "@/lib/live/notify";
import type { Context } from "../context";
import { lockMail } from "../mail/lock-mail";
import { applyParkedLines } from "../orders/apply-parked-lines";
import { findLinkFaults } from "../policies/find-link-faults";
import { holdPolicies, type PolicyFault } from "../policies/policy-fault";
import { lockLevels } from "../stock/lock-levels";
import { recomputeOffers } from "../stock/recompute-offers";
import { wake } from "../sync/wake";
import type {
	ChangedMappings,
	MappingAct,
	MappingChange,
	MappingTarget,
	RecordedChange,
	RefusedChange,
	Theirs,
} from "./mapping-change";
import { recordBatch } from "./record-batch";

export async function changeMappings(
	ctx: Context,
	act: MappingAct,
	changes: readonly MappingChange[],
): Promise<ChangedMappings> {
	const done = await asMerchant(ctx.db, ctx.merchantId, (tx) => changeInside(tx, ctx, act, changes));
	announce(ctx, done.pendingChannelIds, done.changed.length);
	return { batchId: done.batchId, changed: done.changed, refused: done.refused };
}

/** After the commit: whoever pushes and whoever reads the log looks again. */
export function announce(
	ctx: Pick<Context, "merchantId">,
	pendingChannelIds: readonly string[],
	changed: number,
): void {
	if (pendingChannelIds.length > 0) wake("work", pendingChannelIds);
	if (changed > 0) notifyLog(ctx.merchantId);
}

/**
 * The one way in which a listing's mapping changes. The channel's mail is held meanwhile, so that an order can't be
 * parked by one transaction while another links its listing; that lock also settles the race of two people at one
 * cell: whoever comes second is shown what the first did (no overwriting by version). Statements do not grow with the
 * number of changes.
 */
export async function changeInside(
	tx: Transaction,
	ctx: Pick<Context, "merchantId" | "actor">,
	act: MappingAct,
	changes: readonly MappingChange[],
): Promise<ChangedMappings & { pendingChannelIds: string[] }> {
	const run = statementsOf(tx);
	const none = { batchId: null, changed: [], pendingChannelIds: [] };
	// A listing that is named twice becomes what was said last.
	const asked = [...new Map(changes.map((change) => [change.listingId, change])).values()];
	if (asked.length === 0) return { ...none, refused: [] };
	await holdPolicies(run, ctx.merchantId);
	await lockChannels(run, asked);
	const faults = await findLinkFaults(
		tx,
		asked.flatMap(({ listingId, next }) => (next?.state === "linked" ? [{ listingId, ...next }] : [])),
	);
	const { going, refused } = settle(await readBefore(run, asked), asked, act, faults);
	if (going.length === 0) return { ...none, refused };

	const skuIds = [
		...new Set(going.flatMap(({ before, after }) => [skuOf(before), skuOf(after)]).filter((id) => id !== null)),
	];
	// Levels before slots, as everybody does.
	await lockLevels(run, skuIds);
	const batchId = act.batchId ?? randomUUID();
	await writeMappings(run, ctx, batchId, going);
	await turnSlots(run, going);
	const offered = await recomputeOffers(tx, skuIds);
	const sold = await applyParkedLines(
		tx,
		ctx.merchantId,
		going.filter(({ after }) => after?.state === "linked").map(({ listingId }) => listingId),
	);
	await recordBatch(run, ctx, { batchId, action: act.action }, going);
	const pendingChannelIds = [...new Set([...offered.pendingChannelIds, ...sold.pendingChannelIds])];
	return { batchId, changed: going.map(({ listingId }) => listingId), refused, pendingChannelIds };
}

const skuOf = (target: MappingTarget): string | null => (target?.state === "linked" ? target.skuId : null);

/** In one order for everybody. */
async function lockChannels(run: Statement, changes: readonly MappingChange[]): Promise<void> {
	const ids = JSON.stringify(changes.map(({ listingId }) => listingId));
	const channels = await run<{ id: string }>`
		select distinct channel_id as id from listings where id in (select value::uuid from jsonb_array_elements_text(${ids}::text::jsonb)) order by 1`;
	for (const { id } of channels) await lockMail(run, id);
}

type BeforeRow = {
	listing_id: string;
	channel_id: string | null;
	state: "linked" | "left_out" | null;
	sku_id: string | null;
	sku: string | null;
	units: number | null;
	reason: string | null;
	version: number | null;
	linked_by: string | null;
	linked_at: string | null;
	has_sku: boolean;
	is_taken: boolean;
};

function readBefore(run: Statement, changes: readonly MappingChange[]): Promise<BeforeRow[]> {
	const asked = changes.map(({ listingId, next }) => ({ listingId, skuId: skuOf(next) }));
	return run<BeforeRow>`
		select a."listingId" as listing_id, l.channel_id, m.state, m.sku_id, k.code as sku, m.units, m.reason, m.version,
			coalesce(u.name, u.email, m.linked_by) as linked_by, to_char(m.linked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as linked_at,
			exists (select from skus s where s.id = a."skuId" and s.archived_at is null) as has_sku,
			exists (select from mappings o where o.sku_id = a."skuId" and o.channel_id = l.channel_id and o.state = 'linked' and o.listing_id <> l.id) as is_taken
		from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) as a("listingId" uuid, "skuId" uuid)
		left join listings l on l.id = a."listingId"
		left join mappings m on m.listing_id = l.id
		left join skus k on k.id = m.sku_id
		left join users u on 'user:' || u.id = m.linked_by`;
}

type Going = RecordedChange & { channelId: string };

function settle(
	rows: readonly BeforeRow[],
	changes: readonly MappingChange[],
	act: MappingAct,
	faults: ReadonlyMap<string, PolicyFault>,
): { going: Going[]; refused: RefusedChange[] } {
	const rowsById = new Map(rows.map((row) => [row.listing_id, row]));
	const going: Going[] = [];
	const refused: RefusedChange[] = [];
	const claimed = new Set<string>();
	for (const { listingId, seenVersion, next } of changes) {
		const row = rowsById.get(listingId);
		if (!row?.channel_id) {
			refused.push({ listingId, reason: "not_found", sentence: "This listing is not here any more. Reload the page." });
			continue;
		}
		if (next?.state === "linked" && !row.has_sku) {
			refused.push({ listingId, reason: "sku_not_found", sentence: "This SKU is not here any more. Choose another." });
			continue;
		}
		const before = targetOf(row);
		if (isSame(before, next)) continue;
		if (seenVersion !== null && seenVersion !== (row.version ?? 0)) {
			const theirs = theirsOf(row);
			refused.push({ listingId, reason: "changed_meanwhile", sentence: changedSentence(theirs), theirs, mine: next });
			continue;
		}
		const claim = next?.state === "linked" ? `${row.channel_id} ${next.skuId}` : null;
		if (act.isOneToOne && claim && (row.is_taken || claimed.has(claim))) {
			refused.push({
				listingId,
				reason: "already_linked",
				sentence: "Another listing of this channel has this SKU already.",
			});
			continue;
		}
		const fault = faults.get(listingId);
		if (fault) {
			refused.push({ listingId, ...fault });
			continue;
		}
		if (claim) claimed.add(claim);
		going.push({ listingId, channelId: row.channel_id, before, after: next });
	}
	return { going, refused };
}

const targetOf = (row: BeforeRow): MappingTarget => {
	if (row.state === "linked" && row.sku_id) return { state: "linked", skuId: row.sku_id, units: row.units ?? 1 };
	return row.state === "left_out" ? { state: "left_out", reason: row.reason ?? "" } : null;
};

const rowOf = (target: MappingTarget) => ({
	state: target?.state ?? null,
	sku_id: skuOf(target),
	units: target?.state === "linked" ? target.units : null,
	reason: target?.state === "left_out" ? target.reason : null,
});

const isSame = (a: MappingTarget, b: MappingTarget) => JSON.stringify(a) === JSON.stringify(b);

const theirsOf = (row: BeforeRow): Theirs => ({
	state: row.state ?? "open",
	sku: row.sku,
	by: row.linked_by,
	at: row.linked_at,
	version: row.version ?? 0,
});

function changedSentence({ state, sku, by }: Theirs): string {
	const who = by ?? "Somebody";
	if (state === "linked") return `${who} linked it to ${sku} meanwhile. Look at it and decide again.`;
	if (state === "left_out") return `${who} left it out meanwhile. Look at it and decide again.`;
	return "Somebody unlinked it meanwhile. Look at it and decide again.";
}

async function writeMappings(
	run: Statement,
	ctx: Pick<Context, "merchantId" | "actor">,
	batchId: string,
	going: readonly Going[],
): Promise<void> {
	const input = JSON.stringify(
		going.map(({ listingId, channelId, after }) => ({ listingId, channelId, ...rowOf(after), batchId })),
	);
	// A row that is made anew begins at a random version: nobody who saw an earlier one takes it for that.
	await run`
		insert into mappings (listing_id, merchant_id, channel_id, state, sku_id, units, reason, batch_id, version, linked_by, linked_at)
		select g."listingId", ${ctx.merchantId}::uuid, g."channelId", g.state, g.sku_id, coalesce(g.units, 1), g.reason, g."batchId",
			1 + floor(random() * 1000000000)::int, ${ctx.actor}, clock_timestamp()
		from jsonb_to_recordset(${input}::text::jsonb) as g("listingId" uuid, "channelId" uuid, state text, sku_id uuid, units int, reason text, "batchId" uuid)
		where g.state is not null
		on conflict (listing_id) do update set state = excluded.state, sku_id = excluded.sku_id, units = excluded.units, reason = excluded.reason,
			batch_id = excluded.batch_id, version = mappings.version + 1, linked_by = excluded.linked_by, linked_at = excluded.linked_at`;
	await run`
		delete from mappings where listing_id in (
			select "listingId" from jsonb_to_recordset(${input}::text::jsonb) as g("listingId" uuid, state text) where g.state is null)`;
	// The conflict that asked which SKU it is has its answer.
	await run`
		update conflicts set state = 'decided', decided_at = clock_timestamp(), decided_by = ${ctx.actor}, decision = '{"choice": "relink"}'
		where kind = 'ambiguous_mapping' and state <> 'decided' and listing_id in (
			select "listingId" from jsonb_to_recordset(${input}::text::jsonb) as g("listingId" uuid, state text) where g.state is not null)`;
}

/**
 * Slots follow their listing. What the channel shows stays known; what it ought to show is another SKU's business now,
 * so the versions of the old one say nothing any more. A slot that was never read is read before anything is written.
 */
async function turnSlots(run: Statement, going: readonly Going[]): Promise<void> {
	const input = JSON.stringify(going.map(({ listingId, after }) => ({ listingId, ...rowOf(after) })));
	await run`
		insert into slots (merchant_id, channel_id, listing_id, location_ref, location_id)
		select c.merchant_id, c.id, l.id, c.location_ref, c.location_id
		from jsonb_to_recordset(${input}::text::jsonb) as g("listingId" uuid, state text)
		join listings l on l.id = g."listingId" join channels c on c.id = l.channel_id
		where g.state = 'linked'
		on conflict (listing_id, location_ref) do nothing`;
	await run`
		update slots s set
			sku_id = g.sku_id,
			is_escrow = s.is_escrow and s.sku_id is not distinct from g.sku_id,
			units = coalesce(g.units, 1),
			location_id = coalesce(s.location_id, c.location_id),
			offered = case when s.sku_id is not distinct from g.sku_id then s.offered end,
			offered_version = s.offered_version + (s.offered is not null and s.sku_id is distinct from g.sku_id)::int,
			pace_units = case when s.sku_id is not distinct from g.sku_id then s.pace_units else 0 end,
			reoffer_at = case when s.sku_id is not distinct from g.sku_id then s.reoffer_at end,
			sku_version = case when s.sku_id is not distinct from g.sku_id then s.sku_version else 0 end,
			confirmed_sku_version = case when s.sku_id is not distinct from g.sku_id then s.confirmed_sku_version else 0 end,
			push_sku_version = case when s.sku_id is not distinct from g.sku_id then s.push_sku_version when s.push_id is not null then 0 end,
			accepted = case when s.sku_id is not distinct from g.sku_id then s.accepted else jsonb_set(s.accepted, '{skuVersion}', '0') end,
			read_due_at = case when g.sku_id is not null and s.expected is null then coalesce(s.read_due_at, now()) else s.read_due_at end
		from jsonb_to_recordset(${input}::text::jsonb) as g("listingId" uuid, sku_id uuid, units int), channels c
		where s.listing_id = g."listingId" and c.id = s.channel_id`;
}
