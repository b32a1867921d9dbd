import type { OperationDefinitionNode } from "graphql";
import { expect, test } from "vitest";
import { costOf } from "./cost";
import { shopifySchema } from "./schema";

async function cost(query: string, variables: Record<string, unknown> = {}, data?: unknown) {
	const { schema, check } = await shopifySchema();
	const { document, errors } = check(query);
	expect(errors).toEqual([]);
	const operation = document.definitions.find(
		(node): node is OperationDefinitionNode => node.kind === "OperationDefinition",
	);
	if (!operation) throw new Error("no operation");
	return costOf(schema, document, operation, variables, data === undefined ? undefined : { data });
}

test.each([
	[0, 2],
	[1, 3],
	[3, 4],
	[5, 5],
	[10, 6],
	[20, 7],
	[50, 9],
	[100, 11],
	[250, 13],
])("a list of %d costs %d, as recorded", async (first, points) => {
	expect(
		await cost(`query($first: Int!) { locations(first: $first) { nodes { id name } pageInfo { hasNextPage } } }`, {
			first,
		}),
	).toBe(points);
});

test("an item with its levels costs what the real API charged: 12 before, 6 after", async () => {
	const query = `query($id: ID!) { inventoryItem(id: $id) { id inventoryLevels(first: 5) {
		nodes { location { id name } quantities(names: ["available", "on_hand"]) { name quantity } } } } }`;
	expect(await cost(query)).toBe(12);
	const quantities = [
		{ name: "available", quantity: 0 },
		{ name: "on_hand", quantity: 0 },
	];
	const data = {
		inventoryItem: { id: "1", inventoryLevels: { nodes: [{ location: { id: "2", name: "x" }, quantities }] } },
	};
	expect(await cost(query, {}, data)).toBe(6);
});

test("a write costs 13 with its changes, items and locations, and 10 without", async () => {
	const write = (selection: string) =>
		`mutation($input: InventorySetQuantitiesInput!, $key: String!) {
			inventorySetQuantities(input: $input) @idempotent(key: $key) { ${selection} userErrors { field message code } } }`;
	expect(
		await cost(
			write(
				"inventoryAdjustmentGroup { id changes { name delta quantityAfterChange item { id } location { id name } } }",
			),
		),
	).toBe(13);
	expect(await cost(write(""))).toBe(10);
});

test("what @include leaves out is free", async () => {
	const query = `query($all: Boolean!) { shop { name plan @include(if: $all) { publicDisplayName } } }`;
	expect(await cost(query, { all: false })).toBe(1);
	expect(await cost(query, { all: true })).toBe(2);
});

test("nothing costs less than one point, and counts cost ten", async () => {
	expect(await cost(`{ __typename }`)).toBe(1);
	expect(await cost(`{ productsCount { count } }`)).toBe(10);
});
