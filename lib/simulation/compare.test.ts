import { expect, it } from "vitest";
import { compareOn } from "./compare";
import { drawn, ours, play, playGently } from "./run";
import { dayScene, days } from "./scenes";

it("a flash sale: escrow oversells nothing, and what the field does oversells most", async () => {
	const [naive, shared, escrow] = await Promise.all(
		(["naive push", "shared", "escrow"] as const).map((name) => compareOn("flash sale of 20", name, 1, 20)),
	);
	expect(escrow).toMatchObject({ oversold: 0, reinflations: 0, lost: 0, lagMs: null });
	expect(shared?.oversold).toBeGreaterThan(100);
	expect(naive?.oversold).toBeGreaterThan(shared?.oversold ?? 0);
	expect(naive?.reinflations).toBeGreaterThan(10);
});

it("a large basket is what a share costs", async () => {
	expect((await compareOn("large baskets", "escrow", 1, 10)).lost).toBeGreaterThan(0);
	expect((await compareOn("large baskets", "shared", 1, 10)).lost).toBe(0);
});

it("a run in slices comes to what it comes to at once", async () => {
	const contender = ours("adaptive");
	const setting = () => drawn(3, dayScene(days["goes viral (×60)"], 3), contender);
	expect(await playGently(setting(), contender)).toEqual(play(setting(), contender));
});
