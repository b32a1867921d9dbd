import { ChannelError } from "@/lib/channels/errors";
import type { ListingIds, RemoteLevel } from "@/lib/channels/listing";

type Wanted = { externalKey: string; ids: ListingIds };

/** More than this are no odd levels, but a store whose answers can't be read. */
const mostOdd = 3;

/**
 * One level that can't be read makes its whole answer unreadable, and is found by halves, so that it holds up none of the
 * others. It is absent then, and `unreadable` says why. Throws ChannelError.
 */
export async function readApart(
	wanted: readonly Wanted[],
	read: (some: Wanted[]) => Promise<RemoteLevel[]>,
): Promise<{ levels: RemoteLevel[]; unreadable: ChannelError | null }> {
	const waiting = [[...wanted]];
	const levels: RemoteLevel[] = [];
	let odd = 0;
	let unreadable: ChannelError | null = null;
	for (let some = waiting.pop(); some; some = waiting.pop()) {
		try {
			levels.push(...(await read(some)));
		} catch (error) {
			if (!(error instanceof ChannelError && error.reason === "unreadable")) throw error;
			if (some.length === 1 && ++odd > mostOdd) throw error;
			unreadable = error;
			const half = Math.ceil(some.length / 2);
			if (some.length > 1) waiting.push(some.slice(half), some.slice(0, half));
		}
	}
	return { levels, unreadable };
}
