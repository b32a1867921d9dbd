"use client";

import { useSyncExternalStore } from "react";

/** `onServer`: what the page is rendered for before the browser has said what it is. */
const useMedia = (media: string, onServer: boolean): boolean =>
	useSyncExternalStore(
		(listener) => {
			const query = window.matchMedia(media);
			query.addEventListener("change", listener);
			return () => query.removeEventListener("change", listener);
		},
		() => window.matchMedia(media).matches,
		() => onServer,
	);

/** As the breakpoint `md`: below it the page is a phone's, and a finger does the choosing. */
export const useIsNarrow = (): boolean => useMedia("(max-width: 760px)", false);

/** As the breakpoint `lg`: from here on there is room for a side panel. */
export const useIsWide = (): boolean => useMedia("(min-width: 1101px)", true);

/** How high a row of a virtual table is: 36 px, and on a phone the 44 that a finger needs (`h-9 max-md:h-11`). */
export const useRowHeight = (): number => (useIsNarrow() ? 44 : 36);
