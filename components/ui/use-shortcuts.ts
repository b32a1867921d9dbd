"use client";

import { useLayoutEffect, useRef } from "react";
import { type KeyBindingMap, tinykeys } from "tinykeys";

/**
 * Keys for the page while the component is mounted, in tinykeys' words: `j`, `Shift+?`, `$mod+k`, `g o`. Plain letters
 * rest while somebody types into a field or a dialog or menu is open; a list of the page itself says `data-page-keys`.
 */
export function useShortcuts(bindings: Record<string, (event: KeyboardEvent) => void>, isActive = true): void {
	const latest = useRef(bindings);
	latest.current = bindings;
	const keys = Object.keys(bindings).join("\n");

	// As the component appears, not a moment later: what is seen answers to keys.
	useLayoutEffect(() => {
		if (!isActive) return;
		const map: KeyBindingMap = {};
		for (const key of keys.split("\n")) {
			const isChord = key.includes("$mod") || key.includes("Control");
			map[key] = (event) => {
				if (!isChord && isElsewhere(event)) return;
				latest.current[key]?.(event);
			};
		}
		return tinykeys(window, map);
	}, [keys, isActive]);
}

/** Somebody types, or a layer above the page has the keyboard. */
function isElsewhere(event: KeyboardEvent): boolean {
	const target = event.target instanceof Element ? event.target : null;
	if (
		target?.closest(
			"input, textarea, select, [contenteditable=true], [role=menu], [role=listbox]:not([data-page-keys])",
		)
	)
		return true;
	const dialog = document.querySelector("[role=dialog], [role=alertdialog]");
	return dialog !== null && !dialog.contains(target);
}
