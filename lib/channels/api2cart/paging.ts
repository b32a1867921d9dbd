/** Walking API2Cart's lists. Cursors are opaque and go alone; which fields are wanted is no filter and goes with them. */
import type { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { type Answer, callList, type Query } from "./client";
import { isCode } from "./codes";
import { largestBatch } from "./facts";

export type List = { method: string; fields: string; filters: Query };

/** Least rows of a page that is made smaller because the store finds it too large. */
const leastCount = 25;

/** One page; `cursor` null: the first. A page that is too large for the store is asked for in halves. */
export async function readPage<T>(
	connection: Connection,
	list: List,
	cursor: string | null,
	shape: z.ZodType<T>,
	count = largestBatch,
): Promise<Answer<T>> {
	const query: Query = cursor === null ? { ...list.filters, count } : { page_cursor: cursor };
	try {
		return await callList(
			connection,
			{ verb: "GET", method: list.method, query: { ...query, response_fields: list.fields } },
			shape,
		);
	} catch (error) {
		if (cursor === null && count > leastCount && isCode(error, 111))
			return readPage(connection, list, null, shape, Math.ceil(count / 2));
		throw error;
	}
}

/**
 * Pages of a list of what was asked for by id, whose cursor may keep a place and forget the ids (recorded of child items): so
 * pages are counted by `start`, where the store takes it. By cursor they may hold others' rows, too.
 */
export async function* pagesByPlace<T>(
	connection: Connection,
	list: List,
	shape: z.ZodType<T>,
	rowsOf: (result: T) => readonly unknown[],
): AsyncGenerator<T> {
	let read = 0;
	let cursor: string | null = null;
	let countsPlaces = true;
	do {
		const byPlace = { ...list, filters: { ...list.filters, start: read } };
		let page: Answer<T>;
		try {
			page =
				read > 0 && countsPlaces
					? await readPage(connection, byPlace, null, shape)
					: await readPage(connection, list, cursor, shape);
		} catch (error) {
			// Some stores can be walked by cursor only.
			if (read === 0 || !countsPlaces || !isCode(error, 109)) throw error;
			countsPlaces = false;
			continue;
		}
		yield page.result;
		const { length } = rowsOf(page.result);
		read += length;
		cursor = length === 0 ? null : page.next;
	} while (cursor !== null);
}

/** A place in a walk, as the caller keeps it between two pages. */
export const writePlace = (place: object): string => Buffer.from(JSON.stringify(place)).toString("base64url");

export function readPlace<T>(shape: z.ZodType<T>, page: string): T {
	try {
		return shape.parse(JSON.parse(Buffer.from(page, "base64url").toString("utf8")));
	} catch (cause) {
		throw new ChannelError("unreadable", "This place in the list can't be found again; start from the first page.", {
			cause,
		});
	}
}
