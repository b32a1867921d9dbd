/**
 * Walking lists that move while they are walked. WooCommerce pages by offset; sorted by modification a row that is
 * saved meanwhile leaves its place for the end and pulls those behind it one place forward, past the reader. So a walk
 * by modification does not count places: after each full page it starts anew behind the last stamp that it saw, with
 * an overlap, and leaves out what it has seen. A walk by id looks back one row, and further when rows before it are gone.
 */
import { z } from "zod";
import { ChannelError } from "../errors";
import { largestBatch, stampMs } from "./facts";

export const pageSize = largestBatch;

/** Restarted this far before the last stamp: `modified_after` leaves out its own second, and so may a slow commit be. */
const overlapMs = 2 * stampMs;

/** Where a walk by modification stands. */
export type ChangeWalk = { since: number; offset: number; seen: number[] };
/** Where a walk by id stands: how many rows are behind it, and the last one's id. */
export type IdWalk = { offset: number; lastId: number };

const changeWalk = z.object({ since: z.number(), offset: z.number().int(), seen: z.array(z.number()) });
const idWalk = z.object({ offset: z.number().int(), lastId: z.number().int() });

const write = (at: ChangeWalk | IdWalk) => Buffer.from(JSON.stringify(at)).toString("base64url");

function read<T>(shape: z.ZodType<T>, page: string): T {
	try {
		return shape.parse(JSON.parse(Buffer.from(page, "base64url").toString("utf8")));
	} catch (cause) {
		throw new ChannelError("unreadable", "This place in the list can't be found again; start from the first page.", {
			cause,
		});
	}
}

/** UTC, to the second, without a zone: with `dates_are_gmt` a zone would be applied twice (seen). */
export const wooMoment = (at: number) => new Date(at).toISOString().slice(0, 19);

export type Query = Record<string, string | number | boolean>;

/** One page of a walk by modification, oldest first. `ask` gets what the page is to be asked for by. */
export async function walkChanges<Row extends { id: number }>(
	changedSince: Date,
	page: string | null,
	stampOf: (row: Row) => number,
	ask: (query: Query) => Promise<Row[]>,
): Promise<{ rows: Row[]; next: string | null }> {
	const at: ChangeWalk = page
		? read(changeWalk, page)
		: // The very second of `changedSince` belongs to it, and `modified_after` would leave it out.
			{ since: Math.floor(changedSince.getTime() / stampMs) * stampMs - stampMs, offset: 0, seen: [] };
	const found = await ask({
		modified_after: wooMoment(at.since),
		dates_are_gmt: true,
		orderby: "modified",
		order: "asc",
		per_page: pageSize,
		offset: at.offset,
	});
	const seen = new Set(at.seen);
	return { rows: found.filter(({ id }) => !seen.has(id)), next: nextChange(at, found, stampOf) };
}

function nextChange<Row extends { id: number }>(
	at: ChangeWalk,
	found: readonly Row[],
	stampOf: (row: Row) => number,
): string | null {
	const last = found.at(-1);
	if (!last || found.length < pageSize) return null;
	const since = stampOf(last) - overlapMs;
	if (since > at.since && isAscending(found, stampOf))
		return write({ since, offset: 0, seen: found.filter((row) => stampOf(row) > since).map(({ id }) => id) });
	// More rows within the overlap than a page holds (a bulk edit), or the hour that summer time ends with: products are
	// sorted by the shop's own clock. Here only the places lead on, and rows of one second come in no promised order, so
	// each page looks back at a part of the one before.
	const offset = at.offset + Math.ceil(pageSize * 0.75);
	return write({ since: at.since, offset, seen: [...new Set([...at.seen, ...found.map(({ id }) => id)])] });
}

const isAscending = <Row>(found: readonly Row[], stampOf: (row: Row) => number) =>
	found.every((row, index) => index === 0 || stampOf(row) >= stampOf(found[index - 1] as Row));

/** One page of a walk by id, smallest first. */
export async function walkIds<Row extends { id: number }>(
	page: string | null,
	ask: (query: Query) => Promise<Row[]>,
): Promise<{ rows: Row[]; next: string | null }> {
	const at: IdWalk = page ? read(idWalk, page) : { offset: 0, lastId: 0 };
	let offset = Math.max(0, at.offset - 1);
	for (;;) {
		const found = await ask({ orderby: "id", order: "asc", per_page: pageSize, offset });
		const [first] = found;
		// Rows before this page are gone, and others have moved up into their places unseen.
		if (offset > 0 && (!first || first.id > at.lastId)) {
			offset = Math.max(0, offset - (pageSize - 1));
			continue;
		}
		const rows = found.filter(({ id }) => id > at.lastId);
		const last = found.at(-1);
		const next = last && found.length === pageSize ? write({ offset: offset + found.length, lastId: last.id }) : null;
		return { rows, next };
	}
}
