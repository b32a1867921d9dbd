import { clsx } from "clsx";
import type { Tone } from "./tag";

const fills: Record<Tone, string> = {
	plain: "bg-muted",
	ok: "bg-ok",
	go: "bg-go",
	warn: "bg-warn",
	bad: "bg-bad",
};

/** How much of something is left or done: a thin bar, 0..1, with the words for it. */
export function Meter({
	share,
	label,
	tone = "ok",
	className,
}: {
	share: number;
	label: string;
	tone?: Tone;
	className?: string;
}) {
	const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
	return (
		<span title={label} className={clsx("inline-flex h-1.5 w-24 overflow-hidden rounded-[3px] bg-line", className)}>
			<span className="sr-only">
				{label}: {percent} %
			</span>
			<span className={clsx("h-full", fills[tone])} style={{ width: `${percent}%` }} />
		</span>
	);
}
