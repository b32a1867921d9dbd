/** Shopify stamps to the second: in UTC by GraphQL, in the shop's own zone in webhook bodies. */

/** `2026-11-20T01:33:55Z` */
export const graphTime = (at: Date | string): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-19T20:33:55-05:00` */
export function restTime(at: Date | string, timezone: string): string {
	const date = new Date(at);
	let formatter = formatters.get(timezone);
	if (!formatter) {
		formatter = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
		formatters.set(timezone, formatter);
	}
	const name = formatter.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
	const [, sign = "+", hours = "00", minutes = "00"] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
	const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
	return `${new Date(date.getTime() + offsetMs).toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
}
