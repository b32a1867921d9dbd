import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type GridFilter, gridModes, type ListingState, listingStates } from "@/lib/matching/grid";

const words = z.array(z.string().trim().min(1).max(200)).max(20).default([]);

export const filterInput = z.object({
	mode: z.enum(gridModes).default("skus"),
	state: z.enum(listingStates).nullable().default(null),
	channelIds: z.array(z.uuid()).max(100).default([]),
	skus: words,
	titles: words,
	text: z.string().max(200).default(""),
}) satisfies z.ZodType<GridFilter>;

/** From the address of a JSON route. */
export function readFilter(search: URLSearchParams): z.output<typeof filterInput> {
	return filterInput.parse({
		mode: search.get("mode") ?? undefined,
		state: search.get("state"),
		channelIds: search.getAll("channel"),
		skus: search.getAll("sku"),
		titles: search.getAll("title"),
		text: search.get("text") ?? undefined,
	});
}

/** What people type is looked for as it stands: no character of it is a wildcard. */
const pattern = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

const all = (conditions: SQL[]): SQL => (conditions.length > 0 ? sql.join(conditions, sql` and `) : sql`true`);

const inChannels = (filter: GridFilter, column: SQL): SQL[] =>
	filter.channelIds.length > 0
		? [
				sql`${column} in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(filter.channelIds)}::text::jsonb))`,
			]
		: [];

function textConditions(filter: GridFilter, code: SQL, title: SQL): SQL[] {
	return [
		...filter.skus.map((text) => sql`${code} ilike ${pattern(text)}`),
		...filter.titles.map((text) => sql`${title} ilike ${pattern(text)}`),
		...filter.text
			.split(/\s+/)
			.filter(Boolean)
			.map((text) => sql`(${code} ilike ${pattern(text)} or ${title} ilike ${pattern(text)})`),
	];
}

/** The best open proposal of a listing `l`, or none. */
const bestProposal = (pick: SQL): SQL =>
	sql`(select ${pick} from proposals p where p.listing_id = l.id and p.rejected_at is null order by p.score desc, p.tier, p.sku_id limit 1)`;

/** The state of a listing `l` beside its mapping `m`: one of {@link listingStates}. */
export const listingState: SQL = sql`(case
	when m.state is not null then m.state
	when l.left_out_reason is not null then 'left_out'
	else coalesce(${bestProposal(sql`case when p.is_ambiguous then 'ambiguous' else 'suggested' end`)}, 'unmatched')
end)`;

/** Listings `l` (with `m`, their mapping, and `c`, their channel) that the filter wants. */
export function wantedListings(filter: GridFilter): SQL {
	return all([
		sql`l.gone_at is null and c.state <> 'disconnected'`,
		...inChannels(filter, sql`l.channel_id`),
		...textConditions(filter, sql`coalesce(l.sku, '')`, sql`l.title`),
		...(filter.state ? [stateCondition(filter.state)] : []),
	]);
}

const undecided: SQL = sql`m.listing_id is null and l.left_out_reason is null`;
const leftOut: SQL = sql`(m.state = 'left_out' or (m.listing_id is null and l.left_out_reason is not null))`;

/** Said so that an index can find it: a state is looked for, not computed for everything. */
function stateCondition(state: ListingState): SQL {
	switch (state) {
		case "linked":
			return sql`m.state = 'linked'`;
		case "left_out":
			return leftOut;
		case "unmatched":
			return sql`${undecided} and not exists (select from proposals p where p.listing_id = l.id and p.rejected_at is null)`;
		case "ambiguous":
			return sql`${undecided} and ${bestProposal(sql`p.is_ambiguous`)}`;
		case "suggested":
			return sql`${undecided} and ${bestProposal(sql`not p.is_ambiguous`)}`;
	}
}

/** SKUs `k` that the filter wants: with a state, those that have a listing in it. */
export function wantedSkus(filter: GridFilter): SQL {
	return all([
		sql`k.archived_at is null`,
		...textConditions(filter, sql`k.code`, sql`k.title`),
		...(filter.state ? [skuState(filter, filter.state)] : []),
	]);
}

function skuState(filter: GridFilter, state: ListingState): SQL {
	const channel = all(inChannels(filter, sql`l.channel_id`));
	if (state === "linked")
		return sql`exists (select from mappings m join listings l on l.id = m.listing_id
			where m.sku_id = k.id and m.state = 'linked' and l.gone_at is null and ${channel})`;
	// A listing without a suggestion belongs to no SKU: there, "unmatched" finds SKUs that lack a listing somewhere.
	if (state === "unmatched")
		return sql`exists (select from channels l0 where l0.state <> 'disconnected'
			and ${all(inChannels(filter, sql`l0.id`))}
			and not exists (select from mappings m where m.sku_id = k.id and m.channel_id = l0.id and m.state = 'linked')
			and not exists (select from proposals p join listings l on l.id = p.listing_id where p.sku_id = k.id and l.channel_id = l0.id and p.rejected_at is null))`;
	// Where one answer is best the listing stands in that SKU's row only; where two fit, in both.
	const isShown = {
		suggested: sql`not p.is_ambiguous and ${isBest(sql`p`)}`,
		ambiguous: sql`p.is_ambiguous`,
		left_out: isBest(sql`p`),
	}[state];
	return sql`exists (select from proposals p join listings l on l.id = p.listing_id left join mappings m on m.listing_id = l.id
		where p.sku_id = k.id and p.rejected_at is null and l.gone_at is null and ${channel} and ${state === "left_out" ? leftOut : undecided} and ${isShown})`;
}

/** A proposal that no other of its listing beats. */
export const isBest = (p: SQL): SQL => sql`not exists (
	select from proposals b where b.listing_id = ${p}.listing_id and b.rejected_at is null
		and (b.score > ${p}.score or (b.score = ${p}.score and (b.tier, b.sku_id) < (${p}.tier, ${p}.sku_id))))`;

/** Of suggestions (listing `l`, SKU `k`), those that stand in the rows that the filter shows. */
export function wantedSuggestions(filter: GridFilter): SQL {
	const [code, title] = filter.mode === "skus" ? [sql`k.code`, sql`k.title`] : [sql`coalesce(l.sku, '')`, sql`l.title`];
	return all([...inChannels(filter, sql`l.channel_id`), ...textConditions(filter, code, title)]);
}
