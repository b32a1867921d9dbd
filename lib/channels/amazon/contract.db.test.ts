/** Everything that the adapter says to a sandbox account, and everything that it answers, held against Amazon's own descriptions. */
import { beforeAll, expect, test } from "vitest";
import { changeItem } from "@/lib/sandbox/amazon/seed";
import { openTestAccount } from "@/lib/sandbox/amazon/testing";
import { cancelOrder } from "@/lib/sandbox/stores";
import { sandboxForTests } from "@/lib/sandbox/testing";
import { handsOn } from "@/lib/sandbox/testing/hands";
import { sized, variant } from "@/lib/sandbox/testing/seeds";
import { createHttpClient, type HttpClient } from "../http";
import type { WriteRow } from "../listing";
import type { CollectedMail } from "../news";
import { connectionsTo } from "../testing/connection";
import { readAll } from "../testing/read-all";
import { amazon } from ".";
import { askForReport, awaitReport, itemsOf, waits } from "./report";
import { feedFaults, feedResultFaults, judge, notificationFaults, type Traffic } from "./testing/official-models";

const sandbox = sandboxForTests();
Object.assign(waits, { lookMs: 0, askEveryMs: 1 });

/** The adapter's whole repertoire, and all that went over the wire. */
async function wholeDay() {
	const products = [
		...Array.from({ length: 105 }, (_, n) => ({
			title: `SKU ${n}`,
			variants: [variant(`SKU ${n}`, 10, { gtin: "4006381333931" })],
		})),
		sized("Tee", { S: 3, M: 3 }),
	];
	const account = await openTestAccount(sandbox, { products });
	const traffic: Traffic[] = [];
	const http = createHttpClient({ allowPrivate: true, secrets: [] });
	const recording: HttpClient = {
		exchanges: http.exchanges,
		async send(request) {
			const reply = await http.send(request);
			const { method, url, body } = request;
			traffic.push({ method, url, body, status: reply.status, reply: reply.text });
			return reply;
		},
	};
	const facts = { marketplaceIds: ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"] };
	const common = { baseUrl: account.baseUrl, now: sandbox.now, facts, http: recording };
	const connection = connectionsTo(common)(account.keys);
	const row = (sku: string, quantity: number): WriteRow => ({ externalKey: sku, ids: {}, quantity, expected: 10 });
	const since = new Date(Date.now() - 60_000);
	await amazon.connect(connection);
	await amazon.registerWebhooks(connection, "", "");
	await changeItem(sandbox.ctx, account.store, "SKU 3", { others: [{ code: "AMAZON_NA", quantity: 4 }] });
	const issue = { code: "90220", message: "'size' is required.", severity: "ERROR" as const, categories: [] };
	await changeItem(sandbox.ctx, account.store, "SKU 4", { refusesWith: issue });
	await readAll((page) => amazon.listListings(connection, null, page));
	await amazon.listListings(connection, since, null);
	await amazon.readProduct(connection, "SKU 1");
	await amazon.readProduct(connection, "nothing");
	await amazon.readLevels(connection, [row("SKU 1", 0), row("SKU 2", 0), row("A,B", 0)]);
	await amazon.writeQuantities(connection, [row("SKU 4", 2), row("SKU 5", 2)], "key");
	await amazon.writeQuantities(
		connection,
		Array.from({ length: 105 }, (_, n) => row(`SKU ${n}`, 7)),
		"key",
	);
	await amazon.writeQuantities(connection, [row("SKU 4", 2)], "key");
	await awaitReport(connection, await askForReport(connection));
	const report = await awaitReport(connection, await askForReport(connection));
	if (report.state === "done") await itemsOf(connection, report.documentId);
	const orderRef = await handsOn(sandbox, account.store.id).buy("TEE-S", 2);
	await amazon.listOrders(connection, since, null);
	await cancelOrder(sandbox.ctx, account.store.id, orderRef, true);
	await amazon.readOrder(connection, orderRef);
	await amazon.readOrder(connection, "902-0000000-0000000");
	const mail: CollectedMail["items"] = [];
	for (;;) {
		const some = await amazon.collectMail?.(connection, { waitMs: 0 });
		if (!some || some.items.length === 0) break;
		mail.push(...some.items);
		await some.done();
	}
	await amazon.removeWebhooks(connection, "");
	await amazon.appSecret?.renew(connection);
	return { account, traffic, mail };
}

let day: Awaited<ReturnType<typeof wholeDay>>;
beforeAll(async () => {
	day = await wholeDay();
}, 120_000);

const pathOf = (url: string) => new URL(url).pathname.slice(new URL(day.account.baseUrl).pathname.length);
const isApi = (url: string) => !/^\/(auth|sqs|documents)\b/.test(pathOf(url));

test("every call and every answer is as Amazon describes it", () => {
	const judged = day.traffic.filter(({ url }) => isApi(url)).map((one) => judge(one, pathOf(one.url)));
	expect(judged.filter(({ faults }) => faults.length > 0)).toEqual([]);
	expect([...new Set(judged.map(({ name }) => name))].sort()).toEqual([
		"DELETE /notifications/v1/subscriptions/{notificationType}/{subscriptionId}",
		"GET /feeds/2021-06-30/documents/{feedDocumentId}",
		"GET /feeds/2021-06-30/feeds/{feedId}",
		"GET /listings/2021-08-01/items/{sellerId}",
		"GET /listings/2021-08-01/items/{sellerId}/{sku}",
		"GET /notifications/v1/destinations",
		"GET /notifications/v1/subscriptions/{notificationType}",
		"GET /orders/2026-01-01/orders",
		"GET /orders/2026-01-01/orders/{orderId}",
		"GET /reports/2021-06-30/documents/{reportDocumentId}",
		"GET /reports/2021-06-30/reports",
		"GET /reports/2021-06-30/reports/{reportId}",
		"GET /sellers/v1/marketplaceParticipations",
		"PATCH /listings/2021-08-01/items/{sellerId}/{sku}",
		"POST /applications/2023-11-30/clientSecret",
		"POST /feeds/2021-06-30/documents",
		"POST /feeds/2021-06-30/feeds",
		"POST /notifications/v1/destinations",
		"POST /notifications/v1/subscriptions/{notificationType}",
		"POST /reports/2021-06-30/reports",
	]);
});

test("a feed and its result are as their schemas describe them", () => {
	const files = day.traffic.filter(({ url }) => pathOf(url).startsWith("/documents/"));
	const sent = files.filter(({ method }) => method === "PUT").map(({ body }) => JSON.parse(body ?? ""));
	expect(sent).toHaveLength(1);
	expect(sent[0].messages).toHaveLength(104);
	expect(sent.flatMap(feedFaults)).toEqual([]);
	const results = files
		.filter(({ method, reply }) => method === "GET" && reply.startsWith("{"))
		.map(({ reply }) => JSON.parse(reply));
	expect(results).toHaveLength(1);
	expect(results[0].issues).toMatchObject([{ sku: "SKU 4", severity: "ERROR" }]);
	expect(results.flatMap(feedResultFaults)).toEqual([]);
});

test("news in the queue is as its schemas describe it, but for the postal code that was left out", () => {
	const byTopic = new Map(day.mail.map(({ topic, rawBody }) => [topic, JSON.parse(rawBody.toString())]));
	for (const [topic, faults] of Object.entries(notificationFaults)) {
		expect(byTopic.has(topic)).toBe(true);
		const left = faults(byTopic.get(topic)).filter((fault) => !fault.endsWith("'DestinationPostalCode'"));
		expect(left).toEqual([]);
	}
});

test("the checks do fail: on an unknown parameter, a wrong body, a wrong answer and another's operation", () => {
	const search = day.traffic.find(({ url }) => url.includes("fulfilledBy=MERCHANT"));
	if (!search) throw new Error("no search");
	const faultsOf = (change: Partial<Traffic>) => {
		const one = { ...search, ...change };
		return judge(one, pathOf(one.url)).faults;
	};
	expect(faultsOf({})).toEqual([]);
	expect(faultsOf({ url: `${search.url}&nextToken=1` })).toEqual(["nextToken is unknown"]);
	expect(faultsOf({ url: `${search.url.replace("MERCHANT", "ME")}` })).toEqual(["fulfilledBy is ME"]);
	expect(faultsOf({ body: "{}" })).toEqual(["it takes no body"]);
	expect(faultsOf({ reply: '{"payload":{}}' })).toEqual([expect.stringContaining("required property 'orders'")]);
	expect(faultsOf({ status: 201 })).toEqual(["it never answers 201"]);
	expect(faultsOf({ method: "DELETE" })).toEqual(["there is no such operation"]);
});
