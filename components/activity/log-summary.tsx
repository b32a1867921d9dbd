"use client";

import { useQuery } from "@tanstack/react-query";
import { PlatformPlate } from "@/components/channel/platform-plate";
import { Skeleton } from "@/components/ui/skeleton";
import { StateShape } from "@/components/ui/state-shape";
import type { LogFilter } from "@/lib/format/log-filter";
import { logOutcomes, logTopics, outcomeStates } from "@/lib/format/log-filter";
import { formatNumber } from "@/lib/format/number";
import type { PlatformKey } from "@/lib/format/platforms";
import { histogramQuery, type LogStretch } from "@/lib/queries/log";

type Channel = { id: string; name: string; platform: PlatformKey };

/** Before a line is chosen: how the lines in view divide, each part a filter. */
export function LogSummary({
	filter,
	stretch,
	spanMs,
	channels,
	onNarrow,
}: {
	filter: LogFilter;
	stretch: LogStretch;
	spanMs: number;
	channels: readonly Channel[];
	onNarrow: (key: "channel" | "outcome" | "cause", value: string) => void;
}) {
	const { data } = useQuery(histogramQuery(filter, stretch, spanMs));
	if (!data) return <SummarySkeleton />;
	const { facets } = data;
	const outcomes = logOutcomes.filter((outcome) => outcome !== "not in step");
	const isEmpty = data.bars.length === 0;
	return (
		<>
			<Header />
			{isEmpty && <p className="px-3.5 py-3 text-muted">No line in this span.</p>}
			<div className={isEmpty ? "hidden" : "flex flex-col gap-4 px-3.5 py-3"}>
				<Facet title="Outcome">
					{outcomes.map((outcome) => {
						const [state] = outcomeStates[outcome];
						const lines = facets.states[state] ?? 0;
						return lines > 0 ? (
							<Part key={outcome} lines={lines} onClick={() => onNarrow("outcome", outcome)}>
								<StateShape kind={state} />
								{sentenceCase(outcome)}
							</Part>
						) : null;
					})}
				</Facet>
				<Facet title="Channel">
					{channels.map((channel) => {
						const lines = facets.channels[channel.id] ?? 0;
						return lines > 0 ? (
							<Part key={channel.id} lines={lines} onClick={() => onNarrow("channel", channel.name)}>
								<PlatformPlate platform={channel.platform} label="" />
								<span className="truncate">{channel.name}</span>
							</Part>
						) : null;
					})}
				</Facet>
				<Facet title="Cause">
					{logTopics.map((topic) => {
						const lines = facets.topics[topic] ?? 0;
						return lines > 0 ? (
							<Part key={topic} lines={lines} onClick={() => onNarrow("cause", topic)}>
								{sentenceCase(topic)}
							</Part>
						) : null;
					})}
				</Facet>
			</div>
		</>
	);
}

function Header() {
	return (
		<header className="flex min-h-10 items-center border-b px-3.5">
			<h2>In view</h2>
			<span className="ml-auto text-small text-muted">choose a line, or narrow it down</span>
		</header>
	);
}

function SummarySkeleton() {
	return (
		<>
			<Header />
			<div aria-busy className="flex flex-col gap-4 px-3.5 py-3">
				{["Outcome", "Channel", "Cause"].map((title) => (
					<section key={title} aria-label={title}>
						<h3 className="mb-1 text-small font-normal text-muted">{title}</h3>
						{["w-1/3", "w-2/5", "w-1/4"].map((width) => (
							<div key={width} className="flex h-7 items-center gap-2">
								<Skeleton className="size-3" isRound />
								<Skeleton className={`h-2.5 ${width}`} />
								<Skeleton className="ml-auto h-2.5 w-6" />
							</div>
						))}
					</section>
				))}
			</div>
		</>
	);
}

const sentenceCase = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function Facet({ title, children }: { title: string; children: React.ReactNode }) {
	return (
		<section aria-label={title}>
			<h3 className="mb-1 text-small font-normal text-muted">{title}</h3>
			<ul className="-mx-1.5">{children}</ul>
		</section>
	);
}

function Part({ lines, onClick, children }: { lines: number; onClick: () => void; children: React.ReactNode }) {
	return (
		<li>
			<button
				type="button"
				onClick={onClick}
				className="flex h-7 w-full items-center gap-2 rounded-md px-1.5 text-left hover:bg-sunk"
			>
				{children}
				<span className="num ml-auto text-small text-muted">{formatNumber(lines)}</span>
			</button>
		</li>
	);
}
