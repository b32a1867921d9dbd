import { expect, test } from "vitest";
import { outdoorCatalogues } from "./outdoor-catalogue";

const units = (catalogue: "main" | "second", title: string) =>
	outdoorCatalogues[catalogue]()
		.filter((product) => product.title === title)
		.flatMap(({ variants }) => variants)
		.reduce((sum, { quantity }) => sum + (quantity ?? 0), 0);

test("colours that share one pool are together what the main store counts as one", () => {
	expect(units("second", "Wool Cap")).toBe(units("main", "Wool Cap"));
	expect(units("main", "Wool Cap")).toBeGreaterThan(0);
});
