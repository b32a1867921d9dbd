/** Starts functions by the clock. */
import type postgres from "postgres";
import { cronRun, ticksBetween } from "./cron";
import { dispatch, startRuns } from "./dispatch";
import { Effects } from "./effects";
import type { Registry } from "./registry";
import { inTransaction } from "./transaction";

export type Crons = {
	/** Sets the clock by the functions that are known now. */
	arm(): void;
	stop(): void;
};

/** So long after a failure it is tried again. */
const againMs = 1_000;

export function createCrons({
	sql,
	now,
	registry,
	settled,
	log,
}: {
	sql: postgres.Sql;
	now: () => Date;
	/** Null: not known yet. */
	registry: () => Registry | null;
	settled: (effects: Effects) => void;
	log: (message: string) => void;
}): Crons {
	let timer: NodeJS.Timeout | undefined;
	let from = now();
	let isStopped = false;

	function arm(): void {
		clearTimeout(timer);
		const known = registry();
		if (!known || isStopped) return;
		const { next } = ticksBetween(known, from, from);
		if (!next) return;
		const ms = Math.min(30_000, Math.max(0, next.getTime() - now().getTime()));
		timer = setTimeout(() => void tick(), ms);
		timer.unref();
	}

	async function tick(): Promise<void> {
		const known = registry();
		if (!known) return;
		const until = now();
		// A machine that slept does not make up for what it missed.
		const since = new Date(Math.max(from.getTime(), until.getTime() - 60_000));
		try {
			const { due } = ticksBetween(known, since, until);
			if (due.length > 0) {
				const effects = await inTransaction(sql, async (tx) => {
					const effects = new Effects();
					const context = { sql: tx, registry: known, effects };
					await dispatch(context, await startRuns(context, due.map(cronRun)));
					return effects;
				});
				settled(effects);
			}
			from = until;
		} catch (error) {
			log(`The engine could not start functions by the clock: ${(error as Error).message}`);
			await new Promise<void>((resolve) => setTimeout(resolve, againMs).unref());
		}
		arm();
	}

	return {
		arm,
		stop() {
			isStopped = true;
			clearTimeout(timer);
		},
	};
}
