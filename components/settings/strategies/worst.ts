import { type Figure, figures } from "@/lib/format/comparison";
import type { ComparedDay } from "@/lib/queries/strategies";

type Row = ComparedDay["rows"][number];

/** The largest value of each figure; 0 where there is none yet. */
export const largestOf = (rows: readonly Row[]): Record<Figure, number> =>
	Object.fromEntries(
		figures.map(({ key }) => [key, rows.reduce((most, { cell }) => Math.max(most, cell?.[key] ?? 0), 0)]),
	) as Record<Figure, number>;

/**
 * Whether a row is the worst of its day in a figure: once every row is there, and only where it makes a difference. Several
 * rows can share the place.
 */
export function isWorst(rows: readonly Row[], { cell }: Row, figure: Figure): boolean {
	if (!cell || rows.some((row) => !row.cell)) return false;
	const values = rows.flatMap((row) => row.cell?.[figure] ?? []);
	const most = Math.max(...values);
	return most > 0 && Math.min(...values) < most && cell[figure] === most;
}
