"use client";

import { useTimeZone } from "@/components/ui/clock";
import { type StateKind, StateShape } from "@/components/ui/state-shape";
import { assertNever } from "@/lib/assert-never";
import { clockTime, duration } from "@/lib/format/time";
import { type LiveStatus, useLiveStatus } from "./live-status";

/** Whether what is on the screen is what is so, and how long news takes to get here. */
export function LiveIndicator() {
	const status = useLiveStatus();
	const timeZone = useTimeZone();
	const [kind, words] = wordsOf(status, timeZone);
	return (
		<div className="flex min-h-7 items-center gap-2 px-2 text-small">
			<StateShape kind={kind} />
			<span>{words}</span>
			{status.kind === "live" && status.lagMs !== null && (
				<span className="num ml-auto text-muted" title="From the database to this screen">
					{duration(status.lagMs)}
				</span>
			)}
		</div>
	);
}

function wordsOf(status: LiveStatus, timeZone: string): [StateKind, string] {
	switch (status.kind) {
		case "live":
			return ["ok", "Live"];
		case "reconnecting":
			return ["go", "Reconnecting…"];
		case "polling":
			return ["hold", "Looks every few seconds"];
		case "down":
			return ["off", `Onecount does not answer since ${clockTime(status.since, timeZone)}`];
		default:
			return assertNever(status);
	}
}
