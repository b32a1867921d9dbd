import { describe, expect, test } from "vitest";
import { allDocuments } from "@/lib/channels/shopify/documents";
import {
	cancelOrder,
	checkout,
	editOrder,
	exchangeLines,
	quantities,
	refundOrder,
	setKnobs,
	setStoreSettings,
} from "../stores";
import { sandboxForTests } from "../testing";
import { handsOn } from "../testing/hands";
import { products } from "../testing/seeds";
import { fulfilShopifyOrder } from ".";
import { deleteProduct } from "./products";
import { openTestShop, type TestShop } from "./testing";

const sandbox = sandboxForTests();

const open = (stock: Record<string, number | null>) => openTestShop(sandbox, { products: products(stock) });
const buy = (shop: TestShop, sku: string, quantity: number) => handsOn(sandbox, shop.store.id).buy(sku, quantity);
async function level(shop: TestShop, sku: string): Promise<number[]> {
	const { data } = await shop.graphql(
		`query($id: ID!, $at: ID!) { inventoryItem(id: $id) { inventoryLevel(locationId: $at) {
			quantities(names: ["available", "committed", "on_hand"]) { quantity } } } }`,
		{ id: (await shop.listings()).get(sku)?.itemId, at: shop.locationId },
	);
	return data.inventoryItem.inventoryLevel.quantities.map(({ quantity }: { quantity: number }) => quantity);
}
const orderDocument = `query($id: ID!) { order(id: $id) {
	name cancelledAt closedAt displayFinancialStatus displayFulfillmentStatus
	lineItems(first: 10) { nodes { sku quantity currentQuantity unfulfilledQuantity variant { id } product { id } } }
	refunds(first: 10) { refundLineItems(first: 10) { nodes { quantity restockType restocked location { id } lineItem { sku } } } } } }`;
const readOrder = async (shop: TestShop, id: string) =>
	(await shop.graphql(orderDocument, { id: `gid://shopify/Order/${id}` })).data.order;

describe("available, committed and on hand", () => {
	test("an order moves units from available to committed; shipping takes them out", async () => {
		const shop = await open({ A: 10 });
		const order = await buy(shop, "A", 3);
		expect(await level(shop, "A")).toEqual([7, 3, 10]);
		await fulfilShopifyOrder(sandbox.ctx, shop.store, order);
		expect(await level(shop, "A")).toEqual([7, 0, 7]);
		expect(await readOrder(shop, order)).toMatchObject({ displayFulfillmentStatus: "FULFILLED" });
	});

	test("a cancellation with restock gives the units back in a refund", async () => {
		const shop = await open({ A: 10 });
		const order = await buy(shop, "A", 3);
		await cancelOrder(sandbox.ctx, shop.store.id, order, true);
		expect(await level(shop, "A")).toEqual([10, 0, 10]);
		const read = await readOrder(shop, order);
		expect(read.refunds[0].refundLineItems.nodes).toEqual([
			{
				quantity: 3,
				restockType: "CANCEL",
				restocked: true,
				location: { id: shop.locationId },
				lineItem: { sku: "A" },
			},
		]);
		expect(read.cancelledAt).toBe(read.closedAt);
		expect(read.lineItems.nodes[0]).toMatchObject({ quantity: 3, currentQuantity: 0 });
	});

	test("a cancellation without restock takes the units off on hand", async () => {
		const shop = await open({ A: 10 });
		await cancelOrder(sandbox.ctx, shop.store.id, await buy(shop, "A", 3), false);
		expect(await level(shop, "A")).toEqual([7, 0, 7]);
	});

	test("cancelling twice gives back once", async () => {
		const shop = await open({ A: 10 });
		const order = await buy(shop, "A", 3);
		await Promise.all([1, 2, 3].map(() => cancelOrder(sandbox.ctx, shop.store.id, order, true)));
		expect(await level(shop, "A")).toEqual([10, 0, 10]);
	});

	test("a refund gives back what it restocks, of shipped units too", async () => {
		const shop = await open({ A: 10 });
		const order = await buy(shop, "A", 4);
		await refundOrder(sandbox.ctx, shop.store.id, order, [{ sku: "A", quantity: 1 }], true);
		expect(await level(shop, "A")).toEqual([7, 3, 10]);
		await refundOrder(sandbox.ctx, shop.store.id, order, [{ sku: "A", quantity: 1 }], false);
		expect(await level(shop, "A")).toEqual([7, 2, 9]);
		await fulfilShopifyOrder(sandbox.ctx, shop.store, order);
		await refundOrder(sandbox.ctx, shop.store.id, order, [{ sku: "A", quantity: 2 }], true);
		expect(await level(shop, "A")).toEqual([9, 0, 9]);
		expect((await readOrder(shop, order)).displayFinancialStatus).toBe("REFUNDED");
	});

	test("an edit moves the difference, and may sell what is not there", async () => {
		const shop = await open({ A: 3 });
		const order = await buy(shop, "A", 2);
		await editOrder(sandbox.ctx, shop.store.id, order, "A", 1);
		expect(await level(shop, "A")).toEqual([2, 1, 3]);
		await editOrder(sandbox.ctx, shop.store.id, order, "A", 6);
		expect(await level(shop, "A")).toEqual([-3, 6, 3]);
	});

	test("a basket of which one thing is out takes nothing at all", async () => {
		const shop = await open({ A: 3, B: 0 });
		const outcome = await checkout(sandbox.ctx, shop.store.id, [
			{ sku: "A", quantity: 1 },
			{ sku: "B", quantity: 1 },
		]);
		expect(outcome.result).toBe("refused");
		expect(await level(shop, "A")).toEqual([3, 0, 3]);
	});

	test("what is not tracked sells without limit and shows no quantity", async () => {
		const shop = await open({ A: null });
		await buy(shop, "A", 500);
		expect(await quantities(sandbox.ctx, shop.store.id)).toEqual([{ sku: "A", title: "Item A", quantity: null }]);
	});
});

