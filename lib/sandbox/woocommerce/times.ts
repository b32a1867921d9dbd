/** WordPress keeps every moment twice, in the shop's own zone and in UTC, to the second and without saying which. */

const formatters = new Map<string, Intl.DateTimeFormat>();

/** How far the zone is ahead of UTC at a moment. */
export function offsetMs(at: Date, timezone: string): number {
	let formatter = formatters.get(timezone);
	if (!formatter) {
		formatter = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
		formatters.set(timezone, formatter);
	}
	const name = formatter.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
	const [, sign = "+", hours = "00", minutes = "00"] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
	return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}

/** `2026-11-23T13:53:34` */
export const utcTime = (at: Date): string => at.toISOString().slice(0, 19);
export const localTime = (at: Date, timezone: string): string =>
	utcTime(new Date(at.getTime() + offsetMs(at, timezone)));

/** `date_created` and `date_created_gmt`, and so on. */
export function bothTimes(name: string, at: Date | null, timezone: string): Record<string, string | null> {
	return { [name]: at && localTime(at, timezone), [`${name}_gmt`]: at && utcTime(at) };
}

const dateParameter = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * What `modified_after` means, whole seconds; null for what is no date. Without a zone it is the shop's own time, with
 * `dates_are_gmt` UTC. A zone is heeded, unless `dates_are_gmt` is given too: then the value, once brought into the shop's
 * time, is taken for UTC, and lies off by the shop's zone.
 */
export function readMoment(text: string, datesAreGmt: boolean, timezone: string): Date | null {
	const match = dateParameter.exec(text);
	if (!match) return null;
	const [, year, month, day, hour = "00", minute = "00", second = "00", zone] = match;
	const bare = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
	if (Number.isNaN(bare)) return null;
	if (zone) {
		const at = new Date(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`));
		return datesAreGmt ? new Date(at.getTime() + offsetMs(at, timezone)) : at;
	}
	return datesAreGmt ? new Date(bare) : new Date(bare - offsetMs(new Date(bare), timezone));
}
