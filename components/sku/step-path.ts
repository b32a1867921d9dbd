/** Values that hold until the next one, as an SVG path. Pure. */
type Step = { at: number; value: number };
type Scale = (value: number) => number;

const round = (value: number) => Math.round(value * 10) / 10;

/** `until`: how far the last value reaches. */
export function stepPath(steps: readonly Step[], until: number, x: Scale, y: Scale): string {
	const [first] = steps;
	if (!first) return "";
	const path = [`M${round(x(first.at))} ${round(y(first.value))}`];
	for (const { at, value } of steps.slice(1)) path.push(`H${round(x(at))}V${round(y(value))}`);
	path.push(`H${round(x(until))}`);
	return path.join("");
}

/** The same, closed down to the ground. */
export function areaPath(steps: readonly Step[], until: number, x: Scale, y: Scale, ground: number): string {
	const [first] = steps;
	return first ? `${stepPath(steps, until, x, y)}V${ground}H${round(x(first.at))}Z` : "";
}
