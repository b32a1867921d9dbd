/** Connections: pages by cursor, of rows in the database and of lists in memory. */

import { type SQL, sql } from "drizzle-orm";
import { GraphQLError } from "graphql";

export type PageArguments = {
	first?: number | null;
	after?: string | null;
	last?: number | null;
	before?: string | null;
	reverse?: boolean | null;
};

export type Connection<T> = {
	nodes: T[];
	cursors: string[];
	pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

const largestPage = 250;
const badRequest = (message: string) => new GraphQLError(message, { extensions: { code: "BAD_REQUEST" } });

/** How many, and from which end. */
export function pageSize({ first, last }: PageArguments): { size: number; isBackward: boolean } {
	if (first == null && last == null) throw badRequest("you must provide one of first or last");
	if (first != null && last != null) throw badRequest("providing both first and last is not supported");
	const size = first ?? last ?? 0;
	if (size > largestPage || size < 0)
		throw badRequest(`${first == null ? "last" : "first"} must be between 0 and ${largestPage}`);
	return { size, isBackward: first == null };
}

type Cursor = { last_id: string; last_value: string };

export const writeCursor = (id: string, value: string): string =>
	Buffer.from(JSON.stringify({ last_id: id, last_value: value } satisfies Cursor)).toString("base64");

function readCursor(text: string): Cursor {
	try {
		const cursor = JSON.parse(Buffer.from(text, "base64").toString("utf8")) as Partial<Cursor>;
		if (cursor.last_id !== undefined && cursor.last_value !== undefined)
			return { last_id: String(cursor.last_id), last_value: String(cursor.last_value) };
	} catch {}
	throw new GraphQLError(`Invalid cursor for current pagination sort.`, { extensions: { code: "BAD_REQUEST" } });
}

export function pageOf<T>(rows: readonly T[], idOf: (row: T) => string, args: PageArguments): Connection<T> {
	const { size, isBackward } = pageSize(args);
	const list = args.reverse ? [...rows].reverse() : rows;
	const indexOf = (cursor: string) => {
		const { last_id } = readCursor(cursor);
		return list.findIndex((row) => idOf(row) === last_id);
	};
	const from = args.after ? indexOf(args.after) + 1 : 0;
	const to = args.before ? Math.max(indexOf(args.before), 0) : list.length;
	const start = isBackward ? Math.max(from, to - size) : from;
	const end = isBackward ? to : Math.min(to, from + size);
	const nodes = list.slice(start, end);
	const cursors = nodes.map((row) => writeCursor(idOf(row), idOf(row)));
	return {
		nodes,
		cursors,
		pageInfo: {
			hasNextPage: end < list.length,
			hasPreviousPage: start > 0,
			startCursor: cursors[0] ?? null,
			endCursor: cursors.at(-1) ?? null,
		},
	};
}

/** By what a list is sorted: an expression, how its value reads in a cursor, and its type. */
export type SortKey = { column: SQL; type: SQL };

/** `select … from …` comes with the page's condition, order and limit appended; asks for one row more than the page has. */
export function pageClauses(args: PageArguments, sort: SortKey | null, id: SQL) {
	const { size, isBackward } = pageSize(args);
	const isDescending = Boolean(args.reverse) !== isBackward;
	const cursor = isBackward ? args.before : args.after;
	const direction = isDescending ? sql`desc` : sql`asc`;
	const beyond = isDescending ? sql`<` : sql`>`;
	let where = sql`true`;
	if (cursor) {
		const { last_id, last_value } = readCursor(cursor);
		where = sort
			? sql`(${sort.column}, ${id}) ${beyond} (${last_value}::${sort.type}, ${last_id})`
			: sql`(length(${id}), ${id}) ${beyond} (${last_id.length}, ${last_id})`;
	}
	const order = sort
		? sql`${sort.column} ${direction}, ${id} ${direction}`
		: sql`length(${id}) ${direction}, ${id} ${direction}`;
	return { where, order, limit: size + 1, size, isBackward };
}

export function connectionOf<T extends { id: string; sort_value: string }>(
	rows: readonly T[],
	{ size, isBackward }: { size: number; isBackward: boolean },
	args: PageArguments,
): Connection<T> {
	const hasMore = rows.length > size;
	const nodes = rows.slice(0, size);
	if (isBackward) nodes.reverse();
	const cursors = nodes.map((row) => writeCursor(row.id, row.sort_value));
	return {
		nodes,
		cursors,
		pageInfo: {
			hasNextPage: isBackward ? Boolean(args.before) : hasMore,
			hasPreviousPage: isBackward ? hasMore : Boolean(args.after),
			startCursor: cursors[0] ?? null,
			endCursor: cursors.at(-1) ?? null,
		},
	};
}
