"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { type BarBucket, Bars } from "@/components/ui/bars";
import { Button } from "@/components/ui/button";
import { useTimeZone } from "@/components/ui/clock";
import { Num } from "@/components/ui/num";
import { Panel, PanelState } from "@/components/ui/panel";
import { Popover } from "@/components/ui/popover";
import type { Tick } from "@/components/ui/scale";
import { Skeleton } from "@/components/ui/skeleton";
import { Tag } from "@/components/ui/tag";
import { averageOver, averageUnits, averageWords, exposureMeaning, unitTime } from "@/lib/format/exposure";
import { countOf } from "@/lib/format/number";
import { strategyWords } from "@/lib/format/strategy";
import { clockTime, shortDate } from "@/lib/format/time";
import { exposureQuery, type MerchantExposure } from "@/lib/queries/exposure";

type Span = "day" | "month";
const spans = { day: "24 h", month: "30 days" } as const satisfies Record<Span, string>;
const spanHours = { day: 24, month: 30 * 24 } as const satisfies Record<Span, number>;

/** How much the stores can sell that is not there, over the day or the month, and which SKUs put most at risk. */
export function ExposurePanel() {
	const [span, setSpan] = useState<Span>("day");
	const { data, isError, refetch } = useQuery(exposureQuery());
	return (
		<Panel
			title="Exposure"
			tag={data && data.units > 0 ? <Tag isNumber>{countOf(data.units, "unit")} now</Tag> : undefined}
			actions={
				<fieldset className="flex gap-0.5">
					<legend className="sr-only">Over how long</legend>
					{(["day", "month"] as const).map((one) => (
						<Button
							key={one}
							kind={one === span ? "plain" : "quiet"}
							aria-pressed={one === span}
							onClick={() => setSpan(one)}
						>
							{spans[one]}
						</Button>
					))}
				</fieldset>
			}
			aria-busy={!data && !isError}
		>
			{data ? (
				<Exposed exposure={data} span={span} />
			) : isError ? (
				<PanelState
					kind="failed"
					sentence="The exposure could not be read."
					action={<Button onClick={() => void refetch()}>Try again</Button>}
				/>
			) : (
				<div className="px-3.5 py-3">
					<Skeleton className="h-24" />
				</div>
			)}
		</Panel>
	);
}

const series = [{ key: "units", label: "units at risk, on average", colour: { token: "muted" } }] as const;

function Exposed({ exposure, span }: { exposure: MerchantExposure; span: Span }) {
	const timeZone = useTimeZone();
	const now = Date.now();
	const { bars, ticks, unitSeconds } =
		span === "day" ? dayOf(exposure, now, timeZone) : monthOf(exposure, now, timeZone);
	return (
		<div className="relative px-3.5 pt-2.5 pb-2">
			<Bars
				caption={`Units at risk in each ${span === "day" ? "of the last 24 hours" : "of the last 30 days"}, on average`}
				series={series}
				buckets={bars}
				ticks={ticks}
				height={80}
			/>
			{unitSeconds === 0 && (
				<p className="absolute inset-x-0 top-12 text-center text-muted">
					None in {spans[span].replace(" h", " hours")}.
				</p>
			)}
			<p className="mt-1.5 text-small text-muted">{exposureMeaning(exposure.units)}</p>
			<p className="flex flex-wrap items-baseline justify-between gap-x-4 text-small text-muted">
				{unitSeconds > 0 && (
					<span className="tabular-nums">{averageWords(unitSeconds, spanHours[span], spans[span])}</span>
				)}
				{exposure.top.length > 0 && <Top exposure={exposure} />}
			</p>
		</div>
	);
}

type Drawn = { bars: BarBucket[]; ticks: Tick[]; unitSeconds: number };

/** Every six hours, and now, where nothing else stands. */
function dayOf({ hours, unitSeconds }: MerchantExposure, now: number, timeZone: string): Drawn {
	const last = hours.length - 1;
	return {
		bars: hours.map((hour, index) => ({
			label: index === last ? `${clockTime(hour.at, timeZone)} so far` : clockTime(hour.at, timeZone),
			values: [averageUnits(hour, now)],
		})),
		ticks: [
			...hours.flatMap(({ at }, index) =>
				index > 1 && index < last - 2 && index % 6 === 0 ? [{ at: index, label: clockTime(at, timeZone) }] : [],
			),
			{ at: hours.length, label: "now" },
		],
		unitSeconds,
	};
}

/** Every week, and today. */
function monthOf({ days, hours }: MerchantExposure, now: number, timeZone: string): Drawn {
	const last = days.length - 1;
	const named = (day: string) => shortDate(Date.parse(`${day}T12:00:00Z`), "UTC");
	const today = Math.max(1, hours.filter(({ at }) => shortDate(at, timeZone) === shortDate(now, timeZone)).length);
	return {
		bars: days.map(({ day, unitSeconds }, index) => ({
			label: index === last ? "today so far" : named(day),
			values: [averageOver(unitSeconds, index === last ? today : 24)],
		})),
		ticks: [
			...days.flatMap(({ day }, index) =>
				index > 1 && index < last - 3 && index % 7 === 1 ? [{ at: index, label: named(day) }] : [],
			),
			{ at: days.length, label: "today" },
		],
		unitSeconds: days.reduce((sum, day) => sum + day.unitSeconds, 0),
	};
}

/** Which SKUs it is, and what makes it less. */
function Top({ exposure: { skus, top } }: { exposure: MerchantExposure }) {
	// Adaptive shares for as long as it lasts: who has chosen it already can only choose to split all of it.
	const isAdaptive = top.every(({ strategy }) => strategy === "adaptive");
	return (
		<Popover
			title="Most at risk"
			align="end"
			trigger={
				<button type="button" className="touch shrink-0 rounded-sm text-text underline underline-offset-3">
					Which SKUs
				</button>
			}
		>
			<ul aria-label="SKUs with most at risk" className="min-w-72">
				{top.map((sku) => (
					<li key={sku.id} className="flex min-h-8 items-center gap-3">
						<Link href={`/inventory/${sku.id}`} className="min-w-0 flex-1 truncate hover:underline">
							{sku.name}
						</Link>
						<span className="text-small text-muted max-md:hidden">
							{strategyWords[sku.strategy].name.toLowerCase()} · {unitTime(sku.unitSeconds)}
						</span>
						<Num value={sku.units} />
					</li>
				))}
			</ul>
			<p className="mt-2 max-w-80 text-small text-muted">
				It is on {countOf(skus, "SKU")} whose stock they share. Split, it is none: choose{" "}
				<Link href="/settings" className="underline underline-offset-3">
					{isAdaptive ? "escrow for the shop" : "adaptive or escrow for the shop"}
				</Link>
				, or on a SKU's page.
			</p>
		</Popover>
	);
}
