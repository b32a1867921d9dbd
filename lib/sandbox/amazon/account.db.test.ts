/** The account's own rules, as a caller sees them who makes every mistake. */
import { describe, expect, test } from "vitest";
import { checkout, countDeliveries, quantities, sandboxKeys, setKnobs, setQuantity, setStoreSettings } from "../stores";
import { sandboxForTests } from "../testing";
import { handsOn } from "../testing/hands";
import { product, sized } from "../testing/seeds";
import { placeOrder } from "./place-order";
import { changeItem } from "./seed";
import { type AmazonSettings, drawDelay } from "./settings";
import { openTestAccount, type TestAccount } from "./testing";

const sandbox = sandboxForTests();

const open = (settings: Partial<AmazonSettings> = {}) =>
	openTestAccount(sandbox, { settings, products: [product("CUP", 10), sized("Tee", { S: 3, M: 3 })] });

const usa = "marketplaceIds=ATVPDKIKX0DER";
const itemPath = ({ keys }: TestAccount, sku = "CUP") => `/listings/2021-08-01/items/${keys.sellerId}/${sku}?${usa}`;
const searchPath = ({ keys }: TestAccount, more = "") => `/listings/2021-08-01/items/${keys.sellerId}?${usa}${more}`;
const merge = (quantity: unknown, more: object = {}) => ({
	productType: "PRODUCT",
	patches: [
		{
			op: "merge",
			path: "/attributes/fulfillment_availability",
			value: [{ fulfillment_channel_code: "DEFAULT", quantity, ...more }],
		},
	],
});
const shows = ({ store }: TestAccount, sku = "CUP") => handsOn(sandbox, store.id).shows(sku);
const buy = (account: TestAccount, sku: string, quantity: number) =>
	checkout(sandbox.ctx, account.store.id, [{ sku, quantity }]);

