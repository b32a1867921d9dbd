import { clsx } from "clsx";
import { formatNumber } from "@/lib/format/number";
import { countTop } from "./bars-scale";
import { Scale, type Tick, Ticks } from "./scale";

export type BarSeries = {
	key: string;
	label: string;
	/** A hue (a platform's; `nth` tells apart those that share one) or one of the state tokens. */
	colour: { hue: number; nth?: number } | { token: "ok" | "go" | "warn" | "bad" | "muted" | "faint" | "line-strong" };
};

export type BarBucket = {
	/** What the bucket is called in the table and in its tooltip, e.g. `13:42`. */
	label: string;
	/** One value per series, in their order. */
	values: readonly number[];
	/** The line's value here; null leaves a gap. */
	line?: number | null;
};

/** A line over the bars, on a scale of its own: `top` is where that ends, given the highest value. */
export type BarLine = { label: string; format: (value: number) => string; top: (highest: number) => number };

const unit = 100;
const gap = 0.14;

/**
 * Stacked bars over time, with an optional line. With `ticks` the scales are written out on both sides and hairlines lead
 * to them. Drawn on the server; a table says the same.
 */
export function Bars({
	caption,
	series,
	buckets,
	line,
	ticks,
	height = 96,
	className,
}: {
	/** What is drawn, as a sentence. */
	caption: string;
	series: readonly BarSeries[];
	buckets: readonly BarBucket[];
	line?: BarLine;
	/** Below the bars; `at` counts buckets, and may lie between two. */
	ticks?: readonly Tick[];
	height?: number;
	className?: string;
}) {
	const most = Math.max(1, ...buckets.map((bucket) => bucket.values.reduce((sum, value) => sum + value, 0)));
	const tallest = ticks ? countTop(most) : most;
	const highest = Math.max(1, ...buckets.map((bucket) => bucket.line ?? 0));
	const lineTop = line ? line.top(highest) : 1;
	// Half a label's height above and below, so that labels stand beside what they name.
	const ground = ticks ? height - 8 : height;
	const room = ticks ? height - 16 : height - 4;
	const yOf = (share: number) => ground - share * room;
	const sentenceOf = (bucket: BarBucket) =>
		[
			bucket.label,
			...series.map((one, i) => `${one.label} ${bucket.values[i] ?? 0}`),
			...(line && bucket.line != null ? [`${line.label} ${line.format(bucket.line)}`] : []),
		].join(" · ");

	const hasLine = buckets.some((bucket) => bucket.line != null);
	const drawing = (
		<svg
			aria-hidden
			width="100%"
			height={height}
			viewBox={`0 0 ${buckets.length * unit} ${height}`}
			preserveAspectRatio="none"
			className="block"
		>
			{ticks &&
				[0, 0.5, 1].map((share) => (
					<path
						key={share}
						d={`M0 ${yOf(share)}H${buckets.length * unit}`}
						stroke="var(--line)"
						vectorEffect="non-scaling-stroke"
					/>
				))}
			{buckets.map((bucket, at) => (
				<g key={bucket.label}>
					<title>{sentenceOf(bucket)}</title>
					<rect x={at * unit} y={0} width={unit} height={height} fill="transparent" />
					{stack(bucket.values, tallest, room).map(({ top, size, index }) => {
						const one = series[index];
						return one ? (
							<rect
								key={one.key}
								x={at * unit}
								y={ground - top}
								width={unit * (1 - gap)}
								height={size}
								fill={fillOf(one.colour)}
							/>
						) : null;
					})}
				</g>
			))}
			{line && (
				<path
					d={linePath(buckets, (value) => yOf(value / lineTop))}
					fill="none"
					stroke="var(--text)"
					strokeWidth="1.5"
					strokeLinejoin="round"
					strokeLinecap="round"
					vectorEffect="non-scaling-stroke"
					pointerEvents="none"
				/>
			)}
			{line && (
				<path
					d={dotsPath(buckets, (value) => yOf(value / lineTop))}
					stroke="var(--text)"
					strokeWidth="4"
					strokeLinecap="round"
					vectorEffect="non-scaling-stroke"
					pointerEvents="none"
				/>
			)}
		</svg>
	);

	return (
		<figure className={className}>
			{ticks ? (
				<div className="grid grid-cols-[auto_minmax(0,1fr)_auto] gap-x-2">
					<Scale height={height}>{[formatNumber(tallest), tallest > 1 ? formatNumber(tallest / 2) : "", 0]}</Scale>
					{drawing}
					<Scale height={height}>{line && hasLine ? [line.format(lineTop), line.format(lineTop / 2), 0] : []}</Scale>
					<Ticks of={buckets.length} ticks={ticks} />
				</div>
			) : (
				drawing
			)}
			{/* A table keeps its width; only a box around it can be out of sight. */}
			<div className="sr-only">
				<table>
					<caption>{caption}</caption>
					<thead>
						<tr>
							<th scope="col">Time</th>
							{series.map((one) => (
								<th key={one.key} scope="col">
									{one.label}
								</th>
							))}
							{line && <th scope="col">{line.label}</th>}
						</tr>
					</thead>
					<tbody>
						{buckets.map((bucket) => (
							<tr key={bucket.label}>
								<th scope="row">{bucket.label}</th>
								{series.map((one, i) => (
									<td key={one.key}>{bucket.values[i] ?? 0}</td>
								))}
								{line && <td>{bucket.line == null ? "—" : line.format(bucket.line)}</td>}
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</figure>
	);
}

/** What the colours and the line stand for. */
export function BarsLegend({
	series,
	line,
	className,
}: {
	series: readonly BarSeries[];
	line?: string;
	className?: string;
}) {
	return (
		<ul className={clsx("flex flex-wrap gap-x-4 gap-y-1 text-small text-muted", className)}>
			{series.map((one) => (
				<li key={one.key} className="flex items-center gap-1.5">
					<svg aria-hidden viewBox="0 0 8 8" className="size-2">
						<rect width="8" height="8" rx="2" fill={fillOf(one.colour)} />
					</svg>
					{one.label}
				</li>
			))}
			{line && (
				<li className="flex items-center gap-1.5">
					<span aria-hidden className="h-0.5 w-3 rounded-full bg-text" />
					{line}
				</li>
			)}
		</ul>
	);
}

/** Lightness in both themes, by how many share the hue already. */
const shades = [
	[0.72, 0.5],
	[0.56, 0.68],
	[0.84, 0.38],
] as const;

function fillOf(colour: BarSeries["colour"]): string {
	if ("token" in colour) return `var(--${colour.token})`;
	const [light, dark] = shades[(colour.nth ?? 0) % shades.length] ?? shades[0];
	return `light-dark(oklch(${light} 0.07 ${colour.hue}), oklch(${dark} 0.07 ${colour.hue}))`;
}

/** The pieces of one bar from the bottom up; `top` is the distance of a piece's upper edge from the ground. */
function stack(values: readonly number[], tallest: number, room: number) {
	let top = 0;
	return values.flatMap((value, index) => {
		const height = (value / tallest) * room;
		if (height <= 0) return [];
		top += height;
		return [{ index, top, size: Math.max(0.5, height - 0.8) }];
	});
}

const middleOf = (at: number) => (at + 0.5 - gap / 2) * unit;

function linePath(buckets: readonly BarBucket[], yOf: (value: number) => number): string {
	let isDown = false;
	return buckets
		.map((bucket, at) => {
			if (bucket.line == null) {
				isDown = false;
				return "";
			}
			const move = isDown ? "L" : "M";
			isDown = true;
			return `${move}${middleOf(at)} ${yOf(bucket.line).toFixed(1)}`;
		})
		.join("");
}

/** A value with none beside it is no line: it is a dot. */
function dotsPath(buckets: readonly BarBucket[], yOf: (value: number) => number): string {
	return buckets
		.map((bucket, at) =>
			bucket.line != null && buckets[at - 1]?.line == null && buckets[at + 1]?.line == null
				? `M${middleOf(at)} ${yOf(bucket.line).toFixed(1)}h0`
				: "",
		)
		.join("");
}
