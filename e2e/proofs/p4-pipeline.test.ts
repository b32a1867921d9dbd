import { describe, expect, it } from "vitest";
import { raceOf } from "./never-oversold/race";

describe("P4 over HTTP on Postgres", () => {
	it("two stores that split the stock sell all of it and nothing more, however late their news", async () => {
		const ours = await raceOf({
			platforms: ["shopify", "shopify"],
			strategy: "escrow",
			stock: 12,
			buyers: 40,
			seed: 1,
		});
		expect(ours).toMatchObject({ sold: 12, oversold: 0, overheld: 0, wrong: [] });
	}, 120_000);

	it("sharing it oversells", async () => {
		const twin = await raceOf({
			platforms: ["shopify", "shopify"],
			strategy: "shared",
			stock: 12,
			buyers: 40,
			seed: 1,
		});
		expect(twin.oversold).toBeGreaterThan(0);
		expect(twin.wrong).toEqual([]);
	}, 120_000);
});