describe("who may come in", () => {
	test("every way to be refused has its own words", async () => {
		const account = await open();
		const ask = (headers: Record<string, string>, path = itemPath(account)) =>
			account.fetch(`${account.baseUrl}${path}`, { headers: { "user-agent": "T/1 (Language=TS)", ...headers } });
		const token = await account.token();
		expect((await ask({ "x-amz-access-token": token })).status).toBe(200);
		expect((await ask({ authorization: `Bearer ${token}` })).body.errors[0].code).toBe("MissingAuthenticationToken");
		expect((await ask({ "x-amz-access-token": "Atza|x" })).body.errors[0].details).toBe(
			"The access token you provided is revoked, malformed or invalid.",
		);
		const app = await account.token("app");
		expect((await ask({ "x-amz-access-token": app })).body.errors[0]).toEqual({
			code: "Unauthorized",
			message: "Access to requested resource is denied.",
			details: "",
		});
		expect((await ask({ "x-amz-access-token": token }, "/listings/2021-08-01/items/ANOTHER/CUP")).status).toBe(403);
		expect((await ask({ "x-amz-access-token": token }, "/no/such/path")).body.errors[0].code).toBe(
			"MissingAuthenticationToken",
		);
		expect((await ask({ "x-amz-access-token": token, "user-agent": "curl/8" })).status).toBe(400);
		sandbox.putForward(3_600_001);
		expect((await ask({ "x-amz-access-token": token })).body.errors[0].details).toBe(
			"The access token you provided has expired.",
		);
		await setStoreSettings(sandbox.ctx, account.store.id, { secretExpiresAt: "2020-01-01T00:00:00Z" });
		expect((await ask({ "x-amz-access-token": await account.token() })).body.errors[0].details).toBe(
			"The LWA secret token you provided has expired.",
		);
	});

	test("of an app's two secrets each works until its end, and a third is not there", async () => {
		const account = await open();
		const { clientId = "", clientSecret = "", refreshToken = "" } = account.keys;
		const logIn = async (secret: string) => {
			const grant = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId };
			const body = new URLSearchParams({ ...grant, client_secret: secret });
			return (await account.fetch(`${account.baseUrl}/auth/o2/token`, { method: "POST", body })).status;
		};
		const rotate = (as?: "app" | "rotation") =>
			account.call("POST", "/applications/2023-11-30/clientSecret", undefined, as);
		expect((await rotate()).status).toBe(403);
		expect((await rotate("app")).status).toBe(403);
		const done = await rotate("rotation");
		expect([done.status, done.text]).toEqual([204, ""]);
		expect((await rotate("rotation")).status).toBe(429);
		const fresh = (await sandboxKeys(sandbox.ctx, account.store.id)).access.clientSecret ?? "";
		expect([await logIn(clientSecret), await logIn(fresh)]).toEqual([200, 200]);
		sandbox.putForward(61_000);
		// By the older of the two: it is replaced as well, and is none any more.
		expect((await rotate("rotation")).status).toBe(204);
		expect([await logIn(clientSecret), await logIn(fresh)]).toEqual([401, 200]);
		sandbox.putForward(7 * 86_400_000);
		expect(await logIn(fresh)).toBe(401);
		await setStoreSettings(sandbox.ctx, account.store.id, { isEnrolledForSecrets: false });
		const newest = await sandboxKeys(sandbox.ctx, account.store.id);
		expect(await logIn(newest.access.clientSecret ?? "")).toBe(200);
	});

	test("the login speaks OAuth, and takes forms only", async () => {
		const account = await open();
		const ask = async (body: BodyInit, headers: Record<string, string> = {}) => {
			const { status, body: said } = await account.fetch(`${account.baseUrl}/auth/o2/token`, {
				method: "POST",
				body,
				headers,
			});
			return [status, said.error];
		};
		const app = { client_id: account.keys.clientId ?? "", client_secret: account.keys.clientSecret ?? "" };
		const form = (given: Record<string, string>) => new URLSearchParams(given);
		expect(await ask(JSON.stringify(app), { "content-type": "application/json" })).toEqual([400, "invalid_request"]);
		expect(await ask(form({ ...app, client_secret: "x" }))).toEqual([401, "invalid_client"]);
		expect(await ask(form({ ...app, grant_type: "password" }))).toEqual([400, "unsupported_grant_type"]);
		expect(await ask(form({ ...app, grant_type: "refresh_token", refresh_token: "x" }))).toEqual([
			400,
			"invalid_grant",
		]);
		expect(await ask(form({ ...app, grant_type: "authorization_code", code: "x", redirect_uri: "y" }))).toEqual([
			400,
			"invalid_grant",
		]);
		expect(await ask(form({ ...app, grant_type: "client_credentials", scope: "everything" }))).toEqual([
			400,
			"invalid_scope",
		]);
	});

	test("consent goes only to a registered app, and back with a seller and a code", async () => {
		const account = await open();
		const visit = (query: string) => account.fetch(`${account.baseUrl}/apps/authorize/consent?${query}`);
		const id = account.store.secrets.applicationId;
		expect((await visit("application_id=other&redirect_uri=https://x.example")).text).toContain("MD1000");
		expect((await visit(`application_id=${id}&redirect_uri=nowhere`)).text).toContain("MD5101");
		const back = await visit(`application_id=${id}&state=a%26b&redirect_uri=https://x.example/cb`);
		const url = new URL(back.headers.get("location") ?? "");
		expect([back.status, url.searchParams.get("state"), url.searchParams.get("selling_partner_id")]).toEqual([
			302,
			"a&b",
			account.keys.sellerId,
		]);
	});
});

