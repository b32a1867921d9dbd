/** What adaptive sells twice on whole days, beside what sharing does, and what it costs. */
import { type DayName, dayNames, days } from "@/lib/simulation/scenes";
import { day, type Sums, shareOf } from "./seeds";

/** Of what shared oversells, adaptive may oversell this much: a burst that nobody announced is over before its news came. */
const allowance: Partial<Record<DayName, number>> = { "flash sale of 20": 1 / 5, "a marked launch of 20": 0 };
export const usualAllowance = 1 / 10;
const leastAdaptiveShare = 0.995;
const perThousand = (sums: Sums, stock: number) => ((1_000 * sums.oversold) / (sums.seeds * stock)).toFixed(1);
const cell = (sums: Sums, stock: number) =>
	`${perThousand(sums, stock)} / ${shareOf(sums).toFixed(3)} / ${(sums.calls / sums.seeds).toFixed(0)}`;

/** The days for which adaptive has marks; large baskets, which no share of a small stock can serve, have none. */
export const markedDays = dayNames.filter((name) => name !== "large baskets");

export function compareDays(seed: number, seeds: number): string[] {
	const short: string[] = [];
	console.log("oversold units of a thousand that exist / share of a clairvoyant's sales / calls a run");
	for (const name of markedDays) {
		const { stock } = days[name];
		const shared = day(name, seed, seeds, "shared");
		const held = day(name, seed, seeds, "shared", { bufferUnits: 2 });
		const adaptive = day(name, seed, seeds, "adaptive");
		const escrow = day(name, seed, seeds, "escrow");
		console.log(
			`  ${name.padEnd(28)} shared ${cell(shared, stock)} | shared − 2 ${cell(held, stock)} | adaptive ${cell(adaptive, stock)} | escrow ${cell(escrow, stock)}`,
		);
		const most = shared.oversold * (allowance[name] ?? usualAllowance);
		if (adaptive.oversold > most) short.push(`${name}: ${adaptive.oversold} of shared's ${shared.oversold} oversold`);
		if (shareOf(adaptive) < leastAdaptiveShare) short.push(`${name}: ${shareOf(adaptive).toFixed(3)} of a clairvoyant`);
		if (escrow.oversold > 0) short.push(`${name}: escrow oversold ${escrow.oversold}`);
	}
	return short;
}
