"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { countTop } from "@/components/ui/bars-scale";
import { useTimeZone } from "@/components/ui/clock";
import { Panel } from "@/components/ui/panel";
import { Scale, type Tick, Ticks } from "@/components/ui/scale";
import { Skeleton } from "@/components/ui/skeleton";
import { formatNumber } from "@/lib/format/number";
import { clockTime, shortDate } from "@/lib/format/time";
import { type SkuHistory, skuHistoryQuery } from "@/lib/queries/skus";
import { areaPath, stepPath } from "./step-path";

const threeDaysMs = 3 * 24 * 3_600_000;
const width = 1000;
const height = 148;
/** Half a label's height above and below, so that the scale's words stand beside their hairlines. */
const ground = height - 8;
const room = height - 16;

/** The last days: what there was, what channels showed, and where they parted. */
export function HistoryPanel({ skuId, isBundle }: { skuId: string; isBundle: boolean }) {
	const { data } = useQuery(skuHistoryQuery(skuId));
	return (
		<Panel
			title={data && data.to - data.from < threeDaysMs ? sinceOf(data) : "Three days"}
			actions={data?.available.length ? <span className="num text-small!">{rangeOf(data)}</span> : undefined}
			isPadded
		>
			{data ? <HistoryChart history={data} isBundle={isBundle} /> : <Skeleton className="h-47" />}
		</Panel>
	);
}

function HistoryChart({ history, isBundle }: { history: SkuHistory; isBundle: boolean }) {
	const { from, to, firstCountedAt, available, channels, partings } = history;
	const timeZone = useTimeZone();
	const values = [
		...available,
		...channels.flatMap(({ steps }) => steps),
		...partings.map(({ shown }) => ({ value: shown })),
	];
	if (values.length === 0)
		return (
			<p className="py-8 text-center text-muted">
				{isBundle
					? "No channel was told of it yet."
					: "Nobody has counted it yet. Its line begins with the first count."}
			</p>
		);
	const top = countTop(Math.max(...values.map(({ value }) => value)));
	const x = (at: number) => ((at - from) / (to - from)) * width;
	const y = (value: number) => ground - (value / top) * room;
	const last = partings[0];
	return (
		<figure>
			<div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
				<Scale height={height}>{[formatNumber(top), top > 1 ? formatNumber(top / 2) : "", 0]}</Scale>
				<div className="relative">
					<svg
						aria-hidden
						viewBox={`0 0 ${width} ${height}`}
						width="100%"
						height={height}
						preserveAspectRatio="none"
						className="block"
					>
						{[0, 0.5, 1].map((share) => (
							<path
								key={share}
								d={`M0 ${ground - share * room}H${width}`}
								stroke="var(--line)"
								vectorEffect="non-scaling-stroke"
							/>
						))}
						<path d={areaPath(available, to, x, y, ground)} fill="var(--ok-soft)" />
						<path
							d={stepPath(available, to, x, y)}
							fill="none"
							stroke="var(--ok)"
							strokeWidth="1.4"
							vectorEffect="non-scaling-stroke"
						/>
						{channels.map(({ id, name, steps }) => (
							<path
								key={id}
								d={stepPath(steps, to, x, y)}
								fill="none"
								stroke="var(--muted)"
								strokeWidth="1"
								strokeDasharray="3 3"
								vectorEffect="non-scaling-stroke"
							>
								<title>{name}</title>
							</path>
						))}
						{partings.map((parting) => (
							<path
								key={`${parting.at} ${parting.channel}`}
								d={`M${x(parting.at)} ${y(parting.expected)}V${y(parting.shown)}`}
								stroke="var(--warn)"
								strokeWidth="2"
								vectorEffect="non-scaling-stroke"
							/>
						))}
					</svg>
					{firstCountedAt !== null && x(firstCountedAt) > width * 0.2 && (
						<span
							className={clsx(
								"absolute top-1/2 -translate-y-1/2 bg-panel px-2 text-small whitespace-nowrap text-muted",
								x(firstCountedAt) < width * 0.5 && "max-md:hidden",
							)}
							style={{ right: `${100 - (x(firstCountedAt) / width) * 100}%` }}
						>
							first counted at {clockTime(firstCountedAt, timeZone)}
						</span>
					)}
					{last && (
						<span
							className="absolute top-0 max-w-full truncate rounded-[5px] bg-warn-soft px-1.5 text-mini leading-5 whitespace-nowrap text-warn"
							// As far along itself as along the chart: however long, it never leaves it.
							style={{ left: `${(x(last.at) / width) * 100}%`, translate: `${(x(last.at) / width) * -100}%` }}
						>
							{last.word}: {formatNumber(last.shown)}, not {formatNumber(last.expected)}
						</span>
					)}
				</div>
				<Ticks of={to - from} ticks={ticksOf(from, to, timeZone)} />
			</div>
			<ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-small text-muted">
				{available.length > 0 && (
					<li className="flex items-center gap-1.5">
						<span aria-hidden className="h-2.5 w-3 border-t-[1.5px] border-ok bg-ok-soft" />
						Available
					</li>
				)}
				{channels.length > 0 && (
					<li className="flex items-center gap-1.5">
						<span aria-hidden className="w-3 border-t border-dashed border-muted" />
						What channels showed
					</li>
				)}
				{partings.length > 0 && (
					<li className="flex items-center gap-1.5">
						<span aria-hidden className="h-2.5 w-0.5 bg-warn" />
						Where they parted
					</li>
				)}
			</ul>
			<div className="sr-only">
				<table>
					<caption>Available units over three days</caption>
					<tbody>
						{available.slice(-50).map(({ at, value }) => (
							<tr key={at}>
								<th scope="row">
									{shortDate(at, timeZone)} {clockTime(at, timeZone)}
								</th>
								<td>{value}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</figure>
	);
}

/** "6 to 8, now 6" */
function rangeOf({ available }: SkuHistory): string {
	const values = available.map(({ value }) => value);
	const [least, most, now] = [Math.min(...values), Math.max(...values), values.at(-1) ?? 0];
	return least === most
		? `now ${formatNumber(now)}`
		: `${formatNumber(least)} to ${formatNumber(most)}, now ${formatNumber(now)}`;
}

const sinceOf = ({ firstCountedAt, from }: SkuHistory) =>
	firstCountedAt !== null && firstCountedAt > from + minuteMs ? "The last hour" : "Since the first count";

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

/** Round moments of the shop's day, six at the most, and now. */
function ticksOf(from: number, to: number, timeZone: string): Tick[] {
	const span = to - from;
	const stepMinutes = [15, 30, 60, 180, 360, 720].find((step) => span / (step * minuteMs) <= 6) ?? 1440;
	const ticks: Tick[] = [];
	for (let at = Math.ceil(from / quarterMs) * quarterMs; at < to - span / 7; at += quarterMs) {
		const time = clockTime(at, timeZone);
		const [hours = 0, minutes = 0] = time.split(":").map(Number);
		if (at - from > span / 40 && (hours * 60 + minutes) % stepMinutes === 0)
			ticks.push({ at: at - from, label: time === "00:00" ? shortDate(at, timeZone) : time });
	}
	return [...ticks, { at: span, label: "now" }];
}
