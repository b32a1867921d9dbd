import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { acceptingModes, reservingModes, usualModes } from "@/lib/simulation/reinflation";
import { twins } from "@/lib/simulation/run";
import { reservingMixes } from "@/lib/simulation/scenes";
import * as p4 from "../never-oversold/seeds";
import * as p1 from "../p1";
import { playScript, type Script, stepsOf } from "./script";
import { shrink } from "./shrink";
import { replay, type Stage, shortest } from "./story";
import { tell } from "./tell";

const mostSteps = 10;

beforeAll(() => {
	vi.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(() => {
	vi.restoreAllMocks();
});

describe("a failing seed", () => {
	it("is written down as it was: played from the script it comes to the same", () => {
		const { script } = p4.drawn("busy sales", 14, "blind retry");
		const contender = must(p4.stage, "blind retry");
		const sums = p4.hard("busy sales", 14, 1, "blind retry");
		const { sold, oversold, calls } = playScript(script, contender);
		expect({ sold, oversold, calls }).toEqual({ sold: sums.sold, oversold: sums.oversold, calls: sums.calls });
		expect(oversold).toBeGreaterThan(0);
	});

	it("is written down as it was over reservations, too, shipments and all", () => {
		for (let seed = 1; seed <= 12; seed++) {
			const { contender, script } = p4.drawn("busy sales", seed, "no doubt for shipments", reservingMixes);
			const { sold, oversold, calls, blocked } = playScript(script, must(p4.stage, contender));
			const sums = p4.hard("busy sales", seed, 1, "no doubt for shipments", reservingMixes);
			expect({ sold, oversold, calls, blocked }, `seed ${seed}`).toEqual({
				sold: sums.sold,
				oversold: sums.oversold,
				calls: sums.calls,
				blocked: sums.blocked,
			});
			expect(script.misfortunes.some(({ what }) => what === "ships")).toBe(true);
		}
	});

	it("over reservations is told with the shipment without which it would not fail", () => {
		const runs = (["busy sales", "moving crowds"] as const).map((scene) => ({
			scene,
			sums: p4.hard(scene, 1, 60, "no doubt for shipments", reservingMixes),
		}));
		const story = p4.storyOf(runs, "no doubt for shipments", reservingMixes);
		if (!story) throw new Error("the twin never fails");
		const { script } = story;
		expect(stepsOf(script)).toBeLessThanOrEqual(mostSteps);
		playsAgain(p4.stage, story);
		expect(tell(script, must(p4.stage, story.contender)).sentences.join("\n")).toContain("; it ships ");
		const unshipped = { ...script, misfortunes: script.misfortunes.filter(({ what }) => what !== "ships") };
		expect(p4.stage.isWrong(playScript(unshipped, must(p4.stage, story.contender)))).toBe(false);
		expect(p4.stage.isWrong(playScript(script, must(p4.stage, "escrow")))).toBe(false);
	}, 180_000);

	it.each(twins)(
		"of P4's twin %s is told in a few steps, fails in them still, and plays the same again",
		(twin) => {
			const runs = (["busy sales", "moving crowds", "flash sale"] as const).map((scene) => ({
				scene,
				sums: p4.hard(scene, 1, 40, twin),
			}));
			const story = p4.storyOf(runs, twin);
			if (!story) throw new Error("the twin never fails");
			expect(stepsOf(story.script)).toBeLessThanOrEqual(mostSteps);
			playsAgain(p4.stage, story);
			// It is the twin's mistake: the same misfortunes do nothing to the rules as they are.
			expect(p4.stage.isWrong(playScript(story.script, must(p4.stage, "escrow")))).toBe(false);
		},
		180_000,
	);

	const naive = ["plain push", "read, then compare"] as const;
	it.each(
		naive.flatMap((strategy) =>
			[usualModes, ...reservingModes, ...acceptingModes].map((modes) => ({ strategy, modes, on: modes.join(" + ") })),
		),
	)(
		"of P1's twin $strategy on $on, too",
		({ strategy, modes }) => {
			const { failingSeeds } = p1.reinflations(strategy, 1, 20, modes);
			const story = shortest(
				p1.stage,
				failingSeeds.map((seed) => p1.drawn(seed, strategy, modes)),
			);
			if (!story) throw new Error("the twin never fails");
			expect(stepsOf(story.script)).toBeLessThanOrEqual(mostSteps);
			playsAgain(p1.stage, story);
			expect(p1.stage.isWrong(playScript(story.script, must(p1.stage, "ours")))).toBe(false);
		},
		180_000,
	);
});

/** From its file, word by word. */
function playsAgain(stage: Stage, story: { contender: string; seed: number; script: Script }): void {
	const contender = must(stage, story.contender);
	const first = tell(story.script, contender);
	const again = tell(JSON.parse(JSON.stringify(story.script)), contender);
	expect(again).toEqual(first);
	expect(stage.isWrong(first.figures)).toBe(true);
	expect(replay(stage, JSON.parse(JSON.stringify(story))).holds).toBe(false);
}

function must(stage: Stage, name: string) {
	const contender = stage.contenders[name];
	if (!contender) throw new Error(`there is no ${name}`);
	return contender;
}

it("a script that is as short as can be is left alone", () => {
	const script: Script = {
		stock: 1,
		runMs: 0,
		stores: ["compare", "delta"].map((mode) => ({
			mode: mode as "compare" | "delta",
			shows: 1,
			latencyMs: 100,
			newsDelayMs: 0,
			newsLossRate: 0,
			lostAnswerRate: 0,
			lateWriteMs: 0,
			orderListLagMs: 0,
		})),
		buyers: [0, 1].map((channel) => ({ at: 0, channel, units: 1, newsMs: null })),
		misfortunes: [],
		crashes: [],
	};
	const contender = must(p4.stage, "shared");
	expect(shrink(script, contender, p4.stage.isWrong).script).toEqual(script);
});

it("a file that holds no story is refused with what is wrong in it", () => {
	expect(() => replay(p4.stage, { contender: "escrow", seed: 1 })).toThrow(/not a story.*script/s);
	const { script } = p4.drawn("flash sale", 1, "shared");
	expect(() => replay(p4.stage, { contender: "nobody", seed: 1, script })).toThrow('P4 knows no "nobody"');
});
