import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { UnreadableMail } from "../news";
import { recorded } from "./testing/recorded";
import vectors from "./testing/signature-vectors.json";
import { parseWebhook, verifyWebhook } from "./webhook";

const { secret, rawBody, headers } = vectors.woo_webhook;
const vector = { headers, rawBody: Buffer.from(rawBody) };
const mail = (name: string) => {
	const { request } = recorded(name);
	return { headers: request.headers ?? {}, rawBody: Buffer.from(String(request.body)) };
};

describe("verifyWebhook", () => {
	test("the known vector is accepted, under a key made of topic and body", () => {
		const verdict = verifyWebhook(vector, [secret]);
		expect(verdict).toMatchObject({ verdict: "accepted", topic: "product.updated" });
		const again = { ...vector, headers: { ...headers, "X-WC-Webhook-Delivery-ID": "another" } };
		expect(verifyWebhook(again, [secret])).toEqual(verdict);
	});

	test("the same body under another topic, and another body, are other news", () => {
		const keyOf = (topic: string, body: string) => {
			const signature = createHmac("sha256", secret).update(body).digest("base64");
			const verdict = verifyWebhook(
				{
					headers: {
						"x-wc-webhook-topic": topic,
						"x-wc-webhook-signature": signature,
						"x-wc-webhook-delivery-id": "same",
					},
					rawBody: Buffer.from(body),
				},
				[secret],
			);
			return verdict.verdict === "accepted" ? verdict.dedupeKey : null;
		};
		const keys = [keyOf("order.created", "{}"), keyOf("order.updated", "{}"), keyOf("order.updated", '{"id":1}')];
		expect(new Set(keys).size).toBe(3);
		expect(keys).not.toContain(null);
	});

	test("what a real shop sent is accepted as it came, escaped slashes and all", () => {
		for (const name of ["webhook_order_created", "webhook_order_updated"]) {
			const { headers, rawBody } = mail(name);
			const signature = createHmac("sha256", "k").update(rawBody).digest("base64");
			const given = { headers: { ...headers, "X-WC-Webhook-Signature": signature }, rawBody };
			expect(verifyWebhook(given, ["other", "k"]).verdict).toBe("accepted");
			expect(rawBody.toString()).toContain("https:\\/\\/");
		}
	});

	test("another secret, one changed byte, an empty secret or a cut signature is refused", () => {
		const wrong = { verdict: "rejected", reason: "wrong_signature" };
		expect(verifyWebhook(vector, ["other"])).toEqual(wrong);
		expect(verifyWebhook(vector, [])).toEqual(wrong);
		expect(verifyWebhook({ ...vector, rawBody: Buffer.from(rawBody.replace("7", "8")) }, [secret])).toEqual(wrong);
		const cut = { ...headers, "X-WC-Webhook-Signature": headers["X-WC-Webhook-Signature"].slice(0, 8) };
		expect(verifyWebhook({ ...vector, headers: cut }, [secret])).toEqual(wrong);
		const forged = createHmac("sha256", "").update(vector.rawBody).digest("base64");
		expect(verifyWebhook({ ...vector, headers: { ...headers, "X-WC-Webhook-Signature": forged } }, [""])).toEqual(
			wrong,
		);
	});

	test("the unsigned ping is answered and kept nowhere", () => {
		expect(verifyWebhook(mail("webhook_ping"), [secret])).toEqual({ verdict: "ping" });
	});

	test("no other unsigned mail passes for a ping", () => {
		const missing = { verdict: "rejected", reason: "missing_signature" };
		const form = { "content-type": "application/x-www-form-urlencoded" };
		expect(verifyWebhook({ headers: form, rawBody: Buffer.from("webhook_id=2&order=1") }, [secret])).toEqual(missing);
		expect(verifyWebhook({ headers: {}, rawBody: Buffer.from("webhook_id=2") }, [secret])).toEqual(missing);
	});
});

describe("parseWebhook", () => {
	test.each(["webhook_order_created", "webhook_order_updated"])("%s is the order as it was when it left", (name) => {
		const { headers, rawBody } = mail(name);
		const [signal, ...more] = parseWebhook(headers["X-WC-Webhook-Topic"] ?? "", rawBody);
		expect(more).toEqual([]);
		expect(signal).toMatchObject({
			kind: "order",
			order: { status: "open", lines: [{ listingRef: "product:10", sku: "SKU-A", taken: 1 }] },
		});
	});

	const body = (changes: object) =>
		Buffer.from(
			JSON.stringify({ id: 10, type: "simple", parent_id: 0, manage_stock: true, stock_quantity: 4, ...changes }),
		);

	test("a product's number is a hint, and its listings are read again", () => {
		expect(parseWebhook("product.updated", body({}))).toEqual([
			{ kind: "level_reported", externalKey: "product:10", hint: 4 },
			{ kind: "listing_changed", productRef: "10" },
		]);
	});

	test("a variation speaks for itself under its product", () => {
		expect(parseWebhook("product.updated", body({ id: 16, type: "variation", parent_id: 15 }))).toEqual([
			{ kind: "level_reported", externalKey: "variation:16", hint: 4 },
			{ kind: "listing_changed", productRef: "15" },
		]);
	});

	test("a variation that shares its product's stock reports the product's", () => {
		const shared = body({ id: 17, type: "variation", parent_id: 15, manage_stock: "parent", stock_quantity: 30 });
		expect(parseWebhook("product.updated", shared)[0]).toEqual({
			kind: "level_reported",
			externalKey: "product:15",
			hint: 30,
		});
	});

	test("what is not counted reports no level, and half units are whole in a hint", () => {
		expect(parseWebhook("product.created", body({ manage_stock: false, stock_quantity: null }))).toEqual([
			{ kind: "listing_changed", productRef: "10" },
		]);
		expect(parseWebhook("product.updated", body({ stock_quantity: 2.5 }))[0]).toMatchObject({ hint: 2 });
	});

	test("a trashed order is to be read: it keeps what it took", () => {
		expect(parseWebhook("order.deleted", Buffer.from('{"id":33}'))).toEqual([
			{ kind: "order_changed", orderRef: "33" },
		]);
	});

	test("a deleted product is a reason to look", () => {
		expect(parseWebhook("product.deleted", Buffer.from('{"id":247}'))).toEqual([
			{ kind: "listing_gone", productRef: "247" },
		]);
	});

	test("an unfinished checkout and topics that say nothing about stock give no signal", () => {
		const draft = String(recorded("webhook_order_created").request.body).replace(
			'"status":"processing"',
			'"status":"checkout-draft"',
		);
		expect(parseWebhook("order.created", Buffer.from(draft))).toEqual([]);
		expect(parseWebhook("coupon.created", Buffer.from("{}"))).toEqual([]);
	});

	test.each([
		["order.updated", '{"id":1}'],
		["order.updated", "<br />"],
		["order.deleted", "[]"],
		["product.updated", '{"id":"10","type":"simple"}'],
	])("%s with %s is mail that nobody can read", (topic, text) => {
		expect(() => parseWebhook(topic, Buffer.from(text))).toThrow(UnreadableMail);
	});
});
