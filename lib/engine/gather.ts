/** Debounces and batches: events of one key gather in a row of `waits` until it is time for one run. */
import type { Effects } from "./effects";
import { type InngestEvent, limits } from "./protocol";
import type { Sql } from "./queue";
import type { EngineFunction } from "./registry";

/** Each event starts the period anew; the one with the latest `ts` stays. */
export async function debounce(sql: Sql, effects: Effects, fn: EngineFunction, event: InngestEvent): Promise<void> {
	if (!fn.debounce) return;
	const { periodMs, timeoutMs, keyOf } = fn.debounce;
	await sql`
		insert into engine.waits as w (kind, fn_id, key, at, deadline, event_ts, events)
		values (
			'debounce', ${fn.id}, ${keyOf(event)}, now() + ${periodMs} * interval '1 ms',
			coalesce(now() + ${timeoutMs} * interval '1 ms', 'infinity'::timestamptz),
			${event.ts}, array[${JSON.stringify(event)}::text::json]
		)
		on conflict (kind, fn_id, key) where key is not null do update set
			events = case when excluded.event_ts >= w.event_ts then excluded.events else w.events end,
			event_ts = greatest(w.event_ts, excluded.event_ts),
			at = least(excluded.at, w.deadline)`;
	effects.later(periodMs);
}

/** The whole batch when this event made it full, else null. */
export async function addToBatch(
	sql: Sql,
	effects: Effects,
	fn: EngineFunction,
	event: InngestEvent,
): Promise<InngestEvent[] | null> {
	if (!fn.batch) return null;
	const { maxSize, timeoutMs, keyOf } = fn.batch;
	const [row] = await sql<{ id: string; count: number; bytes: number }[]>`
		insert into engine.waits as w (kind, fn_id, key, at, events)
		values (
			'batch', ${fn.id}, ${keyOf(event)}, now() + ${timeoutMs} * interval '1 ms',
			array[${JSON.stringify(event)}::text::json]
		)
		on conflict (kind, fn_id, key) where key is not null do update set events = w.events || excluded.events
		returning id, cardinality(events) as count,
			(select sum(octet_length(e::text)) from unnest(events) e)::float8 as bytes`;
	if (row && (row.count >= maxSize || row.bytes >= limits.batchBytes)) return takeGathered(sql, row.id);
	effects.later(timeoutMs);
	return null;
}

/** Ends the gathering. Null: another worker was quicker, or (`isDue`) an event moved its time. */
export async function takeGathered(
	sql: Sql,
	waitId: string,
	{ isDue = false }: { isDue?: boolean } = {},
): Promise<InngestEvent[] | null> {
	const [row] = await sql<{ events: InngestEvent[] }[]>`
		delete from engine.waits where id = ${waitId} and (not ${isDue}::bool or at <= clock_timestamp())
		returning array_to_json(events) as events`;
	return row?.events ?? null;
}
