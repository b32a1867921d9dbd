"use client";

import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";

type Clock = { serverNow: number; timeZone: string };
const ClockContext = createContext<Clock>({ serverNow: 0, timeZone: "UTC" });

/** One ticking clock for the page, and the time zone in which moments are written out. */
export function ClockProvider({ serverNow, timeZone, children }: Clock & { children: ReactNode }) {
	return <ClockContext.Provider value={{ serverNow, timeZone }}>{children}</ClockContext.Provider>;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick = 0;

const wholeSeconds = () => Math.floor(Date.now() / 1000) * 1000;

function subscribe(listener: () => void) {
	listeners.add(listener);
	if (!timer) {
		// The clock stood still while nobody looked.
		tick = wholeSeconds();
		timer = setInterval(() => {
			tick = wholeSeconds();
			for (const each of listeners) each();
		}, 1000);
	}
	return () => {
		listeners.delete(listener);
		if (listeners.size === 0) {
			clearInterval(timer);
			timer = undefined;
		}
	};
}

/** Now, to the second. While hydrating it is the server's now, so that both sides write the same words. */
export function useNow(): number {
	const { serverNow } = useContext(ClockContext);
	return useSyncExternalStore(
		subscribe,
		() => {
			tick ||= wholeSeconds();
			return tick;
		},
		() => serverNow,
	);
}

export const useTimeZone = (): string => useContext(ClockContext).timeZone;
