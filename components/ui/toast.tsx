"use client";

import { Toaster as Base, toast } from "sonner";
import { useIsNarrow } from "./use-viewport";

/** Over a phone's bar, clear of its notch. */
const overBar = "max(4px, env(safe-area-inset-top))";

/**
 * Once in the root layout. Switches and buttons stand at the right ends of rows: beside the sidebar a toast covers none of
 * them, and on a phone, where it is as wide as the rows are, it lies over the bar with the page's title.
 */
export function Toaster() {
	const isNarrow = useIsNarrow();
	return (
		<Base
			position={isNarrow ? "top-center" : "bottom-left"}
			style={{ fontFamily: "inherit" }}
			gap={8}
			offset={isNarrow ? { top: overBar } : { left: 232, bottom: 16 }}
			mobileOffset={{ top: overBar, left: 8, right: 8 }}
			toastOptions={{
				unstyled: true,
				classNames: {
					toast:
						"flex w-full items-center gap-3 rounded-lg border border-line bg-raise px-3.5 py-2.5 text-text shadow-raise md:w-90",
					title: "font-semibold",
					description: "text-small text-muted",
					content: "min-w-0 flex-1",
					actionButton: "touch shrink-0 rounded-btn border border-line-strong bg-panel px-2.5 py-1 hover:bg-sunk",
				},
			}}
		/>
	);
}

/** The toast whose Undo is the latest. Another act, or its being undone by other means, takes it away. */
let undoable: string | number | null = null;

export function withdrawUndo(): void {
	if (undoable !== null) toast.dismiss(undoable);
	undoable = null;
}

type Undo = () => void | Promise<void>;

/** Something reversible was done out of sight: say what, offer Undo. Never for what is visible on the screen. */
export function showDone(sentence: string, more: { detail?: string; undo?: Undo } = {}): void {
	const { undo } = more;
	if (undo) withdrawUndo();
	const id = toast(sentence, {
		description: more.detail,
		duration: undo ? 10_000 : 5_000,
		action: undo && { label: "Undo", onClick: () => void undo() },
	});
	if (undo) undoable = id;
}

/** Something did not go through, after it had been shown as done: the sentence says what to do next. */
export function showFailed(sentence: string, more: { detail?: string; retry?: Undo } = {}): void {
	const { retry } = more;
	toast.error(sentence, {
		description: more.detail,
		duration: 12_000,
		action: retry && { label: "Try again", onClick: () => void retry() },
	});
}
