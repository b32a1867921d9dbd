import { type GraphQLSchema, parse, validate } from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { allDocuments, levelsDocument, setQuantitiesDocument } from "./documents";
import { officialSchema } from "./testing/official-schema";

let schema: GraphQLSchema;
beforeAll(() => {
	schema = officialSchema();
});
const complaints = (document: string) => validate(schema, parse(document)).map((error) => error.message);

describe("documents against Shopify's official schema", () => {
	test.each(Object.keys(allDocuments))("%s is valid", (name) => {
		expect(complaints(allDocuments[name] ?? "")).toEqual([]);
	});

	test("none uses a field or argument that is on its way out", async () => {
		const { NoDeprecatedCustomRule } = await import("graphql");
		for (const [name, document] of Object.entries(allDocuments))
			expect([name, validate(schema, parse(document), [NoDeprecatedCustomRule])]).toEqual([name, []]);
	});

	test("a document that Shopify would refuse is noticed", () => {
		expect(complaints(levelsDocument.replace("tracked", "isTracked"))[0]).toContain("isTracked");
		expect(complaints(setQuantitiesDocument.replace("(key: $key)", ""))[0]).toContain("key");
	});

	test("every write carries an idempotency key, which the schema does not demand and Shopify does", () => {
		expect(setQuantitiesDocument).toMatch(/inventorySetQuantities\(input: \$input\) @idempotent\(key: \$key\)/);
	});
});
