import { clsx } from "clsx";

/** Grey where content will be, of its size. The panel around it says `aria-busy`. */
export function Skeleton({ className, isRound = false }: { className?: string; isRound?: boolean }) {
	return (
		<span aria-hidden className={clsx("breathe block bg-line", isRound ? "rounded-full" : "rounded-sm", className)} />
	);
}

/** Rows of a list or table to come; `rows` × `height` is the final size, so nothing jumps. */
export function SkeletonRows({
	rows,
	rowClassName = "h-9",
	isStill = false,
}: {
	rows: number;
	rowClassName?: string;
	/** For the ghost of an empty panel: shows the shape and waits for nothing. */
	isStill?: boolean;
}) {
	const widths = ["w-2/5", "w-1/2", "w-1/3", "w-3/5"];
	return (
		<div aria-hidden className={isStill ? "[&_span]:animate-none" : undefined}>
			{Array.from({ length: rows }, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: rows without identity
				<div key={row} className={clsx("flex items-center gap-3 border-b px-3.5 last:border-b-0", rowClassName)}>
					<Skeleton className="size-3" isRound />
					<Skeleton className={clsx("h-2.5", widths[row % widths.length])} />
					<Skeleton className="ml-auto h-2.5 w-10" />
				</div>
			))}
		</div>
	);
}