describe("orders by the API", () => {
	const create = `mutation($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
		orderCreate(order: $order, options: $options) { order { id name } userErrors { code field message } } }`;

	test.each([
		["DECREMENT_OBEYING_POLICY", 5, [1, 5, 6]],
		["DECREMENT_IGNORING_POLICY", 8, [-2, 8, 6]],
		["BYPASS", 8, [6, 0, 6]],
	])("%s", async (inventoryBehaviour, quantity, after) => {
		const shop = await open({ A: 6 });
		const variantId = (await shop.listings()).get("A")?.variantId;
		const { data } = await shop.graphql(create, {
			order: { lineItems: [{ variantId, quantity }] },
			options: { inventoryBehaviour },
		});
		expect(data.orderCreate.userErrors).toEqual([]);
		expect(await level(shop, "A")).toEqual(after);
	});

	test("obeying the policy, more than there is can't be claimed", async () => {
		const shop = await open({ A: 6 });
		const variantId = (await shop.listings()).get("A")?.variantId;
		const { data } = await shop.graphql(create, {
			order: { lineItems: [{ variantId, quantity: 7 }] },
			options: { inventoryBehaviour: "DECREMENT_OBEYING_POLICY" },
		});
		expect(data.orderCreate).toMatchObject({ order: null, userErrors: [{ code: "INVENTORY_CLAIM_FAILED" }] });
		expect(await level(shop, "A")).toEqual([6, 0, 6]);
	});

	test("an order without lines", async () => {
		const shop = await open({});
		const { data } = await shop.graphql(create, { order: { lineItems: [] } });
		expect(data.orderCreate.userErrors).toEqual([
			{
				code: "INVALID",
				field: ["order", "lineItems"],
				message: "Line items must have at least one line item",
			},
		]);
	});

	test("cancelling what is cancelled", async () => {
		const shop = await open({ A: 6 });
		const id = `gid://shopify/Order/${await buy(shop, "A", 2)}`;
		const cancel = `mutation($id: ID!) { orderCancel(orderId: $id, reason: INVENTORY, restock: true) {
			job { id done } orderCancelUserErrors { field message code } } }`;
		const first = await shop.graphql(cancel, { id });
		expect(first.data.orderCancel.orderCancelUserErrors).toEqual([]);
		expect(await level(shop, "A")).toEqual([6, 0, 6]);
		const second = await shop.graphql(cancel, { id });
		expect(second.data.orderCancel.orderCancelUserErrors).toMatchObject([
			{ field: ["orderId"], message: "Cannot cancel an order that has already been canceled" },
		]);
	});

	test("cancelling is a job: the order is as it was until it is done, and done though nobody waited", async () => {
		const shop = await open({ A: 6 });
		await setStoreSettings(sandbox.ctx, shop.store.id, { cancelMs: 3_600_000 });
		const id = `gid://shopify/Order/${await buy(shop, "A", 2)}`;
		const cancel = `mutation($id: ID!) { orderCancel(orderId: $id, reason: INVENTORY, restock: true) { job { id done } } }`;
		const { job } = (await shop.graphql(cancel, { id })).data.orderCancel;
		const look = async () => {
			const { data } = await shop.graphql(
				`query($id: ID!, $job: ID!) { order(id: $id) { cancelledAt } job(id: $job) { done } }`,
				{ id, job: job.id },
			);
			return [data.order.cancelledAt !== null, data.job.done];
		};
		expect([job.done, await look(), await level(shop, "A")]).toEqual([false, [false, false], [4, 2, 6]]);
		await sandbox.database.ownerClient`
			update sandbox.orders set data = jsonb_set(data, '{order,cancelling,doneAt}', to_jsonb('2026-01-01T00:00:00.000Z'::text))
			where store_id = ${shop.store.id}`;
		await shop.graphql(`query($id: ID!) { order(id: $id) { id } }`, { id });
		expect([await look(), await level(shop, "A")]).toEqual([
			[true, true],
			[6, 0, 6],
		]);
	});

	test("a refund needs its key, happens once by it, and can't exceed what was bought", async () => {
		const shop = await open({ A: 6 });
		const orderId = `gid://shopify/Order/${await buy(shop, "A", 2)}`;
		const { data } = await shop.graphql(`query($id: ID!) { order(id: $id) { lineItems(first: 1) { nodes { id } } } }`, {
			id: orderId,
		});
		const lineItemId = data.order.lineItems.nodes[0].id;
		const refund = (quantity: number, directive: string) =>
			shop.graphql(
				`mutation($input: RefundInput!) { refundCreate(input: $input) ${directive} { refund { id } userErrors { field message } } }`,
				{
					input: {
						orderId,
						refundLineItems: [{ lineItemId, quantity, restockType: "CANCEL", locationId: shop.locationId }],
					},
				},
			);
		expect((await refund(1, "")).errors[0].extensions.code).toBe("BAD_REQUEST");
		expect((await refund(3, `@idempotent(key: "a")`)).data.refundCreate.userErrors).toEqual([
			{
				field: ["refundLineItems", "0", "quantity"],
				message: "Quantity cannot refund more items than were purchased",
			},
		]);
		const first = await refund(2, `@idempotent(key: "b")`);
		expect(first.data.refundCreate.userErrors).toEqual([]);
		expect((await refund(2, `@idempotent(key: "b")`)).data).toEqual(first.data);
		expect(await level(shop, "A")).toEqual([6, 0, 6]);
	});
});

