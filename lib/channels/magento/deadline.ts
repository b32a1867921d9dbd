/**
 * A claim is good for a minute: whatever had to be read first, nothing may leave so late that its answer could come after that,
 * when the rows are somebody else's.
 */
const latestStartMs = 20_000;
/** For what leaves before that, and is answered before the claim ends. */
export const writeTimeoutMs = 35_000;

export type Deadline = { isPast(): boolean; elapsedMs(): number };

export function startDeadline(): Deadline {
	const started = performance.now();
	const elapsedMs = () => performance.now() - started;
	return { elapsedMs, isPast: () => elapsedMs() > latestStartMs };
}
