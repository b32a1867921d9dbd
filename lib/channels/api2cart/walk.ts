/**
 * Walking a list whose rows come and go meanwhile. API2Cart's cursor keeps a position (seen), so that what goes before it
 * pulls unread rows past the reader. Where the store is a shop that takes `start`, a page therefore begins a few rows before
 * the end of the last one, further back when none of those is there any more, and leaves out what was read. Marketplaces make
 * a report for each list that is begun, and some shops refuse `start` (Shopify): those are walked by cursor alone.
 */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import type { Answer } from "./client";
import { isCode } from "./codes";
import { largestBatch } from "./facts";
import { type List, readPage, readPlace, writePlace } from "./paging";

/** Ours: as many rows may go between two pages without a step further back. */
const mostOverlap = 20;

/** `offset`: rows behind the reader. `tail`: the ids of the last of them. */
const place = z.object({ offset: z.number().int(), tail: z.array(z.string()), cursor: z.string() });
type Place = z.output<typeof place>;

/** One page of rows that were not read before, and the place behind it. */
export async function walkList<Row extends { id: string }>(
	connection: Connection,
	page: string | null,
	ask: { list: List; shape: z.ZodType<{ product: Row[] }> },
): Promise<{ rows: Row[]; next: string | null }> {
	const at = page === null ? null : readPlace(place, page);
	const found = (at && (await readOverlapping(connection, at, ask))) ?? {
		start: at?.offset ?? 0,
		read: 0,
		answer: await readPage(connection, ask.list, at?.cursor ?? null, ask.shape),
	};
	const { product: all } = found.answer.result;
	const rows = all.slice(found.read);
	const overlap = rows.length === 0 ? 0 : Math.min(mostOverlap, Math.floor(all.length / 2));
	const { next } = found.answer;
	return {
		rows,
		next:
			next === null || all.length === 0
				? null
				: writePlace({
						offset: found.start + all.length,
						tail: all.slice(all.length - overlap).map(({ id }) => id),
						cursor: next,
					} satisfies Place),
	};
}

type Found<Row> = { start: number; read: number; answer: Answer<{ product: Row[] }> };

/** `read`: how many of the page's rows are behind the reader. Null: this store is walked by cursor. */
async function readOverlapping<Row extends { id: string }>(
	connection: Connection,
	{ offset, tail }: Place,
	{ list, shape }: { list: List; shape: z.ZodType<{ product: Row[] }> },
): Promise<Found<Row> | null> {
	if (connection.facts.applies !== "at_once") return null;
	const known = new Set(tail);
	try {
		for (let start = offset - tail.length; ; ) {
			const answer = await readPage(connection, { ...list, filters: { ...list.filters, start } }, null, shape);
			const { product: rows } = answer.result;
			const read = rows.findLastIndex(({ id }) => known.has(id)) + 1;
			if (read > 0 || start === 0 || tail.length === 0) return { start, read, answer };
			start = Math.max(0, start - Math.ceil((rows.length || largestBatch) / 2));
		}
	} catch (error) {
		if (isCode(error, 109)) return null;
		throw error;
	}
}
