/** P4 where platforms only say that they have accepted a write. */
import { acceptingMixes, hardScenes } from "@/lib/simulation/scenes";
import { print } from "../stories/story";
import { hard, shareOf, stage, storyOf, summed } from "./seeds";

/** What is accepted lands up to a quarter of an hour late, and until then its units are nobody else's. */
export const leastShareAccepting = 0.9;

/** Every hard scene with stores that only say that they have accepted a write; and the twin that takes that for done. */
export function accepting(from: number, seeds: number, ofTwin: number) {
	const ours = acceptingMixes.map((mix) => ({
		mix,
		scenes: hardScenes.map((scene) => ({ scene, sums: hard(scene, from, seeds, null, [mix]) })),
	}));
	const naive = summed(hardScenes.map((scene) => hard(scene, from, ofTwin, "accepted is applied", acceptingMixes)));
	return { ours, naive };
}

export function proveAccepting(from: number, seeds: number, ofTwin: number): { short: string[]; verdict: string } {
	const { ours, naive } = accepting(from, seeds, ofTwin);
	const short: string[] = [];
	for (const { mix, scenes } of ours) {
		const broken = storyOf(scenes, null, [mix]);
		if (broken) print(stage, broken);
		for (const { scene, sums } of scenes) {
			const figures = `${sums.oversold} oversold in ${sums.seeds} seeds, ${shareOf(sums).toFixed(3)} of a clairvoyant`;
			console.log(`${mix.join(" + ")}, ${scene}: ${figures}, ${(sums.calls / sums.seeds).toFixed(0)} calls a run`);
			if (sums.oversold > 0 || shareOf(sums) < leastShareAccepting)
				short.push(`${mix.join(" + ")}, ${scene}: ${figures}`);
		}
	}
	if (naive.oversold === 0) short.push("accepted is applied does not fail");
	const all = ours.flatMap(({ scenes }) => scenes.map(({ sums }) => sums));
	const shares = all.map((sums) => shareOf(sums).toFixed(3)).sort();
	return {
		short,
		verdict: `where writes are only accepted ${summed(all).oversold} oversold in ${summed(all).seeds} seeds, ${shares[0]}–${shares.at(-1)} of a clairvoyant (taken for applied: ${naive.oversold} in ${naive.seeds})`,
	};
}