describe("lists", () => {
	const list = `query($query: String, $after: String) { orders(first: 2, after: $after, query: $query, sortKey: UPDATED_AT) {
		nodes { id updatedAt cancelledAt } pageInfo { hasNextPage endCursor } } }`;

	test("pages hold every order once, oldest change first", async () => {
		const shop = await open({ A: 50 });
		const placed: string[] = [];
		for (let n = 0; n < 5; n++) placed.push(`gid://shopify/Order/${await buy(shop, "A", 1)}`);
		const seen: string[] = [];
		for (let after: string | null = null; ; ) {
			const { data } = await shop.graphql(list, { query: "updated_at:>='2020-01-01T00:00:00Z'", after });
			seen.push(...data.orders.nodes.map(({ id }: { id: string }) => id));
			if (!data.orders.pageInfo.hasNextPage) break;
			after = data.orders.pageInfo.endCursor;
		}
		expect(seen).toEqual(placed);
	});

	test("a list that lags shows orders as they were, reading by id shows them as they are", async () => {
		const shop = await open({ A: 50 });
		const old = await buy(shop, "A", 1);
		await sandbox.database.ownerClient`
			update sandbox.orders set created_at = now() - interval '1 minute', modified_at = now() - interval '1 minute',
				data = jsonb_set(data, '{order,updatedAt}', to_jsonb(to_char(now() at time zone 'utc' - interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
			where store_id = ${shop.store.id}`;
		await buy(shop, "A", 1);
		await cancelOrder(sandbox.ctx, shop.store.id, old, true);
		await setKnobs(sandbox.ctx, shop.store.id, { listLagMs: 30_000 });
		const { data } = await shop.graphql(list, {});
		expect(data.orders.nodes).toMatchObject([{ id: `gid://shopify/Order/${old}`, cancelledAt: null }]);
		expect((await readOrder(shop, old)).cancelledAt).not.toBeNull();
		expect(await quantities(sandbox.ctx, shop.store.id)).toMatchObject([{ quantity: 49 }]);
		await setKnobs(sandbox.ctx, shop.store.id, { listLagMs: 0 });
		expect((await shop.graphql(list, {})).data.orders.nodes).toHaveLength(2);
	});

	test("a filter that is unknown matches everything, and only extensions.search says so", async () => {
		const shop = await open({ A: 1, B: 1 });
		const answer = await shop.graphql(`{ products(first: 5, query: "colour:red") { nodes { id } } }`);
		expect(answer.errors).toBeUndefined();
		expect(answer.data.products.nodes).toHaveLength(2);
		expect(answer.extensions.search).toEqual([
			{
				path: ["products"],
				query: "colour:red",
				parsed: { field: "colour", match_all: "red" },
				warnings: [{ field: "colour", message: "Invalid search field for this query.", code: "invalid_field" }],
			},
		]);
	});

	test("a time without quotes is cut at its first colon", async () => {
		const shop = await open({ A: 1 });
		const answer = await shop.graphql(
			`{ products(first: 5, query: "updated_at:>2000-01-01T00:00:00Z") { nodes { id } } }`,
		);
		expect(answer.extensions.search[0].warnings[0].field).toBe("00");
		const quoted = await shop.graphql(
			`{ products(first: 5, query: "updated_at:>'2000-01-01T00:00:00Z'") { nodes { id } } }`,
		);
		expect(quoted.extensions.search).toBeUndefined();
		expect(quoted.data.products.nodes).toHaveLength(1);
	});

	test("of a deleted product an order's line keeps what it sold, and names nothing", async () => {
		const shop = await open({ A: 3 });
		const order = await buy(shop, "A", 1);
		const productId = (await shop.listings()).get("A")?.productId.split("/").at(-1) ?? "";
		expect(await deleteProduct(sandbox.ctx, shop.store, productId)).toBe(true);
		expect((await readOrder(shop, order)).lineItems.nodes[0]).toMatchObject({ sku: "A", variant: null, product: null });
	});
});

