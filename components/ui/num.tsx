import { clsx } from "clsx";
import type { ReactNode } from "react";
import { formatNumber } from "@/lib/format/number";

/** A number in tabular mono. `value` is grouped; null is a dash, since unknown is not zero. */
export function Num({
	value,
	unit,
	className,
}: {
	value: number | null | undefined;
	unit?: string;
	className?: string;
}) {
	return (
		<span className={clsx("num", className)}>
			{value === null || value === undefined ? "—" : formatNumber(value)}
			{unit && value !== null && value !== undefined && <span className="text-muted"> {unit}</span>}
		</span>
	);
}

/** A change: `9 → 7`; spoken "from 9 to 7". A null side is not known. */
export function Change({ from, to, className }: { from: number | null; to: number | null; className?: string }) {
	const side = (value: number | null) => (value === null ? "—" : formatNumber(value));
	return (
		<span className={clsx("relative num whitespace-nowrap", className)}>
			<span aria-hidden>
				{side(from)} → {side(to)}
			</span>
			<span className="sr-only">
				from {from === null ? "unknown" : formatNumber(from)} to {to === null ? "unknown" : formatNumber(to)}
			</span>
		</span>
	);
}

/** A signed difference: `+4`, `−3`, with a true minus. Only what adds is green. */
export function Delta({ value, className }: { value: number; className?: string }) {
	return (
		<span className={clsx("num", value > 0 && "text-ok", className)}>
			{value > 0 ? "+" : value < 0 ? "−" : ""}
			{formatNumber(Math.abs(value))}
		</span>
	);
}

/** A figure that opens what made it: dotted underline, the word for what is behind it. */
export function Opens({ children }: { children: ReactNode }) {
	return <span className="underline decoration-dotted underline-offset-3">{children}</span>;
}
