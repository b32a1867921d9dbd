"use client";

import { platformPlates } from "@/components/channel/platform-plate";
import { type BarSeries, Bars, BarsLegend } from "@/components/ui/bars";
import { durationTop } from "@/components/ui/bars-scale";
import { useTimeZone } from "@/components/ui/clock";
import { Panel } from "@/components/ui/panel";
import type { Tick } from "@/components/ui/scale";
import { clockTime, duration } from "@/lib/format/time";
import type { ChannelRow, OverviewMinute } from "@/lib/queries/overview";

const lineLabel = "Sale → every channel, p95";

/** The last hour: what sold where, and how long it took to be known everywhere. */
export function HourPanel({
	channels,
	hour,
}: {
	channels: readonly ChannelRow[];
	/** Oldest first; the last is the minute that is passing. */
	hour: readonly OverviewMinute[];
}) {
	const timeZone = useTimeZone();
	const series = channels.map(
		({ id, name, platform }, at): BarSeries => ({
			key: id,
			label: name,
			colour: {
				hue: platformPlates[platform].hue,
				nth: channels.slice(0, at).filter((other) => other.platform === platform).length,
			},
		}),
	);
	const sellers = series.filter((_, at) => hour.some(({ orders }) => orders[at]));
	const hasLine = hour.some(({ lagMs }) => lagMs !== null);
	const [first] = hour;
	return (
		<Panel
			title="The last hour"
			hint="orders a minute"
			actions={
				first && (
					<span className="num text-small!">
						{clockTime(first.at, timeZone)} – {clockTime(hour.at(-1)?.at ?? first.at, timeZone)}
					</span>
				)
			}
		>
			<div className="relative px-3.5 pt-2.5 pb-2">
				<Bars
					caption="Orders a minute in the last hour, by channel, with the time until every channel knew"
					series={series}
					buckets={hour.map(({ at, orders, lagMs }, index) => ({
						label: index === hour.length - 1 ? `${clockTime(at, timeZone)} so far` : clockTime(at, timeZone),
						values: orders,
						line: lagMs,
					}))}
					line={{ label: lineLabel, format: duration, top: durationTop }}
					ticks={ticksOf(hour, timeZone)}
					height={96}
				/>
				{sellers.length > 0 ? (
					<BarsLegend series={sellers} line={hasLine ? lineLabel : undefined} className="mt-1.5" />
				) : (
					<p className="absolute inset-x-0 top-12 text-center text-muted">No order in this hour.</p>
				)}
			</div>
		</Panel>
	);
}

const quarterMs = 15 * 60_000;

/** Every quarter of an hour, and now, where nothing else stands. */
function ticksOf(hour: readonly OverviewMinute[], timeZone: string): Tick[] {
	const quarters = hour.flatMap(({ at }, index) =>
		at % quarterMs === 0 && index >= 2 && index < hour.length - 10
			? [{ at: index, label: clockTime(at, timeZone) }]
			: [],
	);
	return [...quarters, { at: hour.length, label: "now" }];
}
