import { useTimeZone } from "@/components/ui/clock";
import { Facts } from "@/components/ui/facts";
import { driftClassLabel, driftPolicyLabel } from "@/lib/format/drift";
import { formatNumber } from "@/lib/format/number";
import { absoluteTime, clockTimeWithMillis } from "@/lib/format/time";
import type { LogChain } from "@/lib/queries/log";

const known: Record<string, string> = {
	expected: "Expected",
	shown: "Shown",
	offered: "Offered",
	quantity: "Written",
	class: "Looks like",
	policy: "Policy",
	reason: "Reason",
	sentence: "In its words",
	fix: "What to do",
	error: "Why",
	topic: "Topic",
	units: "Units",
	note: "Note",
};

/** As the settings call it, where they do. */
function said(key: string, value: string): string {
	switch (key) {
		case "class":
			return driftClassLabel(value);
		case "policy":
			return driftPolicyLabel(value);
		default:
			return value.replaceAll("_", " ");
	}
}

/** The row's own facts, where nothing led to it or followed from it. */
export function LineFacts({ chain: { line, data } }: { chain: LogChain }) {
	const timeZone = useTimeZone();
	const items = [
		{
			key: "at",
			name: "When",
			value: <span title={absoluteTime(line.at, timeZone)}>{clockTimeWithMillis(line.at, timeZone)}</span>,
		},
		...(line.channel ? [{ key: "channel", name: "Channel", value: line.channel.name }] : []),
		...(line.orderNumber ? [{ key: "order", name: "Order", value: line.orderNumber }] : []),
		...Object.entries(known).flatMap(([key, name]) => {
			const value = data[key];
			return typeof value === "string" || typeof value === "number"
				? [{ key, name, value: typeof value === "number" ? formatNumber(value) : said(key, value) }]
				: [];
		}),
	];
	return <Facts items={items} />;
}
