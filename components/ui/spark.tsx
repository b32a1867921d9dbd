import { clsx } from "clsx";

/** A trend in a table cell: one line, no axes. Its words say what a reader would take from it. */
export function Spark({
	values,
	label,
	width = 56,
	height = 22,
	className,
}: {
	values: readonly number[];
	/** e.g. "Orders in the last hour: 43, most 9 in a minute". */
	label: string;
	width?: number;
	height?: number;
	className?: string;
}) {
	const top = Math.max(...values, 1);
	const step = width / Math.max(1, values.length - 1);
	const points = values
		.map((value, i) => `${(i * step).toFixed(1)},${(height - 2 - ((height - 4) * value) / top).toFixed(1)}`)
		.join(" ");
	return (
		<svg
			role="img"
			aria-label={label}
			width={width}
			height={height}
			viewBox={`0 0 ${width} ${height}`}
			className={clsx("inline-block overflow-visible text-muted", className)}
		>
			<title>{label}</title>
			<polyline points={points} fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
		</svg>
	);
}
