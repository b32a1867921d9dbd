import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterTry, type BadRowSearch, beginSearch, nextTry } from "./bad-row-search";

/** A platform that applies all rows of a call or none, and tells of one only when it is alone. */
function searchAll(count: number, bad: ReadonlySet<number>, namesRows = false) {
	const ids = Array.from({ length: count }, (_, id) => id);
	const applied: number[] = [];
	const refused: number[] = [];
	let calls = 0;
	let search: BadRowSearch | null = beginSearch(ids);
	while (search) {
		const tried = nextTry(search);
		const badOnes = tried.filter((id) => bad.has(id));
		// The last suspect is known to be the bad one, and so are the platform's words for it.
		if (search.suspects.length !== 1) calls++;
		if (calls > 10 * count) throw new Error("never ends");
		const named = namesRows ? badOnes.slice(0, 1) : tried.length === 1 ? badOnes : [];
		if (badOnes.length === 0) applied.push(...tried);
		refused.push(...named);
		const notSent = badOnes.length > 0 ? tried.filter((id) => !named.includes(id)) : [];
		search = afterTry(search, { refused: named, notSent });
	}
	return { applied, refused, calls };
}

const sorted = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);

describe("the search for a bad row", () => {
	it("sends every good row once and every bad row alone, whoever is bad", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 2, max: 60 }),
				fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 8 }),
				fc.boolean(),
				(count, drawn, namesRows) => {
					const bad = new Set(drawn.filter((id) => id < count));
					const found = searchAll(count, bad, namesRows);
					expect(sorted(found.refused)).toEqual(sorted([...bad]));
					expect(sorted(found.applied)).toEqual(
						Array.from({ length: count }, (_, id) => id).filter((id) => !bad.has(id)),
					);
				},
			),
		);
	});

	it("takes nine calls at the most for one bad row of 250, wherever it stands", () => {
		const calls = Array.from({ length: 250 }, (_, id) => searchAll(250, new Set([id])).calls);
		expect(Math.max(...calls)).toBe(9);
	});

	it("takes 45 calls at the most for five bad rows of 250", () => {
		const draws = fc.sample(fc.uniqueArray(fc.nat(249), { minLength: 5, maxLength: 5 }), { numRuns: 400, seed: 1 });
		const calls = sorted(draws.map((ids) => searchAll(250, new Set(ids)).calls));
		expect(calls.at(-1)).toBeLessThanOrEqual(45);
	});

	it("goes on from what was named", () => {
		const found = searchAll(250, new Set([3, 200]), true);
		expect(found.refused).toEqual([3, 200]);
		expect(found.calls).toBe(3);
	});
});
