/** Everything that is asked, and all that the sandbox answers, held against Square's own OpenAPI description. */
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { expect, test, vi } from "vitest";
import { startReceiver } from "@/lib/sandbox/receiver";
import { sell } from "@/lib/sandbox/square/sell";
import { refundOrder, setQuantity } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { product } from "@/lib/sandbox/testing/seeds";
import { readAll } from "../testing/read-all";
import { square } from "./adapter";
import { consent } from "./consent";
import { type Account, openAccount, type Sent } from "./testing/account";
import openapi from "./testing/openapi.json";

type Operation = { request?: string; response: string; query?: string[] };

/** What is not described may neither be asked nor answered. */
function closed(schema: unknown): unknown {
	if (Array.isArray(schema)) return schema.map(closed);
	if (typeof schema !== "object" || schema === null) return schema;
	const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
	// OpenAPI lets a reference be nullable, JSON Schema only what has a type.
	if ("$ref" in copy) return { $ref: copy.$ref };
	return "properties" in copy && !("additionalProperties" in copy) ? { ...copy, additionalProperties: false } : copy;
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: "square", components: closed(openapi.components) });
const validatorOf = (name: string): ValidateFunction => {
	const found = ajv.getSchema(`square#/components/schemas/${name}`);
	if (!found) throw new Error(`Square describes no ${name}.`);
	return found;
};

const routes = Object.entries(openapi.paths).map(([path, operations]) => ({
	path,
	pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
	operations: operations as Record<string, Operation>,
}));

function objections({ connection }: Account, { request, reply }: Sent): string[] {
	const url = new URL(request.url);
	const path = url.pathname.slice(new URL(connection.baseUrl).pathname.length);
	const operation = routes.find(({ pattern }) => pattern.test(path))?.operations[request.method.toLowerCase()];
	if (!operation) return [`${request.method} ${path} is not described`];
	const hold = (name: string, text: string | undefined, who: string) => {
		const validate = validatorOf(name);
		if (validate(JSON.parse(text || "{}"))) return [];
		return (validate.errors ?? []).map(
			(error) => `${path}, ${who}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
		);
	};
	return [
		...[...url.searchParams.keys()].filter((key) => !operation.query?.includes(key)).map((key) => `${path}?${key}`),
		...(operation.request ? hold(operation.request, request.body, "asked") : []),
		...hold(operation.response, reply.text, "answered"),
	];
}

const sandbox = sandboxForTests();

const eventSchemas: Record<string, string> = {
	"inventory.count.updated": "InventoryCountUpdatedEvent",
	"order.created": "OrderCreatedEvent",
	"order.updated": "OrderUpdatedEvent",
};

test("the whole way of a channel is as Square describes it, and so is its news", async () => {
	const receiver = await startReceiver();
	const account = await openAccount(sandbox, {
		products: [product("CUP", 9), product("MUG", 0), product("LOOSE", null)],
	});
	const { connection, ctx, store, row, write, app, connectionWith, keys } = account;
	const callbackUrl = receiver.url;
	const since = new Date(sandbox.now().getTime() - 3_600_000);

	await square.connect(connection);
	await square.registerWebhooks(connection, callbackUrl, "");
	const agreed = await square.refreshAccess?.(connectionWith({ refreshToken: keys.refreshToken ?? "" }), app);
	await consent
		.exchange(
			{ http: connection.http, now: sandbox.now },
			{ app, baseUrl: connection.baseUrl, redirectUri: "https://one.example/", given: { code: "none" } },
		)
		.catch(() => {});
	await square.registerWebhooks(connectionWith(agreed?.access ?? {}), callbackUrl, "");
	const rows = [await row("CUP", 5, 9), await row("MUG", 4, 0)];
	await write(rows, "key-1");
	sandbox.putForward(1_000);
	await write(rows, "key-1");
	await write([{ ...rows[0], externalKey: "nothing", quantity: 8 } as (typeof rows)[0]]);
	const open = await sell(ctx, store, { lines: [{ sku: "CUP", quantity: 1 }], payment: "unpaid", isAtTill: false });
	const paid = await sell(ctx, store, { lines: [{ sku: "CUP", quantity: 2 }], payment: "paid", isAtTill: false });
	await sell(ctx, store, { lines: [{ sku: "MUG", quantity: 1 }], payment: "paid", isAtTill: true, amount: 300 });
	if (open.result !== "placed" || paid.result !== "placed") throw new Error("An order was refused.");
	await refundOrder(ctx, store.id, paid.orderId, [{ sku: "CUP", quantity: 1 }], true);
	await setQuantity(ctx, store.id, "CUP", 2.5);
	await square.listOrders(connection, since, null);
	await square.readOrder(connection, paid.orderId);
	await square.readOrder(connection, "nothing");
	const listings = await account.listings();
	await square.readLevels(connection, listings);
	await square.readProduct(connection, listings[0]?.ids.productId ?? "");
	await readAll((page) => square.listListings(connection, since, page));
	// An address that has moved is the same subscription.
	await square.registerWebhooks(connection, callbackUrl.replace("127.0.0.1", "localhost"), "");
	const toldOf = () => receiver.mail.map(({ body }) => JSON.parse(body.toString("utf8")));
	const untold = () => Object.keys(eventSchemas).filter((type) => !toldOf().some((one) => one.type === type));
	await vi.waitFor(() => expect(untold()).toEqual([]), { timeout: 20_000 });
	await square.removeWebhooks(connection, callbackUrl);

	expect(account.sent.flatMap((one) => objections(account, one))).toEqual([]);
	const used = new Set(
		account.sent.map(({ request }) => {
			const path = new URL(request.url).pathname.slice(new URL(connection.baseUrl).pathname.length);
			return `${request.method.toLowerCase()} ${routes.find(({ pattern }) => pattern.test(path))?.path}`;
		}),
	);
	const described = routes.flatMap(({ path, operations }) => Object.keys(operations).map((verb) => `${verb} ${path}`));
	expect(described.filter((one) => !used.has(one))).toEqual([]);

	for (const one of toldOf()) {
		const validate = validatorOf(eventSchemas[one.type] ?? "");
		validate(one);
		expect(validate.errors ?? [], one.type).toEqual([]);
	}
	await receiver.stop();
}, 60_000);

test("what Square does not describe is found", async () => {
	const account = await openAccount(sandbox);
	await square.readLevels(account.connection, await account.listings());
	const [sent] = account.sent.filter(({ request }) => request.url.endsWith("/counts/batch-retrieve"));
	if (!sent) throw new Error("Nothing was asked.");
	expect(objections(account, sent)).toEqual([]);
	const asking = (body: object) => ({ ...sent, request: { ...sent.request, body: JSON.stringify(body) } });
	expect(objections(account, asking({ states: ["ON_SALE"] }))).not.toEqual([]);
	expect(objections(account, asking({ sku: "MUG" }))).not.toEqual([]);
	const wrong = JSON.stringify({ counts: [{ quantity: 5 }] });
	expect(objections(account, { ...sent, reply: { ...sent.reply, text: wrong } })).not.toEqual([]);
});
