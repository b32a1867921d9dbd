import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { nameMoves } from "../stock/name-moves";
import { placeChanges } from "../stock/place-changes";
import { type CancelMeans, readCancelMeans } from "./cancel-means";
import type { Situation } from "./choices";
import { editDelta, raceOf } from "./edit-delta";
import { findWinner } from "./find-order";
import type { ConflictRow } from "./list-conflicts";
import { nameOrder } from "./name-order";
import { readOnHand } from "./read-on-hand";
import { winnerOf } from "./winner";

/** What stands around a conflict now, and what would follow from what may be decided. */
export async function readSituation(tx: Transaction, merchantId: string, row: ConflictRow): Promise<Situation> {
	const run = statementsOf(tx);
	const [found] = await run<{
		location_ids: string[];
		shown: number | null;
		expected: number | null;
		offered: number | null;
		unexplained: number | null;
		units: number | null;
		other_channels: number;
	}>`
		select coalesce(c.location_ids, '{}') as location_ids, s.shown, s.expected, s.offered, s.unexplained, s.units,
			(select count(distinct t.channel_id)::int from slots t join channels c on c.id = t.channel_id and c.state = 'live'
				where t.sku_id = ${row.sku_id}::uuid and t.channel_id is distinct from ${row.channel_id}::uuid) as other_channels
		from (select 1) one
		left join slots s on s.id = ${row.slot_id}::bigint
		left join channels c on c.id = ${row.channel_id}::uuid`;
	const slot =
		row.slot_id === null || !found
			? null
			: {
					shown: found.shown,
					expected: found.expected,
					offered: found.offered,
					unexplained: found.unexplained ?? 0,
					units: found.units ?? 1,
				};
	const locationIds = typeof row.facts.locationId === "string" ? [row.facts.locationId] : (found?.location_ids ?? []);
	const [locations, moves] = await readPlaces(run, row, locationIds, slot);
	const winner = winnerOf(row.facts);
	return {
		onHand: await readOnHand(run, row.sku_id, locationIds),
		locations,
		moves,
		slot,
		otherChannels: found?.other_channels ?? 0,
		// What is reserved is nobody's to cancel from here.
		winner:
			winner?.orderNumber && !winner.isReservation
				? { name: await nameOrder(tx, winner), cancel: await readWinnerMeans(run, merchantId, row.facts) }
				: null,
		cancel:
			row.kind === "oversold" && row.channel_id && row.order_ref
				? await readCancelMeans(run, { channelId: row.channel_id, orderRef: row.order_ref })
				: null,
		candidates: row.kind === "ambiguous_mapping" ? await readCandidates(tx, merchantId, row.listing_id) : [],
	};
}

/** Names of its locations, and what either number would move where there are several. */
async function readPlaces(
	run: Statement,
	row: ConflictRow,
	locationIds: readonly string[],
	slot: Situation["slot"],
): Promise<[string[], Situation["moves"]]> {
	const rows = await run<{ id: string; name: string }>`
		select id, name from locations where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(locationIds)}::text::jsonb))`;
	const locations = locationIds.flatMap((id) => rows.find((one) => one.id === id)?.name ?? []);
	const { sku_id: skuId, channel_id: channelId } = row;
	if (!slot || !skuId || locationIds.length < 2) return [locations, {}];
	const of = async (choice: "keep_ours" | "take_channel") => {
		const delta = editDelta(choice, row, slot.unexplained * slot.units);
		const change = { channelId, locationIds, skuId, delta, undoes: raceOf(row.facts)?.moved ?? [] };
		return delta === 0 ? [] : nameMoves(run, skuId, await placeChanges(run, [change]));
	};
	return [locations, { keep_ours: await of("keep_ours"), take_channel: await of("take_channel") }];
}

async function readWinnerMeans(
	run: Statement,
	merchantId: string,
	facts: Record<string, unknown>,
): Promise<CancelMeans> {
	const order = await findWinner(run, merchantId, facts);
	return order ? readCancelMeans(run, order) : { may: false, why: null };
}

async function readCandidates(tx: Transaction, merchantId: string, listingId: string | null) {
	const rows = (await tx.execute(sql`
		select s.id, concat_ws(', ', s.title, s.options) as label, s.code, p.score
		from proposals p join skus s on s.id = p.sku_id
		where p.merchant_id = ${merchantId}::uuid and p.listing_id = ${listingId}::uuid and p.rejected_at is null
		order by p.score desc, s.code limit 5`)) as unknown as { id: string; label: string; code: string; score: number }[];
	return rows.map(({ id, label, code, score }) => ({
		id,
		label,
		detail: `${code} · ${Math.round(score * 100)} % alike`,
	}));
}
