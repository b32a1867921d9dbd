/** Steps that the SDK reports while its request still runs, so that many steps cost one call. */
import { parseQueueItemId } from "./call";
import { nameOf } from "./ops";
import { limits, type Op } from "./protocol";
import type { Sql } from "./queue";

export type CheckpointAnswer = "kept" | "stale" | "refused";

/**
 * `stale`: the lease is gone or the run has ended, so the SDK must stop. `refused`: not what we take this way; the SDK
 * then hands the steps over in its answer. Proves the lease, extends it and memoises in one statement.
 */
export async function checkpoint(sql: Sql, runId: string, body: unknown, leaseMs: number): Promise<CheckpointAnswer> {
	const { qi_id, steps } = (body ?? {}) as { qi_id?: unknown; steps?: unknown };
	const held = parseQueueItemId(qi_id);
	if (!held || !Array.isArray(steps)) return "refused";
	const ops = steps as Op[];
	if (ops.some(({ op, id }) => op !== "StepRun" || typeof id !== "string")) return "refused";
	const memos = ops.map((op) => ({ id: op.id, name: nameOf(op), data: JSON.stringify(op.data ?? null) }));
	if (memos.some(({ data }) => data.length > limits.outputBytes)) return "refused";

	const [live] = await sql`
		with held as (
			update engine.queue set at = now() + ${leaseMs} * interval '1 ms', attempt = 0, lost = 0
			where id = ${held.id} and gen = ${held.gen} and worker is not null and run_id = ${runId}
			returning run_id
		), live as (
			select r.id from engine.runs r join held on held.run_id = r.id where r.status = 'running'
		), memo as (
			insert into engine.steps (run_id, id, op, name, kind, data, done_at)
			select live.id, m.id, 'StepRun', m.name, 'data', m.data::json, now()
			from live, unnest(
				${memos.map(({ id }) => id)}::text[], ${memos.map(({ name }) => name)}::text[],
				${memos.map(({ data }) => data)}::text[]
			) as m(id, name, data)
			on conflict (run_id, id) do nothing
		)
		select from live`;
	return live ? "kept" : "stale";
}
