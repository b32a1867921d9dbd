import { expect, it } from "vitest";
import { isWeathered, stormOfAll, sumOf } from "./reinflation/weather";

it("P1 in a store of every platform no write puts a sold unit back, and all of them end with the right numbers", async () => {
	const ours = await stormOfAll({ orders: 35, startsAt: 18, mostNewsDelayMs: 2_000, seed: 1 });
	expect(await isWeathered(ours), JSON.stringify(ours)).toBe(true);
	expect(ours.placed).toBeGreaterThan(25);
	expect(ours.landings.filter(({ writes }) => writes > 0).length).toBe(7);
	expect(sumOf([ours], "crossings")).toBeGreaterThan(0);
}, 120_000);
