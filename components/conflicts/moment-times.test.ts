import { expect, test } from "vitest";
import { momentTimes } from "./moment-times";

const second = Date.UTC(2026, 10, 24, 14, 2, 31);
const said = (at: number, heardAt: number | null) => momentTimes({ at, heardAt }, "UTC").map(({ words }) => words);

test("two of our own moments within a tenth of a second are told apart", () => {
	expect([said(second + 861, null), said(second + 904, null)]).toEqual([["14:02:31.861"], ["14:02:31.904"]]);
});

test("an order says when it was sold, no finer than its store stamps it, and when we heard of it", () => {
	expect(said(second, second + 905)).toEqual(["sold 14:02:31", "heard 14:02:31.905"]);
	expect(said(second + 250, second + 905)).toEqual(["sold 14:02:31.250", "heard 14:02:31.905"]);
	expect(said(second, second + 3 * 3_600_000)).toEqual(["sold 14:02:31", "heard 3 h later"]);
});

test("an order whose store's stamp says nothing was heard of, and no more is claimed", () => {
	expect(said(second + 905, second + 905)).toEqual(["heard 14:02:31.905"]);
});
