import { clsx } from "clsx";
import type { ReactNode } from "react";

/** End, middle and zero of a scale, each beside its hairline: those lie 8 px from both ends of `height`, and halfway. */
export function Scale({ height, children }: { height: number; children: readonly ReactNode[] }) {
	return (
		<div aria-hidden className="num flex flex-col justify-between text-right text-mini text-muted" style={{ height }}>
			{children.map((label, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: three places
				<span key={at} className="h-4 leading-4">
					{label}
				</span>
			))}
		</div>
	);
}

/** A word below a drawing; `at` in the drawing's own units. */
export type Tick = { at: number; label: string };

/** Words below a drawing that is `of` units wide, the last one inside of its edge; in the grid of a {@link Scale}, the drawing and another. */
export function Ticks({ of, ticks }: { of: number; ticks: readonly Tick[] }) {
	return (
		<div aria-hidden className="num relative col-start-2 h-4 text-mini text-muted">
			{ticks.map(({ at, label }) => (
				<span
					key={label}
					className={clsx("absolute whitespace-nowrap", at < of ? "-translate-x-1/2" : "-translate-x-full")}
					style={{ left: `${(at / of) * 100}%` }}
				>
					{label}
				</span>
			))}
		</div>
	);
}
