import Link from "next/link";
import { mappingsHref } from "@/components/mappings/mapping-params";
import { type StateKind, StateShape } from "@/components/ui/state-shape";
import { formatNumber } from "@/lib/format/number";
import type { DryRun } from "@/lib/queries/channels";
import { type DryRunGroup, dryRunGroups } from "@/lib/stock/dry-run";

const shown: Record<DryRunGroup, { kind: StateKind; word: string }> = {
	to_zero: { kind: "bad", word: "to zero" },
	lowered: { kind: "go", word: "lowered" },
	raised: { kind: "go", word: "raised" },
	same: { kind: "ok", word: "right already" },
	held: { kind: "off", word: "refused before, held" },
	unread: { kind: "go", word: "not read yet" },
	uncounted: { kind: "none", word: "without a count" },
	unlinked: { kind: "none", word: "not linked" },
	left_out: { kind: "none", word: "left out" },
};

/** The whole catalogue, each listing once: the parts, and the sum that they make. */
export function DryRunGroups({ run, channelId }: { run: DryRun; channelId: string }) {
	const parts = dryRunGroups.filter((group) => run.groups[group] > 0);
	return (
		<div className="flex flex-wrap gap-x-5 gap-y-1 border-b px-3.5 py-2.5 text-small">
			<ul aria-label="Every listing, by what would happen to it" className="contents">
				{parts.map((group) => (
					<li key={group} className="flex items-center gap-1.5">
						<StateShape kind={shown[group].kind} />
						<Part group={group} count={run.groups[group]} channelId={channelId} />
					</li>
				))}
			</ul>
			<p className="text-muted">
				together <span className="num font-semibold text-text">{formatNumber(run.listings)}</span>{" "}
				{run.listings === 1 ? "listing" : "listings"}
			</p>
		</div>
	);
}

/** What a person could mend in Mappings leads there. */
function Part({ group, count, channelId }: { group: DryRunGroup; count: number; channelId: string }) {
	const words = (
		<>
			<span className="num font-semibold">{formatNumber(count)}</span> {shown[group].word}
		</>
	);
	if (group !== "unlinked") return <span>{words}</span>;
	return (
		<Link
			href={mappingsHref({ rows: "listings", q: `channel:${channelId}` })}
			className="touch rounded-sm underline underline-offset-3"
		>
			{words}
		</Link>
	);
}
