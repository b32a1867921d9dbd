/** Runs end: once, with all that hangs on them. Callers hold the rows of the runs. */
import type { Effects } from "./effects";
import { type InngestEvent, internalEvents, wireError } from "./protocol";
import type { Sql } from "./queue";
import { lockRuns, resumeSteps } from "./resume";

export type RunEnd = { runId: string; status: "completed" | "failed" | "cancelled"; output: unknown };

/**
 * Ends runs that are not ended yet; the events that tell of it are returned to be dispatched. A call that is still
 * under way keeps its queue row, and thereby its slots, until it answers; its answer is dropped.
 */
export async function endRuns(sql: Sql, effects: Effects, ends: RunEnd[]): Promise<InngestEvent[]> {
	if (ends.length === 0) return [];
	const ended = await sql<EndedRun[]>`
		with ended as (
			update engine.runs r set status = e.status, output = e.output::json, finished_at = now()
			from unnest(
				${ends.map((e) => e.runId)}::text[], ${ends.map((e) => e.status)}::text[],
				${ends.map((e) => JSON.stringify(e.output ?? null))}::text[]
			) as e(id, status, output)
			where r.id = e.id and r.status = 'running'
			returning r.*
		), queue as (
			delete from engine.queue where run_id in (select id from ended) and worker is null
		), waits as (
			delete from engine.waits where run_id in (select id from ended)
		)
		select id, fn_id as "fnId", status, output, events, parent_run_id as "parentRunId",
			parent_step_id as "parentStepId"
		from ended`;

	const awaited = ended.filter(hasParent);
	const living = await lockRuns(sql, [...new Set(awaited.map((run) => run.parentRunId))]);
	const answers = awaited.filter((run) => living.has(run.parentRunId));
	if (answers.length > 0)
		await sql`
			delete from engine.waits w using unnest(
				${answers.map((run) => run.parentRunId)}::text[], ${answers.map((run) => run.parentStepId)}::text[]
			) as p(run_id, step_id)
			where w.run_id = p.run_id and w.step_id = p.step_id`;
	await resumeSteps(
		sql,
		effects,
		answers.map((run) => ({ runId: run.parentRunId, stepId: run.parentStepId, ...answerOf(run) })),
	);
	return ended.flatMap(eventsOf);
}

type EndedRun = {
	id: string;
	fnId: string;
	status: RunEnd["status"];
	output: unknown;
	events: InngestEvent[];
	parentRunId: string | null;
	parentStepId: string | null;
};

const hasParent = (run: EndedRun): run is EndedRun & { parentRunId: string; parentStepId: string } =>
	run.parentRunId !== null && run.parentStepId !== null;

function answerOf({ status, output, fnId }: EndedRun): { kind: "data" | "error"; data: unknown } {
	if (status === "completed") return { kind: "data", data: output };
	if (status === "failed") return { kind: "error", data: output };
	return { kind: "error", data: wireError("InngestInvokeError", `The invoked function ${fnId} was cancelled.`) };
}

function eventsOf({ id, fnId, status, output, events }: EndedRun): InngestEvent[] {
	const [event] = events;
	// A failure handler that fails would else call itself for ever.
	if (event?.name === internalEvents.failed || event?.name === internalEvents.finished) return [];
	const outcome = status === "completed" ? { result: output } : { error: output };
	const about = { function_id: fnId, run_id: id, event };
	const tell = (name: string, data: Record<string, unknown>): InngestEvent => ({ id, name, data, ts: Date.now() });
	const finished = tell(internalEvents.finished, { ...about, events, ...outcome });
	if (status === "failed") return [tell(internalEvents.failed, { ...about, error: output }), finished];
	if (status === "cancelled") return [tell(internalEvents.cancelled, { ...about, events }), finished];
	return [finished];
}
