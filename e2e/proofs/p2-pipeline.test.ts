import { expect, it } from "vitest";
import { everyStore, isExact } from "./p2";

it("P2 however often and in whatever order orders come, the balances are those that a store of each platform has", async () => {
	const mix = await everyStore(1, 4);
	expect(isExact(mix), JSON.stringify(mix)).toBe(true);
}, 120_000);
