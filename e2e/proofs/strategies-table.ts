import { type Cell, compareOn, contenderNames, seedsOf } from "@/lib/simulation/compare";
import { dayNames } from "@/lib/simulation/scenes";
import type { Proof } from "./proof";

const fullSeeds = 200;
const shortSeeds = 20;
const inStep = (lagMs: number) => (lagMs < 1_000 ? `${lagMs.toFixed(0)} ms` : `${(lagMs / 1_000).toFixed(0)} s`);
const written = ({ oversold, reinflations, lost, calls, lagMs }: Cell) =>
	[
		oversold.toFixed(1),
		reinflations.toFixed(2),
		lost.toFixed(1),
		calls.toFixed(0),
		lagMs === null ? "–" : inStep(lagMs),
	].join(" / ");

export const proof: Proof = {
	id: "strategies",
	claim: "what each strategy costs and saves, on the days of a merchant",
	async run({ full, seed }) {
		console.log(
			"oversold, of a thousand units / re-inflations a run / units lost to caution, of a thousand / calls a run / 95 % of sales are off the other stores within",
		);
		console.log("");
		console.log(`| | ${contenderNames.join(" | ")} |`);
		console.log(`| --- |${contenderNames.map(() => " --- |").join("")}`);
		const worst = { escrow: 0, adaptive: 0, shared: 0, naive: 0, reinflations: 0 };
		for (const day of dayNames) {
			const cells: string[] = [];
			for (const key of contenderNames) {
				const one = await compareOn(day, key, seed, seedsOf(day, full ? fullSeeds : shortSeeds));
				if (key === "escrow") worst.escrow = Math.max(worst.escrow, one.oversold);
				if (key === "adaptive") worst.adaptive = Math.max(worst.adaptive, one.oversold);
				if (key === "shared") worst.shared = Math.max(worst.shared, one.oversold);
				if (key === "naive push") worst.naive = Math.max(worst.naive, one.oversold);
				if (key !== "naive push" && key !== "poll, 5 min")
					worst.reinflations = Math.max(worst.reinflations, one.reinflations);
				cells.push(written(one));
			}
			console.log(`| ${day} | ${cells.join(" | ")} |`);
		}
		const per = (figure: number) => figure.toFixed(1);
		return {
			holds: worst.escrow === 0 && worst.adaptive < worst.shared && worst.naive > 0,
			verdict: `escrow oversells ${per(worst.escrow)} of a thousand units on its worst day, adaptive ${per(worst.adaptive)}, shared ${per(worst.shared)}, the naive push ${per(worst.naive)} ${full ? "(full)" : "(a share)"}`,
		};
	},
};
