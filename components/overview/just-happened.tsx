"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useMemo } from "react";
import { Sentence, stateWords } from "@/components/activity/sentence";
import { withProgress } from "@/components/activity/use-log-lines";
import { useProgress } from "@/components/activity/use-progress";
import { useLiveLog } from "@/components/live/live-client";
import { useTimeZone } from "@/components/ui/clock";
import { Panel, PanelState } from "@/components/ui/panel";
import { StateShape } from "@/components/ui/state-shape";
import { Tag } from "@/components/ui/tag";
import { foldRepeats } from "@/lib/format/fold-repeats";
import { emptyFilter, matchesFilter } from "@/lib/format/log-filter";
import { absoluteTime, clockTimeWithSeconds } from "@/lib/format/time";
import { newestLines, newestLinesQuery } from "@/lib/queries/log";

/** The newest lines of the log, as they come. */
export function JustHappened() {
	const timeZone = useTimeZone();
	const { data: history = [] } = useQuery(newestLinesQuery());
	const live = useLiveLog();
	const rows = useMemo(() => {
		const known = new Set(history.map(({ id }) => id));
		const fresh = live.lines.slice(-200).filter((line) => !known.has(line.id) && matchesFilter(line, emptyFilter));
		return foldRepeats([...fresh.reverse(), ...history]).slice(0, newestLines);
	}, [history, live.lines]);
	const progress = useProgress(rows.map(({ line }) => line));
	return (
		<Panel
			title="Just happened"
			tag={<Tag tone="go">live</Tag>}
			actions={
				<Link href="/activity" className="touch rounded-sm text-small! hover:underline">
					Open the log
				</Link>
			}
		>
			{rows.length === 0 ? (
				<PanelState kind="empty" sentence="Sales, counts and pushes will stand here as they happen." />
			) : (
				<ol>
					{rows.map(({ line, times }) => {
						const now = withProgress(line, progress);
						return (
							<li key={line.id} className="border-b last:border-b-0">
								<Link
									href={`/activity?line=${line.id}`}
									className="focus-inside grid min-h-8.5 max-md:min-h-11 grid-cols-[58px_12px_minmax(0,1fr)_auto] items-center gap-2.5 px-3.5 hover:bg-sunk"
								>
									<time
										dateTime={new Date(line.at).toISOString()}
										title={absoluteTime(line.at, timeZone)}
										className="num text-small text-muted"
									>
										{clockTimeWithSeconds(line.at, timeZone)}
									</time>
									<StateShape kind={now.state} label={stateWords[now.state]} />
									<span className="max-md:line-clamp-2 max-md:leading-4.5 md:truncate">
										<Sentence parts={line.parts} />
									</span>
									<span className="num text-small whitespace-nowrap text-muted max-md:hidden">
										{times > 1 ? `×${times}` : now.longDetail}
									</span>
								</Link>
							</li>
						);
					})}
				</ol>
			)}
		</Panel>
	);
}
