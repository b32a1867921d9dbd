import type { Statement } from "@/db/statement";
import type { OrderSnapshot } from "@/lib/stock/order";

export type KnownOrder = {
	/** The platform's stamp of the version that we keep, in milliseconds. */
	at: number;
	/** When we last took a version of it. */
	heardAt: string;
	/** By line, what the platform said was taken; lines of which nothing is taken are absent. */
	taken: Record<string, number>;
};

/** What is kept of these orders, one statement for all; orders never heard of are absent. */
export async function knownOrders(
	run: Statement,
	channelId: string,
	orderRefs: readonly string[],
): Promise<Map<string, KnownOrder>> {
	if (orderRefs.length === 0) return new Map();
	const rows = await run<{ order_ref: string; at: number; heard_at: string; taken: Record<string, number> | null }>`
		select o.order_ref, o.version_at::float8 as at, o.heard_at::text, l.taken
		from (select distinct value as ref from jsonb_array_elements_text(${JSON.stringify(orderRefs)}::text::jsonb)) asked
		join orders o on o.channel_id = ${channelId}::uuid and o.order_ref = asked.ref
		left join lateral (
			select jsonb_object_agg(line_ref, told) filter (where told > 0) as taken
			from order_lines
			-- What came back elsewhere is kept as taken here; the platform said that it was given back.
			cross join lateral (select taken - coalesce((select sum(value::int) from jsonb_each_text(elsewhere)), 0) as told) t
			where channel_id = ${channelId}::uuid and order_ref = o.order_ref
		) l on true`;
	return new Map(rows.map((row) => [row.order_ref, { at: row.at, heardAt: row.heard_at, taken: row.taken ?? {} }]));
}

/** Whether a snapshot says of its lines what is known, whatever its stamp. */
export function isAsKnown(order: OrderSnapshot, known: KnownOrder): boolean {
	const sums = new Map<string, number>();
	for (const { lineRef, taken } of order.lines) sums.set(lineRef, (sums.get(lineRef) ?? 0) + taken);
	const now = [...sums].filter(([, units]) => units > 0);
	return now.length === Object.keys(known.taken).length && now.every(([ref, units]) => known.taken[ref] === units);
}
