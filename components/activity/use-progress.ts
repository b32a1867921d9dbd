"use client";

import { useEffect, useRef, useState } from "react";
import { type LineProgress, type LogLineView, readLineProgress } from "@/lib/queries/log";

const everyMs = 1_000;
const mostIds = 100;

/**
 * Follows those of the given lines that are on their way until they have arrived everywhere. Lines that are not on the
 * screen are not asked about.
 */
export function useProgress(lines: readonly LogLineView[]): ReadonlyMap<number, LineProgress> {
	const [progress, setProgress] = useState<ReadonlyMap<number, LineProgress>>(new Map());
	const open = lines
		.filter(({ kind }) => kind === "stock.changed" || kind === "level.healed")
		.filter((line) => (progress.get(line.id)?.state ?? line.state) === "go")
		.slice(0, mostIds)
		.map(({ id }) => id);
	const latest = useRef(open);
	latest.current = open;
	const hasOpen = open.length > 0;

	useEffect(() => {
		if (!hasOpen) return;
		const abort = new AbortController();
		const ask = async () => {
			if (document.visibilityState === "hidden" || latest.current.length === 0) return;
			try {
				const answers = await readLineProgress(latest.current, abort.signal);
				setProgress((known) => new Map([...known, ...answers.map((one): [number, LineProgress] => [one.id, one])]));
			} catch {
				// The next beat asks again.
			}
		};
		const timer = setInterval(() => void ask(), everyMs);
		return () => {
			clearInterval(timer);
			abort.abort();
		};
	}, [hasOpen]);

	return progress;
}
