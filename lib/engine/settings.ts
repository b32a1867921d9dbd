/** Time and size constants, in one place so that tests can be quick and still run the real code. */
export type Settings = {
	/** Calls in flight at once in this process. */
	capacity: number;
	/** The most of them that one function may have: a function whose stores hang must not stop the others. */
	capacityPerFunction: number;
	/** How long a worker may be silent before its calls are given to another. */
	leaseMs: number;
	/** The longest that due work of another process may go unseen when its wake-up was lost. */
	pollMs: number;
	sweepMs: number;
	/** How often the app is asked for its functions again; null: once, and after it was unreachable. */
	rediscoverMs: number | null;
	/** Waits between attempts; the last one goes on. */
	backoffMs: readonly number[];
	/** Added to each, at random, up to this. */
	backoffJitterMs: number;
	/** How long `stop` waits for calls in flight. */
	graceMs: number;
	keepCompletedMs: number;
	keepFailedMs: number;
	/** Under one key a function starts once in this time. */
	idempotencyMs: number;
	/** The clock of crons. */
	now: () => Date;
};

const minute = 60_000;
const hour = 60 * minute;

export const defaultSettings: Settings = {
	capacity: 32,
	capacityPerFunction: 24,
	leaseMs: 30_000,
	pollMs: 1_000,
	sweepMs: 5_000,
	rediscoverMs: null,
	// Inngest's own.
	backoffMs: [15_000, 30_000, minute, 2 * minute, 5 * minute, 10 * minute, 20 * minute, 40 * minute, hour, 2 * hour],
	backoffJitterMs: 30_000,
	graceMs: 20_000,
	keepCompletedMs: 24 * hour,
	keepFailedMs: 7 * 24 * hour,
	idempotencyMs: 24 * hour,
	now: () => new Date(),
};

export function backoff(settings: Settings, attempt: number): number {
	const { backoffMs, backoffJitterMs } = settings;
	const base = backoffMs[Math.min(attempt, backoffMs.length - 1)] ?? 0;
	return base + Math.random() * backoffJitterMs;
}
