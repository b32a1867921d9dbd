import { asMerchant } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { type DryRunCounts, dryRunGroups, type Share, shareOf } from "@/lib/stock/dry-run";
import { authorise, type Context } from "../context";

export type DryRunRow = {
	slotId: number;
	listingTitle: string;
	listingSku: string | null;
	skuCode: string;
	shown: number;
	/** What would be shown; of one that is split the most. */
	offered: number;
	/** Its SKU's stock is split, and the store not yet among those that have a part: it gets one once pushing is on. */
	isSplit: boolean;
};

export type DryRun = Share & {
	/** Every listing of the store; the sum of `groups`. */
	listings: number;
	groups: DryRunCounts;
	/** Listings of SKUs that the stores split just now: each becomes its store's part, which is dealt once it can be written. */
	split: number;
	/** What would be written: to zero first, then the largest changes. */
	rows: DryRunRow[];
};

const shownRows = 500;

/** What switching pushing on would change in the store, by live values; seeing it is what allows it (R12). */
export async function dryRun(ctx: Context, channelId: string, options: { markSeen: boolean }): Promise<DryRun> {
	authorise(ctx, options.markSeen ? "manager" : "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const run = statementsOf(tx);
		const groups = await countGroups(run, channelId);
		const rows = await run<DryRunRow>`
			select s.id::float8 as "slotId", concat_ws(', ', l.title, l.options) as "listingTitle", l.sku as "listingSku", k.code as "skuCode",
				s.expected + s.unexplained as shown, s.offered, part.is_split as "isSplit"
			from slots s join listings l on l.id = s.listing_id and l.gone_at is null and l.is_managed
			join mappings m on m.listing_id = l.id and m.state = 'linked' join skus k on k.id = s.sku_id
			join channels c on c.id = s.channel_id
			cross join lateral (select not s.is_escrow and is_split(s.sku_id, c.location_ids) as is_split) part
			where s.channel_id = ${channelId}::uuid and s.held_reason is null and (s.offered <> s.expected + s.unexplained or part.is_split)
			order by (s.offered = 0) desc, part.is_split desc, abs(s.offered - s.expected - s.unexplained) desc, s.id limit ${shownRows}`;
		const [{ split } = { split: 0 }] = await run<{ split: number }>`
			select count(*)::int as split from slots s join listings l on l.id = s.listing_id and l.gone_at is null and l.is_managed
			join channels c on c.id = s.channel_id
			where s.channel_id = ${channelId}::uuid and not s.is_escrow and is_split(s.sku_id, c.location_ids)`;
		if (options.markSeen) await run`update channels set dry_run_seen_at = now() where id = ${channelId}::uuid`;
		return {
			...shareOf(groups),
			listings: Object.values(groups).reduce((sum, count) => sum + count, 0),
			groups,
			split,
			rows,
		};
	});
}

/**
 * The store's listings, each in exactly one group: what comes first in the `case` decides. What is to become a part of a
 * split stock is lowered, whatever it comes to.
 */
export async function countGroups(run: Statement, channelId: string): Promise<DryRunCounts> {
	const rows = await run<{ group: keyof DryRunCounts; count: number }>`
		select case
			when m.state = 'left_out' or (m.state is null and l.left_out_reason is not null) then 'left_out'
			when m.state is null then 'unlinked'
			when not l.is_managed or s.offered is null then 'uncounted'
			when s.expected is null then 'unread'
			when s.held_reason is not null and s.offered <> s.expected + s.unexplained then 'held'
			when s.offered > 0 and s.expected + s.unexplained > 0 and not s.is_escrow and is_split(s.sku_id, c.location_ids) then 'lowered'
			when s.offered = s.expected + s.unexplained then 'same'
			when s.offered > s.expected + s.unexplained then 'raised'
			when s.offered = 0 then 'to_zero'
			else 'lowered'
		end as "group", count(*)::int as count
		from listings l join channels c on c.id = l.channel_id
		left join mappings m on m.listing_id = l.id
		left join slots s on s.listing_id = l.id and s.location_ref = c.location_ref
		where l.channel_id = ${channelId}::uuid and l.gone_at is null
		group by 1`;
	const counts = Object.fromEntries(dryRunGroups.map((group) => [group, 0])) as DryRunCounts;
	for (const { group, count } of rows) counts[group] = count;
	return counts;
}
