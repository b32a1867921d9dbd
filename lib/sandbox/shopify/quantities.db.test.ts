import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { cancelOrder, checkout, quantities } from "../stores";
import { sandboxForTests } from "../testing";
import { products } from "../testing/seeds";
import { openTestShop, type TestShop } from "./testing";

const sandbox = sandboxForTests();
let shop: TestShop;
beforeAll(async () => {
	shop = await openTestShop(sandbox, { products: products({ A: 10, B: 5, C: 0, RACE: 40, ON: 9 }) });
});

const setDocument = `mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
    inventorySetQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup { id createdAt reason referenceDocumentUri
        changes { name delta quantityAfterChange item { id } location { id } } }
      userErrors { code field message } } }`;
const adjustDocument = `mutation AdjustStock($input: InventoryAdjustQuantitiesInput!, $key: String!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup { changes { name delta } }
      userErrors { code field message } } }`;

async function item(sku: string) {
	const found = (await shop.listings()).get(sku);
	if (!found) throw new Error(`no ${sku}`);
	return found.itemId;
}
const row = async (sku: string, quantity: number, changeFromQuantity: number | null, locationId = shop.locationId) => ({
	inventoryItemId: await item(sku),
	locationId,
	quantity,
	changeFromQuantity,
});
const set = async (
	quantities: unknown[],
	more: { name?: string; reason?: string; key?: string; referenceDocumentUri?: string } = {},
) =>
	shop.graphql(setDocument, {
		input: {
			name: more.name ?? "available",
			reason: more.reason ?? "correction",
			referenceDocumentUri: more.referenceDocumentUri,
			quantities,
		},
		key: more.key ?? randomUUID(),
	});
const adjust = async (changes: unknown[], name = "available", key = randomUUID()) =>
	shop.graphql(adjustDocument, { input: { name, reason: "correction", changes }, key });
async function level(sku: string, locationId = shop.locationId) {
	const { data } = await shop.graphql(
		`query($ids: [ID!]!, $at: ID!) { nodes(ids: $ids) { ... on InventoryItem { inventoryLevel(locationId: $at) {
			quantities(names: ["available", "committed", "on_hand"]) { name quantity updatedAt } } } } }`,
		{ ids: [await item(sku)], at: locationId },
	);
	const quantities = data.nodes[0].inventoryLevel?.quantities ?? [];
	return Object.fromEntries(quantities.map((q: { name: string; quantity: number }) => [q.name, q.quantity]));
}
const errorsOf = (answer: Awaited<ReturnType<typeof set>>) => answer.data.inventorySetQuantities.userErrors;

describe("writing quantities", () => {
	test("a matching compare writes, and tells of available and on hand without quantities after", async () => {
		const answer = await set([await row("A", 12, 10)], { referenceDocumentUri: "gid://onecount/Push/1" });
		const { inventoryAdjustmentGroup: group, userErrors } = answer.data.inventorySetQuantities;
		expect(userErrors).toEqual([]);
		expect(group.referenceDocumentUri).toBe("gid://onecount/Push/1");
		expect(
			group.changes.map(({ name, delta, quantityAfterChange }: never) => [name, delta, quantityAfterChange]),
		).toEqual([
			["available", 2, null],
			["on_hand", 2, null],
		]);
		expect(await level("A")).toEqual({ available: 12, committed: 0, on_hand: 12 });
	});

	test("one stale row fails the whole call", async () => {
		const answer = await set([await row("B", 6, 5), await row("A", 1, 999)]);
		expect(answer.data.inventorySetQuantities).toEqual({
			inventoryAdjustmentGroup: null,
			userErrors: [
				{
					code: "CHANGE_FROM_QUANTITY_STALE",
					field: ["input", "quantities", "1", "changeFromQuantity"],
					message: "The changeFromQuantity value does not match persisted value.",
				},
			],
		});
		expect((await level("B")).available).toBe(5);
	});

	test("null compares with nothing", async () => {
		expect(errorsOf(await set([await row("B", 5, null)]))).toEqual([]);
	});

	test("no change is a success without a group", async () => {
		const answer = await set([await row("B", 5, 5)]);
		expect(answer.data.inventorySetQuantities).toEqual({ inventoryAdjustmentGroup: null, userErrors: [] });
	});

	test("available may be negative, on hand may not", async () => {
		expect(errorsOf(await set([await row("C", -3, 0)]))).toEqual([]);
		expect(errorsOf(await set([await row("C", -5, null)], { name: "on_hand" }))).toEqual([
			{
				code: "INVALID_QUANTITY_NEGATIVE",
				field: ["input", "quantities", "0", "quantity"],
				message: "The quantity can't be negative.",
			},
		]);
	});

	test("setting on hand while orders are open leaves what they hold out of available", async () => {
		await checkout(sandbox.ctx, shop.store.id, [{ sku: "ON", quantity: 4 }]);
		expect(await level("ON")).toEqual({ available: 5, committed: 4, on_hand: 9 });
		expect(errorsOf(await set([await row("ON", 10, 9)], { name: "on_hand" }))).toEqual([]);
		expect(await level("ON")).toEqual({ available: 6, committed: 4, on_hand: 10 });
	});

	test("a location that never had the item takes a quantity without being activated first", async () => {
		expect(errorsOf(await set([await row("A", 7, 0, shop.otherLocationId)]))).toEqual([]);
		expect((await level("A", shop.otherLocationId)).available).toBe(7);
	});

	test("a delta adds, and a stale compare of a delta has its own wording", async () => {
		const change = { inventoryItemId: await item("B"), locationId: shop.locationId, delta: 2, changeFromQuantity: 5 };
		const first = await adjust([change]);
		expect(first.data.inventoryAdjustQuantities.inventoryAdjustmentGroup.changes).toEqual([
			{ name: "available", delta: 2 },
			{ name: "on_hand", delta: 2 },
		]);
		const second = await adjust([change]);
		expect(second.data.inventoryAdjustQuantities.userErrors[0]).toMatchObject({
			code: "CHANGE_FROM_QUANTITY_STALE",
			message: "The changeFromQuantity argument no longer matches the persisted quantity.",
		});
		expect((await level("B")).available).toBe(7);
	});
});

