"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useLiveLog } from "@/components/live/live-client";
import { type FoldedLine, foldRepeats } from "@/lib/format/fold-repeats";
import { type LogFilter, matchesFilter } from "@/lib/format/log-filter";
import { type LineProgress, type LogLineView, type LogStretch, logQuery } from "@/lib/queries/log";

export type LogRow = FoldedLine<LogLineView>;

/** Live lines that may come before the history is read anew, so that what the browser keeps never has a hole. */
const rereadAfter = 4_000;

/**
 * History and live lines as one list. While `heldAt` is a number only the live lines up to that count are in it; the
 * rest is counted.
 */
export function useLogLines(filter: LogFilter, stretch: LogStretch, heldAt: number | null) {
	const client = useQueryClient();
	const query = useInfiniteQuery(logQuery(filter, stretch));
	const live = useLiveLog();
	const { data } = query;

	const history = useMemo(() => data?.pages.flatMap((page) => page.lines) ?? [], [data]);
	const historyIds = useMemo(() => new Set(history.map(({ id }) => id)), [history]);
	const horizon = data?.pages[0]?.horizon ?? null;

	// How many live lines had come when the history was read.
	const readAt = useRef({ horizon: "", count: 0 });
	if (horizon !== null && readAt.current.horizon !== horizon) readAt.current = { horizon, count: live.count };

	const isLate = live.count - readAt.current.count > rereadAfter && heldAt === null;
	const hasGap = live.from !== null && horizon !== null && BigInt(horizon) < BigInt(live.from);
	useEffect(() => {
		if (stretch === null && (hasGap || isLate))
			void client.resetQueries({ queryKey: logQuery(filter, stretch).queryKey });
	}, [client, filter, stretch, hasGap, isLate]);

	return useMemo(() => {
		const oldest = live.count - live.lines.length;
		const upTo = heldAt === null ? live.count : Math.max(heldAt, readAt.current.count);
		const fresh: LogLineView[] = [];
		let held = 0;
		if (stretch === null)
			for (let at = live.lines.length - 1; at >= 0; at--) {
				const line = live.lines[at];
				if (!line || historyIds.has(line.id) || !matchesFilter(line, filter)) continue;
				if (oldest + at >= upTo) held++;
				else fresh.push(line);
			}
		return { rows: foldRepeats([...fresh, ...history]), held, count: live.count, query };
	}, [live, heldAt, history, historyIds, filter, stretch, query]);
}

/** A line as it stands by now. */
export const withProgress = (line: LogLineView, progress: ReadonlyMap<number, LineProgress>): LogLineView => {
	const newer = progress.get(line.id);
	return newer ? { ...line, ...newer } : line;
};
