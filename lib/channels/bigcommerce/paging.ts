/**
 * Walking lists that move while they are walked. Pages are counted, so a row that changes leaves its place and pulls those
 * behind it forward, past the reader. A walk by change therefore starts anew behind the last stamp it saw after each full
 * page, with an overlap, and leaves out what it has seen; a walk by id asks for what lies behind the last id.
 */
import { z } from "zod";
import { ChannelError } from "../errors";

/** The largest page of products and of orders. */
export const pageSize = 250;

/** Stamps are to the second, and a slow commit can come behind a later one: ours. */
const overlapMs = 2_000;

/** `seen`: ids at or behind `since`. */
export type ChangeWalk = { since: number; page: number; seen: string[] };

const changeWalk = z.object({ since: z.number(), page: z.number().int(), seen: z.array(z.string()) });

const write = (at: ChangeWalk) => Buffer.from(JSON.stringify(at)).toString("base64url");

function read(page: string): ChangeWalk {
	try {
		return changeWalk.parse(JSON.parse(Buffer.from(page, "base64url").toString("utf8")));
	} catch (cause) {
		throw new ChannelError("unreadable", "This place in the list can't be found again; start from the first page.", {
			cause,
		});
	}
}

/** One page of a walk by change, oldest first. `ask` gets the full moment (a bare date is read at the present time of day). */
export async function walkChanges<Row extends { id: string }>(
	changedSince: Date,
	page: string | null,
	stampOf: (row: Row) => number,
	ask: (from: { since: string; page: number }) => Promise<Row[]>,
): Promise<{ rows: Row[]; next: string | null }> {
	const at: ChangeWalk = page ? read(page) : { since: changedSince.getTime() - 1_000, page: 1, seen: [] };
	const found = await ask({ since: `${new Date(at.since).toISOString().slice(0, 19)}Z`, page: at.page });
	const seen = new Set(at.seen);
	return { rows: found.filter(({ id }) => !seen.has(id)), next: nextOf(at, found, stampOf) };
}

function nextOf<Row extends { id: string }>(
	at: ChangeWalk,
	found: readonly Row[],
	stampOf: (row: Row) => number,
): string | null {
	const last = found.at(-1);
	if (!last || found.length < pageSize) return null;
	const since = stampOf(last) - overlapMs;
	const isAscending = found.every((row, index) => index === 0 || stampOf(row) >= stampOf(found[index - 1] as Row));
	if (since > at.since && isAscending)
		return write({ since, page: 1, seen: found.filter((row) => stampOf(row) > since - 1_000).map(({ id }) => id) });
	// More rows of one moment than a page holds (an import): only the places lead on.
	return write({ since: at.since, page: at.page + 1, seen: [...new Set([...at.seen, ...found.map(({ id }) => id)])] });
}
