/** What we ask and what the sandbox answers, held against Adobe's own schema of the admin's REST API. */
import Ajv from "ajv";
import { expect, test } from "vitest";
import { shipOrder } from "@/lib/sandbox/magento/orders";
import { sandboxForTests } from "@/lib/sandbox/testing";
import type { Connection } from "../channel-adapter";
import type { HttpReply, HttpRequest } from "../http";
import { readAll } from "../testing/read-all";
import { magento } from ".";
import schema from "./testing/admin-schema-2.4.9.json";
import { openShop } from "./testing/open-shop";

const sandbox = sandboxForTests();

type Operation = { query: string[]; body?: object; ok?: object };
const paths = Object.entries(schema.paths as Record<string, Record<string, Operation>>).map(([path, operations]) => ({
	path,
	operations,
	pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`),
}));

const ajv = new Ajv({ strict: false, validateFormats: false });
/** Of an error it says that its parameters are a list of objects; they are one object, or a list of texts. */
const errors = { $ref: "#/definitions/error-response" };
for (const part of [schema.definitions["error-response"], schema.definitions["error-errors-item"]])
	Reflect.deleteProperty(part.properties, "parameters");

/** Null may be left out: the schema calls some of those required. */
const nullable = [
	"low_stock_date",
	"result_serialized_data",
	"result_message",
	"error_code",
	"options",
	"media_gallery_entries",
];
const definitions = JSON.parse(JSON.stringify(schema.definitions), (name, value) =>
	name === "required" && Array.isArray(value) ? value.filter((one) => !nullable.includes(one)) : value,
);
const validate = (shape: object, value: unknown): string | null => {
	const check = ajv.compile({ ...shape, definitions });
	return check(value) ? null : ajv.errorsText(check.errors);
};

/** The schema has no asynchronous routes, and knows `filterGroups` only in that spelling; both are read in either. */
const camel = (name: string) =>
	name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()).replace(/\[\d+\]/g, "[0]");

function faultsOf(request: HttpRequest, reply: HttpReply): string[] {
	const url = new URL(request.url);
	const path = decodeURIComponent(/\/rest\/all(\/V1\/.*)$/.exec(url.pathname)?.[1] ?? "");
	if (path === "") return [];
	const operation = paths.find(({ pattern }) => pattern.test(path))?.operations[request.method.toLowerCase()];
	if (!operation) return [`${request.method} ${path} is in no schema`];
	const faults: string[] = [];
	for (const name of url.searchParams.keys())
		if (name !== "fields" && !operation.query.includes(camel(name))) faults.push(`${path}?${name} is in no schema`);
	if (request.body !== undefined && operation.body) {
		const error = validate({ ...operation.body, additionalProperties: false }, JSON.parse(request.body));
		if (error) faults.push(`${request.method} ${path} asks ${error}`);
	}
	const shape = reply.status === 200 ? operation.ok : errors;
	// Cut by `fields`, an answer need not be whole.
	if (shape && !url.searchParams.has("fields")) {
		const error = validate(shape, JSON.parse(reply.text));
		if (error) faults.push(`${request.method} ${path} answers ${reply.status} ${error}: ${reply.text.slice(0, 300)}`);
	}
	return faults;
}

test("every call is in the schema, with its parameters and body, and every answer has its form", async () => {
	const shop = await openShop(sandbox);
	const faults: string[] = [];
	const asked = new Set<string>();
	const watched: Connection = {
		...shop.connection,
		http: {
			exchanges: shop.connection.http.exchanges,
			async send(request) {
				const reply = await shop.connection.http.send(request);
				asked.add(`${request.method} ${new URL(request.url).pathname.replace(/^.*\/rest\/all/, "")}`);
				faults.push(...faultsOf(request, reply));
				return reply;
			},
		},
	};
	const orderId = await shop.buy("TEE-S", 5);
	await shop.buy("CUP", 2);
	await shipOrder(sandbox.ctx, shop.store, orderId);
	await magento.connect(watched);
	await magento.listListings(watched, null, null);
	await magento.listListings(watched, new Date(0), null);
	await magento.readLevels(watched, shop.listings);
	await readAll((page) => magento.listOrders(watched, new Date(0), page));
	await magento.readOrder(watched, orderId);
	await magento.cancelOrder?.(watched, orderId);
	await magento.writeQuantities(watched, [shop.row("CUP", 4, 2)], "key");
	expect(faults).toEqual([]);
	for (const call of ["POST /V1/inventory/source-items", "GET /V1/shipments", "GET /V1/creditmemos", "GET /V1/bulk"])
		expect([...asked]).toContain(call);
});

test("whole answers of the sandbox, as nobody cuts them, have their form", async () => {
	const shop = await openShop(sandbox);
	const orderId = await shop.buy("TEE-S", 2);
	await shipOrder(sandbox.ctx, shop.store, orderId);
	await shop.call("POST", `/V1/order/${orderId}/refund`, { items: [] });
	const everything = "searchCriteria[pageSize]=50".replace("[", "%5B").replace("]", "%5D");
	const faults: string[] = [];
	for (const path of ["/V1/products", "/V1/orders", "/V1/shipments", "/V1/creditmemos", "/V1/inventory/source-items"]) {
		const reply = await shop.call("GET", `${path}?${everything}`);
		expect(reply.body.items.length).toBeGreaterThan(0);
		const shape = paths.find((one) => one.path === path)?.operations.get?.ok ?? {};
		const error = validate(shape, reply.body);
		if (error) faults.push(`${path}: ${error}`);
	}
	expect(faults).toEqual([]);
});

test("a field of another name or type is seen", () => {
	const shape = schema.paths["/V1/inventory/source-items"].post.body;
	expect(validate(shape, { sourceItems: [{ sku: 7 }] })).toContain("must be string");
	expect(validate(schema.paths["/V1/orders"].get.ok, { items: [{ entity_id: "x" }] })).not.toBeNull();
});
