/** What we send and what the sandbox answers, held against the official description of API2Cart v1.1. */
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import { describe, expect, test } from "vitest";
import { type BackingKind, openTestAccount } from "@/lib/sandbox/api2cart/testing";
import { cancelOrder, refundOrder } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { handsOn } from "@/lib/sandbox/testing/hands";
import { many, product, sized } from "@/lib/sandbox/testing/seeds";
import { createHttpClient, type HttpClient } from "../http";
import { connectionsTo, learnedFrom } from "../testing/connection";
import { addCart, api2cart, listCarts } from ".";
import openapi from "./testing/openapi.json";

type Json = Record<string, unknown>;
type Operation = {
	parameters?: { name: string; in: string; required?: boolean; schema: Json }[];
	requestBody?: { content: { "application/json": { schema: Json } } };
	responses: { 200: { content: { "application/json": { schema: Json } } } };
};

/** Nothing beyond what is described: an object that names its properties has no others. */
function closed(schema: unknown): unknown {
	if (Array.isArray(schema)) return schema.map(closed);
	if (typeof schema !== "object" || schema === null) return schema;
	const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
	return "properties" in inner && inner.type !== undefined && String(inner.type).includes("object")
		? { ...inner, additionalProperties: false }
		: inner;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema({ $id: "a2c", components: closed(openapi.components) as Json });
const compiled = new Map<string, ValidateFunction>();
function validate(name: string, schema: Json, value: unknown): string[] {
	const own = JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/components/', '"a2c#/components/')) as Json;
	const check = compiled.get(name) ?? ajv.compile(own);
	compiled.set(name, check);
	check(value);
	return (check.errors ?? []).map(
		(error) => `${name} ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
	);
}

/** What of one exchange is not as described. */
function offences(method: string, url: string, request: string | undefined, reply: string): string[] {
	const { pathname, searchParams } = new URL(url);
	const path = pathname.replace(/^.*\/v1\.1/, "");
	const operation = (openapi.paths as unknown as Record<string, Record<string, Operation>>)[path]?.[
		method.toLowerCase()
	];
	if (!operation) return [`${method} ${path} is not described`];
	const found: string[] = [];
	const known = new Map((operation.parameters ?? []).map((one) => [one.name, one]));
	for (const [name, text] of searchParams) {
		const parameter = known.get(name);
		const { type } = parameter?.schema ?? {};
		if (!parameter) found.push(`${path}: no parameter ${name}`);
		else if (type === "integer" && !/^\d+$/.test(text)) found.push(`${path}: ${name} is no integer`);
		else if (type === "boolean" && !/^(true|false)$/.test(text)) found.push(`${path}: ${name} is no boolean`);
	}
	for (const { name, required } of known.values())
		if (required && !searchParams.has(name)) found.push(`${path}: no ${name}`);
	if (operation.requestBody)
		found.push(
			...validate(
				`${path} request`,
				operation.requestBody.content["application/json"].schema,
				JSON.parse(request ?? "null"),
			),
		);
	else if (request !== undefined) found.push(`${path} takes no body`);
	const answer = JSON.parse(reply) as { return_code: number };
	if (answer.return_code === 0)
		found.push(...validate(`${path} reply`, operation.responses[200].content["application/json"].schema, answer));
	return found;
}

/** Looks at every exchange as it passes. */
function watched(http: HttpClient): HttpClient & { offences: string[]; seen: Set<string> } {
	const found: string[] = [];
	const seen = new Set<string>();
	return {
		exchanges: http.exchanges,
		offences: found,
		seen,
		async send(request) {
			const reply = await http.send(request);
			seen.add(new URL(request.url).pathname.replace(/^.*\/v1\.1\//, ""));
			found.push(...offences(request.method, request.url, request.body, reply.text));
			return reply;
		},
	};
}

const sandbox = sandboxForTests();

describe.each<BackingKind>(["woocommerce", "shopify"])("in front of %s", (behind) => {
	test("every request and every reply of a store's life is as described", async () => {
		const account = await openTestAccount(sandbox, {
			behind,
			products: [product("CUP", 9), sized("Tee", { S: 9, M: 9 }), ...many(62, () => 9)],
			settings: { hasBatch: true },
		});
		const http = watched(createHttpClient({ allowPrivate: true, secrets: [] }));
		const common = { baseUrl: account.baseUrl, now: sandbox.now, facts: { publicUrl: sandbox.origin }, http };
		const bare = connectionsTo(common)(account.access);
		const connection = { ...bare, ...learnedFrom(await api2cart.connect(bare)) };
		const { items } = await api2cart.listListings(connection, new Date(0), null);
		await api2cart.readProduct(connection, items[0]?.ids.productId ?? "");
		await api2cart.readLevels(connection, items);
		const rows = items.map(({ externalKey, ids }) => ({ externalKey, ids, quantity: 5, expected: 9 }));
		const written = await api2cart.writeQuantities(connection, rows, "key");
		expect(new Set(written.rows.map(({ result }) => result))).toEqual(new Set(["applied"]));
		const orderId = await handsOn(sandbox, account.store.id).buy("TEE-S", 2);
		await refundOrder(sandbox.ctx, account.store.id, orderId, [{ sku: "TEE-S", quantity: 1 }], true);
		await api2cart.listOrders(connection, new Date(0), null);
		await api2cart.readOrder(connection, orderId);
		await api2cart.cancelOrder?.(connection, orderId);
		await cancelOrder(sandbox.ctx, account.store.id, orderId, true);
		await api2cart.registerWebhooks(connection, `${sandbox.origin}/hook`, "a-secret-of-letters");
		await api2cart.registerWebhooks(connection, `${sandbox.origin}/hook`, "another-secret");
		await api2cart.removeWebhooks(connection, `${sandbox.origin}/hook`);
		const [cart] = await listCarts({ ...bare, accountKey: account.access.accountKey });
		if (cart)
			await addCart(
				{ ...bare, accountKey: account.access.accountKey },
				{ cart, storeUrl: `${sandbox.origin}/none`, label: "None", typed: {} },
			).catch(() => {});
		expect(http.offences).toEqual([]);
		for (const method of [
			"product.update.batch.json",
			"product.variant.update.json",
			"webhook.delete.json",
			"order.update.json",
		])
			expect(http.seen).toContain(method);
	}, 60_000);
});

test("the description is strict enough to find a mistake", () => {
	const good = { return_code: 0, return_message: "", result: { updated_items: 1 } };
	const send = (body: unknown, reply: unknown = good) =>
		offences("PUT", "https://x/v1.1/product.update.json", JSON.stringify(body), JSON.stringify(reply));
	expect(send({ id: "1", increase_quantity: 2 })).toEqual([]);
	expect(send({ id: 1 })).toHaveLength(1);
	expect(send({ id: "1", add_quantity: 2 })).toHaveLength(1);
	expect(send({ id: "1" }, { ...good, result: { updated_items: "1" } })).toHaveLength(1);
	expect(offences("GET", "https://x/v1.1/product.list.json?counts=1", undefined, JSON.stringify(good))).not.toEqual([]);
});