describe("what the platform refuses", () => {
	const valid =
		"correction, cycle_count_available, damaged, movement_canceled, movement_created, movement_received, movement_updated, other, promotion, quality_control, received, reservation_created, reservation_deleted, reservation_updated, restock, safety_stock, shrinkage";

	test("a mutation without @idempotent", async () => {
		const answer = await shop.graphql(
			`mutation($input: InventorySetQuantitiesInput!) {
				inventorySetQuantities(input: $input) { userErrors { message } } }`,
			{ input: { name: "available", reason: "correction", quantities: [await row("A", 1, null)] } },
		);
		expect(answer.errors).toEqual([
			{
				message: "The @idempotent directive is required for this mutation but was not provided.",
				locations: [{ line: 2, column: 5 }],
				path: ["inventorySetQuantities"],
				extensions: { code: "BAD_REQUEST" },
			},
		]);
		expect(answer.data).toEqual({ inventorySetQuantities: null });
		expect(answer.extensions.cost.requestedQueryCost).toBe(10);
	});

	test("@idempotent on the operation", async () => {
		const answer = await shop.graphql(
			`mutation Wrong($key: String!) @idempotent(key: $key) { webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { userErrors { message } } }`,
			{ key: "k" },
		);
		expect(answer.errors[0].extensions.code).toBe("directiveCannotBeApplied");
	});

	test("a row without changeFromQuantity, which null is not", async () => {
		const { changeFromQuantity: _, ...without } = await row("A", 1, null);
		const answer = await set([without]);
		expect(answer.errors[0]).toMatchObject({
			message: "InventoryQuantityInput must include the following argument: changeFromQuantity.",
			path: ["inventorySetQuantities"],
			extensions: { code: "INVALID_FIELD_ARGUMENTS" },
		});
		expect(answer.data).toEqual({ inventorySetQuantities: null });
	});

	test("fields of older versions", async () => {
		const input = { name: "available", reason: "correction", ignoreCompareQuantity: true, quantities: [] };
		const answer = await shop.graphql(setDocument, { input, key: "k" });
		expect(answer).toEqual({
			errors: [
				{
					message:
						"Variable $input of type InventorySetQuantitiesInput! was provided invalid value for ignoreCompareQuantity (Field is not defined on InventorySetQuantitiesInput)",
					locations: [{ line: 1, column: 19 }],
					extensions: {
						code: "INVALID_VARIABLE",
						value: input,
						problems: [
							{
								path: ["ignoreCompareQuantity"],
								explanation: "Field is not defined on InventorySetQuantitiesInput",
							},
						],
					},
				},
			],
		});
	});

	test("251 rows", async () => {
		const one = await row("A", 1, null);
		const answer = await set(Array.from({ length: 251 }, () => one));
		expect(answer.errors).toEqual([
			{
				message: "The input array size of 251 is greater than the maximum allowed of 250.",
				locations: [{ line: 2, column: 5 }],
				path: ["inventorySetQuantities", "input", "quantities"],
				extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" },
			},
		]);
		expect(answer.data).toBeUndefined();
	});

	test("unknown items and locations", async () => {
		const known = await row("A", 3, 0);
		const unknownItem = await set([{ ...known, inventoryItemId: "gid://shopify/InventoryItem/999999999999" }]);
		expect(errorsOf(unknownItem)).toEqual([
			{
				code: "INVALID_INVENTORY_ITEM",
				field: ["input", "quantities", "0", "inventoryItemId"],
				message: "The specified inventory item could not be found.",
			},
		]);
		const unknownLocation = await set([{ ...known, locationId: "gid://shopify/Location/999999999999" }]);
		expect(errorsOf(unknownLocation)).toEqual([
			{
				code: "INVALID_LOCATION",
				field: ["input", "quantities", "0", "locationId"],
				message: "The specified location could not be found.",
			},
		]);
	});

	test.each([
		["damaged", "INVALID_NAME", "The quantity name must be either 'available' or 'on_hand'."],
		["committed", "INVALID_NAME", "The quantity name must be either 'available' or 'on_hand'."],
	])("the quantity name %s", async (name, code, message) => {
		expect(errorsOf(await set([await row("A", 1, null)], { name }))).toEqual([
			{ code, field: ["input", "name"], message },
		]);
	});

	test.each(["", "because"])("the reason «%s»", async (reason) => {
		const answer = await shop.graphql(setDocument, {
			input: { name: "available", reason, quantities: [await row("A", 1, null)] },
			key: randomUUID(),
		});
		expect(errorsOf(answer)).toEqual([
			{
				code: "INVALID_REASON",
				field: ["input", "reason"],
				message: `The specified reason is invalid. Valid values are: ${valid}.`,
			},
		]);
	});

	test.each([
		[1_000_000_001, "INVALID_QUANTITY_TOO_HIGH", "The quantity can't be higher than 1,000,000,000."],
		[-1_000_000_001, "INVALID_QUANTITY_TOO_LOW", "The quantity can't be lower than -1,000,000,000."],
	])("a quantity of %d", async (quantity, code, message) => {
		expect(errorsOf(await set([await row("A", quantity, null)]))).toEqual([
			{ code, field: ["input", "quantities", "0", "quantity"], message },
		]);
	});

	test("the same pair twice, on both rows", async () => {
		const one = await row("A", 1, null);
		const error = (index: string) => ({
			code: "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
			field: ["input", "quantities", index, "locationId"],
			message: "The combination of inventoryItemId and locationId must be unique.",
		});
		expect(errorsOf(await set([one, one]))).toEqual([error("0"), error("1")]);
	});

	test("a bundle's parent", async () => {
		const listing = (await shop.listings()).get("C");
		await sandbox.database.ownerClient`
			update sandbox.items set data = data || '{"requiresComponents": true}'
			where store_id = ${shop.store.id} and id = ${listing?.variantId.split("/").at(-1) ?? ""}`;
		expect(errorsOf(await set([await row("C", 1, null)]))[0]).toMatchObject({ code: "NON_MUTABLE_INVENTORY_ITEM" });
	});

	test.each([
		["on_hand", "ledger://x/1", "INVALID_QUANTITY_NAME"],
		["available", "ledger://x/1", "INVALID_AVAILABLE_DOCUMENT"],
		["damaged", null, "INVALID_QUANTITY_DOCUMENT"],
		["reserved", "gid://shopify/Order/123", "INTERNAL_LEDGER_DOCUMENT"],
	])("adjusting %s with the ledger document %s", async (name, ledgerDocumentUri, code) => {
		const change = {
			inventoryItemId: await item("A"),
			locationId: shop.locationId,
			delta: 1,
			changeFromQuantity: null,
			ledgerDocumentUri,
		};
		const answer = await adjust([change], name);
		expect(answer.data.inventoryAdjustQuantities.userErrors.map((error: { code: string }) => error.code)).toEqual([
			code,
		]);
	});

	test("an id that is none", async () => {
		const answer = await shop.graphql(`query($id: ID!) { product(id: $id) { id } }`, { id: "17" });
		expect(answer.errors[0].extensions.problems).toEqual([{ path: [], explanation: "Invalid global id '17'" }]);
	});
});

