/** Moments and durations as people read them. Zone-bound formats take the merchant's time zone. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, in the largest unit that says enough: "now", "8 s ago", "14 min ago", "2 h ago", "3 d ago"; ahead: "in 16 s". */
export function relativeTime(at: Date | number, now: Date | number): string {
	const passed = Number(now) - Number(at);
	const size = Math.abs(passed);
	if (size < second) return "now";
	const words =
		size < minute
			? `${Math.floor(size / second)} s`
			: size < hour
				? `${Math.floor(size / minute)} min`
				: size < day
					? `${Math.floor(size / hour)} h`
					: `${Math.floor(size / day)} d`;
	return passed > 0 ? `${words} ago` : `in ${words}`;
}

/** How long something waits, short and ticking: "0:42", "3:10", then "14 min", "2 h", "5 d". */
export function shortAge(since: number, now: number): string {
	const passed = Math.max(0, now - since);
	if (passed < 10 * minute) {
		const seconds = Math.floor((passed % minute) / second);
		return `${Math.floor(passed / minute)}:${String(seconds).padStart(2, "0")}`;
	}
	return relativeTime(since, since + passed).replace(/ ago$/, "");
}

/** How long: "4 ms", "0.4 s", "1.2 s", "41 s", "6 min", "2 h 5 min". */
export function duration(ms: number): string {
	if (ms < 100) return `${Math.round(ms)} ms`;
	if (ms < 10 * second) return `${(ms / second).toFixed(1)} s`;
	if (ms < minute) return `${Math.round(ms / second)} s`;
	if (ms < hour) return `${Math.round(ms / minute)} min`;
	const minutes = Math.round((ms % hour) / minute);
	return minutes ? `${Math.floor(ms / hour)} h ${minutes} min` : `${Math.floor(ms / hour)} h`;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(key: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const id = `${key} ${timeZone}`;
	let found = formats.get(id);
	if (!found) {
		found = new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
		formats.set(id, found);
	}
	return found;
}

const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

/** `14:02` */
export const clockTime = (at: Date | number, timeZone: string) => format("clock", timeZone, clock).format(at);

/** `14:02:31` */
export const clockTimeWithSeconds = (at: Date | number, timeZone: string) =>
	format("seconds", timeZone, { ...clock, second: "2-digit" }).format(at);

/** `14:02:31.418`, as the log writes it. */
export const clockTimeWithMillis = (at: Date | number, timeZone: string) =>
	format("millis", timeZone, { ...clock, second: "2-digit", fractionalSecondDigits: 3 }).format(at);

/** `25 Nov` */
export const shortDate = (at: Date | number, timeZone: string) =>
	format("date", timeZone, { day: "numeric", month: "short" }).format(at);

/** `24 Nov 2026, 14:02:31 CET`: the tooltip of every relative time. */
export const absoluteTime = (at: Date | number, timeZone: string) =>
	format("absolute", timeZone, {
		day: "numeric",
		month: "short",
		year: "numeric",
		...clock,
		second: "2-digit",
		timeZoneName: "short",
	}).format(at);
