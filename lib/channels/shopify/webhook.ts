/** News from Shopify: is it theirs, and what does it say. Pure; registration is in subscriptions.ts. */
import type { z } from "zod";
import { parseExact } from "../exact-json";
import type { IncomingWebhook, Signal, WebhookVerdict } from "../news";
import { readMailBody } from "../read-mail-body";
import { base64Bytes, digestOf, headersOf, isSignedBy } from "../signature";
import {
	inventoryItemMail,
	levelMail,
	orderDeletedMail,
	orderEditMail,
	orderMail,
	productMail,
	refundMail,
	shopMail,
} from "./api-types";
import { gidOf, orderFromMail } from "./mapper";

/**
 * The signature is base64(HMAC-SHA256(raw body, the app's client secret)); after a rotation the old secret may sign for
 * up to an hour. It covers the body and none of the headers, so topic and id are hints: a replay under another id must
 * have no second effect, `listing_gone` is to be confirmed by reading the product and `access_revoked` by a call.
 */
export function verifyWebhook(webhook: IncomingWebhook, secrets: string[]): WebhookVerdict {
	const headers = headersOf(webhook);
	const signature = headers.get("x-shopify-hmac-sha256");
	if (!signature) return { verdict: "rejected", reason: "missing_signature" };
	const given = base64Bytes(signature);
	const isTheirs = secrets.map((secret) => isSignedBy(secret, given, webhook.rawBody)).some((signed) => signed);
	if (!isTheirs) return { verdict: "rejected", reason: "wrong_signature" };
	const topic = headers.get("x-shopify-topic") ?? "";
	return { verdict: "accepted", topic, dedupeKey: headers.get("x-shopify-webhook-id") ?? digestOf(topic, webhook) };
}

/** Accepted mail → signals. Topics that say nothing about stock give none. */
export function parseWebhook(topic: string, rawBody: Buffer): Signal[] {
	switch (topic) {
		case "orders/create":
		case "orders/updated":
		case "orders/cancelled":
		case "orders/paid":
		case "orders/fulfilled":
		case "orders/partially_fulfilled":
			return [{ kind: "order", order: orderFromMail(read(orderMail, topic, rawBody)) }];
		// Told, not proven: the signature does not cover the topic. Reading it proves that it is gone.
		case "orders/delete":
			return [{ kind: "order_changed", orderRef: read(orderDeletedMail, topic, rawBody).id }];
		// An edit's payload lists what was added and removed, a refund's only the refund.
		case "orders/edited":
			return [{ kind: "order_changed", orderRef: read(orderEditMail, topic, rawBody).order_edit.order_id }];
		case "refunds/create":
			return [{ kind: "order_changed", orderRef: read(refundMail, topic, rawBody).order_id }];
		// The body is assembled late, may be of any location, and names no variant: a reason to read.
		case "inventory_levels/update":
		case "inventory_levels/connect":
		case "inventory_levels/disconnect": {
			const level = read(levelMail, topic, rawBody);
			return [levelReported(level.inventory_item_id, level.available ?? null)];
		}
		// Tracking may have been switched on or off.
		case "inventory_items/update":
			return [levelReported(read(inventoryItemMail, topic, rawBody).id, null)];
		case "products/create":
		case "products/update":
			return [{ kind: "listing_changed", productRef: gidOf("Product", read(productMail, topic, rawBody).id) }];
		case "products/delete":
			return [{ kind: "listing_gone", productRef: gidOf("Product", read(productMail, topic, rawBody).id) }];
		case "app/uninstalled":
			return [{ kind: "access_revoked", storeKey: read(shopMail, topic, rawBody).myshopify_domain.toLowerCase() }];
		default:
			return [];
	}
}

const levelReported = (itemId: string, hint: number | null): Signal => ({
	kind: "level_reported",
	externalKey: gidOf("InventoryItem", itemId),
	hint,
});

const read = <T>(shape: z.ZodType<T>, topic: string, rawBody: Buffer): T =>
	readMailBody(shape, topic, rawBody, parseExact);
