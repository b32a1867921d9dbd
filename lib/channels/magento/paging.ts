/** Walking lists that move while they are walked, and whose pages past the end may repeat the last one. */
import { z } from "zod";
import type { Connection } from "../channel-adapter";
import { ChannelError } from "../errors";
import { largestPageOf } from "./search";

const mostAtOnce = 100;

export const pageSizeOf = (connection: Pick<Connection, "facts">) => Math.min(mostAtOnce, largestPageOf(connection));

/** Where a walk stands; `seen`: ids of the second that it stands at. */
export const changeWalk = z.object({ since: z.number(), page: z.number().int(), seen: z.array(z.string()) });
export type ChangeWalk = z.output<typeof changeWalk>;

export const writePlace = (place: unknown) => Buffer.from(JSON.stringify(place)).toString("base64url");

export function readPlace<T>(shape: z.ZodType<T>, page: string): T {
	try {
		return shape.parse(JSON.parse(Buffer.from(page, "base64url").toString("utf8")));
	} catch (cause) {
		throw new ChannelError("unreadable", "This place in the list can't be found again; start from the first page.", {
			cause,
		});
	}
}

/** `2026-11-20 10:00:00`, UTC, to the second. */
export const mageMoment = (at: number) => new Date(at).toISOString().slice(0, 19).replace("T", " ");

export const startOf = (changedSince: Date): ChangeWalk => ({
	since: Math.floor(changedSince.getTime() / 1_000) * 1_000,
	page: 1,
	seen: [],
});

/**
 * What of a page is new, and where the walk goes on: anew from the last stamp, which stays still while rows before it leave. Only
 * of more rows of one second than a page holds are the pages themselves counted.
 */
export function step<Row>(
	at: ChangeWalk,
	found: readonly Row[],
	total: number,
	of: { id: (row: Row) => string; stamp: (row: Row) => number; pageSize: number },
): { rows: Row[]; next: ChangeWalk | null } {
	const seen = new Set(at.seen);
	const rows = found.filter((row) => !seen.has(of.id(row)));
	const last = found.at(-1);
	if (!last || at.page * of.pageSize >= total || found.length < of.pageSize) return { rows, next: null };
	const since = of.stamp(last);
	if (since > at.since) {
		const again = found.filter((row) => of.stamp(row) >= since).map(of.id);
		return { rows, next: { since, page: 1, seen: again } };
	}
	return { rows, next: { since: at.since, page: at.page + 1, seen: [...seen, ...rows.map(of.id)] } };
}
