/** Spans that the strip above the log can cover. */
export const spans = {
	"15m": { label: "Last 15 minutes", ms: 15 * 60_000 },
	"1h": { label: "Last hour", ms: 3_600_000 },
	"6h": { label: "Last 6 hours", ms: 6 * 3_600_000 },
	"24h": { label: "Last 24 hours", ms: 24 * 3_600_000 },
	"7d": { label: "Last 7 days", ms: 7 * 24 * 3_600_000 },
} as const;

export type Span = keyof typeof spans;
export const spanNames = Object.keys(spans) as [Span, ...Span[]];
export const defaultSpan: Span = "1h";
