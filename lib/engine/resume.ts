/** Steps get their results, and runs go on. Callers hold the rows of the runs. */
import type { Effects } from "./effects";
import { wholeFunction } from "./protocol";
import type { Sql } from "./queue";

export type StepResult = { runId: string; stepId: string; kind: "data" | "error"; data: unknown };

/** Takes the rows of these runs, always in the same order; those that still run. */
export async function lockRuns(sql: Sql, runIds: string[]): Promise<Set<string>> {
	if (runIds.length === 0) return new Set();
	const rows = await sql<{ id: string }[]>`
		select id from engine.runs where id = any(${runIds}::text[]) and status = 'running'
		order by id for no key update`;
	return new Set(rows.map(({ id }) => id));
}

/** The first result of a step counts; then runs without a pending step go on. */
export async function resumeSteps(sql: Sql, effects: Effects, results: StepResult[]): Promise<void> {
	if (results.length === 0) return;
	const resumed = await sql<{ runId: string; isRace: boolean }[]>`
		update engine.steps s set kind = r.kind, data = r.data::json, seq = default, done_at = now()
		from unnest(
			${results.map((r) => r.runId)}::text[], ${results.map((r) => r.stepId)}::text[],
			${results.map((r) => r.kind)}::text[], ${results.map((r) => JSON.stringify(r.data ?? null))}::text[]
		) as r(run_id, id, kind, data)
		where s.run_id = r.run_id and s.id = r.id and s.kind = 'pending'
		returning s.run_id as "runId", s.is_race as "isRace"`;
	await continueRuns(
		sql,
		effects,
		resumed.map(({ runId }) => runId),
		resumed.filter(({ isRace }) => isRace).map(({ runId }) => runId),
	);
}

/**
 * Asks the function what comes next, once, when nothing is pending any more; `raced` ones after each step. A call that
 * is under way does not know of the newest result, so it is asked for again.
 */
export async function continueRuns(sql: Sql, effects: Effects, runIds: string[], raced: string[] = []): Promise<void> {
	if (runIds.length === 0) return;
	const queued = await sql`
		insert into engine.queue (run_id, fn_id, step_id, at, rank)
		select r.id, r.fn_id, ${wholeFunction}, now(), now() - r.priority * interval '1 second'
		from engine.runs r
		where r.id = any(${runIds}::text[]) and r.status = 'running' and (
			r.id = any(${raced}::text[])
			or not exists (select from engine.steps s where s.run_id = r.id and s.kind = 'pending')
		)
		on conflict (run_id, step_id) do update set again = true where queue.worker is not null
		returning id`;
	if (queued.length > 0) effects.isDue = true;
}
