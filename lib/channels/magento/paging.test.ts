import fc from "fast-check";
import { expect, test } from "vitest";
import { ChannelError } from "../errors";
import { type ChangeWalk, changeWalk, readPlace, startOf, step, writePlace } from "./paging";

type Row = { id: string; at: number };
const pageSize = 3;
const of = { id: ({ id }: Row) => id, stamp: ({ at }: Row) => at * 1_000, pageSize };

/** As a store pages: by stamp, and past the end the last page again or nothing. */
function page(rows: readonly Row[], at: ChangeWalk, clamps: boolean): { found: Row[]; total: number } {
	const all = rows.filter((row) => row.at * 1_000 >= at.since).sort((a, b) => a.at - b.at);
	const last = Math.max(1, Math.ceil(all.length / pageSize));
	const from = ((clamps ? Math.min(at.page, last) : at.page) - 1) * pageSize;
	return { found: all.slice(from, from + pageSize), total: all.length };
}

test("every row comes once, whatever their stamps, whether pages past the end repeat the last or not", () => {
	const stamps = fc.array(fc.nat(4), { maxLength: 25 });
	fc.assert(
		fc.property(stamps, fc.boolean(), (ats, clamps) => {
			const rows = ats.map((at, index) => ({ id: String(index), at }));
			const seen: string[] = [];
			let at: ChangeWalk | null = startOf(new Date(0));
			for (let pages = 0; at; pages++) {
				expect(pages).toBeLessThan(60);
				const { found, total } = page(rows, at, clamps);
				const one: ReturnType<typeof step<Row>> = step(at, found, total, of);
				seen.push(...one.rows.map(({ id }) => id));
				at = one.next;
			}
			expect(seen.sort()).toEqual(rows.map(({ id }) => id).sort());
		}),
	);
});

test("a row that is saved while the list is walked pulls no other out of sight", () => {
	const rows = Array.from({ length: 12 }, (_, index) => ({ id: String(index), at: index + 1 }));
	const seen = new Set<string>();
	let at: ChangeWalk | null = startOf(new Date(0));
	for (let moved = 0; at; moved++) {
		const { found, total } = page(rows, at, false);
		const one: ReturnType<typeof step<Row>> = step(at, found, total, of);
		for (const { id } of one.rows) seen.add(id);
		at = one.next;
		const row = rows[moved];
		if (row && moved < 5) row.at = 100 + moved;
	}
	expect(seen.size).toBe(12);
});

test("a walk begins with the second of its moment, and a place that is none is said to be none", () => {
	expect(startOf(new Date(5_999)).since).toBe(5_000);
	const place = { since: 1, page: 2, seen: ["a"] };
	expect(readPlace(changeWalk, writePlace(place))).toEqual(place);
	expect(() => readPlace(changeWalk, "nonsense")).toThrow(ChannelError);
});
