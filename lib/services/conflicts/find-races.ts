import type { Statement } from "@/db/statement";
import { type EditVerdict, type RaceRule, settleEdits } from "@/lib/stock/competing-edits";
import type { DriftPolicy } from "@/lib/stock/drift";
import type { Taken } from "@/lib/stock/places";
import type { WorkTarget } from "../channels/work-target";
import type { SlotRow } from "../pushes/slot-rows";
import { driftKey } from "./drift-key";

/** An edit in a channel, held against what was changed here meanwhile (R8). */
export type Race = {
	verdict: EditVerdict;
	/** What holds for it instead of the channel's own policy; null: that does. */
	policy: DriftPolicy | null;
	/** Units of the SKU that the ledger moves where the channel's edit counts. */
	delta: number;
	/** Null: nobody changed it here without having seen the channel's. */
	facts: RaceFacts | null;
};

/** Evidence of two edits, as a conflict keeps it. Numbers are the listing's; `…Units` are the SKU's, signed. */
export type RaceFacts = {
	base: number;
	ours: number;
	channel: number;
	/** When each was made, as far as is known (milliseconds). */
	oursAt: number;
	channelAt: number;
	/** What each moved, or would have. */
	oursUnits: number;
	channelUnits: number;
	/** Where what is in the ledger of them was taken, or below zero put: ours, or where the channel's stands, what was moved for it. Absent: found by an older version. */
	moved?: Taken[];
	/** First write wins: whose stands. Absent: a person decides. */
	stands?: "ours" | "channel";
};

/** Newest movements of a SKU among which edits of ours are looked for. */
const mostMovements = 200;
/** An edit that a channel was not told of for so long is no race any more. */
const mostUnseenMs = 24 * 60 * 60_000;

