"use client";

import { useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { Facts } from "@/components/ui/facts";
import { Num } from "@/components/ui/num";
import { Panel, PanelState } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StateLabel } from "@/components/ui/state-shape";
import { countOf } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import { type EngineView, engineQuery } from "@/lib/queries/settings";

/** A call that could be made waits this long only when workers can't keep up. */
const lateMs = 5_000;

/** The engine that runs the functions in this process: does it keep up, and what failed? */
export function EnginePanel() {
	const { data: engine, error, refetch } = useQuery(engineQuery());
	if (!engine)
		return (
			<Panel title="Engine" aria-busy={!error}>
				{error ? (
					<PanelState
						kind="failed"
						sentence={error.message}
						action={<Button onClick={() => void refetch()}>Try again</Button>}
					/>
				) : (
					<SkeletonRows rows={6} />
				)}
			</Panel>
		);
	return (
		<Panel title="Engine" actions={<EngineState engine={engine} />}>
			<Facts
				className="px-3.5 py-3"
				items={[
					{
						key: "wait",
						name: "Oldest call that waits",
						value: engine.oldestRunnableMs === null ? "none" : duration(engine.oldestRunnableMs),
					},
					{
						key: "calls",
						name: "Under way, due, later",
						value: (
							<>
								<Num value={engine.calls.underWay} />, <Num value={engine.calls.due} />,{" "}
								<Num value={engine.calls.later} />
							</>
						),
					},
					{ key: "limit", name: "Held by a limit", value: <Num value={engine.calls.atLimit} /> },
					{ key: "hour", name: "Completed in the last hour", value: <Num value={engine.runs.completedLastHour} /> },
					{
						key: "failed",
						name: "Failed in the last day",
						value: (
							<Num
								value={engine.runs.failedLastDay}
								className={engine.runs.failedLastDay > 0 ? "text-bad" : undefined}
							/>
						),
					},
					{ key: "waits", name: "Sleeping or waiting for an event", value: <Num value={engine.waits} /> },
					{
						key: "last",
						name: "Last completed",
						value: engine.lastCompletedAt ? <RelativeTime at={engine.lastCompletedAt} /> : "none yet",
					},
				]}
			/>
			{engine.recentFailures.length > 0 && (
				<details className="border-t px-3.5 py-2.5 text-small">
					<summary className="cursor-pointer">{countOf(engine.recentFailures.length, "recent failure")}</summary>
					<ul className="mt-2 flex max-h-60 flex-col gap-2 overflow-y-auto">
						{engine.recentFailures.map((failure) => (
							<li key={failure.runId}>
								<p>
									<span className="num">{failure.fnId}</span>{" "}
									<span className="text-muted">
										<RelativeTime at={failure.at} />
									</span>
								</p>
								<p className="break-words text-muted">{failure.error}</p>
							</li>
						))}
					</ul>
				</details>
			)}
		</Panel>
	);
}

function EngineState({ engine }: { engine: EngineView }) {
	if ((engine.oldestRunnableMs ?? 0) > lateMs) return <StateLabel kind="warn">falls behind</StateLabel>;
	return <StateLabel kind="ok">keeps up</StateLabel>;
}
