"use client";

import { useQuery } from "@tanstack/react-query";
import { useShell } from "@/components/layout/shell-context";
import { Button } from "@/components/ui/button";
import { Panel, PanelState } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StateLabel } from "@/components/ui/state-shape";
import { comparisonQuery, isUnderWay } from "@/lib/queries/strategies";
import type { Strategy } from "@/lib/stock/strategy";
import { type AskForComparison, AskPanel } from "./ask-panel";
import { ComparedDayPanel } from "./compared-day-panel";

/** What the ways of sharing stock cost, from a run that the merchant starts. */
export function StrategiesPage({ current, ask }: { current: Strategy; ask: AskForComparison }) {
	const { data: comparison, error, refetch } = useQuery(comparisonQuery());
	const { me } = useShell();
	if (error && comparison === undefined)
		return (
			<Panel title="Strategies compared">
				<PanelState
					kind="failed"
					sentence={error.message}
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			</Panel>
		);
	if (comparison === undefined)
		return (
			<Panel aria-label="Loading" aria-busy>
				<SkeletonRows rows={8} />
			</Panel>
		);
	return (
		<>
			<AskPanel comparison={comparison} mayManage={me.role === "owner" || me.role === "manager"} ask={ask} />
			{comparison ? (
				<>
					{comparison.days.map((compared) => (
						<ComparedDayPanel
							key={compared.day}
							compared={compared}
							seed={comparison.seed}
							current={current}
							isStopped={!isUnderWay(comparison)}
						/>
					))}
					<p className="flex flex-wrap gap-x-5 gap-y-1 text-small text-muted">
						<StateLabel kind="bad">the most oversold, or most often put back on sale, of its day</StateLabel>
						<StateLabel kind="warn">the most of another cost</StateLabel>
					</p>
				</>
			) : (
				<Panel title="Strategies compared">
					<PanelState
						kind="empty"
						sentence="Six strategies will stand here, with what each oversells, loses to caution and calls."
						detail="Choose a day above and run it; one day takes a few seconds."
						ghost={<SkeletonRows rows={6} isStill />}
					/>
				</Panel>
			)}
		</>
	);
}