test("every document that Onecount sends is answered", async () => {
	const shop = await open({ A: 3, B: null });
	const order = await buy(shop, "A", 2);
	await refundOrder(sandbox.ctx, shop.store.id, order, [{ sku: "A", quantity: 1 }], true);
	const { itemId, productId } = (await shop.listings()).get("A") ?? {};
	const orderId = `gid://shopify/Order/${order}`;
	const refunds = await shop.graphql(`query($id: ID!) { order(id: $id) { refunds(first: 5) { id } } }`, {
		id: orderId,
	});
	const ids: Record<string, string | undefined> = {
		productDocument: productId,
		moreVariantsDocument: productId,
		orderDocument: orderId,
		moreLinesDocument: orderId,
		cancelOrderDocument: orderId,
		refundIdsDocument: orderId,
		moreRefundLinesDocument: refunds.data.order.refunds[0].id,
		deleteWebhookDocument: "gid://shopify/WebhookSubscription/1",
	};
	const firstCursor = Buffer.from(JSON.stringify({ last_id: "0", last_value: "0" })).toString("base64");
	for (const [name, document] of Object.entries(allDocuments)) {
		const answer = await shop.graphql(document, {
			id: ids[name],
			ids: [itemId],
			first: 5,
			after: /\$after: String!/.test(document) ? firstCursor : null,
			query: "updated_at:>='2020-01-01T00:00:00Z'",
			sortKey: "UPDATED_AT",
			location: shop.locationId,
			atLocation: true,
			count: true,
			input: {
				name: "available",
				reason: "correction",
				quantities: [{ inventoryItemId: itemId, locationId: shop.locationId, quantity: 9, changeFromQuantity: null }],
			},
			key: "documents",
			note: "a note",
			topic: "ORDERS_CREATE",
			webhook: { uri: "http://127.0.0.1:9/hook" },
		});
		expect(answer.errors, name).toBeUndefined();
		expect(answer.data, name).toBeDefined();
	}
});

