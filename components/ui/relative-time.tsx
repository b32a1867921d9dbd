"use client";

import { absoluteTime, relativeTime } from "@/lib/format/time";
import { useNow, useTimeZone } from "./clock";

/** "8 s ago", ticking, with the full moment in the merchant's time zone behind it; copied, the `dateTime` is UTC. */
export function RelativeTime({
	at,
	format = (words) => words,
	className,
}: {
	at: Date | string | number;
	/** Fits the words into what stands around them. */
	format?: (words: string) => string;
	className?: string;
}) {
	const now = useNow();
	const timeZone = useTimeZone();
	const moment = new Date(at);
	return (
		<time dateTime={moment.toISOString()} title={absoluteTime(moment, timeZone)} className={className}>
			{format(relativeTime(moment, now))}
		</time>
	);
}
