"use client";

import { useSyncExternalStore } from "react";

/** How the live stream is; until it has said so, the page asks by itself every few seconds. */
type StreamStatus =
	| { kind: "live"; lagMs: number | null }
	| { kind: "reconnecting" }
	/** No stream: asked again every few seconds. */
	| { kind: "polling" };

/** How fresh this page is. */
export type LiveStatus =
	| StreamStatus
	/** Neither the stream nor anything that was asked gets an answer, since this moment (milliseconds since the epoch). */
	| { kind: "down"; since: number };

let stream: StreamStatus = { kind: "polling" };
let unansweredSince: number | null = null;
let status: LiveStatus = stream;
const listeners = new Set<() => void>();

/** The live stream's client reports here. */
export function reportLive(next: StreamStatus): void {
	stream = next;
	if (next.kind === "live") unansweredSince = null;
	publish();
}

/** Whether what was asked last got an answer, whatever it said. */
export function reportAnswer(isAnswered: boolean, now = Date.now()): void {
	unansweredSince = isAnswered ? null : (unansweredSince ?? now);
	publish();
}

function publish(): void {
	const isDown = unansweredSince !== null && stream.kind !== "live";
	status = isDown ? { kind: "down", since: unansweredSince as number } : stream;
	for (const listener of listeners) listener();
}

export const liveStatus = (): LiveStatus => status;

export const useLiveStatus = (): LiveStatus =>
	useSyncExternalStore(
		(listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		() => status,
		() => status,
	);
