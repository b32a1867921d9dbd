/** When a store is asked again to cancel an order, and when that ends. Pure; milliseconds; `random` in [0, 1). */
const firstDelayMs = 2_000;
const longestDelayMs = 5 * 60_000;

/** A store that said it would do it has this long; then it is asked again. */
export const acceptedPatienceMs = 2 * 60_000;
/** By then the order is packed. */
export const giveUpAfterMs = 6 * 60 * 60_000;

/** After so many attempts: 2, 4, 8 s … 5 min, with jitter, never under half of it. */
export function cancelRetryMs(attempts: number, random: number): number {
	const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, attempts - 1));
	return Math.round(ceiling / 2 + (random * ceiling) / 2);
}

/** Whether one that was decided so long ago is asked for once more after this delay. */
export const isCancelGivenUp = (waitedMs: number, delayMs: number): boolean => waitedMs + delayMs > giveUpAfterMs;
