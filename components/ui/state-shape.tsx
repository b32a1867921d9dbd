import { clsx } from "clsx";
import type { ReactNode } from "react";

/**
 * The seven states, told apart by shape before colour: ● in step · ◔ on its way · ▲ drift · ■ oversold ·
 * ✕ unreachable or refused · ◌ not linked · ‖ held. The same everywhere.
 */
export type StateKind = "ok" | "go" | "warn" | "bad" | "off" | "none" | "hold";

const shapes: Record<StateKind, ReactNode> = {
	ok: <circle cx="6" cy="6" r="4" fill="currentColor" />,
	go: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="18 9" />,
	warn: <path d="M6 1.5 11.2 10.5H.8z" fill="currentColor" />,
	bad: <rect x="2" y="2" width="8" height="8" rx="1" fill="currentColor" />,
	off: <path d="M3 3l6 6M9 3l-6 6" stroke="currentColor" strokeWidth="1.8" />,
	none: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeDasharray="2 2" strokeWidth="1.2" />,
	hold: <path d="M4 2.5v7M8 2.5v7" stroke="currentColor" strokeWidth="2" />,
};

export const stateColours: Record<StateKind, string> = {
	ok: "text-ok",
	go: "text-go",
	warn: "text-warn",
	bad: "text-bad",
	off: "text-bad",
	none: "text-muted",
	hold: "text-muted",
};

/** One shape. `label` is spoken and shown on hover; leave it out only where a word stands beside it. */
export function StateShape({ kind, label, className }: { kind: StateKind; label?: string; className?: string }) {
	return (
		<span title={label} className={clsx("relative inline-grid size-3 shrink-0", stateColours[kind], className)}>
			<svg aria-hidden viewBox="0 0 12 12" className="size-3">
				{shapes[kind]}
			</svg>
			{label && <span className="sr-only">{label}</span>}
		</span>
	);
}

/** A shape with its word. */
export function StateLabel({
	kind,
	children,
	className,
}: {
	kind: StateKind;
	children: ReactNode;
	className?: string;
}) {
	return (
		<span className={clsx("inline-flex min-w-0 items-center gap-2", className)}>
			<StateShape kind={kind} />
			<span className="truncate">{children}</span>
		</span>
	);
}
