/** What the adapter asks and what the sandbox store answers, both held against BigCommerce's own API documents. */
import { expect, test } from "vitest";
import { refundOrder } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import type { Connection } from "../channel-adapter";
import type { HttpReply, HttpRequest } from "../http";
import { bigcommerce } from ".";
import { objectionsToAnswer, objectionsToBody, operationOf, unknownParameters } from "./testing/official-schemas";
import { openStore } from "./testing/open-store";

const sandbox = sandboxForTests();

type Held = { operation: string; status: number; objections: string[] };

/** The connection, which holds each call that goes through it against the documents. */
function watched(connection: Connection, held: Held[]): Connection {
	const send = async (request: HttpRequest): Promise<HttpReply> => {
		const reply = await connection.http.send(request);
		const url = new URL(request.url);
		const operation = operationOf(request.method, url.pathname.replace(/^\/sandbox\/bigcommerce\/[^/]+/, ""));
		if (!operation) throw new Error(`no official document has ${request.method} ${url.pathname}`);
		held.push({
			operation,
			status: reply.status,
			objections: [
				...unknownParameters(operation, url.searchParams).map((name) => `unknown parameter ${name}`),
				...(request.body === undefined ? [] : objectionsToBody(operation, JSON.parse(request.body))),
				...(reply.text === "" ? [] : objectionsToAnswer(operation, reply.status, JSON.parse(reply.text))),
			],
		});
		return reply;
	};
	return { ...connection, http: { send, exchanges: connection.http.exchanges } };
}

test("every call of the adapter and every answer of the sandbox is as BigCommerce's documents have it", async () => {
	const shop = await openStore(sandbox);
	const held: Held[] = [];
	const connection = watched(shop.connection, held);
	const orderRef = await shop.buy("TEE-S", 2);
	await shop.buy("CUP");
	await refundOrder(sandbox.ctx, shop.store.id, orderRef, [{ sku: "TEE-S", quantity: 1 }], false);

	await bigcommerce.connect(connection);
	await bigcommerce.listListings(connection, null, null);
	await bigcommerce.listListings(connection, new Date(0), null);
	await bigcommerce.readProduct(connection, shop.listing("TEE-S").ids.productId ?? "");
	await bigcommerce.readLevels(connection, shop.listings);
	await bigcommerce.listOrders(connection, new Date(0), null);
	await bigcommerce.listOrders(connection, new Date(Date.now() + 86_400_000), null);
	await bigcommerce.readOrder(connection, orderRef);
	await bigcommerce.cancelOrder?.(connection, orderRef);
	await bigcommerce.writeQuantities(connection, [shop.row("CUP", 3), shop.row("TEE-S", 4)], "key");
	await bigcommerce.writeQuantities(connection, [shop.row("TEE-L", 3)], "key");
	const callbackUrl = `${sandbox.origin}/hook`;
	await bigcommerce.registerWebhooks(connection, callbackUrl, "0123456789abcdef");
	await bigcommerce.registerWebhooks(connection, callbackUrl, "another0another0");
	await bigcommerce.removeWebhooks(connection, callbackUrl);

	expect(held.filter(({ objections }) => objections.length > 0)).toEqual([]);
	expect(new Set(held.map(({ operation, status }) => `${status} ${operation}`))).toEqual(
		new Set([
			"200 GET /v2/time",
			"200 GET /v2/store",
			"200 GET /v3/catalog/products",
			"200 GET /v3/catalog/products/{product_id}",
			"200 GET /v3/inventory/locations",
			"200 GET /v3/inventory/items",
			"200 GET /v3/settings/inventory",
			"200 GET /v2/orders",
			"204 GET /v2/orders",
			"200 GET /v2/orders/{order_id}",
			"200 PUT /v2/orders/{order_id}",
			"404 PUT /v2/orders/{order_id}",
			"200 POST /v3/inventory/adjustments/relative",
			"422 POST /v3/inventory/adjustments/relative",
			"200 PUT /v3/inventory/adjustments/absolute",
			"200 GET /v3/hooks",
			"200 POST /v3/hooks",
			"200 PUT /v3/hooks/{webhook_id}",
			"200 DELETE /v3/hooks/{webhook_id}",
		]),
	);
}, 120_000);

test("what the adapter does not ask is answered by the documents too", async () => {
	const shop = await openStore(sandbox);
	const orderRef = await shop.buy("TEE-S", 2);
	await refundOrder(sandbox.ctx, shop.store.id, orderRef, [{ sku: "TEE-S", quantity: 1 }], false);
	await shop.call("POST", "/v3/hooks", { scope: "store/order/*", destination: `${sandbox.origin}/hook` });
	for (const path of [
		`/v2/orders/${orderRef}/products`,
		`/v3/orders/${orderRef}/payment_actions/refunds`,
		"/v3/inventory/locations/1/items",
		"/v3/hooks/admin",
	]) {
		const { status, body } = await shop.call("GET", path);
		expect(status).toBe(200);
		expect([path, objectionsToAnswer(operationOf("GET", path) ?? "", status, body)]).toEqual([path, []]);
	}
	const { status, body } = await shop.call("PUT", "/v3/inventory/locations/1/items", {
		settings: [{ identity: { variant_id: 1 } }],
	});
	expect([status, objectionsToAnswer("PUT /v3/inventory/locations/{location_id}/items", status, body)]).toEqual([
		422,
		[],
	]);
});

test("the documents object to what is wrong", () => {
	const relative = "POST /v3/inventory/adjustments/relative";
	expect(objectionsToBody(relative, { items: [{ location_id: 1, quantity: 1 }] })).not.toEqual([]);
	expect(objectionsToBody(relative, { items: [{ location_id: 1, variant_id: 1, quantity: "1" }] })).not.toEqual([]);
	expect(unknownParameters("GET /v2/orders", new URLSearchParams("modified_after=1"))).toEqual(["modified_after"]);
	expect(objectionsToAnswer("GET /v2/store", 200, { id: 5 })).not.toEqual([]);
});
