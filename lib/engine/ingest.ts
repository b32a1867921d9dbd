/**
 * From events to runs. What came in while the last statement was under way goes into the next one, so a burst costs few
 * commits; and a run that this worker has room for is made leased, so it starts without being claimed.
 */
import type postgres from "postgres";
import { dispatch } from "./dispatch";
import { Effects } from "./effects";
import { type InngestEvent, wholeFunction } from "./protocol";
import type { LeasedItem } from "./queue";
import type { EngineFunction, Registry } from "./registry";
import { insertRuns, type NewRun, newRun, startsAtOnce } from "./start";
import { inTransaction } from "./transaction";

export type IngestHost = {
	sql: postgres.Sql;
	worker: string;
	leaseMs: number;
	/** Takes room for one call of the function here; false: there is none. */
	reserve: (fnId: string) => boolean;
	/** Gives the room back. */
	unreserve: (fnId: string) => void;
	/** Fills the room. */
	launch: (items: LeasedItem[]) => void;
	settled: (effects: Effects) => void;
};

type Request = { events: InngestEvent[]; runs: NewRun[]; resolve: () => void; reject: (error: unknown) => void };

export type Ingest = (registry: Registry, events: InngestEvent[]) => Promise<void>;

export function createIngest(host: IngestHost): Ingest {
	let waiting: Request[] = [];
	let isFlushing = false;
	let current: Registry;

	async function flush(): Promise<void> {
		isFlushing = true;
		while (waiting.length > 0) {
			const requests = waiting;
			waiting = [];
			try {
				if (await insertTogether(requests)) for (const request of requests) request.resolve();
				else for (const request of requests) await ingestAlone(request.events).then(request.resolve, request.reject);
			} catch (error) {
				for (const request of requests) request.reject(error);
			}
		}
		isFlushing = false;
	}

	/** False, and nothing is done, when a run waits for one of the events. */
	async function insertTogether(requests: Request[]): Promise<boolean> {
		const runs = requests.flatMap((request) => request.runs);
		for (const run of runs) run.isLeased = run.atMs === null && host.reserve(run.fn.id);
		const leased = runs.filter((run) => run.isLeased);
		const unlessAwaited = [...new Set(requests.flatMap(({ events }) => events.map(({ name }) => name)))];
		let started: { id: string; runId: string }[] | null = null;
		try {
			started = await insertRuns(host.sql, runs, {
				lease: { worker: host.worker, ms: host.leaseMs },
				unlessAwaited,
			});
		} finally {
			const made = new Map(started?.map(({ id, runId }) => [runId, id]));
			const items: LeasedItem[] = [];
			for (const run of leased) {
				const id = made.get(run.id);
				if (id) items.push(freshItem(id, run));
				else host.unreserve(run.fn.id);
			}
			if (items.length > 0) host.launch(items);
		}
		if (!started) return false;
		const effects = new Effects();
		for (const run of runs)
			if (run.atMs !== null) effects.later(run.atMs - Date.now());
			else if (!run.isLeased) effects.isDue = true;
		host.settled(effects);
		return true;
	}

	async function ingestAlone(events: InngestEvent[]): Promise<void> {
		const effects = await inTransaction(host.sql, async (sql) => {
			const effects = new Effects();
			await dispatch({ sql, registry: current, effects }, events);
			return effects;
		});
		host.settled(effects);
	}

	return (registry, events) => {
		current = registry;
		const starts = events.flatMap((event) => registry.startedBy(event).map((fn) => ({ fn, event })));
		if (starts.some(({ fn }) => !isPlain(fn))) return ingestAlone(events);
		const runs = starts.map(({ fn, event }) => newRun(fn, [event]));
		return new Promise((resolve, reject) => {
			waiting.push({ events, runs, resolve, reject });
			if (!isFlushing) void flush();
		});
	};
}

/** Starts by being inserted: unique keys are all that can forbid it. */
const isPlain = (fn: EngineFunction) =>
	!fn.batch && !fn.debounce && !fn.rateLimit && !fn.throttle && fn.singleton?.mode !== "cancel";

const freshItem = (id: string, run: NewRun): LeasedItem => ({
	id,
	gen: 1,
	runId: run.id,
	fnId: run.fn.id,
	stepId: wholeFunction,
	attempt: 0,
	undelivered: 0,
	lost: 0,
	isLive: true,
	hasParent: false,
	isStarted: startsAtOnce(run),
	isPlanning: false,
	events: run.events,
	steps: [],
});
