/** What a worker does beside pushing, and when: pure, so that who waits for whom can be read off a table. */

export type Lane = "read" | "poll" | "listings" | "push";

/** When each falls due (milliseconds); null: not before news. */
export type DueTimes = Record<Exclude<Lane, "push">, number | null>;

/** A lane that runs keeps others out: a read and a poll explain each other, so they take turns. */
const keptOutBy: Record<Exclude<Lane, "push">, readonly Lane[]> = {
	read: ["read"],
	poll: ["poll", "read"],
	listings: ["listings"],
};

const order = ["read", "poll", "listings"] as const;

const mayStart = (lane: (typeof order)[number], busy: ReadonlySet<Lane>) =>
	!keptOutBy[lane].some((other) => busy.has(other));

/** The due call that has waited longest; of equals a read, since what it learns decides what may be written. */
export function nextCall(due: DueTimes, busy: ReadonlySet<Lane>, now: number): keyof DueTimes | null {
	const ready = order.filter((lane) => (due[lane] ?? Number.POSITIVE_INFINITY) <= now && mayStart(lane, busy));
	return ready.sort((a, b) => (due[a] ?? 0) - (due[b] ?? 0))[0] ?? null;
}

/** When to look again: what waits for a running call is looked for when that ends. Infinity: for nothing. */
export function nextLook(due: DueTimes, busy: ReadonlySet<Lane>): number {
	return Math.min(
		...order.map((lane) => (mayStart(lane, busy) ? (due[lane] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY)),
	);
}
