import { type SQL, sql } from "drizzle-orm";
import { asMerchant, type Transaction } from "@/db/client";
import {
	asPercent,
	type GridChannel,
	type GridFilter,
	type GridOutline,
	gridPageSize,
	type ListingState,
	listingStates,
	type StateCounts,
} from "@/lib/matching/grid";
import { certainScore } from "@/lib/matching/propose";
import { authorise, type Context } from "../context";
import { listingState, wantedListings, wantedSkus } from "./filter-sql";

/** The channels of the grid's columns, in the order in which they were connected. */
export async function listGridChannels(ctx: Context): Promise<GridChannel[]> {
	authorise(ctx, "viewer");
	const rows = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<{ id: string; name: string; platform: GridChannel["platform"]; is_pushing: boolean }>(sql`
			select c.id, c.name, c.platform, (c.state = 'live' and c.paused_at is null and m.pushes_paused_at is null) as is_pushing
			from channels c join merchants m on m.id = c.merchant_id
			where c.state <> 'disconnected' order by c.created_at, c.id`),
	);
	return [...rows].map((row) => ({ id: row.id, name: row.name, platform: row.platform, isPushing: row.is_pushing }));
}

/**
 * How many rows a filter has, and the first key of each page: read once per filter, from an index. Every page is then
 * one range of that index, so its cost does not depend on how many come before it.
 */
export async function readOutline(ctx: Context, filter: GridFilter): Promise<GridOutline> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const [row] = await tx.execute<{ total: number; fences: string[] | null }>(sql`
			select count(*)::int as total, array_agg(key order by n) filter (where (n - 1) % ${gridPageSize} = 0) as fences
			from (${filter.mode === "skus" ? skuKeys(filter) : listingKeys(filter)}) as keys`);
		return { total: row?.total ?? 0, fences: row?.fences ?? [] };
	});
}

const skuKeys = (filter: GridFilter): SQL =>
	sql`select k.code as key, row_number() over (order by k.code) as n from skus k where ${wantedSkus(filter)}`;

/** Titles are not unique: the id makes the key so. */
const listingKeys = (filter: GridFilter): SQL => sql`
	select l.id::text || l.title as key, row_number() over (order by l.title, l.id) as n
	from listings l join channels c on c.id = l.channel_id left join mappings m on m.listing_id = l.id
	where ${wantedListings(filter)}`;

/** A page's range: from its fence up to the next one's, or to the end. */
export type PageRange = { from: string; to: string | null };

const idLength = 36;
const splitKey = (key: string) => ({ id: key.slice(0, idLength), title: key.slice(idLength) });

export function skuRange({ from, to }: PageRange): SQL {
	return to === null ? sql`k.code >= ${from}` : sql`k.code >= ${from} and k.code < ${to}`;
}

export function listingRange({ from, to }: PageRange): SQL {
	const first = splitKey(from);
	const start = sql`(l.title, l.id) >= (${first.title}, ${first.id}::uuid)`;
	if (to === null) return start;
	const next = splitKey(to);
	return sql`${start} and (l.title, l.id) < (${next.title}, ${next.id}::uuid)`;
}

/** Every listing is counted in exactly one state, within the channels that are looked at. */
export async function countStates(ctx: Context, channelIds: readonly string[]): Promise<StateCounts> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const states = await countByState(tx, channelIds);
		const certain = await tx.execute<{ score: number; count: number }>(sql`
			select p.score, count(*)::int as count
			from proposals p join listings l on l.id = p.listing_id join channels c on c.id = l.channel_id
			where p.rejected_at is null and not p.is_ambiguous and p.score >= ${certainScore} and l.gone_at is null and l.left_out_reason is null
				and c.state <> 'disconnected' and ${within(channelIds)}
				and not exists (select from mappings m where m.listing_id = l.id)
				and not exists (select from mappings m where m.sku_id = p.sku_id and m.channel_id = l.channel_id and m.state = 'linked')
			group by 1`);
		return {
			...states,
			certain: Object.fromEntries([...certain].map(({ score, count }) => [String(asPercent(score)), count])),
		};
	});
}

async function countByState(tx: Transaction, channelIds: readonly string[]): Promise<Record<ListingState, number>> {
	const rows = await tx.execute<{ state: ListingState; count: number }>(sql`
		select ${listingState} as state, count(*)::int as count
		from listings l join channels c on c.id = l.channel_id left join mappings m on m.listing_id = l.id
		where l.gone_at is null and c.state <> 'disconnected' and ${within(channelIds)}
		group by 1`);
	const counts = Object.fromEntries(listingStates.map((state) => [state, 0])) as Record<ListingState, number>;
	for (const { state, count } of rows) counts[state] = count;
	return counts;
}

const within = (channelIds: readonly string[]): SQL =>
	channelIds.length > 0
		? sql`l.channel_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(channelIds)}::text::jsonb))`
		: sql`true`;
