/**
 * Paging through Shopify's connections. Two limits shape it: a cursor stops working 25,000 objects in ("API limits"),
 * and one call may cost 1,000 points at most, which depends on the store's data as much as on the query.
 */
import { z } from "zod";
import { ChannelError } from "../errors";
import { isTooDear } from "./client";

/** Where a listing of pages stands. `filter` restarts the cursor behind what was seen, before it gets too deep. */
export type Place = { filter: string; after: string | null; first: number; seen: number };

const place = z.object({ filter: z.string(), after: z.string().nullable(), first: z.number(), seen: z.number() });
const deepest = 20_000;

export const writePlace = (at: Place) => Buffer.from(JSON.stringify(at)).toString("base64url");

export function readPlace(page: string): Place {
	try {
		return place.parse(JSON.parse(Buffer.from(page, "base64url").toString("utf8")));
	} catch (cause) {
		throw new ChannelError("unreadable", "This place in the list can't be found again; start from the first page.", {
			cause,
		});
	}
}

type PageInfo = { hasNextPage: boolean; endCursor?: string | null | undefined };

/** Null on the last page. `restart` is the filter for everything from the page's last object on. */
export function nextPlace(at: Place, pageInfo: PageInfo, count: number, restart: string | null): string | null {
	if (!pageInfo.hasNextPage || !pageInfo.endCursor) return null;
	const seen = at.seen + count;
	if (seen >= deepest && restart) return writePlace({ ...at, filter: restart, after: null, seen: 0 });
	return writePlace({ ...at, after: pageInfo.endCursor, seen });
}

/** Asks for less at once until the call is affordable, and says what it came to. */
export async function affordably<T>(first: number, ask: (first: number) => Promise<T>): Promise<[T, first: number]> {
	try {
		return [await ask(first), first];
	} catch (error) {
		if (!isTooDear(error) || first === 1) throw error;
		return affordably(Math.ceil(first / 4), ask);
	}
}

/** To the second, as Shopify stamps. */
export const searchMoment = (moment: Date) => `${moment.toISOString().slice(0, 19)}Z`;
