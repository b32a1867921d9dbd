/** P4 where platforms write what lies there, over reservations of their own. */
import { reservingTwins, type Twin, twins } from "@/lib/simulation/run";
import { hardScenes, type Mix, reservingMixes } from "@/lib/simulation/scenes";
import type { Strategy } from "@/lib/stock/strategy";
import { print } from "../stories/story";
import { usualAllowance } from "./days";
import { day, hard, nothing, type Sums, shareOf, stage, storyOf, summed } from "./seeds";

/**
 * Over reservations, beside other stores and alone. A store whose open orders outnumber what is free keeps the share that it
 * has until they ship: that is what it costs there to sell nothing that does not exist.
 */
const leastShareOver = { mixed: 0.9, alone: 0.85 };
/** Of the shipments that are blocked where open orders are forgotten. */
const mostBlocked = 1 / 100;

const isUsual = (twin: Twin): boolean => twins.some((one) => one === twin);

const isAlone = (mix: Mix): boolean => new Set(mix).size === 1;

/** Every hard scene over reservations: each mix of stores, and each twin on all of them. */
function overReservations(from: number, seeds: number, ofTwins: number) {
	const ours = reservingMixes.map((mix) => ({
		mix,
		scenes: hardScenes.map((scene) => ({ scene, sums: hard(scene, from, seeds, null, [mix]) })),
	}));
	const naive = reservingTwins.map((twin) => ({
		twin,
		scenes: hardScenes.map((scene) => ({ scene, sums: hard(scene, from, ofTwins, twin, reservingMixes) })),
	}));
	return { ours, naive };
}

/** Adaptive on a day on which shared oversells, with each mix of stores over reservations. */
export function adaptiveOver(from: number, seeds: number): { mix: Mix; shared: Sums; adaptive: Sums }[] {
	const of = (strategy: Strategy, mix: Mix) => day("Black Friday, 300 units", from, seeds, strategy, {}, mix);
	return reservingMixes.map((mix) => ({ mix, shared: of("shared", mix), adaptive: of("adaptive", mix) }));
}

export function proveOver(
	from: number,
	seeds: number,
	ofTwins: number,
	ofDays: number,
): { short: string[]; verdict: string } {
	const { ours, naive } = overReservations(from, seeds, ofTwins);
	const short: string[] = [];
	for (const { mix, scenes } of ours) {
		const broken = storyOf(scenes, null, [mix]);
		if (broken) print(stage, broken);
		for (const { scene, sums } of scenes) {
			const least = leastShareOver[isAlone(mix) ? "alone" : "mixed"];
			console.log(
				`${mix.join(" + ")}, ${scene}: ${sums.oversold} oversold in ${sums.seeds} seeds, ${shareOf(sums).toFixed(3)} of a clairvoyant, ${(sums.calls / sums.seeds).toFixed(0)} calls a run, ${sums.blocked} shipments blocked`,
			);
			if (sums.oversold > 0) short.push(`${mix.join(" + ")}, ${scene}: ${sums.oversold} oversold`);
			if (shareOf(sums) < least)
				short.push(`${mix.join(" + ")}, ${scene}: ${shareOf(sums).toFixed(3)} of a clairvoyant`);
		}
	}
	const twinSums = naive.map(({ twin, scenes }) => ({ twin, scenes, sums: summed(scenes.map((one) => one.sums)) }));
	for (const { twin, scenes, sums } of twinSums) {
		// The mistakes that can be made anywhere are told above.
		const story = isUsual(twin) ? null : storyOf(scenes, twin, reservingMixes);
		if (story) print(stage, story);
		const failing = `${sums.oversold} oversold, in ${sums.failing} of ${sums.seeds} seeds, ${sums.blocked} shipments blocked`;
		console.log(`twin over reservations: ${twin}: ${failing}`);
		// What is written too low oversells nothing, and leaves open orders that can't be shipped.
		if (twin === "open orders forgotten" ? sums.blocked === 0 : sums.oversold === 0)
			short.push(`${twin} does not fail`);
	}
	const adaptive = adaptiveOver(from, ofDays);
	for (const one of adaptive) {
		console.log(
			`${one.mix.join(" + ")}, Black Friday: shared ${one.shared.oversold} oversold, adaptive ${one.adaptive.oversold}, ${shareOf(one.adaptive).toFixed(3)} of a clairvoyant`,
		);
		if (one.adaptive.oversold > one.shared.oversold * usualAllowance)
			short.push(`${one.mix.join(" + ")}: adaptive oversold ${one.adaptive.oversold}`);
	}
	const all = summed(ours.flatMap(({ scenes }) => scenes.map(({ sums }) => sums)));
	const forgotten = twinSums.find(({ twin }) => twin === "open orders forgotten")?.sums ?? nothing();
	if (all.blocked / all.seeds > (mostBlocked * forgotten.blocked) / forgotten.seeds)
		short.push(`${all.blocked} shipments blocked`);
	const shares = ours.map(({ mix, scenes }) => {
		const of = scenes.map(({ sums }) => shareOf(sums).toFixed(3)).sort();
		return `${of[0]}–${of.at(-1)} ${isAlone(mix) ? "alone" : `beside ${mix.slice(0, 2).join(" and ")}`}`;
	});
	return {
		short,
		verdict: `over reservations ${all.oversold} oversold in ${all.seeds} seeds, ${shares.join(", ")}, adaptive ${summed(adaptive.map((one) => one.adaptive)).oversold} of shared's ${summed(adaptive.map((one) => one.shared)).oversold} oversold on Black Friday, ${all.blocked} shipments blocked (open orders forgotten: ${forgotten.blocked} in ${forgotten.seeds} seeds)`,
	};
}
