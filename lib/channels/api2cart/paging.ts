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