describe("limits", () => {
	test("a bucket of five refills at five a second, is each operation's own, and says its rate on good answers only", async () => {
		const account = await open();
		const token = await account.token();
		const headers = { "x-amz-access-token": token, "user-agent": "T/1 (Language=TS)" };
		// At a standstill nothing refills.
		sandbox.stopClock();
		const search = () => account.fetch(`${account.baseUrl}${searchPath(account)}`, { headers });
		const replies = await Promise.all(Array.from({ length: 8 }, search));
		const over = replies.filter(({ status }) => status === 429);
		expect(over).toHaveLength(3);
		expect(over[0]?.body.errors[0]).toEqual({
			code: "QuotaExceeded",
			message: "The frequency of requests was greater than what is allowed for the application.",
			details: "",
		});
		for (const { headers: said } of over)
			expect([said.get("x-amzn-ratelimit-limit"), said.get("retry-after")]).toEqual([null, null]);
		expect(replies.find(({ status }) => status === 200)?.headers.get("x-amzn-ratelimit-limit")).toBe("5.0");
		expect((await account.fetch(`${account.baseUrl}${itemPath(account)}`, { headers })).status).toBe(200);
		sandbox.putForward(200);
		expect([(await search()).status, (await search()).status]).toEqual([200, 429]);
		sandbox.resetClock();
	});

	test("a throttle that a knob makes has no Retry-After either, and an outage answers with a page", async () => {
		const account = await open();
		await setKnobs(sandbox.ctx, account.store.id, { throttleRate: 1 });
		const throttled = await account.fetch(`${account.baseUrl}${itemPath(account)}`);
		expect([throttled.status, throttled.headers.get("retry-after"), throttled.body.errors[0].code]).toEqual([
			429,
			null,
			"QuotaExceeded",
		]);
		await setKnobs(sandbox.ctx, account.store.id, { throttleRate: 0, outage: true });
		expect((await account.fetch(`${account.baseUrl}${itemPath(account)}`)).text).toContain("<html>");
	});
});

