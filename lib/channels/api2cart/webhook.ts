/**
 * News from API2Cart: is it ours, and what is it about. How its deliveries are signed is not documented well enough to
 * stand on, so the address that only we and API2Cart know carries a token, and a body is never more than a reason to
 * read. Pure; registration is in subscriptions.ts.
 */
import { createHash, createHmac, randomUUID } from "node:crypto";
import { z } from "zod";
import { parseExact } from "../exact-json";
import { type IncomingWebhook, type Signal, UnreadableMail, type WebhookVerdict } from "../news";
import { readMailBody } from "../read-mail-body";
import { headersOf, isSame } from "../signature";
import { childKey, productKey } from "./mapper";

/** In the callback's address: proves the sender, and names the store, which an empty post does not. */
export const tokenOf = (secret: string, storeKey: string): string =>
	createHmac("sha256", secret).update(`api2cart callback\n${storeKey}`).digest("base64url");

export function callbackWith(callbackUrl: string, secret: string, storeKey: string): string {
	return `${callbackUrl}?store=${encodeURIComponent(storeKey)}&token=${tokenOf(secret, storeKey)}`;
}

const lostTopic = "connection.lost";

export function verifyWebhook(webhook: IncomingWebhook, secrets: string[]): WebhookVerdict {
	const { query, rawBody } = webhook;
	const given = new URLSearchParams(query ?? "");
	const [token, storeKey] = [given.get("token"), given.get("store")];
	if (!token || !storeKey) return { verdict: "rejected", reason: "missing_signature" };
	const isOurs = secrets
		.map((secret) => secret !== "" && isSame(Buffer.from(token), Buffer.from(tokenOf(secret, storeKey))))
		.some((same) => same);
	if (!isOurs) return { verdict: "rejected", reason: "wrong_signature" };
	const header = headersOf(webhook);
	const errorCode = header.get("x-webhook-error-code") ?? "0";
	const isLost = rawBody.length === 0 && errorCode !== "0";
	const entity = (header.get("x-webhook-entity") ?? "").toLowerCase();
	const topic = isLost
		? `${lostTopic} ${storeKey}`
		: `${entity}.${(header.get("x-webhook-action") ?? "").toLowerCase()}`;
	return { verdict: "accepted", topic, dedupeKey: dedupeKeyOf(header, topic, rawBody) };
}

/**
 * Two deliveries with one body may be two changes (stock 5, 4, 5), so only what says when it was sent can be known again.
 * Everything else counts as new, and costs a reading.
 */
function dedupeKeyOf(header: ReadonlyMap<string, string>, topic: string, rawBody: Buffer): string {
	const [id, sentAt] = [header.get("x-webhook-id"), header.get("x-webhook-timestamp")];
	if (!sentAt) return randomUUID();
	return createHash("sha256").update(`${id}\n${sentAt}\n${topic}\n`).update(rawBody).digest("base64url");
}

const id = z.union([z.string().min(1), z.number()]).transform(String);
const optionalId = z.union([z.string(), z.number()]).transform(String).nullish();

/** As `{entity}.info` gives it; whether in its envelope is not said. */
const inEnvelope = <T extends z.ZodType>(shape: T) =>
	z.preprocess(
		(value) => (typeof value === "object" && value !== null && "result" in value ? value.result : value),
		shape,
	);

const orderMail = inEnvelope(z.object({ order_id: optionalId, id: optionalId }));
const productMail = inEnvelope(z.object({ id, quantity: z.number().nullish() }));
const childMail = inEnvelope(
	z.object({ id, parent_id: optionalId, product_id: optionalId, inventory_level: z.number().nullish() }),
);

/** Accepted mail → signals. The body was put together late, perhaps long after its cause: its numbers are hints. */
export function parseWebhook(topic: string, rawBody: Buffer): Signal[] {
	if (topic.startsWith(`${lostTopic} `))
		return [{ kind: "access_revoked", storeKey: topic.slice(lostTopic.length + 1) }];
	const [entity = "", action = ""] = topic.split(".");
	switch (entity) {
		case "order":
			return orderSignals(topic, rawBody);
		case "product": {
			const mail = readMailBody(productMail, topic, rawBody, parseExact);
			if (action === "delete") return [{ kind: "listing_gone", productRef: mail.id }];
			return [
				{ kind: "level_reported", externalKey: productKey(mail.id), hint: wholeOrNull(mail.quantity) },
				{ kind: "listing_changed", productRef: mail.id },
			];
		}
		case "variant":
		case "child":
		case "child_item":
			return childSignals(topic, rawBody);
		default:
			return [];
	}
}

function orderSignals(topic: string, rawBody: Buffer): Signal[] {
	const mail = readMailBody(orderMail, topic, rawBody, parseExact);
	const orderRef = mail.order_id || mail.id;
	if (!orderRef) throw new UnreadableMail("The body names no order.");
	return [{ kind: "order_changed", orderRef }];
}

function childSignals(topic: string, rawBody: Buffer): Signal[] {
	const mail = readMailBody(childMail, topic, rawBody, parseExact);
	const productId = mail.parent_id || mail.product_id;
	if (!productId) throw new UnreadableMail("The body does not name the variant's product.");
	return [
		{ kind: "level_reported", externalKey: childKey(productId, mail.id), hint: wholeOrNull(mail.inventory_level) },
		{ kind: "listing_changed", productRef: productId },
	];
}

const wholeOrNull = (quantity: number | null | undefined) =>
	typeof quantity === "number" ? Math.floor(quantity) : null;
