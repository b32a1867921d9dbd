"use client";

import { useQuery } from "@tanstack/react-query";
import { type BarSeries, Bars } from "@/components/ui/bars";
import { Brush } from "@/components/ui/brush";
import { useTimeZone } from "@/components/ui/clock";
import type { LogFilter } from "@/lib/format/log-filter";
import { formatNumber } from "@/lib/format/number";
import { clockTime, clockTimeWithSeconds, shortDate } from "@/lib/format/time";
import { type Histogram, histogramQuery, type LogStretch } from "@/lib/queries/log";

const series: BarSeries[] = [
	{ key: "troubles", label: "Not in step", colour: { token: "bad" } },
	{ key: "lines", label: "In step", colour: { token: "line-strong" } },
];

/** How many lines when; a stretch that is dragged out is zoomed into. */
export function LogHistogram({
	filter,
	stretch,
	spanMs,
	onStretch,
}: {
	filter: LogFilter;
	stretch: LogStretch;
	spanMs: number;
	onStretch: (stretch: LogStretch) => void;
}) {
	const timeZone = useTimeZone();
	const { data } = useQuery(histogramQuery(filter, stretch, spanMs));
	const buckets = data ? bucketsOf(data) : [];
	const label = (at: number) => momentLabel(at, data, timeZone);
	return (
		<section aria-label="How many lines when" className="rounded-lg border bg-panel px-3.5 pt-2.5 pb-1">
			<div className="relative h-11">
				{data && (
					<>
						<Bars
							caption="Lines of the log over time, and how many of them are not in step"
							series={series}
							buckets={buckets.map(({ at, lines, troubles }) => ({
								label: label(at),
								values: [troubles, lines - troubles],
							}))}
							height={44}
						/>
						<Brush
							count={buckets.length}
							value={null}
							onChange={(range) => {
								const from = range && buckets[range.from]?.at;
								const to = range && buckets[range.to]?.at;
								if (typeof from === "number" && typeof to === "number") onStretch({ from, to: to + data.stepMs - 1 });
								else onStretch(null);
							}}
						/>
					</>
				)}
			</div>
			<div className="num flex h-6 items-center justify-between gap-3 text-small text-muted">
				<span>{data && label(data.from)}</span>
				<span className="max-md:hidden">
					{data ? `${formatNumber(total(data))} lines · ${stretch ? "click to zoom out" : "drag to zoom"}` : ""}
				</span>
				<span>{data && label(data.to)}</span>
			</div>
		</section>
	);
}

const total = (data: Histogram) => data.bars.reduce((sum, { lines }) => sum + lines, 0);

/** Every bar of the span, those without a line included. */
function bucketsOf({ from, to, stepMs, bars }: Histogram) {
	const byStart = new Map(bars.map((bar) => [bar.at, bar]));
	return Array.from({ length: Math.max(1, Math.ceil((to - from) / stepMs)) }, (_, index) => {
		const at = from + index * stepMs;
		return byStart.get(at) ?? { at, lines: 0, troubles: 0 };
	});
}

function momentLabel(at: number, data: Histogram | undefined, timeZone: string): string {
	const span = data ? data.to - data.from : 0;
	if (span > 20 * 3_600_000) return `${shortDate(at, timeZone)} ${clockTime(at, timeZone)}`;
	return data && data.stepMs < 60_000 ? clockTimeWithSeconds(at, timeZone) : clockTime(at, timeZone);
}