/** Of every slot with a SKU that shows what nothing explains. */
export async function findRaces(
	run: Statement,
	target: WorkTarget,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, Race>> {
	const linked = rows.filter(({ skuId }) => skuId !== null);
	if (linked.length === 0) return new Map();
	const rule = await readRaceRule(run, target.merchantId);
	const ours = await findOurEdits(run, target, linked);
	return new Map(linked.map((row) => [row.id, judge(rule, row, ours.get(row.id) ?? null)]));
}

async function readRaceRule(run: Statement, merchantId: string): Promise<RaceRule> {
	const [row] = await run<{ rule: RaceRule }>`select race_rule as rule from merchants where id = ${merchantId}::uuid`;
	return row?.rule ?? "source_of_truth";
}

function judge(rule: RaceRule, { slot, units }: SlotRow, ours: OurEdit | null): Race {
	const channelUnits = slot.unexplained * units;
	// What the slot holds now, a lowering of ours may have made: what was found is what it showed before that.
	const channel = ours?.shown ?? slot.shown ?? 0;
	const base = channel - slot.unexplained;
	const isMoved = ours !== null && slot.offered !== null && slot.offered !== base;
	const foundAt = slot.unexplainedSince ?? Date.now();
	const channelAt = Math.min(ours?.changed_at ?? foundAt, foundAt);
	const verdict = settleEdits(rule, isMoved ? { at: ours.at, sawOther: ours.saw_channel } : null, {
		at: channelAt,
		sawOther: false,
	});
	const seen: RaceFacts | null = isMoved
		? {
				base,
				ours: slot.offered ?? 0,
				channel,
				oursAt: ours.at,
				channelAt,
				oursUnits: ours.units,
				channelUnits,
				moved: ours.moved,
			}
		: null;
	switch (verdict) {
		case "next":
			// Nobody's number is the truth: an edit that was made in a store counts like any other.
			return {
				verdict,
				policy: rule === "first_write_wins" ? "channel_counts" : null,
				delta: channelUnits,
				facts: null,
			};
		case "policy":
			return { verdict, policy: null, delta: channelUnits, facts: seen };
		case "ours_stands":
			return { verdict, policy: "master_wins", delta: 0, facts: seen && { ...seen, stands: "ours" } };
		case "channel_stands":
			return {
				verdict,
				policy: "channel_counts",
				delta: channelUnits - (ours?.units ?? 0),
				facts: seen && { ...seen, stands: "channel" },
			};
	}
}

type OurEdit = {
	id: number;
	/** When the first of them was made (milliseconds). */
	at: number;
	/** What they moved, in units of the SKU. */
	units: number;
	/** Where. */
	moved: Taken[];
	/** It was made when the channel's had been shown to a person already. */
	saw_channel: boolean;
	/** What the channel showed when our first write after the finding left; null: none did. */
	shown: number | null;
	/** The platform's stamp of its edit. */
	changed_at: number | null;
};

/**
 * Changes of on hand by people, other systems or other channels that this channel had not been told when it was found to
 * show another number: a write that it had taken before would have told it.
 */
async function findOurEdits(
	run: Statement,
	{ channelId, merchantId }: WorkTarget,
	rows: readonly SlotRow[],
): Promise<ReadonlyMap<number, OurEdit>> {
	const input = JSON.stringify(
		rows.map(({ id, skuId, slot }) => ({
			id,
			sku: skuId,
			since: slot.unexplainedSince ?? Date.now(),
			key: driftKey(id),
		})),
	);
	const found = await run<OurEdit>`
		select i.id::float8 as id, extract(epoch from ours.at)::float8 * 1000 as at, ours.units, ours.moved, coalesce(ours.at > told.at, false) as saw_channel,
			first.shown, extract(epoch from s.changed_at)::float8 * 1000 as changed_at
		from jsonb_to_recordset(${input}::text::jsonb) as i(id bigint, sku uuid, since float8, key text)
		join slots s on s.id = i.id
		join channels c on c.id = ${channelId}::uuid and c.pushing_since is not null
		join mappings p on p.listing_id = s.listing_id
		cross join lateral (select to_timestamp(i.since / 1000) as since) f
		cross join lateral (
			select greatest(
				(select max(p.sku_version) from push_items p
					where p.sku_id = i.sku and p.channel_id = c.id and p.slot_id = i.id and p.outcome = 'applied' and p.settled_at <= f.since),
				case when s.confirmed_at <= f.since then s.confirmed_sku_version end, 0) as version
		) seen
		left join lateral (select min(created_at) as at from conflicts where merchant_id = ${merchantId}::uuid and dedupe_key = i.key and state <> 'decided') told on true
		left join lateral (
			select p.expected as shown from push_items p
			where p.sku_id = i.sku and p.channel_id = c.id and p.slot_id = i.id and p.outcome = 'applied' and p.settled_at > f.since
			order by p.settled_at limit 1
		) first on true
		cross join lateral (
			select min(at) as at, sum(units)::int as units, jsonb_agg(jsonb_build_object('locationId', location_id, 'units', -units) order by last_id) as moved
			from (
				select m.location_id, min(m.at) as at, sum(m.delta)::int as units, max(m.id) as last_id
				from (
					-- The version of the SKU that each made is told from how many came after it, wherever they were.
					select m.*, latest.version - row_number() over (order by m.id desc) + 1 as sku_version
					from levels l
					cross join lateral (
						select * from movements where sku_id = l.sku_id and location_id = l.location_id order by version desc limit ${mostMovements}
					) m
					cross join (select sum(version) as version from levels where sku_id = i.sku) latest
					where l.sku_id = i.sku order by m.id desc limit ${mostMovements}
				) m
				where m.sku_version > seen.version and m.location_id = any(c.location_ids) and m.kind in ('adjustment', 'count', 'channel_edit', 'transfer', 'import')
					and m.channel_id is distinct from c.id
					-- What was counted before it was linked, or before the channel was told anything, is what it began with.
					and m.at > greatest(c.pushing_since, p.linked_at, f.since - ${mostUnseenMs}::int * interval '1 ms')
				group by 1
			) at_location
		) ours
		where ours.units <> 0`;
	return new Map(found.map((edit) => [edit.id, edit]));
}
