/** Which levels are due to be read, and which of them the channel's orders keep waiting. */
import type { Statement } from "@/db/statement";
import type { PlatformFacts } from "@/lib/channels/platform-facts";
import { areOrdersScarce, mayAskFrom } from "../orders/ask-pace";

/** Levels that one call reads. */
export const readBatch = 100;

/** As it was before its level was asked for. */
export type SlotToRead = { id: number; external_key: string; ids: Record<string, string>; expected_version: number };

type Facts = Pick<PlatformFacts, "pollEveryMs" | "orderListLagMs">;

/** Moments in milliseconds. */
export type ReadTimes = {
	now: number;
	/** When the first level is due that can be read as it is; null: none. */
	anyAt: number | null;
	/** When the first is due that only a newer read of the orders settles. */
	needsOrdersAt: number | null;
	/** The last complete read of the channel's orders, and until when the platform refuses the next. */
	orders: { readAt: number | null; quietUntil: number | null };
};

/** Where orders may be asked for at any time nothing waits for them. */
const lagOf = (facts: Facts): number | null => (areOrdersScarce(facts) ? facts.orderListLagMs : null);

export async function readTimes(run: Statement, channelId: string, facts: Facts): Promise<ReadTimes> {
	const lagMs = lagOf(facts);
	const [row] = await run<{
		now: number;
		any_at: number | null;
		needs_orders_at: number | null;
		read_at: number | null;
		quiet_until: number | null;
	}>`
		select extract(epoch from now())::float8 * 1000 as now,
			extract(epoch from d.any_at)::float8 * 1000 as any_at, extract(epoch from d.needs_orders_at)::float8 * 1000 as needs_orders_at,
			extract(epoch from h.orders_read_at)::float8 * 1000 as read_at,
			extract(epoch from h.orders_quiet_until)::float8 * 1000 as quiet_until
		from channel_health h
		cross join lateral (
			select (
				select s.read_due_at from slots s cross join lateral orders_needed_from(s, ${lagMs}::int) n
				where s.channel_id = h.channel_id and s.read_due_at is not null and s.push_id is null
					and (n.at is null or n.at <= h.orders_read_at)
				order by s.read_due_at limit 1
			) as any_at, (
				select s.read_due_at from slots s cross join lateral orders_needed_from(s, ${lagMs}::int) n
				where ${lagMs !== null} and s.channel_id = h.channel_id and s.read_due_at is not null and s.push_id is null
					and n.at > coalesce(h.orders_read_at, '-infinity')
				order by s.read_due_at limit 1
			) as needs_orders_at
		) d
		where h.channel_id = ${channelId}::uuid`;
	return {
		now: row?.now ?? 0,
		anyAt: row?.any_at ?? null,
		needsOrdersAt: row?.needs_orders_at ?? null,
		orders: { readAt: row?.read_at ?? null, quietUntil: row?.quiet_until ?? null },
	};
}

/** When the next read can do anything; null: not before news. */
export function nextReadAt(times: ReadTimes, facts: Facts): number | null {
	const { anyAt, needsOrdersAt, orders } = times;
	if (needsOrdersAt === null) return anyAt;
	return Math.min(anyAt ?? Number.POSITIVE_INFINITY, Math.max(needsOrdersAt, mayAskFrom(facts, orders, true)));
}

/** Whether what is due by now is to ask for the channel's orders first. */
export function asksForOrders({ now, needsOrdersAt, orders }: ReadTimes, facts: Facts): boolean {
	return mayAskFrom(facts, orders, needsOrdersAt !== null && needsOrdersAt <= now) <= now;
}

/** Those due that can be read by what is known of the orders, first due first. */
export async function dueSlots(run: Statement, channelId: string, facts: Facts): Promise<SlotToRead[]> {
	return run<SlotToRead>`
		select s.id::float8 as id, l.external_key, l.ids, s.expected_version::float8
		from slots s join listings l on l.id = s.listing_id and l.gone_at is null and l.is_managed
		join channel_health h on h.channel_id = s.channel_id
		cross join lateral orders_needed_from(s, ${lagOf(facts)}::int) n
		where s.channel_id = ${channelId}::uuid and s.read_due_at <= now() and s.push_id is null
			and (n.at is null or n.at <= h.orders_read_at)
		order by s.read_due_at limit ${readBatch}`;
}
