/** API2Cart's moments: `{ value: "2026-08-06T12:13:35+0000", format }`, or plain text without an offset, which is UTC. */

/** Milliseconds; null where it says none, or nothing that can be read. */
export function readMoment(given: unknown): number | null {
	const text = typeof given === "object" && given !== null && "value" in given ? given.value : given;
	if (typeof text !== "string") return null;
	const [, day, time = "00:00:00", zone = "Z"] =
		/^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim()) ?? [];
	if (!day) return null;
	const at = Date.parse(`${day}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")}`);
	return Number.isNaN(at) ? null : at;
}

/** The form that an error text demands, to the second. */
export const writeMoment = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}+0000`;
