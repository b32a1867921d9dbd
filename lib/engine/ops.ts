/** The steps that a function reported: memoise what was done, schedule what is to come. */
import type postgres from "postgres";
import { dispatch, isHeard, startRuns } from "./dispatch";
import { msUntil } from "./duration";
import { Effects } from "./effects";
import { endRuns, type RunEnd } from "./end";
import { compileExpression } from "./expression";
import { newId } from "./ids";
import { type InngestEvent, internalEvents, limits, type Op, toWireError, wholeFunction, wireError } from "./protocol";
import type { LeasedItem, Sql } from "./queue";
import type { Registry } from "./registry";
import { continueRuns, resumeSteps, type StepResult } from "./resume";
import { newRun } from "./start";
import { inTransaction } from "./transaction";

const done = new Set(["StepRun", "Step", "StepFailed", "StepError"]);
const toCome = new Set(["StepPlanned", "Sleep", "WaitForEvent", "InvokeFunction"]);

type Asking = { sql: Sql; registry: Registry };

export async function applyOps(
	context: { sql: postgres.Sql; registry: Registry },
	item: LeasedItem,
	ops: Op[],
): Promise<Effects> {
	return inTransaction(context.sql, async (sql) => {
		const effects = new Effects();
		// The run's row first, always: it orders all that happens to a run.
		const [run] = await sql<{ status: string }[]>`
			update engine.runs set started_at = coalesce(started_at, now()) where id = ${item.runId} returning status`;
		const [held] = await sql<{ again: boolean }[]>`
			delete from engine.queue where id = ${item.id} and gen = ${item.gen} returning again`;
		if (!held || run?.status !== "running") return effects;

		const end = endOf(item, ops);
		await memoise(sql, effects, item, ops);
		if (end) {
			const ctx = { sql, registry: context.registry, effects };
			const told = await endRuns(sql, effects, [end]);
			if (
				await isHeard(
					ctx,
					told.map(({ name }) => name),
				)
			)
				await dispatch(ctx, told);
			return effects;
		}
		await schedule({ sql, registry: context.registry }, effects, item, ops);
		const isThrough = item.stepId === wholeFunction && ops.every(({ op }) => done.has(op));
		if (isThrough || held.again) await continueRuns(sql, effects, [item.runId], held.again ? [item.runId] : []);
		return effects;
	});
}

function endOf(item: LeasedItem, ops: Op[]): RunEnd | null {
	const fail = (message: string): RunEnd => ({
		runId: item.runId,
		status: "failed",
		output: wireError("InngestEngineError", message),
	});
	const complete = ops.find(({ op }) => op === "RunComplete");
	if (complete) return { runId: item.runId, status: "completed", output: complete.data ?? null };
	const unknown = ops.find(({ op }) => !done.has(op) && !toCome.has(op));
	if (unknown)
		return fail(
			`The step "${nameOf(unknown)}" (${unknown.op}) is of a kind that the embedded engine does not run: use run, sleep, sleepUntil, sendEvent, invoke or waitForEvent.`,
		);
	if (item.steps.length + ops.length > limits.stepsPerRun)
		return fail(`The run has more than ${limits.stepsPerRun} steps.`);
	return null;
}

async function memoise(sql: Sql, effects: Effects, item: LeasedItem, ops: Op[]): Promise<void> {
	const results = ops.filter(({ op }) => done.has(op)).map((op) => resultOf(item, op));
	if (results.length === 0) return;
	if (item.stepId !== wholeFunction) return resumeSteps(sql, effects, results);
	await insertMemos(
		sql,
		item.runId,
		ops.filter(({ op }) => done.has(op)),
	);
}

const resultOf = ({ runId }: LeasedItem, op: Op): StepResult => ({ runId, stepId: op.id, ...outcomeOf(op) });

const outcomeOf = (op: Op): { kind: "data" | "error"; data: unknown } =>
	op.op === "StepFailed" || op.op === "StepError"
		? { kind: "error", data: toWireError(op.error ?? op.data) }
		: { kind: "data", data: op.data ?? null };

/** Memos of steps that ran without having been planned; what is known already stays. */
export async function insertMemos(sql: Sql, runId: string, ops: Op[]): Promise<void> {
	const memos = ops.map((op) => ({ op, ...outcomeOf(op) }));
	await sql`
		insert into engine.steps as s (run_id, id, op, name, kind, data, done_at)
		select ${runId}, m.id, m.op, m.name, m.kind, m.data::json, now()
		from unnest(
			${memos.map(({ op }) => op.id)}::text[], ${memos.map(({ op }) => op.op)}::text[],
			${memos.map(({ op }) => nameOf(op))}::text[], ${memos.map(({ kind }) => kind)}::text[],
			${memos.map(({ data }) => JSON.stringify(data))}::text[]
		) as m(id, op, name, kind, data)
		on conflict (run_id, id) do update set kind = excluded.kind, data = excluded.data, seq = default, done_at = now()
		where s.kind = 'pending'`;
}

