/** Figures for the settings page, from the database, so any process can ask. */
import { clientFor, databaseUrl } from "@/db/client";
import { toWireError } from "./protocol";

export type EngineHealth = {
	/** How long the oldest call that could be made has been waiting for a worker; null: none waits. The one to watch. */
	oldestRunnableMs: number | null;
	calls: { underWay: number; due: number; later: number; atLimit: number };
	runs: { unfinished: number; completedLastHour: number; failedLastDay: number; cancelledLastDay: number };
	/** Sleeping, waiting for an event or for another run; gathering in debounces and batches. */
	waits: number;
	lastCompletedAt: Date | null;
	recentFailures: { runId: string; fnId: string; error: string; at: Date }[];
};

type Row = {
	oldestRunnableMs: number | null;
	underWay: number;
	due: number;
	later: number;
	atLimit: number;
	unfinished: number;
	completed: number;
	failed: number;
	cancelled: number;
	waits: number;
	lastCompletedMs: number | null;
	failures: { runId: string; fnId: string; output: unknown; ms: number }[];
};

export async function engineHealth(url = databaseUrl()): Promise<EngineHealth> {
	const [row] = await clientFor("engine", url)<Row[]>`
		with queue as (
			select
				count(*) filter (where worker is not null and at > now())::int as "underWay",
				count(*) filter (where blocked_on is null and at <= now())::int as due,
				count(*) filter (where blocked_on is null and worker is null and at > now())::int as later,
				count(*) filter (where blocked_on is not null)::int as "atLimit",
				(extract(epoch from now() - min(at) filter (where blocked_on is null and at <= now())) * 1000)::float8
					as "oldestRunnableMs"
			from engine.queue
		), finished as (
			select
				count(*) filter (where status = 'completed' and finished_at > now() - interval '1 hour')::int as completed,
				count(*) filter (where status = 'failed')::int as failed,
				count(*) filter (where status = 'cancelled')::int as cancelled
			from engine.runs where finished_at > now() - interval '1 day'
		)
		select queue.*, finished.*,
			(select count(*)::int from engine.runs where finished_at is null) as unfinished,
			(select count(*)::int from engine.waits) as waits,
			(select (extract(epoch from finished_at) * 1000)::float8 from engine.runs
				where finished_at is not null and status = 'completed' order by finished_at desc limit 1)
				as "lastCompletedMs",
			(select coalesce(json_agg(f), '[]') from (
				select id as "runId", fn_id as "fnId", output,
					(extract(epoch from finished_at) * 1000)::float8 as ms
				from engine.runs
				where finished_at > now() - interval '1 day' and status = 'failed' order by finished_at desc limit 20
			) f) as failures
		from queue, finished`;
	if (!row) throw new Error("The engine's tables gave no figures.");
	return {
		oldestRunnableMs: row.oldestRunnableMs,
		calls: { underWay: row.underWay, due: row.due, later: row.later, atLimit: row.atLimit },
		runs: {
			unfinished: row.unfinished,
			completedLastHour: row.completed,
			failedLastDay: row.failed,
			cancelledLastDay: row.cancelled,
		},
		waits: row.waits,
		lastCompletedAt: row.lastCompletedMs === null ? null : new Date(row.lastCompletedMs),
		recentFailures: row.failures.map(({ ms, output, ...run }) => ({
			...run,
			error: toWireError(output).message.slice(0, 500),
			at: new Date(ms),
		})),
	};
}
