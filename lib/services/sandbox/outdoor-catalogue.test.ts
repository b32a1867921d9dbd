import { expect, test } from "vitest";
import { platforms } from "@/db/schema";
import { catalogueFor, outdoorCatalogues } from "./outdoor-catalogue";

const units = (catalogue: "main" | "second", title: string) =>
	outdoorCatalogues[catalogue]()
		.filter((product) => product.title === title)
		.flatMap(({ variants }) => variants)
		.reduce((sum, { quantity }) => sum + (quantity ?? 0), 0);

test("colours that share one pool are together what the main store counts as one", () => {
	expect(units("second", "Wool Cap")).toBe(units("main", "Wool Cap"));
	expect(units("main", "Wool Cap")).toBeGreaterThan(0);
});

test.each(platforms)(
	"a store of %s shares the shelf by SKU or barcode, with something left for a person",
	(platform) => {
		const main = outdoorCatalogues.main().flatMap(({ variants }) => variants);
		const known = new Set(main.flatMap(({ sku, gtin }) => [sku, gtin].filter(Boolean)));
		const variants = catalogueFor(platform).flatMap((product) => product.variants);
		const isKnown = ({ sku, gtin }: (typeof variants)[number]) => known.has(sku) || known.has(gtin);
		expect(variants.filter(isKnown).length).toBeGreaterThanOrEqual(20);
		if (platform !== "shopify")
			expect(variants.filter((variant) => !isKnown(variant)).length).toBeGreaterThanOrEqual(2);
		expect(variants.every(({ quantity }) => quantity === null || quantity >= 0)).toBe(true);
	},
);
