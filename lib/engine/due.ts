/** What falls due by time: sleeps end, waits give up, debounces and batches start their runs. */
import type postgres from "postgres";
import { cancelled, dispatch, newBatchRun, startRuns } from "./dispatch";
import { Effects } from "./effects";
import { endRuns } from "./end";
import { takeGathered } from "./gather";
import { type InngestEvent, wireError } from "./protocol";
import type { Sql } from "./queue";
import type { Registry } from "./registry";
import { resumeSteps, type StepResult } from "./resume";
import { newRun } from "./start";
import { inTransaction } from "./transaction";

type Kind = "sleep" | "event" | "invoke" | "cancel" | "start-timeout" | "finish-timeout" | "debounce" | "batch";
type DueWait = { id: string; kind: Kind; fnId: string; runId: string | null };

const atOnce = 200;

/** Ends what is due; `isMore`: there may be more. */
export async function endDueWaits(
	sql: postgres.Sql,
	registry: Registry,
): Promise<{ effects: Effects; isMore: boolean }> {
	const due = await sql<DueWait[]>`
		select id, kind, fn_id as "fnId", run_id as "runId" from engine.waits
		where at <= now() order by at limit ${atOnce}`;
	const effects = new Effects();
	const ofRuns = due.filter(({ runId }) => runId !== null);
	if (ofRuns.length > 0) await endOfRuns(sql, registry, effects, ofRuns);
	for (const wait of due) if (wait.runId === null) await startGathered(sql, registry, effects, wait);
	return { effects, isMore: due.length === atOnce };
}

type RunWait = { id: string; kind: Kind; fnId: string; runId: string; stepId: string | null; startedMs: number | null };

/** Runs that another transaction holds just now are left for the next round. */
async function endOfRuns(pool: postgres.Sql, registry: Registry, effects: Effects, due: DueWait[]): Promise<void> {
	await inTransaction(pool, async (sql) => {
		const waits = await sql<RunWait[]>`
			with held as (
				select id, started_at from engine.runs
				where id = any(${due.map(({ runId }) => runId)}::text[]) and status = 'running'
				order by id for no key update skip locked
			)
			delete from engine.waits w using held
			where w.id = any(${due.map(({ id }) => id)}::bigint[]) and w.run_id = held.id and w.at <= now()
			returning w.id, w.kind, w.fn_id as "fnId", w.run_id as "runId", w.step_id as "stepId",
				(extract(epoch from held.started_at) * 1000)::float8 as "startedMs"`;
		await resumeSteps(sql, effects, waits.flatMap(resultOf));
		const overdue: RunWait[] = [];
		for (const wait of waits) if (await isOverdue(sql, registry, effects, wait)) overdue.push(wait);
		const ends = overdue.map(({ runId, kind }) =>
			cancelled(runId, kind === "start-timeout" ? "It did not start in time." : "It did not finish in time."),
		);
		const told = await endRuns(sql, effects, ends);
		await dispatch({ sql, registry, effects }, told);
	});
}

function resultOf({ kind, runId, stepId }: RunWait): StepResult[] {
	if (stepId === null) return [];
	if (kind !== "invoke") return [{ runId, stepId, kind: "data", data: null }];
	const error = wireError("InngestInvokeTimeoutError", "Timed out waiting for invoked function to complete");
	return [{ runId, stepId, kind: "error", data: error }];
}

/** Whether the run's own time limit has passed. The time to finish counts from its start, so it may have to wait on. */
async function isOverdue(sql: Sql, registry: Registry, effects: Effects, wait: RunWait): Promise<boolean> {
	if (wait.kind === "start-timeout") return wait.startedMs === null;
	if (wait.kind !== "finish-timeout") return false;
	const limitMs = registry.functions.get(wait.fnId)?.finishTimeoutMs;
	if (!limitMs) return false;
	const leftMs = (wait.startedMs ?? Date.now()) + limitMs - Date.now();
	if (leftMs <= 0) return true;
	await sql`
		insert into engine.waits (kind, fn_id, run_id, at)
		values ('finish-timeout', ${wait.fnId}, ${wait.runId}, now() + ${leftMs} * interval '1 ms')`;
	effects.later(leftMs);
	return false;
}

async function startGathered(pool: postgres.Sql, registry: Registry, effects: Effects, wait: DueWait): Promise<void> {
	await inTransaction(pool, async (sql) => {
		const events = await takeGathered(sql, wait.id, { isDue: true });
		const fn = registry.functions.get(wait.fnId);
		if (!events || !fn) return;
		const run = wait.kind === "batch" ? newBatchRun(fn, events) : newestRun(fn, events);
		const told = run ? await startRuns({ sql, registry, effects }, [run]) : [];
		await dispatch({ sql, registry, effects }, told);
	});
}

function newestRun(fn: Parameters<typeof newRun>[0], [event]: InngestEvent[]) {
	return event ? newRun(fn, [event], { atMs: null }) : null;
}
