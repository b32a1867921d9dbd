import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { UnreadableMail } from "../news";
import { vectors } from "./testing/webhook-vectors.json";
import { parseWebhook, verifyWebhook, writeSecret } from "./webhook";

const signer = {
	signatureKey: "key-1",
	merchantId: "M1",
	notificationUrl: "https://one.example/api/webhooks/square/1",
};
const secret = writeSecret(signer);

function mail(body: unknown, from = signer) {
	const rawBody = Buffer.from(JSON.stringify(body));
	const signature = createHmac("sha256", from.signatureKey)
		.update(from.notificationUrl)
		.update(rawBody)
		.digest("base64");
	return { headers: { "X-Square-HmacSha256-Signature": signature }, rawBody };
}
const news = { merchant_id: "M1", type: "order.updated", event_id: "e-1", data: { type: "order_updated", id: "O1" } };

describe("verifyWebhook", () => {
	test.each(vectors)("the known vector of $notificationUrl is theirs ($signature)", (vector) => {
		const { signatureKey, notificationUrl, rawBody, signature } = vector;
		const said: { merchant_id?: string } = JSON.parse(rawBody);
		const known = writeSecret({ signatureKey, notificationUrl, merchantId: said.merchant_id ?? "M1" });
		const webhook = { headers: { "x-square-hmacsha256-signature": signature }, rawBody: Buffer.from(rawBody) };
		expect(verifyWebhook(webhook, [known]).verdict).toBe("accepted");
		const elsewhere = writeSecret({ signatureKey, notificationUrl: `${notificationUrl}/`, merchantId: "M1" });
		expect(verifyWebhook(webhook, [elsewhere])).toEqual({ verdict: "rejected", reason: "wrong_signature" });
	});

	test("the event's id is the key", () => {
		expect(verifyWebhook(mail(news), [secret])).toEqual({
			verdict: "accepted",
			topic: "order.updated",
			dedupeKey: "e-1",
		});
	});

	test("news of another merchant of the same app is answered and not kept", () => {
		expect(verifyWebhook(mail({ ...news, merchant_id: "M2" }), [secret])).toEqual({ verdict: "ping" });
	});

	test("the old signature by SHA-1 proves nothing", () => {
		const { headers, rawBody } = mail(news);
		const old = { "x-square-signature": headers["X-Square-HmacSha256-Signature"] };
		expect(verifyWebhook({ headers: old, rawBody }, [secret])).toEqual({
			verdict: "rejected",
			reason: "missing_signature",
		});
	});

	test("a secret that is none of ours rejects, and does not throw", () => {
		for (const other of ["", "one-word", "two words", "a b c d"])
			expect(verifyWebhook(mail(news), [other]).verdict).toBe("rejected");
	});
});

describe("parseWebhook", () => {
	const count = (id: string, state: string) => ({
		catalog_object_id: id,
		state,
		location_id: "L1",
		quantity: "10",
		calculated_at: "2026-11-23T10:00:00Z",
	});

	test("a move between two states is one level to be read, and its number is no hint", () => {
		const data = { object: { inventory_counts: [count("V1", "IN_STOCK"), count("V1", "SOLD"), count("V2", "SOLD")] } };
		const body = { ...news, type: "inventory.count.updated", data };
		expect(parseWebhook("inventory.count.updated", mail(body).rawBody)).toEqual([
			{ kind: "level_reported", externalKey: "V1", hint: null },
		]);
	});

	test("an order is named, and access that was taken back names the merchant", () => {
		expect(parseWebhook("order.updated", mail(news).rawBody)).toEqual([{ kind: "order_changed", orderRef: "O1" }]);
		const revoked = { ...news, type: "oauth.authorization.revoked", data: { object: { revocation: {} } } };
		expect(parseWebhook("oauth.authorization.revoked", mail(revoked).rawBody)).toEqual([
			{ kind: "access_revoked", storeKey: "M1" },
		]);
	});

	test("what nobody asked for says nothing, and what can't be read is a dead letter", () => {
		expect(parseWebhook("location.updated", mail({ ...news, type: "location.updated" }).rawBody)).toEqual([]);
		expect(() => parseWebhook("location.updated", Buffer.from("{}"))).toThrow(UnreadableMail);
	});
});
