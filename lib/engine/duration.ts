/** Inngest's ways to say how long and until when. */

const unitMs: Record<string, number> = {
	ms: 1,
	s: 1_000,
	m: 60_000,
	h: 3_600_000,
	d: 86_400_000,
	w: 7 * 86_400_000,
};

/** `1m30s` → milliseconds; null when it is not a duration. */
export function parseDuration(text: string): number | null {
	const parts = text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*/gy);
	let total = 0;
	let length = 0;
	for (const [part, amount, unit] of parts) {
		total += Number(amount) * (unitMs[unit ?? ""] ?? 0);
		length += part.length;
	}
	return length > 0 && length === text.trim().length ? total : null;
}

/** A duration or an ISO date, as milliseconds from now; null when it is neither. The past is 0. */
export function msUntil(text: string, nowMs: number): number | null {
	const duration = parseDuration(text);
	if (duration !== null) return duration;
	if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
	const at = Date.parse(text);
	return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** `retry-after`: seconds or a date; null when it is neither. */
export function parseRetryAfter(text: string | null, nowMs: number): number | null {
	if (!text) return null;
	if (/^\d+$/.test(text.trim())) return Number(text) * 1000;
	const at = Date.parse(text);
	return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
