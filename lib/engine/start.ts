/** Making runs. */
import { newId } from "./ids";
import { type InngestEvent, wholeFunction } from "./protocol";
import type { Sql } from "./queue";
import type { EngineFunction } from "./registry";

export type NewRun = {
	id: string;
	fn: EngineFunction;
	events: InngestEvent[];
	/** Starts the function once in 24 hours; null: for batches, whose events were told apart when they gathered. */
	eventKey: string | null;
	idempotencyKey: string | null;
	singletonKey: string | null;
	parent: { runId: string; stepId: string } | null;
	/** Epoch milliseconds; null: now. */
	atMs: number | null;
	/** This worker runs it at once, so the row is made leased. */
	isLeased: boolean;
};

export function newRun(
	fn: EngineFunction,
	events: [InngestEvent, ...InngestEvent[]],
	more: Partial<NewRun> = {},
): NewRun {
	const [event] = events;
	const nowMs = Date.now();
	return {
		id: newId(nowMs),
		fn,
		events,
		eventKey: event.id,
		idempotencyKey: fn.idempotencyKey?.(event) ?? null,
		singletonKey: fn.singleton?.keyOf(event) ?? null,
		parent: null,
		// Clocks of several machines differ a little; that is no wish for later.
		atMs: event.ts > nowMs + 100 ? event.ts : null,
		isLeased: false,
		...more,
	};
}

/** Leased, and no concurrency limit that it could still have to wait for. */
export const startsAtOnce = ({ isLeased, fn, events: [event] }: NewRun): boolean =>
	isLeased && event !== undefined && fn.slots(event).length === 0;

type Lease = { worker: string; ms: number };
type Started = { id: string; runId: string };

/**
 * Runs, their first queue rows and what may cancel them, in one statement. A run that its keys forbid is left out.
 * `unlessAwaited`: null is returned, and nothing made, when some run waits for an event of such a name.
 */
export async function insertRuns(
	sql: Sql,
	runs: NewRun[],
	{ lease, unlessAwaited = [] }: { lease?: Lease; unlessAwaited?: string[] } = {},
): Promise<Started[] | null> {
	const waits = runs.flatMap(waitsOf);
	const rows = await sql<{ isClear: boolean; id: string | null; runId: string }[]>`
		with guard as (
			select not exists (select from engine.waits where event = any(${unlessAwaited}::text[])) as is_clear
		), given as (
			select * from unnest(
				${runs.map((r) => r.id)}::text[], ${runs.map((r) => r.fn.id)}::text[],
				${runs.map((r) => JSON.stringify(r.events))}::text[], ${runs.map((r) => r.eventKey)}::text[],
				${runs.map((r) => r.idempotencyKey)}::text[], ${runs.map((r) => r.singletonKey)}::text[],
				${runs.map((r) => r.parent?.runId ?? null)}::text[], ${runs.map((r) => r.parent?.stepId ?? null)}::text[],
				${runs.map((r) => (r.events[0] ? r.fn.priorityOf(r.events[0]) : 0))}::int[],
				${runs.map((r) => r.atMs)}::float8[], ${runs.map((r) => String(r.isLeased))}::text[]::bool[],
				${runs.map((r) => String(startsAtOnce(r)))}::text[]::bool[]
			) as g(id, fn_id, events, event_key, idempotency_key, singleton_key, parent_run_id, parent_step_id,
				priority, at_ms, is_leased, is_started)
		), made as (
			insert into engine.runs (id, fn_id, events, event_key, idempotency_key, singleton_key, parent_run_id,
				parent_step_id, priority, started_at)
			select id, fn_id, events::json, event_key, idempotency_key, singleton_key, parent_run_id, parent_step_id,
				priority, case when is_started then now() end
			from given, guard where guard.is_clear
			on conflict do nothing
			returning id
		), queued as (
			insert into engine.queue (run_id, fn_id, step_id, at, rank, gen, worker)
			select id, fn_id, ${wholeFunction},
				case when is_leased then now() + ${lease?.ms ?? 0} * interval '1 ms'
					else greatest(now(), to_timestamp(at_ms / 1000)) end,
				greatest(now(), to_timestamp(at_ms / 1000)) - priority * interval '1 second',
				is_leased::int, case when is_leased then ${lease?.worker ?? null} end
			from given join made using (id)
			returning id, run_id
		), waiting as (
			insert into engine.waits (kind, fn_id, run_id, event, expression, at)
			select w.kind, g.fn_id, g.id, w.event, w.expression,
				coalesce(greatest(now(), to_timestamp(g.at_ms / 1000)) + w.ms * interval '1 ms', 'infinity')
			from unnest(
				${waits.map((w) => w.kind)}::text[], ${waits.map((w) => w.runId)}::text[],
				${waits.map((w) => w.event)}::text[], ${waits.map((w) => w.expression)}::text[],
				${waits.map((w) => w.ms)}::float8[]
			) as w(kind, run_id, event, expression, ms)
			join given g on g.id = w.run_id join made on made.id = g.id
		)
		select guard.is_clear as "isClear", queued.id, queued.run_id as "runId" from guard left join queued on true`;
	if (!rows[0]?.isClear) return null;
	return rows.flatMap(({ id, runId }) => (id === null ? [] : [{ id, runId }]));
}

/** What may end a run before it is done. */
function waitsOf({ id: runId, fn }: NewRun) {
	const none = { runId, event: null as string | null, expression: null as string | null };
	const timeout = (kind: "start-timeout" | "finish-timeout", ms: number | null) =>
		ms === null ? [] : [{ ...none, kind, ms }];
	return [
		...fn.cancelOn.map((on) => ({ ...none, ...on, kind: "cancel" as const, ms: on.timeoutMs })),
		...timeout("start-timeout", fn.startTimeoutMs),
		...timeout("finish-timeout", fn.finishTimeoutMs),
	];
}
