import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";

/**
 * Orders that the store was asked for and does not know any more. On every platform that we know deleting gives nothing
 * back (the adapter's `stockMoments.deleted`), so what they took stays taken. One placed longer ago than the platform can
 * be asked about (`orderMemoryMs`) was only not shown.
 */
export async function markGone(
	run: Statement,
	channelId: string,
	orderRefs: readonly string[],
	orderMemoryMs: number | null,
): Promise<LogLine[]> {
	if (orderRefs.length === 0) return [];
	const gone = await run<{ order_ref: string; number: string; units: number }>`
		update orders o set gone_at = now(), status = 'deleted'
		where o.channel_id = ${channelId}::uuid and o.gone_at is null
			and o.order_ref in (select jsonb_array_elements_text(${JSON.stringify(orderRefs)}::text::jsonb))
			and (${orderMemoryMs}::float8 is null or o.placed_at > now() - ${orderMemoryMs}::float8 * interval '1 ms')
		returning o.order_ref, o.number,
			(select coalesce(sum(l.taken), 0)::int from order_lines l where l.channel_id = o.channel_id and l.order_ref = o.order_ref) as units`;
	return gone.map(({ order_ref, number, units }) => ({
		kind: "order.deleted",
		state: "none",
		channelId,
		orderRef: order_ref,
		data: { orderNumber: number, units },
	}));
}