describe("idempotency keys", () => {
	test("the same key replays the first answer and writes once", async () => {
		const key = randomUUID();
		const change = {
			inventoryItemId: await item("A"),
			locationId: shop.locationId,
			delta: 1,
			changeFromQuantity: null,
		};
		const before = (await level("A")).available;
		const first = await adjust([change], "available", key);
		const second = await adjust([change], "available", key);
		expect(second.data).toEqual(first.data);
		expect((await level("A")).available).toBe(before + 1);
	});

	test("the same key with another input is a mismatch", async () => {
		const key = randomUUID();
		await set([await row("A", 20, null)], { key });
		expect(errorsOf(await set([await row("A", 21, null)], { key }))[0].code).toBe("IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
	});

	test("a call in flight and a call that broke have codes of their own", async () => {
		const quantities = [await row("A", 30, null)];
		const key = randomUUID();
		await set(quantities, { key });
		await sandbox.database.ownerClient`update sandbox.idempotency set reply = null, at = now() where key = ${key}`;
		expect(errorsOf(await set(quantities, { key }))[0].code).toBe("IDEMPOTENCY_CONCURRENT_REQUEST");
		await sandbox.database
			.ownerClient`update sandbox.idempotency set at = now() - interval '2 minutes' where key = ${key}`;
		expect(errorsOf(await set(quantities, { key }))[0].code).toBe("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED");
	});

	test("a key is forgotten after a day", async () => {
		const key = randomUUID();
		await set([await row("A", 31, null)], { key });
		await sandbox.database
			.ownerClient`update sandbox.idempotency set at = now() - interval '25 hours' where key = ${key}`;
		expect(errorsOf(await set([await row("A", 32, null)], { key }))).toEqual([]);
	});
});

describe("races", () => {
	test("of two writes that expect the same, one wins", async () => {
		const from = (await level("A")).available;
		const rows = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => row("A", 100 + n, from)));
		const answers = await Promise.all(rows.map((one) => set([one])));
		const winners = answers.filter((answer) => errorsOf(answer).length === 0);
		expect(winners).toHaveLength(1);
		expect(answers.filter((answer) => errorsOf(answer)[0]?.code === "CHANGE_FROM_QUANTITY_STALE")).toHaveLength(7);
	});

	test("parallel checkouts sell each unit once and refuse the rest", async () => {
		const outcomes = await Promise.all(
			Array.from({ length: 60 }, () => checkout(sandbox.ctx, shop.store.id, [{ sku: "RACE", quantity: 1 }])),
		);
		expect(outcomes.filter(({ result }) => result === "placed")).toHaveLength(40);
		expect(await level("RACE")).toEqual({ available: 0, committed: 40, on_hand: 40 });
		expect(outcomes.find(({ result }) => result === "refused")).toMatchObject({ code: "NOT_ENOUGH_IN_STOCK" });
	});

	test("one key from many callers at once is carried out once", async () => {
		const key = randomUUID();
		const before = (await level("B")).available;
		const change = {
			inventoryItemId: await item("B"),
			locationId: shop.locationId,
			delta: 1,
			changeFromQuantity: null,
		};
		await Promise.all(Array.from({ length: 10 }, () => adjust([change], "available", key)));
		expect((await level("B")).available).toBe(before + 1);
	});

	test("orders, cancellations and writes over the same SKUs neither wait for each other for ever nor lose a unit", async () => {
		const skus = Array.from({ length: 8 }, (_, n) => `M${n}`);
		const mixed = await openTestShop(sandbox, {
			products: products(Object.fromEntries(skus.map((sku) => [sku, 1_000]))),
			settings: { productNews: { orders: 0.5, writes: 0.5 } },
		});
		const items = await mixed.listings();
		const written = new Map(skus.map((sku) => [sku, 0]));
		const sold = new Map(skus.map((sku) => [sku, 0]));
		await Promise.all(
			Array.from({ length: 90 }, async (_, n) => {
				const basket = [...skus].sort(() => Math.random() - 0.5).slice(0, 1 + (n % 4));
				if (n % 3 === 0) {
					const changes = basket.map((sku) => ({
						inventoryItemId: items.get(sku)?.itemId,
						locationId: mixed.locationId,
						delta: 2,
						changeFromQuantity: null,
					}));
					const answer = await mixed.graphql(adjustDocument, {
						input: { name: "available", reason: "correction", changes },
						key: randomUUID(),
					});
					expect(answer.data.inventoryAdjustQuantities.userErrors).toEqual([]);
					for (const sku of basket) written.set(sku, (written.get(sku) ?? 0) + 2);
					return;
				}
				const lines = basket.map((sku) => ({ sku, quantity: 1 }));
				const outcome = await checkout(sandbox.ctx, mixed.store.id, lines);
				if (outcome.result !== "placed") throw new Error(outcome.message);
				if (n % 3 === 1) await cancelOrder(sandbox.ctx, mixed.store.id, outcome.orderId, true);
				else for (const sku of basket) sold.set(sku, (sold.get(sku) ?? 0) + 1);
			}),
		);
		const shown = new Map((await quantities(sandbox.ctx, mixed.store.id)).map(({ sku, quantity }) => [sku, quantity]));
		for (const sku of skus) expect(shown.get(sku)).toBe(1_000 + (written.get(sku) ?? 0) - (sold.get(sku) ?? 0));
	});
});
