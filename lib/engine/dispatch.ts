/** What an event sets off: waiting steps go on, runs are cancelled, functions start. Within the caller's transaction. */
import type { Effects } from "./effects";
import { endRuns, type RunEnd } from "./end";
import { compileExpression, isTrue } from "./expression";
import { addToBatch, debounce } from "./gather";
import { type InngestEvent, wireError } from "./protocol";
import type { Sql } from "./queue";
import { isWithinRate, takeThrottledStart } from "./rates";
import type { EngineFunction, Registry } from "./registry";
import { lockRuns, resumeSteps } from "./resume";
import { insertRuns, type NewRun, newRun } from "./start";

export type Context = { sql: Sql; registry: Registry; effects: Effects };

/** Events that these set off in turn (a cancelled run tells of its end) are dispatched as well. */
export async function dispatch(context: Context, events: InngestEvent[]): Promise<void> {
	for (let next = events; next.length > 0; ) {
		const more = await endWaits(context, next);
		const runs: NewRun[] = [];
		for (const event of next)
			for (const fn of context.registry.startedBy(event)) {
				const run = await admit(context, fn, event);
				if (run) runs.push(run);
			}
		next = [...more, ...(await startRuns(context, runs))];
	}
}

/** Applies throttle and singleton, then starts; the events of runs that a singleton cancelled are returned. */
export async function startRuns({ sql, effects }: Context, runs: NewRun[]): Promise<InngestEvent[]> {
	if (runs.length === 0) return [];
	const told: InngestEvent[] = [];
	const ready: NewRun[] = [];
	for (const run of runs) {
		const [event] = run.events;
		const throttledMs = event ? await takeThrottledStart(sql, run.fn, event) : null;
		if (throttledMs !== null && throttledMs > Date.now()) run.atMs = Math.max(run.atMs ?? 0, throttledMs);
		if (run.fn.singleton?.mode === "cancel") {
			// One by one: the second of two may have to cancel the first. Again, when another worker started one meanwhile.
			for (let tries = 0; tries < 3; tries++) {
				told.push(...(await cancelSingleton(sql, effects, run)));
				if ((await insertRuns(sql, [run]))?.length) break;
			}
		} else ready.push(run);
		effects.later(run.atMs === null ? 0 : run.atMs - Date.now());
	}
	if (ready.length > 0) await insertRuns(sql, ready);
	effects.isDue = true;
	return told;
}

/** The run to start, or null when the event is dropped or gathers with others. */
async function admit({ sql, effects }: Context, fn: EngineFunction, event: InngestEvent): Promise<NewRun | null> {
	if (fn.batch && (!fn.batch.condition || isTrue(fn.batch.condition, { event }))) {
		const batch = await addToBatch(sql, effects, fn, event);
		return batch ? newBatchRun(fn, batch) : null;
	}
	if (!(await isWithinRate(sql, fn, event))) return null;
	if (fn.debounce) {
		await debounce(sql, effects, fn, event);
		return null;
	}
	return newRun(fn, [event]);
}

export function newBatchRun(fn: EngineFunction, events: InngestEvent[]): NewRun | null {
	const [first, ...rest] = events;
	return first ? newRun(fn, [first, ...rest], { eventKey: null, idempotencyKey: null, atMs: null }) : null;
}

async function cancelSingleton(sql: Sql, effects: Effects, run: NewRun): Promise<InngestEvent[]> {
	const older = await sql<{ id: string }[]>`
		select id from engine.runs
		where fn_id = ${run.fn.id} and singleton_key = ${run.singletonKey} and finished_at is null
			and not exists (
				select from engine.runs same where same.fn_id = ${run.fn.id} and same.event_key = ${run.eventKey}
			)
		for no key update`;
	return endRuns(
		sql,
		effects,
		older.map(({ id }) => cancelled(id, "A newer run took its place.")),
	);
}

export const cancelled = (runId: string, why: string): RunEnd => ({
	runId,
	status: "cancelled",
	output: wireError("Cancelled", why),
});

/** Whether an event with one of these names could set anything off. */
export async function isHeard({ sql, registry }: Context, names: string[]): Promise<boolean> {
	if (names.some(registry.isTrigger)) return true;
	const [row] = await sql<{ isAwaited: boolean }[]>`
		select exists (select from engine.waits where event = any(${names}::text[])) as "isAwaited"`;
	return row?.isAwaited ?? false;
}

type EventWait = {
	id: string;
	kind: "event" | "cancel";
	runId: string;
	stepId: string | null;
	event: string;
	expression: string | null;
	trigger: InngestEvent;
};

async function endWaits({ sql, effects }: Context, events: InngestEvent[]): Promise<InngestEvent[]> {
	const waits = await sql<EventWait[]>`
		select w.id, w.kind, w.run_id as "runId", w.step_id as "stepId", w.event, w.expression, r.events->0 as trigger
		from engine.waits w join engine.runs r on r.id = w.run_id
		where w.event = any(${[...new Set(events.map((event) => event.name))]}::text[])`;
	const endedBy = new Map<string, InngestEvent>();
	for (const wait of waits) {
		const event = events.find((candidate) => candidate.name === wait.event && isMatch(wait, candidate));
		if (event) endedBy.set(wait.id, event);
	}
	if (endedBy.size === 0) return [];

	const matched = waits.filter(({ id }) => endedBy.has(id));
	const living = await lockRuns(sql, [...new Set(matched.map(({ runId }) => runId))]);
	const taken = await sql<{ id: string }[]>`
		delete from engine.waits where id = any(${matched.map(({ id }) => id)}::bigint[]) returning id`;
	const takenIds = new Set(taken.map(({ id }) => id));
	const ended = matched.filter(({ id, runId }) => takenIds.has(id) && living.has(runId));
	await resumeSteps(
		sql,
		effects,
		ended.flatMap(({ id, kind, runId, stepId }) =>
			kind === "event" && stepId !== null ? [{ runId, stepId, kind: "data" as const, data: endedBy.get(id) }] : [],
		),
	);
	return endRuns(
		sql,
		effects,
		ended.filter(({ kind }) => kind === "cancel").map(({ runId, event }) => cancelled(runId, `${event} cancelled it.`)),
	);
}

/** Expressions were checked when they came; one that cannot be compiled any more matches nothing. */
function isMatch({ expression, trigger }: EventWait, async: InngestEvent): boolean {
	if (!expression) return true;
	try {
		return isTrue(compileExpression(expression), { event: trigger, async });
	} catch {
		return false;
	}
}
