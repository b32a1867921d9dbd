import { describe, expect, test } from "vitest";
import { UnreadableMail } from "../news";
import { callbackWith, parseWebhook, verifyWebhook } from "./webhook";

const secret = "a-secret-of-this-channel";
const storeKey = "WoocommerceApi:shop.example.com/a b";
const query = new URL(callbackWith("https://onecount.example/hook", secret, storeKey)).search.slice(1);
const headers = { "X-Webhook-Entity": "order", "X-Webhook-Action": "update", "X-Webhook-Error-Code": "0" };
const rawBody = Buffer.from('{"id":"7","order_id":"7"}');

describe("news is ours", () => {
	test("by the token in the address that only we and API2Cart know", () => {
		expect(verifyWebhook({ headers, query, rawBody }, ["older", secret])).toMatchObject({
			verdict: "accepted",
			topic: "order.update",
		});
	});

	test.each<[string, string | undefined, string]>([
		["without a query", undefined, "missing_signature"],
		["without a token", "store=x", "missing_signature"],
		["without its store", query.replace(/store=[^&]*&/, ""), "missing_signature"],
		[
			"with a token of another secret",
			new URL(callbackWith("https://o/h", "other", storeKey)).search.slice(1),
			"wrong_signature",
		],
		["with a token of another store", query.replace("shop.example.com", "shop2.example.com"), "wrong_signature"],
		["with a token cut short", query.slice(0, -1), "wrong_signature"],
	])("%s it is not", (_, given, reason) => {
		expect(verifyWebhook({ headers, query: given, rawBody }, [secret])).toEqual({ verdict: "rejected", reason });
	});

	test("an empty secret lets nobody in", () => {
		const empty = new URL(callbackWith("https://o/h", "", storeKey)).search.slice(1);
		expect(verifyWebhook({ headers, query: empty, rawBody }, [""])).toMatchObject({ verdict: "rejected" });
	});

	test("the address does not give the secret away", () => {
		expect(query).not.toContain(secret);
	});
});

describe("two deliveries", () => {
	const key = (more: Record<string, string>, body = rawBody) => {
		const verdict = verifyWebhook({ headers: { ...headers, ...more }, query, rawBody: body }, [secret]);
		return verdict.verdict === "accepted" ? verdict.dedupeKey : null;
	};
	test("with one body may be two changes", () => {
		expect(key({})).not.toBe(key({}));
	});
	test("that say when they were sent are known again", () => {
		const sent = { "X-Webhook-Id": "3", "X-Webhook-Timestamp": "1795000000" };
		expect(key(sent)).toBe(key(sent));
		expect(key(sent)).not.toBe(key({ ...sent, "X-Webhook-Timestamp": "1795000001" }));
	});
});

describe("news is only a reason to read", () => {
	const parse = (topic: string, body: unknown) => parseWebhook(topic, Buffer.from(JSON.stringify(body)));

	test("of an order, by the id that the store knows", () => {
		const changed = [{ kind: "order_changed", orderRef: "1042" }];
		expect(parse("order.update", { id: "", order_id: "1042" })).toEqual(changed);
		expect(parse("order.add", { return_code: 0, result: { order_id: 1042 } })).toEqual(changed);
		expect(parse("order.delete", { id: "1042" })).toEqual(changed);
	});

	test("of a product and of a variant", () => {
		expect(parse("product.update", { id: "9", quantity: 4.5 })).toEqual([
			{ kind: "level_reported", externalKey: "product:9", hint: 4 },
			{ kind: "listing_changed", productRef: "9" },
		]);
		expect(parse("product.delete", { id: "9" })).toEqual([{ kind: "listing_gone", productRef: "9" }]);
		expect(parse("variant.update", { id: "2", parent_id: "9", inventory_level: null })).toEqual([
			{ kind: "level_reported", externalKey: "variant:9/2", hint: null },
			{ kind: "listing_changed", productRef: "9" },
		]);
	});

	test("an empty post with an error code tells that API2Cart lost the store", () => {
		const lost = { ...headers, "X-Webhook-Error-Code": "100", "X-Webhook-Error-Try-Count": "4" };
		const verdict = verifyWebhook({ headers: lost, query, rawBody: Buffer.alloc(0) }, [secret]);
		if (verdict.verdict !== "accepted") throw new Error("It was refused.");
		expect(parseWebhook(verdict.topic, Buffer.alloc(0))).toEqual([{ kind: "access_revoked", storeKey }]);
	});

	test.each([
		["order.update", "{}"],
		["order.update", "not json"],
		["order.update", ""],
		["variant.update", '{"id":"2"}'],
	])("a %s that says nothing, %j, is kept as unreadable", (topic, body) => {
		expect(() => parseWebhook(topic, Buffer.from(body))).toThrow(UnreadableMail);
	});

	test("what we did not ask for is nothing", () => {
		expect(parse("customer.update", { id: "1" })).toEqual([]);
	});
});
