/** The calls of this process: how many are under way, for which functions, and what becomes of each. */
import type postgres from "postgres";
import { buildCall, interpret, type Outcome } from "./call";
import { Effects } from "./effects";
import { wireError } from "./protocol";
import { discard, heartbeat, type LeasedItem, markStarted } from "./queue";
import type { Registry } from "./registry";
import type { Settings } from "./settings";
import { finish, type Settling, settle } from "./settle";
import { takeSlots } from "./slots";
import type { Transport } from "./transport";

export type WorkerHost = {
	id: string;
	sql: postgres.Sql;
	settings: Settings;
	transport: Transport;
	endpoint: string;
	signingKey: string;
	registry: () => Registry;
	/** A call ended and its room is free again; this is what it leaves to do. */
	settled: (effects: Effects) => void;
	/** Places became free without a call having ended. */
	freed: (keys: string[]) => void;
	unreachable: (why: string) => void;
	log: (message: string) => void;
};

/** After so many workers that vanished with a call, the call is what kills them. */
const maxLost = 20;

/** How often a result that Postgres refuses is offered again before the run fails. */
const maxRefused = 5;

export type Worker = ReturnType<typeof createWorker>;

export function createWorker(host: WorkerHost) {
	const { sql, settings } = host;
	const held = new Set<LeasedItem>();
	const underWay = new Set<Promise<void>>();
	/** Calls per function, those included whose row is still being made. */
	const loads = new Map<string, number>();
	let total = 0;
	let isAbandoned = false;

	const load = (fnId: string, change: 1 | -1) => {
		total += change;
		const now = (loads.get(fnId) ?? 0) + change;
		if (now > 0) loads.set(fnId, now);
		else loads.delete(fnId);
	};
	const drop = (item: LeasedItem) => {
		held.delete(item);
		load(item.fnId, -1);
	};
	const hasRoom = (fnId: string) => total < settings.capacity && (loads.get(fnId) ?? 0) < settings.capacityPerFunction;

	const beat = setInterval(() => {
		if (held.size === 0) return;
		heartbeat(sql, host.id, settings.leaseMs, [...held]).catch((error: Error) =>
			host.log(`The engine could not extend its leases: ${error.message}`),
		);
	}, settings.leaseMs / 3);
	beat.unref();

	/** Starts the calls of items whose room was taken already. */
	function launch(items: LeasedItem[]): void {
		for (const item of items) held.add(item);
		const wishes = items.map((item) => ({ item, keys: slotsOf(item) }));
		for (const { item, keys } of wishes) if (keys.length === 0) begin(item, []);
		const limited = wishes.filter(({ keys }) => keys.length > 0);
		if (limited.length === 0) return;
		takeSlots(sql, limited).then(
			({ ready, retryKeys }) => {
				const isReady = new Set(ready);
				for (const { item, keys } of limited)
					if (isReady.has(item))
						begin(
							item,
							keys.map(({ key }) => key),
						);
					else drop(item);
				host.freed(retryKeys);
			},
			(error: Error) => {
				// Their leases run out, and somebody tries again.
				host.log(`The engine could not take places for ${limited.length} calls: ${error.message}`);
				for (const { item } of limited) drop(item);
			},
		);
	}

	function slotsOf(item: LeasedItem) {
		const [event] = item.events ?? [];
		return (item.isLive && event && host.registry().functions.get(item.fnId)?.slots(event)) || [];
	}

	function begin(item: LeasedItem, slotKeys: string[]): void {
		const ended = run(item, slotKeys)
			.catch((error: Error) => {
				host.log(`A call of ${item.fnId} was given up until its lease ends: ${error.message}`);
				return new Effects();
			})
			.then((effects) => {
				// Room first: what comes next looks for it.
				underWay.delete(ended);
				drop(item);
				if (!isAbandoned) host.settled(effects);
			});
		underWay.add(ended);
	}

	async function run(item: LeasedItem, slotKeys: string[]): Promise<Effects> {
		const fn = host.registry().functions.get(item.fnId);
		const context: Settling = {
			sql,
			settings,
			registry: host.registry(),
			maxAttempts: fn?.maxAttempts ?? 5,
			slotKeys,
		};
		if (!item.isLive) {
			await discard(sql, item);
			return new Effects();
		}
		if (item.lost >= maxLost) {
			const output = wireError("InngestEngineError", `The process ended ${item.lost} times while it ran this.`);
			return finish(context, item, { runId: item.runId, status: "failed", output });
		}
		// Its time limits count from here; perhaps it waited too long already.
		if (!item.isStarted && (fn?.startTimeoutMs || fn?.finishTimeoutMs) && !(await markStarted(sql, item))) {
			await discard(sql, item);
			return new Effects();
		}
		const outcome = await call(item, context.maxAttempts);
		if (outcome.kind === "undelivered") host.unreachable(outcome.why);
		return writeDown(context, item, outcome);
	}

	async function call(item: LeasedItem, maxAttempts: number): Promise<Outcome> {
		try {
			const request = buildCall(item, maxAttempts, host, Date.now());
			return interpret(await host.transport.send(request), host.signingKey, Date.now());
		} catch (error) {
			return { kind: "undelivered", why: (error as Error).message };
		}
	}

	/** The work is done; that Postgres is away for a moment must not do it again. */
	async function writeDown(context: Settling, item: LeasedItem, outcome: Outcome): Promise<Effects> {
		for (let tries = 1; ; tries++) {
			if (isAbandoned) return new Effects();
			try {
				return await settle(context, item, outcome);
			} catch (error) {
				const { code = "", message } = error as { code?: string; message: string };
				// Class 22 and 54: the data itself cannot be stored.
				if (/^(22|54)/.test(code) && tries >= maxRefused) {
					const output = wireError("InngestEngineError", `Its result could not be stored: ${message}`);
					return finish(context, item, { runId: item.runId, status: "failed", output });
				}
				if (tries === 1) host.log(`The engine could not write down a result, and goes on trying: ${message}`);
				await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** tries)));
			}
		}
	}

	return {
		launch,
		held: () => [...held].map(({ id }) => id),
		room: () => settings.capacity - total,
		/** Functions that have all the calls that one may have. */
		saturated: () => [...loads].filter(([, n]) => n >= settings.capacityPerFunction).map(([fnId]) => fnId),
		reserve: (fnId: string) => {
			if (!hasRoom(fnId)) return false;
			load(fnId, 1);
			return true;
		},
		unreserve: (fnId: string) => load(fnId, -1),
		/** Room for items that were claimed, whatever the limits say by now. */
		occupy: (items: LeasedItem[]) => {
			for (const { fnId } of items) load(fnId, 1);
		},
		/** Waits for calls under way, at most so long; whatever is not done then is left to others. */
		drain: async (graceMs: number) => {
			const timeout = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
			await Promise.race([Promise.allSettled([...underWay]), timeout]);
			isAbandoned = true;
			clearInterval(beat);
		},
	};
}
