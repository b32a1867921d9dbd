import { clsx } from "clsx";
import { stateColours } from "@/components/ui/state-shape";
import { duration } from "@/lib/format/time";
import type { ChainStep } from "@/lib/queries/log";

/** From what happened in the store to the last channel's answer: the wait faint, the work solid, each with its time. */
export function Waterfall({
	steps,
	selectedPushId,
	onSelect,
}: {
	steps: readonly ChainStep[];
	selectedPushId: string | null;
	onSelect: (pushId: string) => void;
}) {
	const moments = steps.flatMap(({ since, from, to }) => [since, from, to]).filter((at) => at !== null);
	const start = Math.min(...moments);
	const span = Math.max(1, Math.max(...moments) - start);
	const share = (at: number) => ((at - start) / span) * 100;
	return (
		<ol className="-mx-1.5">
			{steps.map((step) => {
				const { key, label, note, state, since, from, to, pushId } = step;
				const end = to ?? from ?? since;
				const body = (
					<>
						<span className="truncate">{label}</span>
						<span className={clsx("relative h-2.5 rounded-[2px] bg-sunk", stateColours[state])}>
							{from !== null && from > since && (
								<span
									className="absolute inset-y-1 bg-line-strong"
									style={{ left: `${share(since)}%`, width: `${share(from) - share(since)}%` }}
								/>
							)}
							{from !== null && (
								<span
									className={clsx("absolute inset-y-0 min-w-0.75 rounded-[2px]", barColour(step))}
									style={{
										left: `min(${share(from)}%, calc(100% - 3px))`,
										width: `${Math.max(0, share(end) - share(from))}%`,
									}}
								/>
							)}
						</span>
						<span className="num text-right whitespace-nowrap text-muted">{timeOf(step)}</span>
					</>
				);
				const grid =
					"grid h-6.5 w-full grid-cols-[minmax(0,132px)_minmax(0,1fr)_52px] items-center gap-2 rounded-sm px-1.5 text-left text-small";
				return (
					<li key={key}>
						{pushId ? (
							<button
								type="button"
								title={note}
								aria-label={`${label}: ${note}, ${timeOf(step)}`}
								aria-pressed={pushId === selectedPushId}
								onClick={() => onSelect(pushId)}
								className={clsx(grid, "hover:bg-sunk aria-pressed:bg-select")}
							>
								{body}
							</button>
						) : (
							<span title={note} className={grid}>
								{body}
								<span className="sr-only">{note}</span>
							</span>
						)}
					</li>
				);
			})}
		</ol>
	);
}

function barColour({ key, state, pushId }: ChainStep): string {
	if (key === "mail" || key === "happened") return "bg-muted";
	if (state === "none") return "bg-line-strong";
	if (state === "ok") return pushId ? "bg-go" : "bg-ok";
	return "bg-current";
}

function timeOf({ since, from, to, pushId, state }: ChainStep): string {
	if (from === null) return "waits";
	if (to === null) return "…";
	if (state === "none" || (to === from && !pushId)) return "—";
	return duration(to - (pushId ? from : since));
}
