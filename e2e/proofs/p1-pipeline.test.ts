import { describe, expect, it } from "vitest";
import { isWeathered, stormOf, sumOf } from "./reinflation/weather";

describe("P1 over HTTP on Postgres", () => {
	it("bad stores come to rest with the right numbers, and no write has put a sold unit back", async () => {
		const ours = await stormOf({ platforms: ["shopify", "shopify"], orders: 30, seed: 1 });
		expect(await isWeathered(ours), JSON.stringify(ours)).toBe(true);
		expect(ours.placed).toBeGreaterThan(20);
	}, 120_000);

	it("the judge finds what comparing with a level read just before does", async () => {
		const twin = await stormOf({ platforms: ["shopify", "shopify"], orders: 40, seed: 2, readsFirst: true });
		expect(sumOf([twin], "reinflations"), JSON.stringify(twin)).toBeGreaterThan(0);
	}, 120_000);
});
