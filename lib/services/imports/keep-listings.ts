/** What a store says of its listings, into the tables. */
import type { Statement } from "@/db/statement";
import type { RemoteListing } from "@/lib/channels/listing";
import type { WorkTarget } from "../channels/work-target";
import { appendLog, type LogLine } from "../log/append-log";
import { recountWithOthers } from "../stock/recount-exposures";

/** Why nothing is sent to a listing that left the store; lifted by itself when it is seen there again. */
const goneReason = "It is no longer in the store.";

/**
 * Three statements a page. A slot that has never been read takes the quantity as what the store shows; one that differs
 * is read live.
 */
export async function keepListings(
	run: Statement,
	target: WorkTarget,
	items: readonly RemoteListing[],
	readAt: Date,
): Promise<void> {
	if (items.length === 0) return;
	const input = JSON.stringify(items.map((item) => ({ ...item, sku: item.sku?.trim() || null })));
	const at = readAt.toISOString();
	await run`
		insert into listings (merchant_id, channel_id, external_key, ids, sku, gtin, title, options, price, image_url, url, is_managed, left_out_reason, seen_at)
		select distinct on (i."externalKey") ${target.merchantId}::uuid, ${target.channelId}::uuid, i."externalKey", i.ids, i.sku, i.gtin, i.title, i.options, i.price,
			i."imageUrl", i.url, i."isManaged", i."leftOutReason", ${at}::timestamptz
		from jsonb_to_recordset(${input}::text::jsonb) as i("externalKey" text, ids jsonb, sku text, gtin text, title text, options text, price text,
			"imageUrl" text, url text, "isManaged" boolean, "leftOutReason" text)
		order by i."externalKey"
		on conflict (channel_id, external_key) do update set ids = excluded.ids, sku = excluded.sku, gtin = excluded.gtin, title = excluded.title,
			options = excluded.options, price = excluded.price, image_url = excluded.image_url, url = excluded.url, is_managed = excluded.is_managed,
			left_out_reason = excluded.left_out_reason, seen_at = excluded.seen_at, gone_at = null`;
	await run`
		insert into listing_refs (merchant_id, channel_id, ref, listing_id)
		select distinct on (r.ref) ${target.merchantId}::uuid, ${target.channelId}::uuid, r.ref, l.id
		from jsonb_to_recordset(${input}::text::jsonb) as i("externalKey" text, refs jsonb)
		cross join lateral jsonb_array_elements_text(i.refs) as r(ref)
		join listings l on l.channel_id = ${target.channelId}::uuid and l.external_key = i."externalKey"
		order by r.ref
		on conflict (channel_id, ref) do update set listing_id = excluded.listing_id where listing_refs.listing_id <> excluded.listing_id`;
	const kept = await run<{ sku_id: string | null }>`
		insert into slots (merchant_id, channel_id, listing_id, location_ref, location_id, expected, bound, shown, shown_at, shown_until, verified_at)
		select distinct on (l.id) ${target.merchantId}::uuid, c.id, l.id, c.location_ref, c.location_id, i.quantity, case when i.quantity is not null then greatest(0, i.quantity) end, i.quantity,
			case when i.quantity is not null then ${at}::timestamptz end, case when i.quantity is not null then clock_timestamp() end,
			case when i.quantity is not null then ${at}::timestamptz end
		from jsonb_to_recordset(${input}::text::jsonb) as i("externalKey" text, quantity int)
		join listings l on l.channel_id = ${target.channelId}::uuid and l.external_key = i."externalKey"
		join channels c on c.id = l.channel_id
		order by l.id
		on conflict (listing_id, location_ref) do update set
			expected = coalesce(slots.expected, excluded.expected),
			bound = coalesce(slots.bound, excluded.bound),
			-- What a slot that was read before has to be shown is for its own reads to say: a lost write may still land. What is
			-- not counted shows nothing.
			shown = case when slots.expected is null or excluded.shown is null then excluded.shown else slots.shown end,
			shown_at = case when slots.expected is null or excluded.shown is null then excluded.shown_at else slots.shown_at end,
			shown_until = case when slots.expected is null or excluded.shown is null then excluded.shown_until else slots.shown_until end,
			verified_at = case when slots.expected is null then excluded.verified_at else slots.verified_at end,
			held_reason = nullif(slots.held_reason, ${goneReason}),
			held_at = case when slots.held_reason = ${goneReason} then null else slots.held_at end,
			read_due_at = case when slots.expected is not null and slots.push_id is null
					and (excluded.expected <> slots.expected + slots.unexplained or (slots.shown_at is null and excluded.expected is not null))
				then coalesce(slots.read_due_at, now()) else slots.read_due_at end
		returning sku_id`;
	await recountWithOthers(
		run,
		kept.flatMap(({ sku_id }) => sku_id ?? []),
	);
}

/**
 * Ends the listings that a complete reading, begun at `began`, did not find. Returns the SKUs that they split with others,
 * which are to be dealt anew once the caller's transaction is over: its slots are locked before their levels.
 */
export async function endUnseen(run: Statement, target: WorkTarget, began: Date): Promise<string[]> {
	const unseen = await run<{ id: string }>`
		select id from listings where channel_id = ${target.channelId}::uuid and gone_at is null and seen_at < ${began.toISOString()}::timestamptz`;
	return markGone(
		run,
		target,
		unseen.map(({ id }) => id),
	);
}

/** Ends the listings under these products that are not among `found`: all that the store has under them now. Returns as {@link endUnseen}. */
export async function endMissing(
	run: Statement,
	target: WorkTarget,
	productRefs: readonly string[],
	found: readonly RemoteListing[],
): Promise<string[]> {
	if (productRefs.length === 0) return [];
	const keys = JSON.stringify(found.map(({ externalKey }) => externalKey));
	const missing = await run<{ id: string }>`
		select id from listings
		where channel_id = ${target.channelId}::uuid and gone_at is null
			and ids->>'productId' in (select jsonb_array_elements_text(${JSON.stringify(productRefs)}::text::jsonb))
			and external_key not in (select jsonb_array_elements_text(${keys}::text::jsonb))`;
	return markGone(
		run,
		target,
		missing.map(({ id }) => id),
	);
}

/** Nothing is read of them and nothing sent to them; their mappings stay, for the case that they come back. */
async function markGone(run: Statement, target: WorkTarget, listingIds: readonly string[]): Promise<string[]> {
	if (listingIds.length === 0) return [];
	const gone = await run<{ id: string; sku_id: string; is_escrow: boolean }>`
		with gone as (
			update listings set gone_at = now() where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(listingIds)}::text::jsonb))
			returning id
		),
		held as (
			update slots s set held_reason = ${goneReason}, held_at = now(), read_due_at = null, hint = null, shown = null, shown_at = null, shown_until = null
			from gone where s.listing_id = gone.id
			returning s.listing_id, s.sku_id, s.is_escrow
		)
		select listing_id as id, sku_id, is_escrow from held where sku_id is not null`;
	await recountWithOthers(
		run,
		gone.map(({ sku_id }) => sku_id),
	);
	await appendLog(
		run,
		target.merchantId,
		gone.map(
			({ id, sku_id: skuId }): LogLine => ({
				kind: "listing.gone",
				state: "off",
				channelId: target.channelId,
				skuId,
				listingId: id,
			}),
		),
	);
	return gone.flatMap(({ sku_id, is_escrow }) => (is_escrow ? [sku_id] : []));
}
