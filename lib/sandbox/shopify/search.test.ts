import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { describe, expect, test } from "vitest";
import { numberField, readSearch, textField, timeField, wordField } from "./search";

const fields = {
	sku: wordField(sql`sku`),
	stock: numberField(sql`stock`),
	updated_at: timeField(sql`updated_at`),
};
const read = (query: string) => {
	const { where, note } = readSearch(query, fields, textField(sql`title`));
	const { sql: text, params } = new PgDialect().sqlToQuery(where);
	return { text, params, note };
};

describe("Shopify's search syntax", () => {
	test("terms beside each other must all match, and brackets, OR and NOT group", () => {
		expect(read("sku:a AND (stock:>5 OR NOT sku:b)").text).toBe(
			"((lower(sku) = $1) and (stock > $2::numeric or not coalesce((lower(sku) = $3), false)))",
		);
	});

	test("quotes keep spaces and colons together", () => {
		expect(read("sku:'a b:c'").params).toEqual(["a b:c"]);
		expect(read('sku:"it\\"s"').params).toEqual(['it"s']);
	});

	test("a star stands for any ending, and like's own signs for themselves", () => {
		expect(read("sku:10%*").params).toEqual(["10\\%%"]);
	});

	test("times are compared to the second", () => {
		expect(read("updated_at:>'2026-11-20T01:33:55Z'")).toMatchObject({
			text: "updated_at >= $1::timestamptz",
			params: ["2026-11-20T01:33:56.000Z"],
		});
		expect(read("updated_at:<='2026-11-20T01:33:55Z'").params).toEqual(["2026-11-20T01:33:56.000Z"]);
	});

	test("an unknown field is left out with a warning that repeats how the query was read", () => {
		const { text, note } = read("tracked:false sku:'A-1'");
		expect(text).toBe("((lower(sku) = $1))");
		expect(note).toEqual({
			query: "tracked:false sku:'A-1'",
			parsed: {
				and: [
					{ field: "tracked", match_all: "false" },
					{ field: "sku", match_phrase: "A-1" },
				],
			},
			warnings: [{ field: "tracked", message: "Invalid search field for this query.", code: "invalid_field" }],
		});
	});

	test("a time without quotes ends at its first colon", () => {
		const { note } = read("updated_at:<2000-01-01T00:00:00Z sku:'A'");
		expect(note?.warnings).toEqual([
			{ field: "00", message: "Invalid search field for this query.", code: "invalid_field" },
		]);
	});

	test("nothing in a query reaches SQL but as a parameter", () => {
		const { text, params } = read("x'; drop table y; -- sku:');--");
		expect(text).not.toContain("drop");
		expect(params.join(" ")).toContain("drop");
	});

	test.each(["", "   ", "(", ")", "((", "AND", "NOT", ":", "OR OR"])("«%s» breaks nothing", (query) => {
		expect(() => read(query)).not.toThrow();
	});
});