describe("patches", () => {
	test("a merge keeps what it does not name, a replacement loses it, a deletion takes the row away", async () => {
		const account = await open();
		const submitted = async () =>
			(await account.call("GET", `${itemPath(account)}&includedData=attributes,fulfillmentAvailability`)).body;
		await account.call("PATCH", itemPath(account), merge(4));
		expect((await submitted()).attributes.fulfillment_availability).toMatchObject([
			{ quantity: 4, lead_time_to_ship_max_days: 2 },
		]);
		const body = merge(5);
		await account.call("PATCH", itemPath(account), { ...body, patches: [{ ...body.patches[0], op: "replace" }] });
		expect((await submitted()).attributes.fulfillment_availability).toEqual([
			{ fulfillment_channel_code: "DEFAULT", quantity: 5, marketplace_id: "ATVPDKIKX0DER" },
		]);
		await account.call("PATCH", itemPath(account), { ...body, patches: [{ ...body.patches[0], op: "delete" }] });
		expect((await submitted()).fulfillmentAvailability).toEqual([]);
	});

	test.each<[string, unknown, number, RegExp]>([
		["no product type", { patches: [] }, 400, /missing or invalid parameters/],
		[
			"no value",
			{ productType: "PRODUCT", patches: [{ op: "merge", path: "/attributes/fulfillment_availability" }] },
			400,
			/Value is missing for patch at index of 0/,
		],
		[
			"a value that is no list of objects",
			{ productType: "PRODUCT", patches: [{ op: "merge", path: "/attributes/fulfillment_availability", value: [3] }] },
			400,
			/missing or invalid/,
		],
		[
			"a path within an attribute",
			{
				productType: "PRODUCT",
				patches: [{ op: "merge", path: "/attributes/fulfillment_availability/0/quantity", value: [{}] }],
			},
			400,
			/missing or invalid/,
		],
		[
			"an attribute in camel case",
			{ productType: "PRODUCT", patches: [{ op: "merge", path: "/attributes/fulfillmentAvailability", value: [{}] }] },
			200,
			/attributes are invalid/,
		],
		[
			"no channel code",
			{
				productType: "PRODUCT",
				patches: [{ op: "merge", path: "/attributes/fulfillment_availability", value: [{ quantity: 3 }] }],
			},
			200,
			/required minimum is '1'/,
		],
		["a negative quantity", merge(-1), 200, /'quantity'/],
		["half a unit", merge(1.5), 200, /'quantity'/],
	])("%s is refused, and nothing is done", async (_, body, status, words) => {
		const account = await open();
		const reply = await account.call("PATCH", itemPath(account), body);
		expect(reply.status).toBe(status);
		expect(reply.text).toMatch(words);
		if (status === 200) expect(reply.body.status).toBe("INVALID");
		expect(await shows(account)).toBe(10);
	});

	test("a preview changes nothing, and is judged all the same", async () => {
		const account = await open();
		const preview = (body: unknown) => account.call("PATCH", `${itemPath(account)}&mode=VALIDATION_PREVIEW`, body);
		expect((await preview(merge(3))).body.status).toBe("VALID");
		expect((await preview(merge(-3))).body.status).toBe("INVALID");
		expect(await shows(account)).toBe(10);
	});

	test("of one SKU the last is applied last, however long each takes", async () => {
		const account = await open({ effectMedianMs: 30_000 });
		for (let quantity = 1; quantity <= 6; quantity++) {
			await account.call("PATCH", itemPath(account), merge(quantity));
			sandbox.putForward(1_000);
		}
		sandbox.putForward(16 * 60_000);
		expect(await shows(account)).toBe(6);
	});

	test("a slash in a SKU's path is forbidden, and so are signs that were not encoded; encoded twice it is another SKU", async () => {
		const account = await open();
		expect((await account.call("GET", itemPath(account, "A%2FB"))).status).toBe(403);
		expect((await account.call("GET", itemPath(account, "(x)"))).status).toBe(403);
		const twice = await account.call("GET", itemPath(account, "A%252FB"));
		expect([twice.status, twice.body.errors[0].message]).toEqual([
			404,
			"SKU 'A%2FB' not found in marketplace ATVPDKIKX0DER",
		]);
	});

	test("a number for what Amazon fulfils stands beside it, and half converts it", async () => {
		const account = await open();
		await changeItem(sandbox.ctx, account.store, "CUP", {
			hasDefault: false,
			others: [{ code: "AMAZON_NA", quantity: 4 }],
		});
		await account.call("PATCH", itemPath(account), merge(3));
		const { body } = await account.call("GET", `${itemPath(account)}&includedData=fulfillmentAvailability`);
		expect(body.fulfillmentAvailability).toEqual([
			{ fulfillmentChannelCode: "DEFAULT", quantity: 3 },
			{ fulfillmentChannelCode: "AMAZON_NA" },
		]);
	});

	test("pending units may be taken off a new number, where an account is set so", async () => {
		const account = await open({ pendingMs: 600_000, pendingNettedOnWrite: true });
		await buy(account, "CUP", 4);
		await account.call("PATCH", itemPath(account), merge(10));
		expect(await shows(account)).toBe(6);
	});
});

