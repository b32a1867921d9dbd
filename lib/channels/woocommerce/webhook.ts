/** News from WooCommerce: is it theirs, and what does it say. Pure; registration is in subscriptions.ts. */
import type { z } from "zod";
import type { IncomingWebhook, Signal, WebhookVerdict } from "../news";
import { readMailBody } from "../read-mail-body";
import { base64Bytes, digestOf, headersOf, isSignedBy } from "../signature";
import { deletedMail, order, productMail } from "./api-types";
import { isDraft, ownQuantity, productKey, snapshotOf, variationKey } from "./mapper";

/**
 * The signature is base64(HMAC-SHA256(raw body, the webhook's secret)). It covers the body and none of the headers. The
 * ping that WooCommerce sends on saving a webhook is a form with its id, unsigned (seen); it says nothing, and is
 * answered so that the shop does not count a failure.
 */
export function verifyWebhook(webhook: IncomingWebhook, secrets: string[]): WebhookVerdict {
	const headers = headersOf(webhook);
	const signature = headers.get("x-wc-webhook-signature");
	if (!signature)
		return isPing(headers.get("content-type"), webhook.rawBody)
			? { verdict: "ping" }
			: { verdict: "rejected", reason: "missing_signature" };
	const given = base64Bytes(signature);
	const isTheirs = secrets.map((secret) => isSignedBy(secret, given, webhook.rawBody)).some((signed) => signed);
	if (!isTheirs) return { verdict: "rejected", reason: "wrong_signature" };
	const topic = headers.get("x-wc-webhook-topic") ?? "";
	return { verdict: "accepted", topic, dedupeKey: digestOf(topic, webhook) };
}

const isPing = (contentType: string | undefined, body: Buffer) =>
	/^application\/x-www-form-urlencoded\b/i.test(contentType ?? "") &&
	/^webhook_id=\d{1,20}$/.test(body.toString("latin1"));

/**
 * Accepted mail → signals. The body is built when the webhook leaves, perhaps long after its cause: an order is the order
 * as it was then, under the stamp that it had then; a product's number is a hint.
 */
export function parseWebhook(topic: string, rawBody: Buffer): Signal[] {
	switch (topic) {
		case "order.created":
		case "order.updated":
		case "order.restored": {
			const mail = readMailBody(order, topic, rawBody);
			return isDraft(mail) ? [] : [{ kind: "order", order: snapshotOf(mail) }];
		}
		// Trashed: it keeps what it took, and the body is only its id.
		case "order.deleted":
			return [{ kind: "order_changed", orderRef: String(readMailBody(deletedMail, topic, rawBody).id) }];
		case "product.created":
		case "product.updated":
		case "product.restored":
			return productSignals(readMailBody(productMail, topic, rawBody));
		// A reason to look, no more: without HPOS the trashing of an order sends this with the order's id (seen).
		case "product.deleted":
			return [{ kind: "listing_gone", productRef: String(readMailBody(deletedMail, topic, rawBody).id) }];
		default:
			return [];
	}
}

/** A variation's news names its product; where the product holds the stock, the number is the product's. */
function productSignals(mail: z.output<typeof productMail>): Signal[] {
	const isVariation = mail.type === "variation" && mail.parent_id > 0;
	const changed: Signal = { kind: "listing_changed", productRef: String(isVariation ? mail.parent_id : mail.id) };
	if (mail.manage_stock === false) return [changed];
	const sharesStock = mail.manage_stock === "parent";
	const externalKey = sharesStock
		? productKey(mail.parent_id)
		: isVariation
			? variationKey(mail.id)
			: productKey(mail.id);
	return [{ kind: "level_reported", externalKey, hint: ownQuantity({ ...mail, manage_stock: true }) }, changed];
}
