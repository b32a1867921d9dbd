import { databaseUrl } from "@/db/client";
import { subscribe } from "@/lib/live/bus";
import { encodeEvent } from "@/lib/live/event-stream";
import { type LogFeed, makeLogFeed } from "@/lib/live/log-feed";
import { systemContext } from "../context";
import type { LogLineView } from "./line";
import { readLogAfter } from "./read-after";

/** `lines`: new lines, oldest first. `lagMs`: how long the newest of them took from its transaction to here. */
export type LiveLines = { lines: LogLineView[]; lagMs: number };

const holder = globalThis as { onecountFeeds?: Map<string, LogFeed> };
holder.onecountFeeds ??= new Map();
const feeds = holder.onecountFeeds;

/** The one feed of a merchant in this process. Whoever follows it has been through the gate. */
export function logFeedFor(merchantId: string, url = databaseUrl()): LogFeed {
	const key = `${url} ${merchantId}`;
	let feed = feeds.get(key);
	if (!feed) {
		feed = makeLogFeed<LogLineView>({
			read: (after) => readLogAfter(systemContext(merchantId), after),
			subscribe: (onWake) => subscribe(merchantId, onWake, url),
			encode: (lines, cursor) => {
				const lagMs = Math.max(0, Date.now() - (lines.at(-1)?.at ?? 0));
				return encodeEvent("lines", { lines, lagMs } satisfies LiveLines, cursor);
			},
		});
		feeds.set(key, feed);
	}
	return feed;
}
