/** Where a scale ends, so that its end and its middle are numbers that people say. Pure. */
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const durations = [100, 200, 400, ...[1, 2, 4, 10, 20, 40].map((seconds) => seconds * second)]
	.concat([1, 2, 4, 10, 20].map((minutes) => minutes * minute))
	.concat([1, 2, 4, 12, 24].map((hours) => hours * hour));

/** For whole things: 1, 2, 4, 6, 8, 10, 20, 40 … */
export function countTop(highest: number): number {
	if (highest <= 1) return 1;
	const power = 10 ** Math.floor(Math.log10(highest));
	return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((top) => top >= highest) ?? highest;
}

/** For milliseconds: 0.1 s, 0.2 s … 20 min … 24 h. */
export const durationTop = (highest: number): number => durations.find((top) => top >= highest) ?? highest;
