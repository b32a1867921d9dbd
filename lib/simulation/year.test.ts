/** A year of a shop on virtual time: what a slow week hides may take months to show. */
import { expect, it } from "vitest";
import { crowd, ours, run } from "./run";
import { dayScene } from "./scenes";

const day = 24 * 3_600_000;

it("a simulated year takes seconds, and nothing is sold that does not exist", () => {
	const runMs = 365 * day;
	const scene = dayScene(
		{
			stock: 3_000,
			runMs,
			buyers: (random, weights) =>
				crowd(random, {
					from: 0,
					until: runMs - day,
					meanGapMs: runMs / 3_500,
					weights,
					cancels: { rate: 0.1, withinMs: day },
				}),
		},
		1,
	);
	const began = performance.now();
	const { oversold, sold, clairvoyant, events } = run(1, { ...scene, crashEveryMs: 7 * day }, ours("adaptive"));
	expect(oversold).toBe(0);
	expect(sold / clairvoyant).toBeGreaterThan(0.99);
	expect(events).toBeGreaterThan(1_000_000);
	expect(performance.now() - began).toBeLessThan(30_000);
});
