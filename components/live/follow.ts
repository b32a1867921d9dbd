import { compareCursors, readCursor } from "@/lib/live/cursor";
import type { LiveLines, LogLineView } from "@/lib/queries/log";

/**
 * What the tab that holds the stream tells all tabs, itself included. A cursor says that everything up to it was told;
 * each batch says where it begins, so that a tab which missed something knows it.
 */
export type Told =
	/** The stream begins here, or stands here; said again with every beat. */
	| { kind: "hello"; at: string }
	| { kind: "lines"; after: string; upTo: string; batch: LiveLines }
	/** So much was missed that everything has to be read anew. */
	| { kind: "reset" }
	/** The stream broke so many times in a row. */
	| { kind: "broken"; failures: number };

export type Followed = {
	/** Where this tab stands by now; null: it has not heard yet where the stream begins. */
	at: string | null;
	/** New to this tab, oldest first. */
	lines: LogLineView[];
	/** Something between where this tab stands and what it was told is missing: it has to be told from `at` on. */
	isBehind: boolean;
};

/** Each line once and in order, whoever holds the stream and from wherever they began. */
export function follow(at: string | null, told: Told): Followed {
	if (told.kind === "hello") {
		if (at === null) return { at: told.at, lines: [], isBehind: false };
		return { at, lines: [], isBehind: isBefore(at, told.at) };
	}
	if (told.kind === "reset") return { at: null, lines: [], isBehind: false };
	if (told.kind !== "lines" || at === null || !isBefore(at, told.upTo)) return { at, lines: [], isBehind: false };
	if (isBefore(at, told.after)) return { at, lines: [], isBehind: true };
	const { lines } = told.batch;
	const last = readCursor(at)?.id;
	return { at: told.upTo, lines: lines.slice(lines.findIndex(({ id }) => id === last) + 1), isBehind: false };
}

export function isBefore(a: string, b: string): boolean {
	const [left, right] = [readCursor(a), readCursor(b)];
	return left !== null && right !== null && compareCursors(left, right) < 0;
}

/**
 * The transaction from which on everything is told to who stands at `at`: history that was read before it leaves a gap.
 * Within a transaction some lines were told before, so the next one counts.
 */
export function wholeFrom(at: string): string {
	const cursor = readCursor(at);
	if (!cursor) throw new Error(`${at} is no cursor.`);
	return String(BigInt(cursor.tx) + (cursor.id > 0 ? 1n : 0n));
}
