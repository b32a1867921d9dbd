/** While one trouble lasts, its lines are one row with a count: "×214". */
export type FoldedLine<Line> = {
	/** The newest of them. */
	line: Line;
	times: number;
	/** When the oldest of them was. */
	firstAt: number;
};

/** Two lines that say the same belong together when they are no further apart. */
const togetherMs = 10 * 60_000;

/** `lines` newest first. Lines without a key stand for themselves; the others fold into the newest of their run. */
export function foldRepeats<Line extends { at: number; repeatKey: string | null }>(
	lines: readonly Line[],
): FoldedLine<Line>[] {
	const rows: FoldedLine<Line>[] = [];
	const runs = new Map<string, FoldedLine<Line>>();
	for (const line of lines) {
		const run = line.repeatKey === null ? undefined : runs.get(line.repeatKey);
		if (run && run.firstAt - line.at <= togetherMs) {
			run.times++;
			run.firstAt = Math.min(run.firstAt, line.at);
			continue;
		}
		const row = { line, times: 1, firstAt: line.at };
		if (line.repeatKey !== null) runs.set(line.repeatKey, row);
		rows.push(row);
	}
	return rows;
}