describe("searches", () => {
	test("a token goes with its search, and under another name it is ignored", async () => {
		const account = await open({ limits: { searchListingsItems: { rate: 100, burst: 100 } } });
		const sorted = "&sortBy=sku&sortOrder=ASC&pageSize=2";
		const first = await account.call("GET", searchPath(account, sorted));
		const token = first.body.pagination.nextToken;
		const skus = (reply: { body: { items: { sku: string }[] } }) => reply.body.items.map(({ sku }) => sku);
		const next = await account.call("GET", searchPath(account, `${sorted}&pageToken=${token}`));
		expect(skus(next)).toEqual(["TEE-M", "TEE-S"]);
		expect(next.body.pagination).toBeUndefined();
		expect(skus(await account.call("GET", searchPath(account, `${sorted}&nextToken=${token}`)))).toEqual(skus(first));
		const other = await account.call(
			"GET",
			searchPath(account, `&sortBy=sku&sortOrder=DESC&pageSize=2&pageToken=${token}`),
		);
		expect([other.status, other.body.errors[0].message]).toEqual([
			400,
			"Search parameters do not match the provided 'pageToken'",
		]);
	});

	test.each([
		"&pageSize=21",
		"&identifiers=A",
		"&sortBy=price",
		"&includedData=everything",
		`&identifiersType=SKU&identifiers=${Array.from({ length: 21 }, (_, n) => n).join(",")}`,
	])("%s is refused", async (more) => {
		const account = await open();
		expect((await account.call("GET", searchPath(account, more))).status).toBe(400);
	});

	test("orders are searched by one stamp, up to two minutes ago, and never by both", async () => {
		const account = await open();
		const ask = async (query: string) => (await account.call("GET", `/orders/2026-01-01/orders?${query}`)).status;
		const at = (ms: number) => new Date(sandbox.now().getTime() + ms).toISOString();
		expect(await ask(`lastUpdatedAfter=${at(-600_000)}`)).toBe(200);
		expect(await ask("")).toBe(400);
		expect(await ask(`lastUpdatedAfter=${at(0)}&createdAfter=${at(0)}`)).toBe(400);
		expect(await ask(`lastUpdatedBefore=${at(-600_000)}`)).toBe(400);
		expect(await ask(`lastUpdatedAfter=${at(-600_000)}&lastUpdatedBefore=${at(-60_000)}`)).toBe(400);
		expect(await ask(`lastUpdatedAfter=${at(-600_000)}&lastUpdatedBefore=${at(-180_000)}`)).toBe(200);
		expect(await ask(`lastUpdatedAfter=${at(-600_000)}&maxResultsPerPage=101`)).toBe(400);
	});

	test("what is not asked for is not said: status, fulfilment and cancellation", async () => {
		const account = await open();
		const placed = await buy(account, "CUP", 1);
		const id = placed.result === "placed" ? placed.orderId : "";
		const { body } = await account.call("GET", `/orders/2026-01-01/orders/${id}`);
		expect([body.order.fulfillment, body.order.orderItems[0].fulfillment, body.order.orderItems.length]).toEqual([
			undefined,
			undefined,
			1,
		]);
	});
});

describe("selling", () => {
	test("the last unit is sold once, by however many buyers at once, and then nothing is for sale", async () => {
		const account = await open({ limits: { getListingsItem: { rate: 100, burst: 100 } } });
		await setQuantity(sandbox.ctx, account.store.id, "CUP", 1);
		const results = await Promise.all(Array.from({ length: 8 }, () => buy(account, "CUP", 1)));
		expect(results.filter(({ result }) => result === "placed")).toHaveLength(1);
		expect(await shows(account)).toBe(0);
		const { body } = await account.call("GET", itemPath(account));
		expect(body.summaries[0].status).toEqual(["DISCOVERABLE"]);
	});

	test("a basket of two is placed whole or not at all", async () => {
		const account = await open();
		const basket = [
			{ sku: "CUP", quantity: 2 },
			{ sku: "TEE-S", quantity: 4 },
		];
		expect(await checkout(sandbox.ctx, account.store.id, basket)).toMatchObject({
			result: "refused",
			message: "Only 3 left in stock.",
		});
		expect(await shows(account)).toBe(10);
	});

	test("a suppressed item takes numbers and sells nothing, and an order of Amazon's own stock lowers none of the seller's", async () => {
		const account = await open();
		await changeItem(sandbox.ctx, account.store, "CUP", { isSuppressed: true });
		expect((await account.call("PATCH", itemPath(account), merge(5))).body.status).toBe("ACCEPTED");
		expect(await buy(account, "CUP", 1)).toMatchObject({ result: "refused" });
		await changeItem(sandbox.ctx, account.store, "TEE-S", { others: [{ code: "AMAZON_NA", quantity: 4 }] });
		await placeOrder(sandbox.ctx, account.store, [{ sku: "TEE-S", quantity: 1 }], { fulfilledBy: "AMAZON" });
		expect(await shows(account, "TEE-S")).toBe(3);
	});

	test("the family's parent is no shelf place", async () => {
		const account = await open();
		expect((await quantities(sandbox.ctx, account.store.id)).map(({ sku }) => sku)).toEqual(["CUP", "TEE-S", "TEE-M"]);
	});
});

