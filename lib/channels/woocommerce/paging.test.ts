import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pageSize, type Query, walkChanges, walkIds } from "./paging";

type Row = { id: number; at: number };
const start = Date.parse("2026-11-23T14:00:00Z");

/** A list as WooCommerce keeps it, sorted by stamp (ties in any order) or by id, cut by offset, filtered strictly. */
function listOf(rows: Row[], scramble: (a: Row, b: Row) => number) {
	return async (query: Query): Promise<Row[]> => {
		const sorted =
			query.orderby === "id"
				? [...rows].sort((a, b) => a.id - b.id)
				: rows
						.filter(({ at }) => at > Date.parse(`${query.modified_after}Z`))
						.sort((a, b) => a.at - b.at || scramble(a, b));
		const offset = Number(query.offset);
		return sorted.slice(offset, offset + Number(query.per_page));
	};
}

async function walk(next: (page: string | null) => Promise<{ rows: Row[]; next: string | null }>, between: () => void) {
	const seen: Row[] = [];
	let page: string | null = null;
	do {
		const walked = await next(page);
		seen.push(...walked.rows);
		page = walked.next;
		between();
	} while (page);
	return seen;
}

const stampOf = (row: Row) => row.at;

describe("a walk by modification", () => {
	test("reads every row once while nothing moves, also when the stamp equals the cursor", async () => {
		const rows = Array.from({ length: 350 }, (_, id) => ({ id: id + 1, at: start + Math.floor(id / 4) * 1_000 }));
		const ask = listOf(rows, (a, b) => b.id - a.id);
		const seen = await walk(
			(page) => walkChanges(new Date(start), page, stampOf, ask),
			() => {},
		);
		expect(seen.map(({ id }) => id).sort((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
	});

	test("misses no row, however rows move to the end while it reads", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 100, max: 420 }),
				fc.integer({ min: 1, max: 40 }),
				fc.array(fc.array(fc.nat(419), { maxLength: 30 }), { maxLength: 8 }),
				async (count, perSecond, moves) => {
					const rows = Array.from({ length: count }, (_, id) => ({
						id: id + 1,
						at: start + Math.floor(id / perSecond) * 1_000,
					}));
					let end = start + 3_600_000;
					const ask = listOf(rows, (a, b) => a.id - b.id);
					const seen = await walk(
						(page) => walkChanges(new Date(start), page, stampOf, ask),
						() => {
							for (const index of moves.shift() ?? []) {
								const row = rows[index];
								if (row) row.at = end;
								end += 1_000;
							}
						},
					);
					expect(new Set(seen.map(({ id }) => id)).size).toBe(count);
				},
			),
			{ numRuns: 200 },
		);
	});

	test("gets through a bulk edit of many pages within one second", async () => {
		const rows = Array.from({ length: 430 }, (_, id) => ({ id: id + 1, at: start + 5_000 }));
		const seen = await walk(
			(page) =>
				walkChanges(
					new Date(start),
					page,
					stampOf,
					listOf(rows, (a, b) => a.id - b.id),
				),
			() => {},
		);
		expect(seen.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
	});

	test("asks in UTC without a zone: with one, WooCommerce would shift it twice", async () => {
		const asked: Query[] = [];
		await walkChanges(new Date("2026-11-23T14:00:05.700Z"), null, stampOf, async (query) => {
			asked.push(query);
			return [];
		});
		expect(asked[0]).toMatchObject({ modified_after: "2026-11-23T14:00:04", dates_are_gmt: true });
	});
});

describe("a walk by id", () => {
	test("misses no row, however rows are deleted behind it", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 450 }),
				fc.array(fc.array(fc.nat(449), { maxLength: 120 }), { maxLength: 5 }),
				async (count, deletions) => {
					const rows = Array.from({ length: count }, (_, id) => ({ id: id + 1, at: 0 }));
					const survivors = new Set(rows.map(({ id }) => id));
					const seen = await walk(
						(page) =>
							walkIds(
								page,
								listOf(rows, () => 0),
							),
						() => {
							for (const id of deletions.shift() ?? []) {
								const index = rows.findIndex((row) => row.id === id);
								if (index >= 0) rows.splice(index, 1);
								survivors.delete(id);
							}
						},
					);
					const ids = seen.map(({ id }) => id);
					expect(new Set(ids).size).toBe(ids.length);
					for (const id of survivors) expect(ids).toContain(id);
				},
			),
			{ numRuns: 200 },
		);
	});

	test("a list that ends with a full page ends", async () => {
		const rows = Array.from({ length: pageSize }, (_, id) => ({ id: id + 1, at: 0 }));
		expect(
			await walk(
				(page) =>
					walkIds(
						page,
						listOf(rows, () => 0),
					),
				() => {},
			),
		).toHaveLength(pageSize);
	});
});

test("a place that we did not make is refused", async () => {
	await expect(walkIds("nonsense", async () => [])).rejects.toThrow("start from the first page");
});
