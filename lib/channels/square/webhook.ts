/** News from Square: is it theirs and of this merchant, and what does it say. Pure; registration is in subscriptions.ts. */
import { createHash } from "node:crypto";
import { jsonIn } from "../json-in";
import type { IncomingWebhook, Signal, WebhookVerdict } from "../news";
import { readMailBody } from "../read-mail-body";
import { base64Bytes, headersOf, isSignedBy } from "../signature";
import { countMail, mail, orderMail } from "./api-types";

/**
 * All that a check needs is in the secret: Square signs the subscription's address with the body, and sends one app the
 * news of every merchant who uses it.
 */
export type Signer = { signatureKey: string; merchantId: string; notificationUrl: string };

export const writeSecret = ({ signatureKey, merchantId, notificationUrl }: Signer) =>
	`${signatureKey} ${merchantId} ${notificationUrl}`;

function readSecret(secret: string): Signer | null {
	const [signatureKey, merchantId, notificationUrl, ...rest] = secret.split(" ");
	if (!signatureKey || !merchantId || !notificationUrl || rest.length > 0) return null;
	return { signatureKey, merchantId, notificationUrl };
}

/** base64(HMAC-SHA256(address + raw body)) under the subscription's key. The SHA-1 signature beside it is not looked at. */
export function verifyWebhook(webhook: IncomingWebhook, secrets: string[]): WebhookVerdict {
	const headers = headersOf(webhook);
	const signature = headers.get("x-square-hmacsha256-signature");
	if (!signature) return { verdict: "rejected", reason: "missing_signature" };
	const signers = secrets.flatMap((secret) => readSecret(secret) ?? []);
	const given = base64Bytes(signature);
	const signed = signers.filter(({ signatureKey, notificationUrl }) =>
		isSignedBy(signatureKey, given, notificationUrl, webhook.rawBody),
	);
	if (signed.length === 0) return { verdict: "rejected", reason: "wrong_signature" };
	const said = mail.safeParse(jsonIn(webhook.rawBody.toString("utf8")));
	if (!said.success) return { verdict: "accepted", topic: "unreadable", dedupeKey: digest(webhook.rawBody) };
	// Another merchant's of the same app: true, and not for this channel.
	if (!signed.some(({ merchantId }) => merchantId === said.data.merchant_id)) return { verdict: "ping" };
	return { verdict: "accepted", topic: said.data.type, dedupeKey: said.data.event_id };
}

const digest = (body: Buffer) => createHash("sha256").update(body).digest("base64url");

/**
 * A move between states tells of two counts at once: the one in stock is ours. Its location may be another channel's, and
 * the number with it, so that it is a reason to read and no hint.
 */
export function parseWebhook(topic: string, rawBody: Buffer): Signal[] {
	const { merchant_id } = readMailBody(mail, topic, rawBody);
	switch (topic) {
		case "inventory.count.updated": {
			const { inventory_counts } = readMailBody(countMail, topic, rawBody).data.object;
			const ids = inventory_counts.flatMap((one) => (one.state === "IN_STOCK" ? [one.catalog_object_id] : []));
			return [...new Set(ids)].map((externalKey) => ({ kind: "level_reported", externalKey, hint: null }));
		}
		case "order.created":
		case "order.updated":
			return [{ kind: "order_changed", orderRef: readMailBody(orderMail, topic, rawBody).data.id }];
		case "oauth.authorization.revoked":
			return [{ kind: "access_revoked", storeKey: merchant_id }];
		default:
			return [];
	}
}
