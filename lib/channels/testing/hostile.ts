import { expect } from "vitest";
import { product, products } from "@/lib/sandbox/testing/seeds";
import type { CheckName } from "./checks";
import { expectLanded } from "./landing";
import type { Shop } from "./shop";
import type { Suite } from "./suite";

export function checkHostile(suite: Suite): void {
	const { check, open } = suite;

	/** Imported, typed, written and sold under this very name. */
	async function comesThrough(shop: Shop, sku: string): Promise<void> {
		const { refs, quantity } = await shop.listing(sku);
		expect(quantity, sku).toBe(20);
		await shop.setQuantity(sku, 11);
		expect((await shop.level(sku))?.quantity, sku).toBe(11);
		await expectLanded(suite, shop, [await shop.row(sku, 4, 11)], [sku]);
		const { lines } = await shop.order(await shop.buy([{ sku, quantity: 3 }]));
		expect(lines.map(({ taken }) => taken)).toEqual([3]);
		expect(refs, sku).toContain(lines[0]?.listingRef);
		// Where a line says no SKU, its listing does.
		expect([sku, null]).toContain(lines[0]?.sku);
		expect(await shop.shows(sku), sku).toBe(1);
	}

	function throughFor(name: CheckName, skus: readonly string[]) {
		check(name, async () => {
			const shop = await open(products(Object.fromEntries(skus.map((sku) => [sku, 20]))));
			for (const sku of skus) await comesThrough(shop, sku);
			expect(await shop.listings()).toHaveLength(skus.length);
		});
	}

	throughFor("SKUs with slash, space, quotes and unicode come through", [
		"A/B/C",
		"50 % off & more",
		`"quoted" 'SKU'`,
		"Größe-Ø-日本-😀",
		"a+b=c?d#e",
		"back\\slash;semi,comma",
	]);
	throughFor("SKUs that differ by case alone are two", ["case-1", "CASE-1"]);
	throughFor("a SKU of 200 characters comes through", ["L".repeat(200)]);

	check("a blank SKU is none", async () => {
		const shop = await open([product("", 5, "Nameless"), product("CUP", 6, "Cup")]);
		const listings = await shop.listings();
		expect(listings).toHaveLength(2);
		const nameless = listings.find(({ title }) => title.includes("Nameless"));
		expect(nameless).toMatchObject({ sku: null, quantity: 5 });
		expect(await shop.levels(nameless ? [nameless] : [])).toMatchObject([{ quantity: 5 }]);
	});

	check("a doubled SKU is two listings", async () => {
		const shop = await open([product("TWIN", 3, "First"), product("TWIN", 8, "Second")]);
		const listings = await shop.listings();
		expect(listings.map(({ sku }) => sku)).toEqual(["TWIN", "TWIN"]);
		expect(new Set(listings.map(({ externalKey }) => externalKey)).size).toBe(2);
		const levels = await shop.levels(listings);
		expect(levels.map(({ quantity }) => quantity).sort()).toEqual([3, 8]);
	});

	check("ids beyond 2^53 stay exact", async () => {
		const pair = (name: string) => ({
			title: name,
			variants: ["S", "M"].map((options) => ({
				sku: `${name}-${options}`,
				gtin: null,
				options,
				price: "12.00",
				quantity: 20,
			})),
		});
		const shop = await open(["A", "B", "C", "D"].map(pair));
		const large = (await shop.listings()).filter(({ externalKey }) =>
			(externalKey.match(/\d+/g) ?? []).some((digits) => BigInt(digits) > BigInt(Number.MAX_SAFE_INTEGER)),
		);
		expect(large.length).toBeGreaterThan(0);
		for (const { sku } of large) await comesThrough(shop, sku ?? "");
	});
}
