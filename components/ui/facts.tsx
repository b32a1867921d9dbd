import { clsx } from "clsx";
import type { ReactNode } from "react";

/** Names and values in two columns, values to the right: a health card, the details of a line. */
export function Facts({
	items,
	className,
}: {
	items: readonly { name: ReactNode; value: ReactNode; key: string }[];
	className?: string;
}) {
	return (
		<dl className={clsx("grid grid-cols-[auto_1fr] gap-x-3 gap-y-1.25 text-small", className)}>
			{items.map((item) => (
				<div key={item.key} className="contents">
					<dt className="text-muted">{item.name}</dt>
					<dd className="min-w-0 text-right">{item.value}</dd>
				</div>
			))}
		</dl>
	);
}
