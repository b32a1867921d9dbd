/** One executor: ties queue, clock, discovery and API together. Several may run on the same database. */
import { randomBytes } from "node:crypto";
import type postgres from "postgres";
import { createApi, type Fetch } from "./api";
import { createCrons } from "./crons";
import { endDueWaits } from "./due";
import { Effects } from "./effects";
import { createIngest } from "./ingest";
import { createKnownFunctions } from "./known-functions";
import type { InngestEvent } from "./protocol";
import { claim, type FreedSlots, nextDue, release } from "./queue";
import { buildRegistry, type Registry } from "./registry";
import { defaultSettings, type Settings } from "./settings";
import { unblock } from "./slots";
import { mendRuns, sweep } from "./sweep";
import type { Transport } from "./transport";
import { createWorker } from "./worker";

export type EngineOptions = {
	sql: postgres.Sql;
	signingKey: string;
	eventKey: string;
	/** The app's serve handler; null: this process sends events and runs nothing. */
	app: { endpoint: string; transport: Transport } | null;
	settings?: Partial<Settings>;
	log?: (message: string) => void;
};

export type Engine = {
	/** For the Inngest client's `fetch` option. */
	fetch: Fetch;
	/** Resolves when the app's functions are known. */
	ready: Promise<void>;
	/** Why the app cannot be called just now; null: it can. */
	unreachable: () => string | null;
	/** Sentences about functions that cannot run here. */
	problems: () => string[];
	stop: () => Promise<void>;
};

const wakeChannel = "engine_wake";