describe("deleting and paying", () => {
	const remove = async (shop: TestShop, id: string) =>
		(
			await shop.graphql(
				`mutation($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { field message code } } }`,
				{ id: `gid://shopify/Order/${id}` },
			)
		).data.orderDelete;

	test("only what is cancelled, archived or a test can be deleted; it is then unknown, and gives nothing back", async () => {
		const shop = await open({ A: 10 });
		const order = await buy(shop, "A", 3);
		expect((await remove(shop, order)).userErrors).toMatchObject([{ field: ["orderId"], code: "INVALID" }]);
		await cancelOrder(sandbox.ctx, shop.store.id, order, false);
		expect(await remove(shop, order)).toEqual({ deletedId: `gid://shopify/Order/${order}`, userErrors: [] });
		expect(await readOrder(shop, order)).toBeNull();
		expect((await level(shop, "A"))[0]).toBe(7);
		expect((await remove(shop, order)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
	});

	test("an unpaid order has taken its units; paying takes none", async () => {
		const shop = await open({ A: 10 });
		const { data } = await shop.graphql(
			`mutation($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
				orderCreate(order: $order, options: $options) { order { id displayFinancialStatus } } }`,
			{
				order: {
					lineItems: [{ variantId: (await shop.listings()).get("A")?.variantId, quantity: 4 }],
					financialStatus: "PENDING",
				},
				options: { inventoryBehaviour: "DECREMENT_OBEYING_POLICY" },
			},
		);
		const { id, displayFinancialStatus } = data.orderCreate.order;
		expect([displayFinancialStatus, (await level(shop, "A"))[0]]).toEqual(["PENDING", 6]);
		const pay = `mutation($id: ID!) { orderMarkAsPaid(input: { id: $id }) { order { displayFinancialStatus } userErrors { message } } }`;
		expect((await shop.graphql(pay, { id })).data.orderMarkAsPaid).toEqual({
			order: { displayFinancialStatus: "PAID" },
			userErrors: [],
		});
		expect((await level(shop, "A"))[0]).toBe(6);
		expect((await shop.graphql(pay, { id })).data.orderMarkAsPaid.userErrors).toHaveLength(1);
	});

	test("one edit exchanges a line for another", async () => {
		const shop = await open({ A: 10, B: 10 });
		const order = await buy(shop, "A", 3);
		await exchangeLines(sandbox.ctx, shop.store.id, order, [
			{ sku: "A", quantity: 1 },
			{ sku: "B", quantity: 2 },
		]);
		expect([(await level(shop, "A"))[0], (await level(shop, "B"))[0]]).toEqual([9, 8]);
	});
});
