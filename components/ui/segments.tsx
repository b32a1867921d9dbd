import { clsx } from "clsx";
import Link from "next/link";
import { formatNumber } from "@/lib/format/number";

export type Segment = {
	key: string;
	label: string;
	value: number;
	tone: "ok" | "go" | "warn" | "bad" | "muted" | "rest";
	/** The same page, filtered to this segment. */
	href: string;
};

const edges: Record<Segment["tone"], string> = {
	ok: "bg-ok",
	go: "bg-go",
	warn: "bg-warn",
	bad: "bg-bad",
	muted: "bg-muted",
	rest: "bg-line-strong",
};

/** Counts that are filters: each segment opens its own rows, the current one is marked. */
export function Segments({
	label,
	segments,
	current,
}: {
	label: string;
	segments: readonly Segment[];
	current?: string | null;
}) {
	return (
		<nav aria-label={label} className="flex overflow-x-auto rounded-lg border bg-panel">
			{segments.map((segment) => (
				<Link
					key={segment.key}
					href={segment.href}
					scroll={false}
					aria-current={segment.key === current ? "true" : undefined}
					className="focus-inside relative min-w-28 flex-1 border-r px-3.5 pt-2 pb-2.5 transition-[background-color] last:border-r-0 hover:bg-sunk aria-[current]:bg-select"
				>
					<span className="block text-small text-muted">{segment.label}</span>
					<span className="num block text-figure font-semibold">{formatNumber(segment.value)}</span>
					<span aria-hidden className={clsx("absolute inset-x-0 bottom-0 h-0.75", edges[segment.tone])} />
				</Link>
			))}
		</nav>
	);
}