describe("documents", () => {
	const announce = async (account: TestAccount) =>
		(await account.call("POST", "/feeds/2021-06-30/documents", { contentType: "application/json; charset=UTF-8" }))
			.body;

	test("are taken under the announced type, for five minutes, and from nobody with a token", async () => {
		const account = await open();
		const put = async (url: string, headers: Record<string, string>) =>
			(await account.fetch(url, { method: "PUT", body: "{}", headers })).status;
		const { url } = await announce(account);
		expect(await put(url, { "content-type": "application/json" })).toBe(403);
		expect(await put(url, { "content-type": "application/json; charset=UTF-8", "x-amz-access-token": "Atza|x" })).toBe(
			400,
		);
		expect(await put(url, { "content-type": "application/json; charset=UTF-8" })).toBe(200);
		const late = await announce(account);
		sandbox.putForward(301_000);
		const reply = await account.fetch(late.url, {
			method: "PUT",
			body: "{}",
			headers: { "content-type": "application/json; charset=UTF-8" },
		});
		expect([reply.status, reply.text]).toEqual([403, expect.stringContaining("Request has expired")]);
	});

	test("five feeds are taken in five minutes, and the sixth is too many", async () => {
		const account = await open();
		const { feedDocumentId } = await announce(account);
		const feed = {
			feedType: "JSON_LISTINGS_FEED",
			marketplaceIds: ["ATVPDKIKX0DER"],
			inputFeedDocumentId: feedDocumentId,
		};
		const statuses: number[] = [];
		for (let n = 0; n < 6; n++) statuses.push((await account.call("POST", "/feeds/2021-06-30/feeds", feed)).status);
		expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
		const old = await account.call("POST", "/feeds/2021-06-30/feeds", {
			...feed,
			feedType: "POST_INVENTORY_AVAILABILITY_DATA",
		});
		expect(old.status).toBe(400);
	});

	test("a feed that ends fatal has applied half of it, and says nothing of which", async () => {
		const account = await open({ feedFate: "fatal" });
		const { feedDocumentId, url } = await announce(account);
		const messages = ["CUP", "TEE-S", "TEE-M", "NONE"].map((sku, index) => ({
			messageId: index + 1,
			sku,
			operationType: "PATCH",
			...merge(99),
		}));
		const header = { sellerId: account.keys.sellerId, version: "2.0" };
		await account.fetch(url, {
			method: "PUT",
			body: JSON.stringify({ header, messages }),
			headers: { "content-type": "application/json; charset=UTF-8" },
		});
		const feed = {
			feedType: "JSON_LISTINGS_FEED",
			marketplaceIds: ["ATVPDKIKX0DER"],
			inputFeedDocumentId: feedDocumentId,
		};
		const { feedId } = (await account.call("POST", "/feeds/2021-06-30/feeds", feed)).body;
		const { body } = await account.call("GET", `/feeds/2021-06-30/feeds/${feedId}`);
		expect([body.processingStatus, body.resultFeedDocumentId]).toEqual(["FATAL", undefined]);
		expect([await shows(account, "CUP"), await shows(account, "TEE-S"), await shows(account, "TEE-M")]).toEqual([
			99, 99, 3,
		]);
	});

	test("the same report once more while one is being made is cancelled, and a report may lack columns", async () => {
		const account = await open({ reportLagMs: 60_000, reportLacks: ["status", "quantity"] });
		const ask = { reportType: "GET_MERCHANT_LISTINGS_ALL_DATA", marketplaceIds: ["ATVPDKIKX0DER"] };
		const first = (await account.call("POST", "/reports/2021-06-30/reports", ask)).body.reportId;
		const second = (await account.call("POST", "/reports/2021-06-30/reports", ask)).body.reportId;
		const read = async (id: string) => (await account.call("GET", `/reports/2021-06-30/reports/${id}`)).body;
		expect([(await read(first)).processingStatus, (await read(second)).processingStatus]).toEqual([
			"IN_QUEUE",
			"CANCELLED",
		]);
		sandbox.putForward(61_000);
		const done = await read(first);
		expect(done.processingStatus).toBe("DONE");
		const document = (await account.call("GET", `/reports/2021-06-30/documents/${done.reportDocumentId}`)).body;
		expect(document.compressionAlgorithm).toBe("GZIP");
		const bytes = Buffer.from(await (await fetch(document.url)).arrayBuffer());
		const { gunzipSync } = await import("node:zlib");
		const [columns] = gunzipSync(bytes).toString("utf8").split("\n");
		expect(columns?.split("\t")).toContain("seller-sku");
		expect(columns).not.toContain("status");
	});
});

