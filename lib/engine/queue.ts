/** The queue: who may run what next, and for how long. One statement per operation. */
import type postgres from "postgres";
import type { InngestEvent } from "./protocol";

/** A pool or an open transaction. */
export type Sql = postgres.ISql;

export type DoneStep = { id: string; kind: "data" | "error"; data: unknown };

/** A queue row under lease, with all that its call needs. */
export type LeasedItem = {
	id: string;
	gen: number;
	runId: string;
	fnId: string;
	stepId: string;
	attempt: number;
	undelivered: number;
	lost: number;
	/** False: the run ended, the row is left over. */
	isLive: boolean;
	hasParent: boolean;
	isStarted: boolean;
	/** Steps are pending in parallel, so the function may only be asked what it wants next. */
	isPlanning: boolean;
	events: InngestEvent[];
	/** In the order of their completion. */
	steps: DoneStep[];
};

/** Keys under which a place became free. */
export type FreedSlots = Set<string>;

type ClaimRequest = {
	worker: string;
	leaseMs: number;
	count: number;
	/** Rows that this worker still works on: if it stalled beyond a lease, it is not to do its own work twice. */
	held: string[];
	/** Functions that have all the calls that one function may have. */
	saturated: string[];
	/** Rows that wait for these keys are claimed, as many as there are places. */
	freed: FreedSlots;
};

export async function claim(sql: Sql, { worker, leaseMs, count, held, saturated, freed }: ClaimRequest) {
	// 600 s is the highest priority that a run can have. Slots of a former holder go with its lease.
	return sql<LeasedItem[]>`
		with due as (
			select id from engine.queue
			where blocked_on is null and rank <= now() + interval '600 seconds' and at <= now()
				and fn_id <> all(${saturated}::text[]) and id <> all(${held}::bigint[])
			order by rank limit ${count} for update skip locked
		), turn as (
			select q.id from (
				select f.key, greatest(0,
					(select max(blocked_limit) from engine.queue where blocked_on = f.key)
					- (select count(*) from engine.slots s where s.key = f.key)
				) as places
				from unnest(${[...freed]}::text[]) as f(key)
			) open cross join lateral (
				select id from engine.queue where blocked_on = open.key order by rank limit open.places
				for update skip locked
			) q
		), claimed as (
			update engine.queue set
				gen = gen + 1, worker = ${worker}, at = now() + ${leaseMs} * interval '1 ms',
				blocked_on = null, blocked_limit = null, lost = lost + (worker is not null)::int
			where id in (select id from due union select id from turn)
			returning *
		), freed as (
			delete from engine.slots where item_id in (select id from claimed)
		)
		select
			q.id, q.gen, q.run_id as "runId", q.fn_id as "fnId", q.step_id as "stepId",
			q.attempt, q.undelivered, q.lost,
			coalesce(r.status = 'running', false) as "isLive",
			r.parent_run_id is not null as "hasParent",
			r.started_at is not null as "isStarted",
			exists (
				select from engine.steps s where s.run_id = q.run_id and s.kind = 'pending' and s.is_parallel
			) as "isPlanning",
			r.events,
			coalesce((
				select json_agg(json_build_object('id', s.id, 'kind', s.kind, 'data', s.data) order by s.seq)
				from engine.steps s where s.run_id = q.run_id and s.kind <> 'pending'
			), '[]') as steps
		from claimed q left join engine.runs r on r.id = q.run_id
		order by q.rank`;
}

/**
 * Extends leases. Fenced by generation and holder, so that a row which was just parked for its retry is not taken back.
 */
export async function heartbeat(sql: Sql, worker: string, leaseMs: number, items: LeasedItem[]): Promise<void> {
	await sql`
		update engine.queue q set at = now() + ${leaseMs} * interval '1 ms'
		from unnest(${items.map((item) => item.id)}::bigint[], ${items.map((item) => item.gen)}::int[]) as held(id, gen)
		where q.id = held.id and q.gen = held.gen and q.worker = ${worker}`;
}

/** Gives everything back that this worker still holds. */
export async function release(sql: Sql, worker: string): Promise<void> {
	await sql`update engine.queue set worker = null, at = now() where worker = ${worker}`;
}

export async function discard(sql: Sql, item: LeasedItem): Promise<void> {
	await sql`delete from engine.queue where id = ${item.id} and gen = ${item.gen}`;
}

/** False: the run has ended meanwhile. */
export async function markStarted(sql: Sql, item: LeasedItem): Promise<boolean> {
	const started = await sql`
		update engine.runs set started_at = coalesce(started_at, now())
		where id = ${item.runId} and status = 'running' returning id`;
	return started.length > 0;
}

/** Puts a row back for later, without its places. False: it is no longer ours. */
export async function park(
	sql: Sql,
	item: LeasedItem,
	next: { attempt: number; undelivered: number; afterMs: number },
): Promise<boolean> {
	const parked = await sql`
		with parked as (
			update engine.queue set
				worker = null, lost = 0, attempt = ${next.attempt}, undelivered = ${next.undelivered},
				at = now() + ${next.afterMs} * interval '1 ms', rank = rank + ${next.afterMs} * interval '1 ms'
			where id = ${item.id} and gen = ${item.gen}
			returning id
		), freed as (
			delete from engine.slots where item_id in (select id from parked)
		)
		select id from parked`;
	return parked.length > 0;
}

/** Milliseconds until the next queue row and the next wait are due; null: none. */
export async function nextDue(sql: Sql): Promise<{ queueMs: number | null; waitMs: number | null }> {
	const [row] = await sql<{ queueMs: number | null; waitMs: number | null }[]>`
		select
			(extract(epoch from (select min(at) from engine.queue where blocked_on is null) - now()) * 1000)::float8
				as "queueMs",
			(extract(epoch from (select min(at) from engine.waits where at < 'infinity') - now()) * 1000)::float8
				as "waitMs"`;
	return row ?? { queueMs: null, waitMs: null };
}
