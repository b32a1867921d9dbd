"use client";

import { useEffect, useSyncExternalStore } from "react";
import { useShortcuts } from "@/components/ui/use-shortcuts";

export type Shortcut = {
	/** In tinykeys' words: `j`, `Shift+ArrowDown`, `g o`, `$mod+k`. */
	keys: string;
	/** As it is shown: "J", "Shift ↓", "G then O". */
	shown: string;
	/** What it does: "Accept the suggestion". */
	label: string;
	run: (event: KeyboardEvent) => void;
};

export type ShortcutGroup = { title: string; shortcuts: readonly Shortcut[] };

let groups: readonly ShortcutGroup[] = [];
const listeners = new Set<() => void>();
const announce = (next: readonly ShortcutGroup[]) => {
	groups = next;
	for (const listener of listeners) listener();
};

/** Binds keys while the component is mounted and lists them in the overlay that `?` opens. Titles are unique. */
export function usePageShortcuts(title: string, shortcuts: readonly Shortcut[], isActive = true): void {
	useShortcuts(Object.fromEntries(shortcuts.map((one) => [one.keys, one.run])), isActive);

	// Only the words matter to the overlay; what a key runs changes with every render.
	const words = JSON.stringify(shortcuts.map(({ keys, shown, label }) => ({ keys, shown, label })));
	useEffect(() => {
		const listed = (JSON.parse(words) as Omit<Shortcut, "run">[]).map((one) => ({ ...one, run: () => {} }));
		announce([...groups.filter((group) => group.title !== title), { title, shortcuts: listed }]);
		return () => announce(groups.filter((group) => group.title !== title));
	}, [title, words]);
}

export const useShortcutGroups = (): readonly ShortcutGroup[] =>
	useSyncExternalStore(
		(listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		() => groups,
		() => groups,
	);
