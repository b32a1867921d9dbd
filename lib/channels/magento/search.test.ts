import { describe, expect, test } from "vitest";
import { inLists } from "./search";

describe("SKUs in a list", () => {
	test("are parted where one has a comma, and where an address would get too long", () => {
		const pieces = inLists("sku", ["A", "B,C", "D"], 100);
		expect(pieces).toEqual([
			{
				filters: [
					{ field: "sku", value: "A,D", condition: "in" },
					{ field: "sku", value: "B,C", condition: "eq" },
				],
				values: ["A", "D", "B,C"],
			},
		]);
		const long = Array.from({ length: 200 }, (_, index) => `${"ü".repeat(60)}${index}`);
		const many = inLists("sku", long, 100);
		expect(many.flatMap(({ values }) => values)).toEqual(long);
		for (const { filters } of many)
			expect(encodeURIComponent(filters.map(({ value }) => value).join()).length).toBeLessThan(4_800);
		const commas = inLists(
			"sku",
			Array.from({ length: 30 }, (_, index) => `a,${index}`),
			100,
		);
		for (const { filters } of commas) expect(filters.length).toBeLessThanOrEqual(9);
	});
});
