/**
 * One channel's circuit breaker and back-off (R10), pure. Congestion is not failure: a throttled call only quiets the
 * channel for as long as the platform asked; an outage opens the breaker with exponential back-off and full jitter;
 * then one probe decides.
 */
export type Breaker = { state: "closed" | "open" | "half_open"; failures: number; until: number | null };

export const closedBreaker: Breaker = { state: "closed", failures: 0, until: null };

const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
/** One failure may be a hiccup; the second in a row is an outage. */
const failuresToOpen = 2;

/** Exponential with full jitter: uniformly within 1, 2, 4 … s, capped, never under a quarter of it. `random` in [0, 1). */
export function backOffMs(failures: number, random: number): number {
	const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, failures - 1));
	return Math.round(ceiling / 4 + random * ceiling * 0.75);
}

/** Whether a call may leave now: `probe` means just one, and only if none is in flight. */
export function mayCall(breaker: Breaker, now: number): "yes" | "probe" | "no" {
	if (breaker.state === "closed") return breaker.until !== null && breaker.until > now ? "no" : "yes";
	return breaker.until !== null && breaker.until > now ? "no" : "probe";
}

export function succeeded(): Breaker {
	return closedBreaker;
}

export function failed(breaker: Breaker, now: number, random: number): Breaker {
	const failures = breaker.failures + 1;
	return { state: failures >= failuresToOpen ? "open" : "closed", failures, until: now + backOffMs(failures, random) };
}
