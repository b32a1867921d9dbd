import { describe, expect, it } from "vitest";
import { reservingTwins, twins } from "@/lib/simulation/run";
import { hardScenes, reservingMixes } from "@/lib/simulation/scenes";
import { accepting, leastShareAccepting } from "./never-oversold/accepting";
import { type Circumstance, changed, circumstances } from "./never-oversold/changed-orders";
import { adaptiveOver } from "./never-oversold/over-reservations";
import { day, hard, shareOf } from "./never-oversold/seeds";

describe("P4", () => {
	it.each(hardScenes)("escrow oversells nothing in %s, and sells nearly all that a clairvoyant sells", (scene) => {
		const sums = hard(scene, 1, 60);
		expect(sums.oversold).toBe(0);
		expect(shareOf(sums)).toBeGreaterThan(scene === "flash sale" ? 0.98 : 0.95);
	});

	it.each(twins)("the twin %s oversells", (twin) => {
		expect(hardScenes.some((scene) => hard(scene, 1, 60, twin).oversold > 0)).toBe(true);
	});

	it.each(hardScenes)("over reservations, too, escrow oversells nothing in %s", (scene) => {
		const sums = hard(scene, 1, 60, null, reservingMixes);
		expect(sums.oversold).toBe(0);
		expect(sums.blocked).toBe(0);
		expect(shareOf(sums)).toBeGreaterThan(0.9);
	});

	it.each(reservingTwins.filter((twin) => twin !== "open orders forgotten"))(
		"over reservations the twin %s oversells",
		(twin) => {
			expect(hardScenes.some((scene) => hard(scene, 1, 200, twin, reservingMixes).oversold > 0)).toBe(true);
		},
		60_000,
	);

	it("where writes are only accepted escrow oversells nothing; who takes that for applied does", () => {
		const { ours, naive } = accepting(1, 6, 20);
		for (const { mix, scenes } of ours)
			for (const { scene, sums } of scenes) {
				expect([sums.oversold, sums.blocked], `${mix.join(" + ")}, ${scene}`).toEqual([0, 0]);
				expect(shareOf(sums), `${mix.join(" + ")}, ${scene}`).toBeGreaterThan(leastShareAccepting - 0.03);
			}
		expect(naive.oversold).toBeGreaterThan(0);
	}, 60_000);

	it.each(Object.keys(circumstances) as Circumstance[])(
		"with %s escrow oversells nothing",
		(what) => {
			const sums = changed(what, 1, 20);
			expect([sums.oversold, sums.blocked], `${sums.failingSeeds}`).toEqual([0, 0]);
		},
		60_000,
	);

	it("who believes stamps oversells, who forgets what was cancelled unheard, and who takes below zero for granted", () => {
		expect(changed("clocks ahead", 1, 40, { trustsStamps: true }).oversold).toBeGreaterThan(0);
		expect(changed("half cancelled", 1, 40, { forgetsReturns: true }).oversold).toBeGreaterThan(0);
		expect(changed("orders as they come", 1, 40, { forgetsBelowZero: true }).oversold).toBeGreaterThan(0);
	}, 60_000);

	it("over reservations, too, adaptive oversells a tenth of what shared does", () => {
		for (const { shared, adaptive } of adaptiveOver(1, 8)) {
			expect(shared.oversold).toBeGreaterThan(5);
			expect(adaptive.oversold).toBeLessThanOrEqual(shared.oversold / 10);
		}
	});

	it("over reservations the twin that forgets open orders leaves them unshippable", () => {
		expect(hard("busy sales", 1, 30, "open orders forgotten", reservingMixes).blocked).toBeGreaterThan(100);
	});

	it("adaptive oversells a tenth of what shared does, and nothing in a marked launch", () => {
		const shared = day("Black Friday, 300 units", 1, 20, "shared");
		const adaptive = day("Black Friday, 300 units", 1, 20, "adaptive");
		expect(shared.oversold).toBeGreaterThan(20);
		expect(adaptive.oversold).toBeLessThanOrEqual(shared.oversold / 10);
		expect(shareOf(adaptive)).toBeGreaterThan(0.995);
		expect(day("a marked launch of 20", 1, 20, "adaptive").oversold).toBe(0);
		expect(day("a marked launch of 20", 1, 20, "shared").oversold).toBeGreaterThan(0);
	});
});
