import { type SQL, sql } from "drizzle-orm";
import { asMerchant } from "@/db/client";
import {
	type Candidate,
	type GridCell,
	type GridFilter,
	gridPageSize,
	type LinkedListing,
	type SkuRow,
} from "@/lib/matching/grid";
import { authorise, type Context } from "../context";
import { isBest, wantedSkus } from "./filter-sql";
import { linkedState } from "./linked-state";
import { type PageRange, skuRange } from "./read-grid";

/** One page of the grid: its SKUs, and per channel what is linked, proposed or left out. One statement, whatever its size. */
export async function readSkuRows(ctx: Context, filter: GridFilter, range: PageRange): Promise<SkuRow[]> {
	authorise(ctx, "viewer");
	return readWhere(ctx, sql`${wantedSkus(filter)} and ${skuRange(range)}`);
}

/** The same rows again, by id: after an act a row stays where it is, though the filter may not find it any more. */
export async function readSkuRowsById(ctx: Context, skuIds: readonly string[]): Promise<SkuRow[]> {
	authorise(ctx, "viewer");
	return readWhere(
		ctx,
		sql`k.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(skuIds)}::text::jsonb))`,
	);
}

/**
 * What belongs to a SKU is looked up from it, by index (a join over the page would read whole tables as long as they
 * are small, and cost more with every listing): 10,000 SKUs with 44,000 listings, 200 rows in 30 ms wherever they stand (2026-11-24).
 */
async function readWhere(ctx: Context, where: SQL): Promise<SkuRow[]> {
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<
			Pick<SkuRow, "id" | "code" | "title" | "options" | "imageUrl" | "available"> & {
				linked: LinkedRow[] | null;
				proposed: Proposed[] | null;
			}
		>(sql`
			select k.id, k.code, k.title, k.options, k.image_url as "imageUrl", ${availableUnits} as available,
				${linkedListings} as linked, ${proposedListings} as proposed
			from skus k where ${where} order by k.code limit ${gridPageSize}`),
	);
	return [...rows].map(({ linked, proposed, ...sku }) => ({ ...sku, cells: cellsOf(linked ?? [], proposed ?? []) }));
}

/** Over all locations; a bundle can be sold as often as its scarcest component. Null while not counted. */
export const availableUnits: SQL = sql`(case when k.is_bundle = 'yes' then (
	select case when bool_and(v.counted) then min(floor(v.available::numeric / sc.units))::int end
	from sku_components sc
	left join lateral (select bool_or(v.counted_at is not null) as counted, coalesce(sum(v.on_hand - v.reserved), 0) as available from levels v where v.sku_id = sc.component_id) v on true
	where sc.bundle_id = k.id
) else (
	select case when bool_or(v.counted_at is not null) then sum(v.on_hand - v.reserved)::int end from levels v where v.sku_id = k.id
) end)`;

type LinkedRow = Omit<LinkedListing, "state" | "word"> &
	Parameters<typeof linkedState>[0] & {
		channelId: string;
	};

const linkedListings: SQL = sql`(
	select jsonb_agg(jsonb_build_object(
		'channelId', m.channel_id, 'listingId', m.listing_id, 'sku', l.sku, 'title', l.title, 'units', m.units, 'version', m.version,
		'shows', s.expected + s.unexplained, 'offered', s.offered, 'unexplained', s.unexplained, 'heldReason', s.held_reason,
		'isInFlight', s.push_id is not null, 'isPushing', c.state = 'live' and c.paused_at is null and o.pushes_paused_at is null)
		order by m.units, m.linked_at, m.listing_id)
	from mappings m
	join listings l on l.id = m.listing_id
	join channels c on c.id = m.channel_id
	join merchants o on o.id = m.merchant_id
	left join slots s on s.listing_id = m.listing_id and s.location_ref = c.location_ref
	where m.sku_id = k.id and m.state = 'linked' and c.state <> 'disconnected')`;

type Proposed = { channelId: string; candidate: Candidate; isAmbiguous: boolean; leftOut: string | null };

const proposedListings: SQL = sql`(
	select jsonb_agg(jsonb_build_object(
		'channelId', l.channel_id, 'isAmbiguous', p.is_ambiguous,
		'leftOut', case when m.state = 'left_out' then coalesce(m.reason, '') when m.listing_id is null then l.left_out_reason end,
		'candidate', jsonb_build_object('listingId', l.id, 'sku', l.sku, 'title', l.title, 'score', p.score, 'tier', p.tier, 'version', coalesce(m.version, 0)))
		order by p.score desc, l.sku, l.id)
	from proposals p
	join listings l on l.id = p.listing_id
	join channels c on c.id = l.channel_id
	left join mappings m on m.listing_id = p.listing_id
	where p.sku_id = k.id and p.rejected_at is null and l.gone_at is null and c.state <> 'disconnected' and m.state is distinct from 'linked'
		-- Where one answer is best the listing stands in that SKU's row only; where two fit, in both.
		and (p.is_ambiguous or ${isBest(sql`p`)}))`;

/** What is linked comes before what is proposed, and that before what was left out. */
function cellsOf(linked: readonly LinkedRow[], proposed: readonly Proposed[]): Record<string, GridCell> {
	const cells: Record<string, GridCell> = {};
	for (const { channelId, unexplained, heldReason, isInFlight, isPushing, ...rest } of linked) {
		const slot = { ...rest, unexplained, heldReason, isInFlight, isPushing };
		const listing: LinkedListing = { ...rest, ...linkedState(slot) };
		const cell = cells[channelId];
		if (cell?.kind === "linked") cell.listings.push(listing);
		else cells[channelId] = { kind: "linked", listings: [listing] };
	}
	for (const { channelId, candidate, isAmbiguous, leftOut } of proposed) {
		const cell = cells[channelId];
		if (leftOut !== null) {
			cells[channelId] ??= { kind: "left_out", candidate, reason: leftOut };
		} else if (!cell || cell.kind === "left_out") {
			cells[channelId] = isAmbiguous
				? { kind: "ambiguous", candidates: [candidate] }
				: { kind: "suggested", candidate };
		} else if (cell.kind === "ambiguous") {
			cell.candidates.push(candidate);
		} else if (cell.kind === "suggested") {
			cells[channelId] = { kind: "ambiguous", candidates: [cell.candidate, candidate] };
		}
	}
	return cells;
}
