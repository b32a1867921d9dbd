/** Rate limits, which drop, and throttles, which delay: both by the generic cell rate algorithm, one row per key. */
import type { InngestEvent } from "./protocol";
import type { Sql } from "./queue";
import type { EngineFunction } from "./registry";

/** Whether the event may start the function. As on the server, a tenth of the limit may come at once. */
export async function isWithinRate(sql: Sql, fn: EngineFunction, event: InngestEvent): Promise<boolean> {
	const key = fn.rateLimit?.keyOf(event) ?? null;
	if (!fn.rateLimit || key === null) return true;
	const { limit, periodMs } = fn.rateLimit;
	const emissionMs = periodMs / limit;
	const toleranceMs = emissionMs * (Math.floor(limit / 10) + 1);
	const counted = await sql`
		insert into engine.rates as r (kind, fn_id, key, tat)
		values ('rate-limit', ${fn.id}, ${key}, now() + ${emissionMs} * interval '1 ms')
		on conflict (kind, fn_id, key) do update set tat = greatest(r.tat, now()) + ${emissionMs} * interval '1 ms'
		where greatest(r.tat, now()) + ${emissionMs - toleranceMs} * interval '1 ms' <= now()
		returning key`;
	return counted.length > 0;
}

/** Takes the next start under the throttle: epoch milliseconds, perhaps past; null: there is no throttle. */
export async function takeThrottledStart(sql: Sql, fn: EngineFunction, event: InngestEvent): Promise<number | null> {
	if (!fn.throttle) return null;
	const { limit, periodMs, burst, keyOf } = fn.throttle;
	const emissionMs = periodMs / limit;
	const toleranceMs = periodMs * Math.max(1, burst);
	const [row] = await sql<{ atMs: number }[]>`
		insert into engine.rates as r (kind, fn_id, key, tat)
		values ('throttle', ${fn.id}, ${keyOf(event)}, now() + ${emissionMs} * interval '1 ms')
		on conflict (kind, fn_id, key) do update set tat = greatest(r.tat, now()) + ${emissionMs} * interval '1 ms'
		returning (extract(epoch from tat) * 1000 - ${toleranceMs})::float8 as "atMs"`;
	return row?.atMs ?? null;
}
