"use client";

import type { LiveLines } from "@/lib/queries/log";
import { isBefore, type Told } from "./follow";

/** What tabs ask the one that holds the stream. */
type Asked =
	/** Where does the stream stand? */
	| { kind: "where" }
	/** Tell everything after `at` again. */
	| { kind: "behind"; at: string };

export type SharedStream = {
	/** This tab stands at `at` and missed what came then. */
	askFrom: (at: string) => void;
	/** Is anybody there? Who holds the stream says where it stands. */
	askWhere: () => void;
	/** Nothing was heard for too long: opens the stream anew, and takes it from a tab that holds it and says nothing. */
	takeOver: () => void;
	close: () => void;
};

type Options = {
	merchantId: string;
	/** Who is signed in: tabs of different people share nothing. */
	reader: string;
	/** Where this tab stands; null: nowhere yet. */
	position: () => string | null;
	onTold: (told: Told) => void;
};

/** A refused connection is tried again after this long for each failure in a row, at the most half a minute. */
const retryMs = 2_000;

/**
 * One stream for all tabs of a browser, which allows six connections to one server: the tab that has the lock holds it
 * and tells the others; when it goes, the lock falls to the next, which goes on from where it stands itself.
 *
 * Locks exist only on https and localhost. Elsewhere each tab has a stream of its own while it is to be seen.
 */
export function openSharedStream({ merchantId, reader, position, onTold }: Options): SharedStream {
	const name = `onecount live ${merchantId} ${reader}`;
	const channel = new BroadcastChannel(name);
	const isShared = navigator.locks !== undefined;
	let source: EventSource | null = null;
	/** Everything up to here came by the stream that is open. */
	let streamAt: string | null = null;
	let failures = 0;
	let retry: ReturnType<typeof setTimeout> | undefined;
	/** Ends a wait for the lock. */
	let waiting = new AbortController();
	let stopHolding: (() => void) | null = null;

	const tell = (told: Told) => {
		if (isShared) channel.postMessage(told);
		onTold(told);
	};

	function open(from: string | null): void {
		clearTimeout(retry);
		source?.close();
		// The browser itself says the last id only when it comes again by itself; a stream opened anew has to be told.
		const query = new URLSearchParams({ merchant: merchantId, ...(from && { after: from }) });
		const stream = new EventSource(`/api/live?${query}`);
		source = stream;
		streamAt = from;
		stream.addEventListener("hello", (event) => {
			failures = 0;
			streamAt = event.lastEventId;
			tell({ kind: "hello", at: streamAt });
		});
		stream.addEventListener("beat", () => {
			if (streamAt !== null) tell({ kind: "hello", at: streamAt });
		});
		stream.addEventListener("lines", (event) => {
			const after = streamAt;
			streamAt = event.lastEventId;
			// Every stream begins with a hello, which says where.
			if (after === null) return;
			tell({ kind: "lines", after, upTo: streamAt, batch: JSON.parse(event.data) as LiveLines });
		});
		stream.addEventListener("reset", () => {
			tell({ kind: "reset" });
			open(null);
		});
		stream.addEventListener("error", () => {
			failures++;
			tell({ kind: "broken", failures });
			// The browser gives up on a refused connection; we don't.
			if (stream.readyState === EventSource.CLOSED)
				retry = setTimeout(() => open(position()), Math.min(30_000, retryMs * failures));
		});
	}

	function shut(): void {
		clearTimeout(retry);
		source?.close();
		source = null;
		streamAt = null;
	}

	function hold(how: "when free" | "at once"): void {
		waiting.abort();
		waiting = new AbortController();
		const { signal } = waiting;
		navigator.locks
			.request(name, how === "at once" ? { steal: true } : { signal }, () => {
				if (signal.aborted) return;
				open(position());
				return new Promise<void>((resolve) => {
					stopHolding = resolve;
				});
			})
			.catch((error: DOMException) => {
				// Anything but a loss is a page that is being left.
				if (signal.aborted || error.name !== "AbortError") return;
				// Another tab took it, since this one said nothing: it is the last in the row again.
				shut();
				hold("when free");
			});
	}

	channel.onmessage = ({ data }: MessageEvent<Told | Asked>) => {
		if (data.kind === "where") {
			if (streamAt !== null) channel.postMessage({ kind: "hello", at: streamAt } satisfies Told);
		} else if (data.kind === "behind") {
			if (streamAt !== null && isBefore(data.at, streamAt)) open(data.at);
		} else onTold(data);
	};

	const showOrHide = () => {
		if (document.visibilityState === "hidden") shut();
		else if (!source) open(position());
	};
	// A machine that changes its network leaves dead connections behind, which nobody reports.
	const reopen = () => {
		if (source) open(position());
	};
	window.addEventListener("online", reopen);
	window.addEventListener("offline", reopen);
	if (isShared) hold("when free");
	else {
		document.addEventListener("visibilitychange", showOrHide);
		showOrHide();
	}

	return {
		askFrom: (at) => {
			if (source) open(at);
			else channel.postMessage({ kind: "behind", at } satisfies Asked);
		},
		askWhere: () => channel.postMessage({ kind: "where" } satisfies Asked),
		takeOver: () => {
			if (source) open(position());
			else if (isShared) hold("at once");
		},
		close: () => {
			waiting.abort();
			window.removeEventListener("online", reopen);
			window.removeEventListener("offline", reopen);
			document.removeEventListener("visibilitychange", showOrHide);
			shut();
			channel.close();
			stopHolding?.();
		},
	};
}
