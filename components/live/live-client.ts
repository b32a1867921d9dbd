"use client";

import { useSyncExternalStore } from "react";
import { reportLive } from "@/components/layout/live-status";
import type { LogLineView } from "@/lib/queries/log";
import { follow, wholeFrom } from "./follow";
import { openSharedStream } from "./shared-stream";

/** The log as it grows, one for every page of the dashboard in this tab. */
export type LiveLog = {
	/** Newest last; at most {@link keptLines}. */
	lines: readonly LogLineView[];
	/** Lines that came since the stream began, those no longer kept included. */
	count: number;
	/** The transaction with which the stream begins; null until it has said so. What was read before it leaves a gap. */
	from: string | null;
};

const keptLines = 5_000;
/** Failures in a row after which the page asks by itself until the stream is back. */
const failuresBeforePolling = 3;
/** A beat is due every 15 s; without any for so long the connection is dead, whatever the browser thinks. */
const silentMs = 40_000;
/** A tab that holds the stream answers at once, unless the browser froze it. */
const answerMs = 10_000;
/** Asked to tell again, it needs a moment; what was told before that is not asked for twice. */
const askAgainMs = 1_000;

const empty: LiveLog = { lines: [], count: 0, from: null };
let log: LiveLog = empty;
let at: string | null = null;
let arrived: LogLineView[] = [];
let pause: ReturnType<typeof setTimeout> | undefined;
let flushedAt = 0;
let lagMs: number | null = null;
const listeners = new Set<() => void>();
const wakes = new Set<(lines: readonly LogLineView[]) => void>();

/** Follows the stream of this browser's tabs; the returned function leaves it. */
export function followLiveLog(
	who: { merchantId: string; reader: string },
	{ onReset }: { onReset: () => void },
): () => void {
	let watchdog: ReturnType<typeof setTimeout> | undefined;
	let askedAt = Number.NEGATIVE_INFINITY;
	const stream = openSharedStream({
		...who,
		position: () => at,
		onTold: (told) => {
			watch(silentMs);
			if (told.kind === "broken")
				return reportLive({ kind: told.failures < failuresBeforePolling ? "reconnecting" : "polling" });
			if (told.kind === "lines") lagMs = told.batch.lagMs;
			const followed = follow(at, told);
			if (at === null && followed.at !== null) publish({ ...log, from: wholeFrom(followed.at) });
			at = followed.at;
			if (told.kind === "reset") {
				arrived = [];
				publish(empty);
				return onReset();
			}
			reportLive({ kind: "live", lagMs });
			if (followed.isBehind && at !== null && performance.now() - askedAt > askAgainMs) {
				askedAt = performance.now();
				stream.askFrom(at);
			}
			if (followed.lines.length === 0) return;
			arrived.push(...followed.lines);
			flushSoon();
		},
	});
	function watch(ms: number): void {
		clearTimeout(watchdog);
		watchdog = setTimeout(() => {
			// One that nobody looks at has time, and leaves the stream to those that are looked at.
			if (document.visibilityState === "visible") {
				reportLive({ kind: "reconnecting" });
				stream.takeOver();
			}
			watch(silentMs);
		}, ms);
	}
	const ask = () => {
		stream.askWhere();
		watch(answerMs);
	};
	const onShown = () => {
		if (document.visibilityState === "visible") ask();
	};
	document.addEventListener("visibilitychange", onShown);
	reportLive({ kind: "reconnecting" });
	ask();
	return () => {
		document.removeEventListener("visibilitychange", onShown);
		clearTimeout(watchdog);
		clearTimeout(pause);
		stream.close();
		pause = undefined;
		arrived = [];
		at = null;
		log = empty;
	};
}

/** Beyond so many lines at once nobody reads them as they come, and drawing them less often leaves room for everything else. */
const manyLines = 20;
const manyEveryMs = 250;
const frameMs = 16;

/** About once per frame; while it pours, a few times a second. A timer, since hidden tabs draw no frames. */
function flushSoon(): void {
	const restMs = arrived.length > manyLines ? flushedAt + manyEveryMs - performance.now() : frameMs;
	pause ??= setTimeout(flush, Math.max(frameMs, restMs));
}

function flush(): void {
	pause = undefined;
	flushedAt = performance.now();
	const fresh = arrived;
	arrived = [];
	publish({ ...log, lines: [...log.lines, ...fresh].slice(-keptLines), count: log.count + fresh.length });
	for (const wake of wakes) wake(fresh);
}

function publish(next: LiveLog): void {
	log = next;
	for (const listener of listeners) listener();
}

export const useLiveLog = (): LiveLog =>
	useSyncExternalStore(
		(listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		() => log,
		() => empty,
	);

/** Calls back with each handful of new lines, outside React. */
export function onLiveLines(wake: (lines: readonly LogLineView[]) => void): () => void {
	wakes.add(wake);
	return () => wakes.delete(wake);
}
