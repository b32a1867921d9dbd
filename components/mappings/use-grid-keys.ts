"use client";

import type { RefObject } from "react";
import { usePageShortcuts } from "@/components/layout/page-shortcuts";
import { useShortcuts } from "@/components/ui/use-shortcuts";
import type { GridDirection, GridHandle } from "./mapping-grid";

export type GridKeyActs = {
	accept: () => void;
	reject: () => void;
	search: () => void;
	unlink: () => void;
	leaveOut: () => void;
	peek: () => void;
	/** The nth of the others in the inspector. */
	choose: (nth: number) => void;
	nextOpen: () => void;
	focusFilter: () => void;
	undo: () => void;
	redo: () => void;
};

const directions: [key: string, direction: GridDirection][] = [
	["ArrowUp", "up"],
	["ArrowDown", "down"],
	["ArrowLeft", "left"],
	["ArrowRight", "right"],
];
const everything = Number.MAX_SAFE_INTEGER;

/** The keys of a spreadsheet and of an inbox, on one grid. All are listed under `?`. */
export function useGridKeys(grid: RefObject<GridHandle | null>, acts: GridKeyActs, isActive: boolean): void {
	const inGrid = (run: (handle: GridHandle) => void) => (event: KeyboardEvent) => {
		const handle = grid.current;
		if (!handle?.element()?.contains(document.activeElement)) return;
		event.preventDefault();
		run(handle);
	};
	/** Letters act on the focused cell wherever the keyboard is, unless somebody types. */
	const act = (run: () => void) => (event: KeyboardEvent) => {
		const target = event.target instanceof Element ? event.target : null;
		if (target?.closest("input, textarea, select, [contenteditable=true], [role=dialog]")) return;
		// A button keeps its own Enter and Space.
		if ((event.key === "Enter" || event.key === " ") && target?.closest("button, a")) return;
		event.preventDefault();
		run();
	};
	/** Arrows, alone and with each modifier. */
	const arrows = (modifier: string, isExtending: boolean, steps: number) =>
		Object.fromEntries(
			directions.map(([key, direction]) => [
				`${modifier}${key}`,
				inGrid((handle) => handle.move(direction, { isExtending, steps })),
			]),
		);
	const move = (direction: GridDirection, steps: (handle: GridHandle) => number) =>
		inGrid((handle) => handle.move(direction, { isExtending: false, steps: steps(handle) }));

	// Too many or too plain to be listed one by one.
	useShortcuts(
		{
			...arrows("", false, 1),
			...arrows("Shift+", true, 1),
			...arrows("$mod+", false, everything),
			...arrows("$mod+Shift+", true, everything),
			F2: act(acts.search),
			Backspace: act(acts.unlink),
			"$mod+y": act(acts.redo),
			...Object.fromEntries([2, 3, 4, 5].map((nth) => [String(nth), act(() => acts.choose(nth))])),
		},
		isActive,
	);
	usePageShortcuts(
		"Links",
		[
			{ keys: "a", shown: "A", label: "Accept the suggestion, or all selected", run: act(acts.accept) },
			{ keys: "x", shown: "X", label: "Reject it", run: act(acts.reject) },
			{ keys: "s", shown: "S", label: "Skip to the next that is open", run: act(acts.nextOpen) },
			{ keys: "1", shown: "1 – 5", label: "Choose one of the others", run: act(() => acts.choose(1)) },
			{ keys: "Enter", shown: "Enter", label: "Find the other side by hand", run: act(acts.search) },
			{ keys: "Delete", shown: "Del", label: "Unlink, or take back in", run: act(acts.unlink) },
			{ keys: "l", shown: "L", label: "Leave out", run: act(acts.leaveOut) },
			{ keys: "Space", shown: "Space", label: "Open or close the inspector", run: act(acts.peek) },
			{ keys: "$mod+z", shown: "Ctrl Z", label: "Undo", run: act(acts.undo) },
			{ keys: "$mod+Shift+z", shown: "Ctrl Shift Z", label: "Redo", run: act(acts.redo) },
		],
		isActive,
	);
	usePageShortcuts(
		"Grid",
		[
			{ keys: "j", shown: "J", label: "Next row", run: act(() => grid.current?.move("down", one)) },
			{ keys: "k", shown: "K", label: "Row before", run: act(() => grid.current?.move("up", one)) },
			{ keys: "PageDown", shown: "PgDn", label: "A screen down", run: move("down", (handle) => handle.pageSteps()) },
			{ keys: "PageUp", shown: "PgUp", label: "A screen up", run: move("up", (handle) => handle.pageSteps()) },
			{ keys: "Home", shown: "Home", label: "First column", run: move("left", () => everything) },
			{ keys: "End", shown: "End", label: "Last column", run: move("right", () => everything) },
			{ keys: "$mod+Home", shown: "Ctrl Home", label: "First row", run: move("up", () => everything) },
			{ keys: "$mod+End", shown: "Ctrl End", label: "Last row", run: move("down", () => everything) },
			{
				keys: "$mod+a",
				shown: "Ctrl A",
				label: "Select all rows of the filter",
				run: inGrid((handle) => handle.selectAll()),
			},
			{ keys: "Escape", shown: "Esc", label: "Back to one cell", run: inGrid((handle) => handle.collapse()) },
			{ keys: "/", shown: "/", label: "Filter", run: act(acts.focusFilter) },
			// The browser does these, by its own events (mapping-grid.tsx).
			{ keys: "$mod+c", shown: "Ctrl C", label: "Copy for a spreadsheet", run: () => {} },
			{ keys: "$mod+v", shown: "Ctrl V", label: "Paste SKUs as links, with a preview", run: () => {} },
		],
		isActive,
	);
}

const one = { isExtending: false, steps: 1 };
