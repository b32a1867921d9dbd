import { clsx } from "clsx";
import type { ReactNode } from "react";

export type Tone = "plain" | "ok" | "go" | "warn" | "bad";

const tones: Record<Tone, string> = {
	plain: "bg-sunk text-muted",
	ok: "bg-ok-soft text-ok",
	go: "bg-go-soft text-go",
	warn: "bg-warn-soft text-warn",
	bad: "bg-bad-soft text-bad",
};

/** A word or a count on a soft ground. */
export function Tag({
	tone = "plain",
	isNumber = false,
	children,
	className,
}: {
	tone?: Tone;
	isNumber?: boolean;
	children: ReactNode;
	className?: string;
}) {
	return (
		<span
			className={clsx(
				"inline-flex h-5 shrink-0 items-center gap-1.25 rounded-[5px] px-1.75 text-small whitespace-nowrap",
				isNumber && "num",
				tones[tone],
				className,
			)}
		>
			{children}
		</span>
	);
}
