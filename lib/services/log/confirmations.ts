import { sql } from "drizzle-orm";

const needsNoTelling = sql`coalesce((l.data->>'isSplit')::boolean, false)`;

/**
 * The way of one stock change, per channel that sells its SKU: whether the channel shows the change's version or a newer
 * one, and when a write that carried it was first confirmed. To be joined laterally to a log row `l`.
 *
 * One probe of push_items per slot, whatever the SKU's history. A slot that needs no write (the channel's own sale, a
 * pack whose quantity did not move) is in step without one. Only channels that sell from the change's own location count,
 * where the row names it. The channel that sold needs no telling, and a later write there is another change's; nor does
 * any where the stores split the stock, since it was the store's own part that was sold. A channel that was switched on later
 * was told by its first push, not of this change.
 */
export const confirmedByChannel = sql`
	select s.channel_id, bool_and(${needsNoTelling} or s.channel_id is not distinct from l.channel_id or s.confirmed_sku_version >= l.sku_version or not s.is_pending) as is_done,
		max(first.settled_at) as first_at
	from slots s
	join channels c on c.id = s.channel_id and c.state = 'live' and (c.pushing_since is null or c.pushing_since <= l.at)
	left join lateral (
		select i.settled_at from push_items i
		where i.sku_id = l.sku_id and i.channel_id = s.channel_id and i.sku_version >= l.sku_version
			and i.slot_id = s.id and i.outcome = 'applied' and s.channel_id is distinct from l.channel_id and not ${needsNoTelling}
		order by i.sku_version limit 1
	) first on true
	where s.sku_id = l.sku_id and s.offered is not null
		and (l.data->>'locationId' is null or (l.data->>'locationId')::uuid = any(c.location_ids))
	group by s.channel_id`;

/** Whether the write that a log row `l` of the kind `level.healed` speaks of is still to come. */
export const isStillToSetBack = sql`exists (
	select from slots s
	where s.listing_id = l.listing_id and s.is_pending and not exists (
		select from push_items i
		where i.sku_id = s.sku_id and i.channel_id = s.channel_id and i.slot_id = s.id and i.outcome = 'applied'
			and i.sku_version >= coalesce(l.sku_version, 0) and i.settled_at >= l.at))`;

/**
 * When the change of a log row `l` happened, which is before we counted it: by the store's own stamp, else when its news
 * came. Stamps have whole seconds, so one that is less than a second older than the news tells nothing that the news does
 * not; nor does one from a clock that is ahead.
 */
export const happenedAt = sql`
	least(l.at, (
		select case when stamp.at <= i.received_at - interval '1 s' then stamp.at else i.received_at end
		from inbox i cross join (select to_timestamp((l.data->>'happenedAt')::float8 / 1000) as at) stamp
		where i.id = l.inbox_id))`;

/**
 * The same in one row: of `total` channels `done` show it; `last_ms` after it {@link happenedAt} the last of them confirmed, null
 * while some don't, and where none had to be told.
 */
export const confirmations = sql`
	select count(*)::int as total, count(*) filter (where w.is_done)::int as done,
		case when bool_and(w.is_done) and max(w.first_at) is not null
			then greatest(0, extract(epoch from max(w.first_at) - ${happenedAt}) * 1000)::float8 end as last_ms
	from (${confirmedByChannel}) w`;
