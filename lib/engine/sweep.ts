/** Housekeeping: what crashes left, what is old. Each part takes a bounded bite, so that it never holds much for long. */
import { firstId } from "./ids";
import { wholeFunction } from "./protocol";
import type { Sql } from "./queue";
import type { Settings } from "./settings";

const bite = 2_000;

/**
 * An unfinished run has a queue row or a wait, always: every transaction leaves one of them. Should a run have neither,
 * its planned steps, or else the function, are asked for again. The runs that this was needed for.
 */
export async function mendRuns(sql: Sql, { olderThanMs = 60_000 } = {}): Promise<string[]> {
	const mended = await sql<{ runId: string }[]>`
		with idle as (
			select r.id, r.fn_id from engine.runs r
			where r.finished_at is null and r.created_at < now() - ${olderThanMs} * interval '1 ms'
				and not exists (select from engine.queue q where q.run_id = r.id)
				and not exists (select from engine.waits w where w.run_id = r.id and w.step_id is not null)
			order by r.created_at limit ${bite}
		), planned as (
			select idle.id, idle.fn_id, s.id as step_id
			from idle join engine.steps s on s.run_id = idle.id and s.kind = 'pending' and s.op = 'StepPlanned'
		)
		insert into engine.queue (run_id, fn_id, step_id, at, rank)
		select id, fn_id, step_id, now(), now() from planned
		union all
		select id, fn_id, ${wholeFunction}, now(), now() from idle where id not in (select id from planned)
		on conflict (run_id, step_id) do nothing
		returning run_id as "runId"`;
	return [...new Set(mended.map(({ runId }) => runId))];
}

/** True when there may be more to do. */
export async function sweep(sql: Sql, settings: Settings): Promise<boolean> {
	const old = await sql`
		with old as (
			delete from engine.runs where id in (
				select id from engine.runs
				where finished_at < now() - ${settings.keepCompletedMs} * interval '1 ms'
					and (status = 'completed' or finished_at < now() - ${settings.keepFailedMs} * interval '1 ms')
				order by finished_at limit ${bite}
			) returning id
		), steps as (
			delete from engine.steps where run_id in (select id from old)
		), queue as (
			delete from engine.queue where run_id in (select id from old)
		)
		select id from old`;
	// Ids sort by time, so the ones of the last day are not even looked at.
	const freed = await sql`
		update engine.runs set event_key = null, idempotency_key = null
		where id in (
			select id from engine.runs
			where id < ${firstId(Date.now() - settings.idempotencyMs)}
				and (event_key is not null or idempotency_key is not null)
			limit ${bite}
		)`;
	await sql`
		delete from engine.waits w using engine.runs r where r.id = w.run_id and r.finished_at is not null and w.at <= now()`;
	await sql`delete from engine.rates where tat < now() - interval '1 day'`;
	return freed.count === bite || old.length === bite;
}
