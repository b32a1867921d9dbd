import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { UnreadableMail } from "../news";
import vectors from "./testing/signature-vectors.json";
import { parseWebhook, verifyWebhook } from "./webhook";

const folder = path.join(import.meta.dirname, "testing/webhooks");
const sample = (name: string) => readFileSync(path.join(folder, `${name}.json`));
const { secret, rawBody, headers } = vectors.shopify_webhook;
const vector = { headers, rawBody: Buffer.from(rawBody) };

describe("verifyWebhook", () => {
	test("the official vector is accepted, with its topic and the id of its delivery", () => {
		expect(verifyWebhook(vector, [secret])).toEqual({
			verdict: "accepted",
			topic: "inventory_levels/update",
			dedupeKey: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
		});
	});

	test("header names are found in any case", () => {
		const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
		expect(verifyWebhook({ ...vector, headers: lower }, [secret]).verdict).toBe("accepted");
	});

	test("the previous secret still signs while Shopify rotates", () => {
		expect(verifyWebhook(vector, ["shpss_new", secret]).verdict).toBe("accepted");
	});

	test("another secret, one changed byte or a cut signature is refused", () => {
		const wrong = { verdict: "rejected", reason: "wrong_signature" };
		expect(verifyWebhook(vector, ["shpss_other"])).toEqual(wrong);
		expect(verifyWebhook(vector, [])).toEqual(wrong);
		expect(verifyWebhook({ ...vector, rawBody: Buffer.from(rawBody.replace("10", "11")) }, [secret])).toEqual(wrong);
		const cut = { ...headers, "X-Shopify-Hmac-Sha256": headers["X-Shopify-Hmac-Sha256"].slice(0, 8) };
		expect(verifyWebhook({ ...vector, headers: cut }, [secret])).toEqual(wrong);
	});

	test("an empty secret signs nothing", () => {
		const signed = createHmac("sha256", "").update(vector.rawBody).digest("base64");
		const forged = { ...vector, headers: { ...headers, "X-Shopify-Hmac-Sha256": signed } };
		expect(verifyWebhook(forged, [""]).verdict).toBe("rejected");
	});

	test("no signature is told from a wrong one", () => {
		const { "X-Shopify-Hmac-Sha256": _, ...unsigned } = headers;
		expect(verifyWebhook({ ...vector, headers: unsigned }, [secret])).toEqual({
			verdict: "rejected",
			reason: "missing_signature",
		});
	});
});

describe("parseWebhook on Shopify's own samples", () => {
	test("an order keeps ids beyond 2^53 to the last digit", () => {
		expect(parseWebhook("orders/create", sample("orders_create"))).toEqual([
			{
				kind: "order",
				order: {
					orderRef: "820982911946154508",
					number: "#9999",
					status: "cancelled",
					placedAt: "2022-01-01T00:00:00.000Z",
					version: { at: Date.parse("2021-12-31T19:00:00-05:00"), step: 2 },
					lines: [
						{
							lineRef: "487817672276298554",
							listingRef: null,
							sku: "SKU2006-001",
							title: "Aviator sunglasses",
							taken: 1,
						},
					],
				},
			},
		]);
	});

	test.each([
		["orders/edited", '{"order_edit":{"id":1,"order_id":820982911946154508}}', "820982911946154508"],
		["refunds/create", sample("refunds_create").toString(), "820982911946154508"],
		["orders/delete", '{"id":820982911946154508}', "820982911946154508"],
	])("%s names an order to read", (topic, body, orderRef) => {
		expect(parseWebhook(topic, Buffer.from(body))).toEqual([{ kind: "order_changed", orderRef }]);
	});

	const externalKey = "gid://shopify/InventoryItem/271878346596884015";
	test.each([
		["inventory_levels/update", "inventory_levels_update", 10],
		["inventory_levels/connect", "inventory_levels_connect", 10],
		["inventory_levels/disconnect", "inventory_levels_disconnect", null],
		["inventory_items/update", "inventory_items_update", null],
	])("%s is a reason to read one inventory item", (topic, name, hint) => {
		expect(parseWebhook(topic, sample(name))).toEqual([{ kind: "level_reported", externalKey, hint }]);
	});

	const productRef = "gid://shopify/Product/788032119674292922";
	test.each([
		["products/create", "products_create", { kind: "listing_changed", productRef }],
		["products/update", "products_update", { kind: "listing_changed", productRef }],
		["products/delete", "products_delete", { kind: "listing_gone", productRef }],
	])("%s names the product as its listings do", (topic, name, signal) => {
		expect(parseWebhook(topic, sample(name))).toEqual([signal]);
	});

	test("an uninstalled app has lost its access", () => {
		const shop = Buffer.from('{"id":548380009,"name":"Super Toys","myshopify_domain":"supertoys.myshopify.com"}');
		expect(parseWebhook("app/uninstalled", shop)).toEqual([
			{ kind: "access_revoked", storeKey: "supertoys.myshopify.com" },
		]);
	});

	test.each(["orders_create", "products_update", "inventory_items_update"])(
		"the topic is not signed: %s under that of an uninstalled app says nothing",
		(name) => {
			expect(() => parseWebhook("app/uninstalled", sample(name))).toThrow(UnreadableMail);
		},
	);

	test("topics that say nothing about stock are no trouble", () => {
		expect(parseWebhook("reverse_fulfillment_orders/dispose", sample("reverse_fulfillment_orders_dispose"))).toEqual(
			[],
		);
	});

	test.each([
		["orders/create", "{", "The body is not JSON."],
		["orders/create", '{"id":1}', "The body is JSON, but not what orders/create promises."],
		["orders/create", "", "The body is empty."],
		["inventory_levels/update", '{"available":3}', "The body is JSON, but not what inventory_levels/update promises."],
		["refunds/create", "[]", "The body is JSON, but not what refunds/create promises."],
		["products/update", '{"id":"<script>"}', "The body is JSON, but not what products/update promises."],
	])("a body that is not what %s promises is mail that nobody can read: %s", (topic, body, sentence) => {
		expect(() => parseWebhook(topic, Buffer.from(body))).toThrow(new UnreadableMail(sentence));
	});
});

test("a cancelled order without a refund gives nothing back by itself", () => {
	const [signal] = parseWebhook("orders/cancelled", sample("orders_cancelled"));
	expect(signal).toMatchObject({ kind: "order", order: { status: "cancelled", lines: [{ taken: 1 }] } });
});
