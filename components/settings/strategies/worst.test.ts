import { expect, it } from "vitest";
import type { ComparedDay } from "@/lib/queries/strategies";
import { isWorst, largestOf } from "./worst";

type Row = ComparedDay["rows"][number];
const row = (oversold: number | null, lagMs: number | null = null): Row => ({
	contender: "shared",
	cell: oversold === null ? null : { oversold, reinflations: 0, lost: 3, calls: 10, lagMs },
});
const worst = (rows: Row[], figure: "oversold" | "lost" | "reinflations" | "lagMs") =>
	rows.map((one) => isWorst(rows, one, figure));

it("the worst is marked once every row is there", () => {
	expect(worst([row(5), row(2), row(null)], "oversold")).toEqual([false, false, false]);
	expect(worst([row(5), row(2), row(0)], "oversold")).toEqual([true, false, false]);
});

it("nothing is the worst where all are alike, or nothing happened", () => {
	expect(worst([row(1), row(2)], "lost")).toEqual([false, false]);
	expect(worst([row(1), row(2)], "reinflations")).toEqual([false, false]);
});

it("a figure that a strategy does not have is neither worst nor counted", () => {
	expect(worst([row(0, 900), row(0, 400), row(0, null)], "lagMs")).toEqual([true, false, false]);
	expect(largestOf([row(0, 900), row(null)])).toMatchObject({ lagMs: 900, oversold: 0, lost: 3 });
});
