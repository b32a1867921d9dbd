import { type Contender, type Figures, naivePush, ours, pollEveryFiveMinutes, run } from "@/lib/simulation/run";
import { dayScene, days } from "@/lib/simulation/scenes";
import { quantile } from "@/lib/simulation/statistics";
import type { Proof } from "./proof";

/** What a merchant can choose, and what the field does. */
const contenders: Record<string, Contender> = {
	"naive push": naivePush,
	"poll, 5 min": pollEveryFiveMinutes,
	shared: ours("shared"),
	"shared − 2": ours("shared", { bufferUnits: 2 }),
	adaptive: ours("adaptive"),
	escrow: ours("escrow"),
};

const fullSeeds = 200;
const shortSeeds = 20;
/** A week holds so many polls that fewer of it do. */
const seedsOf = (name: string, seeds: number) => (name === "slow week" ? Math.ceil(seeds / 10) : seeds);

type Cell = { oversold: number; reinflations: number; lost: number; calls: number; lagMs: number };

/** Per thousand units that exist: oversold, and not sold though a clairvoyant would have; per run: re-inflations and calls. */
export function cell(name: string, contender: Contender, from: number, seeds: number): Cell {
	const day = days[name];
	if (!day) throw new Error(`There is no day called ${name}.`);
	const runs: Figures[] = [];
	for (let seed = from; seed < from + seeds; seed++) runs.push(run(seed, dayScene(day, seed), contender));
	const sum = (of: (one: Figures) => number) => runs.reduce((total, one) => total + of(one), 0);
	const units = seeds * day.stock;
	return {
		oversold: (1_000 * sum((one) => one.oversold)) / units,
		reinflations: sum((one) => one.reinflations) / seeds,
		lost: (1_000 * sum((one) => Math.max(0, one.clairvoyant - (one.sold - one.oversold)))) / units,
		calls: sum((one) => one.calls) / seeds,
		lagMs: quantile(
			runs.flatMap((one) => one.loweringMs),
			0.95,
		),
	};
}

const inStep = (lagMs: number) => (lagMs < 1_000 ? `${lagMs.toFixed(0)} ms` : `${(lagMs / 1_000).toFixed(0)} s`);
const written = ({ oversold, reinflations, lost, calls, lagMs }: Cell, isSplit: boolean) =>
	[oversold.toFixed(1), reinflations.toFixed(2), lost.toFixed(1), calls.toFixed(0), isSplit ? "–" : inStep(lagMs)].join(
		" / ",
	);

export const proof: Proof = {
	id: "strategies",
	claim: "what each strategy costs and saves, on the days of a merchant",
	async run({ full, seed }) {
		console.log(
			"oversold, of a thousand units / re-inflations a run / units lost to caution, of a thousand / calls a run / 95 % of sales are off the other stores within",
		);
		console.log("");
		console.log(`| | ${Object.keys(contenders).join(" | ")} |`);
		console.log(
			`| --- |${Object.keys(contenders)
				.map(() => " --- |")
				.join("")}`,
		);
		const worst = { escrow: 0, adaptive: 0, shared: 0, naive: 0, reinflations: 0 };
		for (const name of Object.keys(days)) {
			const cells = Object.entries(contenders).map(([key, contender]) => {
				const one = cell(name, contender, seed, seedsOf(name, full ? fullSeeds : shortSeeds));
				if (key === "escrow") worst.escrow = Math.max(worst.escrow, one.oversold);
				if (key === "adaptive") worst.adaptive = Math.max(worst.adaptive, one.oversold);
				if (key === "shared") worst.shared = Math.max(worst.shared, one.oversold);
				if (key === "naive push") worst.naive = Math.max(worst.naive, one.oversold);
				if (key !== "naive push" && key !== "poll, 5 min")
					worst.reinflations = Math.max(worst.reinflations, one.reinflations);
				return written(one, key === "escrow");
			});
			console.log(`| ${name} | ${cells.join(" | ")} |`);
		}
		const per = (figure: number) => figure.toFixed(1);
		return {
			holds: worst.escrow === 0 && worst.adaptive < worst.shared && worst.naive > 0,
			verdict: `escrow oversells ${per(worst.escrow)} of a thousand units on its worst day, adaptive ${per(worst.adaptive)}, shared ${per(worst.shared)}, the naive push ${per(worst.naive)} ${full ? "(full)" : "(a share)"}`,
		};
	},
};
