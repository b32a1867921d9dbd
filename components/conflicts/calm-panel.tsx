import { ButtonLink } from "@/components/ui/button";
import { PanelState } from "@/components/ui/panel";
import { StateShape } from "@/components/ui/state-shape";
import { countOf } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import type { ConflictList, ConflictTab } from "@/lib/queries/conflicts";

/** Nothing to decide: said calmly, with what the last day was like. */
export function CalmPanel({ tab, list }: { tab: ConflictTab; list: ConflictList }) {
	const { settled, medianMs } = list.lastDay;
	return (
		<section className="rounded-lg border bg-panel">
			{tab === "open" ? (
				<div className="flex flex-col items-center gap-2 px-6 py-16 text-center">
					<StateShape kind="ok" className="size-5" />
					<h2 className="text-figure">Nothing to decide</h2>
					<p className="max-w-[52ch] text-small text-muted">
						{settled > 0
							? `${countOf(settled, "conflict")} settled in the last 24 hours${medianMs === null ? "" : `, half of them within ${duration(medianMs)}`}.`
							: "Nothing was settled by a person in the last 24 hours."}{" "}
						What a person has to settle comes here by itself; a store that drifted and was set back stands in the
						activity.
					</p>
					{list.counts.snoozed > 0 && (
						<ButtonLink href="/conflicts?tab=snoozed" className="mt-2">
							Look at {list.counts.snoozed} snoozed
						</ButtonLink>
					)}
				</div>
			) : (
				<PanelState
					kind="filtered"
					sentence={tab === "snoozed" ? "Nothing is snoozed." : "Nothing was settled in the last 24 hours."}
					action={<ButtonLink href="/conflicts">Open conflicts</ButtonLink>}
				/>
			)}
		</section>
	);
}
