import { countOf, formatNumber } from "./number";

/** Units × seconds as people can picture them: unit-seconds while they are few, then unit-hours. */
export function unitTime(unitSeconds: number): string {
	if (unitSeconds < 0.5) return "none";
	if (unitSeconds < 3600) return countOf(Math.round(unitSeconds), "unit-second");
	const hours = unitSeconds / 3600;
	return countOf(hours < 100 ? Math.round(hours * 10) / 10 : Math.round(hours), "unit-hour");
}

/** How many units were at risk in an hour, on average: of the hour that is passing, so far. */
export function averageUnits({ at, unitSeconds }: { at: number; unitSeconds: number }, now: number): number {
	const seconds = Math.max(1, Math.min(3600, (now - at) / 1000));
	return averageOver(unitSeconds, seconds / 3600);
}

/** The same over so many hours. */
export const averageOver = (unitSeconds: number, hours: number): number =>
	Math.round((unitSeconds / hours / 3600) * 10) / 10;

/** What units × seconds are over so many hours or days: "On average 67.7 units × 24 h = 1,624 unit-hours". */
export function averageWords(unitSeconds: number, hours: number, span: string): string {
	const average = averageOver(unitSeconds, hours);
	return average === 0
		? `${unitTime(unitSeconds)} in ${span}`
		: `On average ${countOf(average, "unit")} × ${span} = ${unitTime(unitSeconds)}`;
}

/** What exposure is, and what makes it none: units that several stores show count once more for each. */
export function exposureMeaning(units: number): string {
	return units === 0
		? "Stores can't sell more between them than there is, however late the news of a sale."
		: `Stores can sell ${formatNumber(units)} more between them than there ${units === 1 ? "is" : "are"}, as several show the same units. What sells again before the news of it arrives is oversold.`;
}