describe("subscriptions", () => {
	test("each type has its way, orders need their filter, and nothing is made twice", async () => {
		const account = await open({ limits: { createSubscription: { rate: 100, burst: 100 } } });
		const make = async (resourceSpecification: object) =>
			account.call("POST", "/notifications/v1/destinations", { name: "n", resourceSpecification }, "app");
		expect((await account.call("GET", "/notifications/v1/destinations")).status).toBe(403);
		expect((await make({ sqs: { arn: "arn:aws:sqs:us-east-1:444455556666:other" } })).status).toBe(400);
		const queue = await make({ sqs: { arn: "arn:aws:sqs:us-east-1:444455556666:onecount" } });
		expect((await make({ sqs: { arn: "arn:aws:sqs:us-east-1:444455556666:onecount" } })).status).toBe(409);
		const bus = await make({ eventBridge: { accountId: "444455556666", region: "us-east-1" } });
		const subscribe = async (
			type: string,
			destination: { body: { payload: { destinationId: string } } },
			more: object = {},
		) =>
			(
				await account.call("POST", `/notifications/v1/subscriptions/${type}`, {
					payloadVersion: "1.0",
					destinationId: destination.body.payload.destinationId,
					...more,
				})
			).status;
		const filter = { processingDirective: { eventFilter: { eventFilterType: "ORDER_CHANGE" } } };
		expect(await subscribe("ORDER_CHANGE", queue)).toBe(400);
		expect(await subscribe("ORDER_CHANGE", bus, filter)).toBe(400);
		expect(await subscribe("ORDER_CHANGE", queue, filter)).toBe(200);
		expect(await subscribe("ORDER_CHANGE", queue, filter)).toBe(409);
		expect(await subscribe("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", queue)).toBe(400);
		expect(await subscribe("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", bus)).toBe(200);
		expect((await account.call("GET", "/notifications/v1/subscriptions/LISTINGS_ITEM_STATUS_CHANGE")).status).toBe(404);
		await buy(account, "CUP", 1);
		expect(await countDeliveries(sandbox.ctx, account.store.id)).toEqual({ queued: 2 });
		// Nothing leads from the event bus to the queue.
		await setStoreSettings(sandbox.ctx, account.store.id, { hasEventRule: false });
		await buy(account, "CUP", 1);
		expect(await countDeliveries(sandbox.ctx, account.store.id)).toEqual({ queued: 3 });
	}, 30_000);
});

test("delays lie around their median and end at their longest", () => {
	let seed = 1;
	const random = () => {
		seed = (seed * 16_807) % 2_147_483_647;
		return seed / 2_147_483_647;
	};
	const delays = Array.from({ length: 2_000 }, () => drawDelay(20_000, 90_000, random)).sort((a, b) => a - b);
	expect(delays[1_000]).toBeGreaterThan(17_000);
	expect(delays[1_000]).toBeLessThan(23_000);
	expect(delays.at(-1)).toBe(90_000);
	expect(drawDelay(0, 90_000, random)).toBe(0);
});