export function createEngine(options: EngineOptions): Engine {
	const { sql, signingKey, app } = options;
	const settings = { ...defaultSettings, ...options.settings };
	const log = options.log ?? ((message: string) => console.warn(`[engine] ${message}`));
	const workerId = `${process.pid}-${randomBytes(6).toString("hex")}`;

	let isStopping = false;

	const crons = createCrons({ sql, now: settings.now, registry: () => functions.registry(), settled: note, log });
	const functions = createKnownFunctions({
		sql,
		app,
		signingKey,
		learnt: crons.arm,
		found: () => {
			isDue = true;
			pump();
		},
		log,
	});

	// What the next round has to look for.
	let isDue = true;
	let isBacklogged = false;
	let freed: FreedSlots = new Set();
	let queueAt = 0;
	let waitAt = 0;

	const worker = createWorker({
		id: workerId,
		sql,
		settings,
		transport: app?.transport ?? { send: () => Promise.reject(new Error("No app.")), close: async () => {} },
		endpoint: app?.endpoint ?? "",
		signingKey,
		registry: () => functions.registry() ?? buildRegistry([]),
		settled: (effects) => note(effects),
		freed: (keys) => {
			if (keys.length === 0) return;
			const effects = new Effects();
			effects.free(keys);
			note(effects);
		},
		unreachable: functions.lose,
		log,
	});

	const known = (): Registry => {
		const registry = functions.registry();
		if (!registry) throw new Error("The app's functions are not known yet.");
		return registry;
	};

	const mayRun = () => app !== null && functions.unreachable() === null && !isStopping;

	/** After a commit: look for what it made due. */
	function note(effects: Effects): void {
		isDue ||= effects.isDue;
		for (const key of effects.freed) freed.add(key);
		const at = performance.now() + effects.inMs;
		queueAt = Math.min(queueAt, at);
		waitAt = Math.min(waitAt, at);
		if (effects.isDue && (!mayRun() || worker.room() === 0)) tellOthers();
		if (isDue || isBacklogged || freed.size > 0) pump();
		else alarm();
	}

	// ── Rounds ───────────────────────────────────────────────────────────────────────────────────────────────────────

	let isPumping = false;
	let isPumpAsked = false;
	let isFailing = false;
	let timer: NodeJS.Timeout | undefined;

	function pump(): void {
		isPumpAsked = true;
		if (!isPumping) void pumpUntilQuiet();
	}

	async function pumpUntilQuiet(): Promise<void> {
		isPumping = true;
		clearTimeout(timer);
		try {
			while (isPumpAsked && mayRun()) {
				isPumpAsked = false;
				await round();
			}
			isFailing = false;
		} catch (error) {
			if (!isFailing) log(`The engine cannot reach its database, and goes on trying: ${(error as Error).message}`);
			isFailing = true;
			isDue = true;
		}
		isPumping = false;
		alarm();
	}

	async function round(): Promise<void> {
		const room = worker.room();
		const now = performance.now();
		if (room > 0 && (isDue || isBacklogged || freed.size > 0 || queueAt <= now)) await claimInto(room);
		if (waitAt <= now) {
			const { effects, isMore } = await endDueWaits(sql, known());
			waitAt = isMore ? 0 : Number.POSITIVE_INFINITY;
			isDue ||= effects.isDue;
			isPumpAsked ||= isMore || effects.isDue;
			waitAt = Math.min(waitAt, performance.now() + effects.inMs);
		}
		if (room <= 0 || isBacklogged || isPumpAsked) return;
		const next = await nextDue(sql);
		const at = (ms: number | null) => (ms === null ? Number.POSITIVE_INFINITY : performance.now() + Math.max(0, ms));
		queueAt = at(next.queueMs);
		waitAt = at(next.waitMs);
	}

	async function claimInto(room: number): Promise<void> {
		isDue = false;
		const keys = freed;
		freed = new Set();
		const saturated = worker.saturated();
		const items = await claim(sql, {
			worker: workerId,
			leaseMs: settings.leaseMs,
			count: room,
			held: worker.held(),
			saturated,
			freed: keys,
		}).catch((error) => {
			for (const key of keys) freed.add(key);
			throw error;
		});
		// With a function at its limit there may be more of it; its next answer brings us back.
		isBacklogged = items.length >= room || saturated.length > 0;
		worker.occupy(items);
		worker.launch(items);
	}

	/** Sets the timer for the next round. With no room the next answer is awaited; what another worker took, for a moment. */
	function alarm(): void {
		clearTimeout(timer);
		if (isStopping || !app) return;
		const leastMs = isFailing ? 1_000 : isBacklogged || worker.room() <= 0 ? settings.pollMs : 10;
		const dueInMs = Math.min(queueAt, waitAt) - performance.now();
		timer = setTimeout(pump, Math.max(leastMs, Math.min(settings.pollMs, dueInMs)));
		timer.unref();
	}

	let toldAt = 0;
	/** Wakes the other processes, not more often than they could do anything about it. */
	function tellOthers(): void {
		if (performance.now() - toldAt < 20) return;
		toldAt = performance.now();
		sql`select pg_notify(${wakeChannel}, '')`.catch(() => {});
	}

	// ── Events and checkpoints ───────────────────────────────────────────────────────────────────────────────────────

	const ingest = createIngest({
		sql,
		worker: workerId,
		leaseMs: settings.leaseMs,
		reserve: (fnId) => mayRun() && !isBacklogged && !isDue && worker.reserve(fnId),
		unreserve: worker.unreserve,
		launch: worker.launch,
		settled: note,
	});

	const fetch = createApi({
		sql,
		signingKey,
		eventKey: options.eventKey,
		leaseMs: settings.leaseMs,
		ingest: async (events: InngestEvent[]) => ingest(await functions.forEvents(), events),
		rediscover: () => void functions.ask(),
	});

	const sweeps: NodeJS.Timeout[] = [];
	let listening: { unlisten: () => Promise<void> } | undefined;
	const wake = () => {
		isDue = true;
		waitAt = 0;
		pump();
	};

	if (app) {
		void functions.askUntilFound();
		if (settings.rediscoverMs !== null)
			sweeps.push(setInterval(() => functions.unreachable() === null && void functions.ask(), settings.rediscoverMs));
		const every = (ms: number, work: () => Promise<unknown>) =>
			sweeps.push(setInterval(() => void work().catch(() => {}), ms));
		every(settings.sweepMs, async () => (await unblock(sql)) && wake());
		every(12 * settings.sweepMs, async () => {
			while (!isStopping && (await sweep(sql, settings)));
			const mended = await mendRuns(sql);
			if (mended.length > 0) log(`Runs had come to a standstill and go on: ${mended.join(", ")}`);
			if (mended.length > 0) wake();
		});
		for (const interval of sweeps) interval.unref();
		sql.listen(wakeChannel, wake, wake).then(
			(meta) => {
				listening = meta;
				if (isStopping) void meta.unlisten();
			},
			(error: Error) => log(`The engine cannot listen for other processes, and polls: ${error.message}`),
		);
	}

	return {
		fetch,
		ready: functions.ready,
		unreachable: functions.unreachable,
		problems: () => functions.registry()?.problems ?? [],
		stop: async () => {
			if (isStopping) return;
			isStopping = true;
			clearTimeout(timer);
			crons.stop();
			functions.stop();
			for (const interval of sweeps) clearInterval(interval);
			await listening?.unlisten().catch(() => {});
			await worker.drain(settings.graceMs);
			if (!app) return;
			await release(sql, workerId).catch(() => {});
			await app.transport.close();
		},
	};
}
