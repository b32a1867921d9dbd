/** When a message is tried again, and when that ends. Pure; milliseconds; `random` in [0, 1). */
const firstDelayMs = 5_000;
const growth = 3;
const longestDelayMs = 6 * 60 * 60_000;
/** An endpoint that is down gets one message at a time until it answers; it is asked at least so often. */
const longestPauseMs = 10 * 60_000;
/** A long weekend: what nobody mended by then is not told any more. */
export const giveUpAfterMs = 3 * 24 * 60 * 60_000;

/** After so many tries: 5 s, 15 s, 45 s … 6 h, with jitter, never under a quarter of it nor under what was asked for. */
export function retryDelayMs(tries: number, random: number, retryAfterMs: number | null = null): number {
	const ceiling = Math.min(longestDelayMs, firstDelayMs * growth ** Math.max(0, tries - 1));
	const jittered = Math.round(ceiling / 4 + random * ceiling * 0.75);
	return Math.max(jittered, Math.min(retryAfterMs ?? 0, longestDelayMs));
}

/** How long an endpoint is left alone after so many batches in a row of which nothing got through. */
export const pauseMs = (failures: number, random: number, retryAfterMs: number | null = null): number =>
	Math.max(Math.min(longestPauseMs, retryDelayMs(failures, random)), Math.min(retryAfterMs ?? 0, longestDelayMs));

/** Whether a message that has waited so long is tried once more after this delay. */
export const isGivenUp = (waitedMs: number, delayMs: number): boolean => waitedMs + delayMs > giveUpAfterMs;

/** `Retry-After` in seconds or as a date; null: none, or none that can be read. */
export function readRetryAfter(header: string | undefined, now: Date): number | null {
	if (header === undefined) return null;
	if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
	const at = Date.parse(header);
	return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