/** Each step that is to come gets its place, once, and whatever will bring its result. */
async function schedule(context: Asking, effects: Effects, item: LeasedItem, ops: Op[]): Promise<void> {
	const { sql } = context;
	const coming = ops.filter(({ op }) => toCome.has(op));
	if (coming.length === 0) return;
	const isParallel = coming.length > 1 || item.isPlanning;
	const placed = await sql<{ id: string }[]>`
		insert into engine.steps (run_id, id, op, name, kind, is_parallel, is_race)
		select ${item.runId}, s.id, s.op, s.name, 'pending', ${isParallel}, s.is_race
		from unnest(
			${coming.map((op) => op.id)}::text[], ${coming.map((op) => op.op)}::text[],
			${coming.map(nameOf)}::text[], ${coming.map((op) => String(op.opts?.parallelMode === "race"))}::text[]::bool[]
		) as s(id, op, name, is_race)
		on conflict (run_id, id) do nothing
		returning id`;
	const isNew = new Set(placed.map(({ id }) => id));
	const fresh = coming.filter(({ id }) => isNew.has(id));

	const planned = fresh.filter(({ op }) => op === "StepPlanned");
	if (planned.length > 0) {
		await sql`
			insert into engine.queue (run_id, fn_id, step_id, at, rank)
			select r.id, r.fn_id, s.id, now(), now() - r.priority * interval '1 second'
			from engine.runs r, unnest(${planned.map(({ id }) => id)}::text[]) as s(id)
			where r.id = ${item.runId}
			on conflict (run_id, step_id) do nothing`;
		effects.isDue = true;
	}
	const problems: StepResult[] = [];
	for (const op of fresh) {
		const problem = op.op === "StepPlanned" ? null : await awaitOp(context, effects, item, op);
		if (problem) problems.push({ runId: item.runId, stepId: op.id, kind: "error", data: problem });
	}
	await resumeSteps(sql, effects, problems);
}

/** A sleep, a wait for an event or an invocation; the error that it has become already, or null. */
async function awaitOp(context: Asking, effects: Effects, item: LeasedItem, op: Op) {
	const { sql } = context;
	const isSleep = op.op === "Sleep";
	const until = isSleep ? op.name : op.opts?.timeout;
	const ms = until ? msUntil(until, Date.now()) : null;
	if ((until && ms === null) || (isSleep && ms === null) || (ms ?? 0) > limits.sleepMaxMs)
		return wireError("InngestEngineError", `"${until}" is not a time that a step can wait (at most 366 days).`);
	const expression = op.opts?.if ?? null;
	if (op.op === "WaitForEvent" && expression) {
		try {
			compileExpression(expression);
		} catch (error) {
			return wireError("InngestEngineError", (error as Error).message);
		}
	}
	const kind = isSleep ? "sleep" : op.op === "WaitForEvent" ? "event" : "invoke";
	await sql`
		insert into engine.waits (kind, fn_id, run_id, step_id, event, expression, at)
		values (
			${kind}, ${item.fnId}, ${item.runId}, ${op.id}, ${kind === "event" ? (op.name ?? "") : null}, ${expression},
			coalesce(now() + ${ms} * interval '1 ms', 'infinity'::timestamptz)
		)`;
	if (ms !== null) effects.later(ms);
	return kind === "invoke" ? invoke(context, effects, item, op) : null;
}

async function invoke({ sql, registry }: Asking, effects: Effects, item: LeasedItem, op: Op) {
	const { function_id: fnId = "", payload } = op.opts ?? {};
	const fn = registry.functions.get(fnId);
	if (!fn) return wireError("InngestInvokeError", `There is no function "${fnId}" to invoke.`);
	const event: InngestEvent = {
		id: newId(),
		name: internalEvents.invoked,
		data: { ...payload?.data, _inngest: { fn_id: fnId, correlation_id: `${item.runId}.${op.id}` } },
		ts: Date.now(),
		...(payload?.v ? { v: payload.v } : {}),
	};
	const run = newRun(fn, [event], { parent: { runId: item.runId, stepId: op.id } });
	const told = await startRuns({ sql, registry, effects }, [run]);
	await dispatch({ sql, registry, effects }, told);
	const [made] = await sql`select from engine.runs where id = ${run.id}`;
	return made ? null : wireError("InngestInvokeError", `The function "${fnId}" did not start: it runs already.`);
}

/** Postgres text holds no NUL. */
export const nameOf = (op: Op): string => (op.displayName ?? op.name ?? op.id).replaceAll("\0", "");
