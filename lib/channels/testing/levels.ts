import { expect } from "vitest";
import { products } from "@/lib/sandbox/testing/seeds";
import type { Suite } from "./suite";

export function checkLevels({ check, open, sandbox }: Suite): void {
	check("levels are exact and live", async () => {
		const shop = await open(products({ A: 5, B: 0, C: 12_345 }));
		await shop.setQuantity("A", 3);
		await shop.buy([{ sku: "C", quantity: 45 }]);
		const asked = sandbox.now();
		const listings = await shop.listings();
		const levels = await shop.levels(listings);
		const bySku = Object.fromEntries(
			listings.map(({ sku, externalKey }) => [sku, levels.find((one) => one.externalKey === externalKey)?.quantity]),
		);
		expect(bySku).toEqual({ A: 3, B: 0, C: 12_300 });
		expect(levels).toHaveLength(3);
		for (const { readAt } of levels) {
			expect(readAt.getTime()).toBeGreaterThanOrEqual(asked.getTime());
			expect(readAt.getTime()).toBeLessThanOrEqual(sandbox.now().getTime());
		}
	});

	check("what is gone is absent", async () => {
		const shop = await open(products({ STAYS: 5, GOES: 6 }));
		const asked = [await shop.listing("STAYS"), await shop.listing("GOES")];
		await shop.remove("GOES");
		const levels = await shop.levels(asked);
		expect(levels.map(({ externalKey, quantity }) => [externalKey, quantity])).toEqual([[asked[0]?.externalKey, 5]]);
	});

	check("what is not counted has no number", async () => {
		const shop = await open(products({ COUNTED: 5, LOOSE: null }));
		expect(await shop.listing("LOOSE")).toMatchObject({ isManaged: false, quantity: null });
		expect(await shop.level("LOOSE")).toMatchObject({ quantity: null });
		expect(await shop.level("COUNTED")).toMatchObject({ quantity: 5 });
	});

	check("a number below zero is kept", async () => {
		const shop = await open(products({ SHORT: 5 }));
		await shop.setQuantity("SHORT", -3);
		expect(await shop.level("SHORT")).toMatchObject({ quantity: -3 });
		expect((await shop.listings())[0]?.quantity).toBe(-3);
	});

	check("of a decimal only whole units are sold", async () => {
		const shop = await open(products({ CLOTH: 5 }));
		await shop.setQuantity("CLOTH", 2.7);
		expect(await shop.level("CLOTH")).toMatchObject({ quantity: 2 });
		expect((await shop.listings())[0]?.quantity).toBe(2);
	});
}
