/** What a merchant can choose and what the field does, on the same days: the strategies table. */
import { type Contender, drawn, type Figures, naivePush, ours, playGently, pollEveryFiveMinutes } from "./run";
import { type DayName, dayScene, days } from "./scenes";
import { quantile } from "./statistics";

export const contenders = {
	"naive push": naivePush,
	"poll, 5 min": pollEveryFiveMinutes,
	shared: ours("shared"),
	"shared − 2": ours("shared", { bufferUnits: 2 }),
	adaptive: ours("adaptive"),
	escrow: ours("escrow"),
} as const satisfies Record<string, Contender>;

export type ContenderName = keyof typeof contenders;
export const contenderNames = Object.keys(contenders) as ContenderName[];

export type Cell = {
	/** Units sold that did not exist, of a thousand that did. */
	oversold: number;
	/** Writes that put a sold unit back on sale, a run. */
	reinflations: number;
	/** Units that a clairvoyant would have sold and it did not, of a thousand that exist. */
	lost: number;
	/** Calls a run, polls included. */
	calls: number;
	/** In this time 95 of 100 sales are off the other stores, which show the same number; null: they show parts of it. */
	lagMs: number | null;
};

/** A week holds so many polls that fewer of it do. */
export const seedsOf = (day: DayName, seeds: number): number => (day === "slow week" ? Math.ceil(seeds / 10) : seeds);

/** One strategy on one day, `seeds` seeds from `from` on; gently (see playGently). */
export async function compareOn(day: DayName, name: ContenderName, from: number, seeds: number): Promise<Cell> {
	const contender = contenders[name];
	const runs: Figures[] = [];
	for (let seed = from; seed < from + seeds; seed++)
		runs.push(await playGently(drawn(seed, dayScene(days[day], seed), contender), contender));
	const sum = (of: (one: Figures) => number) => runs.reduce((total, one) => total + of(one), 0);
	const units = seeds * days[day].stock;
	const loweringMs = runs.flatMap((one) => one.loweringMs);
	return {
		oversold: (1_000 * sum((one) => one.oversold)) / units,
		reinflations: sum((one) => one.reinflations) / seeds,
		lost: (1_000 * sum((one) => Math.max(0, one.clairvoyant - (one.sold - one.oversold)))) / units,
		calls: sum((one) => one.calls) / seeds,
		lagMs: name === "escrow" || loweringMs.length === 0 ? null : quantile(loweringMs, 0.95),
	};
}
