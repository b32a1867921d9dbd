"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { RelativeTime } from "@/components/ui/relative-time";
import { type Stat, StatStrip } from "@/components/ui/stat-strip";
import { countOf, formatNumber } from "@/lib/format/number";
import { duration } from "@/lib/format/time";
import { type Overview, overviewQuery } from "@/lib/queries/overview";
import { ChannelsPanel } from "./channels-panel";
import { ExposurePanel } from "./exposure-panel";
import { HourPanel } from "./hour-panel";
import { JustHappened } from "./just-happened";
import { NeedsPanel } from "./needs-panel";
import { SetupPanel } from "./setup-panel";

const columns = "grid gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]";

/** Is anything wrong, and what do I do first? */
export function OverviewView() {
	const { data } = useQuery(overviewQuery());
	if (!data) return null;
	const { setup, channels, hour, needs } = data;
	if (channels.length === 0) return <SetupPanel setup={setup} isFirstRun />;
	return (
		<>
			{setup && <SetupPanel setup={setup} />}
			<StatStrip label="The shop in four numbers" stats={statsOf(data)} />
			<div className={columns}>
				<HourPanel channels={channels} hour={hour} />
				<ExposurePanel />
			</div>
			<div className={clsx(columns, "items-start")}>
				<div className="flex min-w-0 flex-col gap-4">
					<NeedsPanel needs={needs} />
					<ChannelsPanel channels={channels} />
				</div>
				<JustHappened />
			</div>
		</>
	);
}

function statsOf(overview: Overview): Stat[] {
	const { units, lag, notThere, verified } = overview;
	return [
		{
			key: "units",
			label: "Units that we count",
			value: formatNumber(units.onHand),
			hint: `${countOf(units.skus, "SKU")} at ${countOf(units.locations, "location")}`,
			href: "/inventory",
		},
		{
			key: "lag",
			label: "Sale → every channel",
			value: lag ? duration(lag.p95Ms) : "—",
			hint: lagHint(overview),
			href: "/activity",
		},
		{
			key: "not-there",
			label: "Shown, but not there",
			value: verified.ofListings > 0 ? formatNumber(notThere.units) : "—",
			hint: notThereHint(overview),
			// What is on its way needs nobody.
			tone: notThere.units > notThere.unitsUnderWay ? "warn" : undefined,
			href:
				notThere.unitsNotPushed > 0 && notThere.unitsNotPushed === notThere.units
					? "/channels"
					: "/activity?q=outcome%3A%22on+its+way%22",
		},
		{
			key: "verified",
			label: "Verified against live values",
			value: verified.oldestAt === null ? "—" : <Age at={verified.oldestAt} />,
			hint: verifiedHint(overview),
			href: "/channels",
		},
	];
}

function lagHint({ lag, pushing }: Overview): string {
	if (lag) return `p95 over the last hour · mostly ${duration(lag.medianMs)}`;
	return pushing < 2 ? "from the second store with pushing on" : "no sale in the last hour had to be told";
}

function notThereHint({ notThere, verified }: Overview): string {
	const { units, listings, unitsNotPushed, unitsUnderWay } = notThere;
	if (verified.ofListings === 0) return "nothing is linked yet";
	if (units === 0) return "units: no store shows more than there are";
	const shown = `${units === 1 ? "unit" : "units"} on ${countOf(listings, "listing")}`;
	if (unitsUnderWay === units) return `${shown}, being lowered`;
	if (unitsNotPushed === 0) return shown;
	return unitsNotPushed === units
		? `${shown} where pushing is off`
		: `${shown}; ${formatNumber(unitsNotPushed)} where pushing is off`;
}

function verifiedHint({ verified: { listings, ofListings } }: Overview): string {
	if (ofListings === 0) return "nothing is linked yet";
	if (listings === 0) return `none of ${countOf(ofListings, "listing")} was read yet`;
	const oldest = `ago, the oldest of ${countOf(listings, "listing")}`;
	return listings < ofListings ? `${oldest}; ${formatNumber(ofListings - listings)} not read yet` : oldest;
}

/** "6 min": the figure says "ago" beside it. */
function Age({ at }: { at: number }) {
	return <RelativeTime at={at} format={(words) => words.replace(/ ago$/, "")} />;
}
