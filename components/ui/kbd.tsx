import { clsx } from "clsx";
import type { ReactNode } from "react";

/** A key, shown where it acts. Hidden on phones, which have none; `isAlways` where it is all that there is to see. */
export function Kbd({
	children,
	onInk = false,
	isAlways = false,
}: {
	children: ReactNode;
	onInk?: boolean;
	isAlways?: boolean;
}) {
	return (
		<kbd
			className={clsx(
				"num inline-block min-w-4.5 rounded-sm border px-1 text-center text-mini",
				!isAlways && "max-md:hidden",
				onInk ? "border-current text-on-ink" : "border-line-strong bg-panel text-muted",
			)}
		>
			{children}
		</kbd>
	);
}
