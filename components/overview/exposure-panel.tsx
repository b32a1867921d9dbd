"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Bars } from "@/components/ui/bars";
import { Button } from "@/components/ui/button";
import { useTimeZone } from "@/components/ui/clock";
import { Num } from "@/components/ui/num";
import { Panel, PanelState } from "@/components/ui/panel";
import { Skeleton } from "@/components/ui/skeleton";
import { Tag } from "@/components/ui/tag";
import { averageUnits, exposureMeaning, unitTime } from "@/lib/format/exposure";
import { countOf } from "@/lib/format/number";
import { strategyWords } from "@/lib/format/strategy";
import { clockTime } from "@/lib/format/time";
import { exposureQuery, type MerchantExposure } from "@/lib/queries/exposure";

/** How much the stores can sell that is not there, over the day, and which SKUs put most at risk. */
export function ExposurePanel() {
	const { data, isError, refetch } = useQuery(exposureQuery());
	return (
		<Panel
			title="Oversell exposure"
			tag={data && data.units > 0 ? <Tag tone="warn">{countOf(data.units, "unit")} now</Tag> : undefined}
			hint="units that can be sold and are not there"
			actions={data ? <span className="num text-small!">{unitTime(data.unitSeconds)} in 24 h</span> : undefined}
			footer={data && <Advice exposure={data} />}
			aria-busy={!data && !isError}
		>
			{data ? (
				<Exposed exposure={data} />
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

function Exposed({ exposure: { hours, unitSeconds, top } }: { exposure: MerchantExposure }) {
	const timeZone = useTimeZone();
	const now = Date.now();
	const [first] = hours;
	return (
		<>
			<div className="relative px-3.5 pt-2.5 pb-2">
				<Bars
					caption="Units at risk in each of the last 24 hours, on average"
					series={[{ key: "units", label: "units at risk, on average", colour: { token: "warn" } }]}
					buckets={hours.map((hour, index) => ({
						label: index === hours.length - 1 ? `${clockTime(hour.at, timeZone)} so far` : clockTime(hour.at, timeZone),
						values: [averageUnits(hour, now)],
					}))}
					ticks={[
						...hours.flatMap(({ at }, index) =>
							index > 1 && index < hours.length - 3 && index % 6 === 0
								? [{ at: index, label: clockTime(at, timeZone) }]
								: [],
						),
						...(first ? [{ at: hours.length, label: "now" }] : []),
					]}
					height={96}
				/>
				{unitSeconds === 0 && <p className="absolute inset-x-0 top-10 text-center text-muted">None in 24 hours.</p>}
			</div>
			{top.length > 0 && (
				<ul aria-label="SKUs with most at risk">
					{top.map((sku) => (
						<li key={sku.id} className="flex min-h-9 items-center gap-2 border-t px-3.5">
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
			)}
		</>
	);
}

/** What it means, and what makes it less. */
function Advice({ exposure: { units, skus, top } }: { exposure: MerchantExposure }) {
	// Adaptive shares for as long as it lasts: who has chosen it already can only choose to split all of it.
	const isAdaptive = top.every(({ strategy }) => strategy === "adaptive");
	return (
		<span>
			{exposureMeaning(units)}
			{units > 0 && (
				<>
					{" "}
					It is on {countOf(skus, "SKU")} whose stock they share. Split, it is none: choose{" "}
					<Link href="/settings" className="underline underline-offset-3">
						{isAdaptive ? "escrow for the shop" : "adaptive or escrow for the shop"}
					</Link>
					, or on a SKU's page.
				</>
			)}
		</span>
	);
}
