/** News from BigCommerce: is it theirs, and what does it say. Pure; registration is in subscriptions.ts. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { parseExact } from "../exact-json";
import type { IncomingWebhook, Signal, WebhookVerdict } from "../news";
import { readMailBody } from "../read-mail-body";
import { base64Bytes, headersOf, isSame, isSignedBy } from "../signature";
import { storeOfContext } from "./address";
import { type InventoryNews, inventoryMail, pointerMail, skuMail, stockChangedMail, storeMail } from "./api-types";
import { productKey, variantKey } from "./mapper";

/** At whatever location, and of all storefronts together, for which the star stands ("Inventory and Location Webhooks"). */
export const stockChanged = "store/channel/*/inventory/product/stock_changed";

/** A header of our own that each webhook is registered with. */
export const secretHeader = "x-onecount-secret";

/**
 * What proves the news: a word of ours in a header, and BigCommerce's signature by the client secret of the app or the
 * account, where we know it. Kept as one text: `<ours>`, or `<ours>~<client secret>`.
 */
export type WebhookSecret = { ours: string; clientSecret: string | null };

export function readSecret(kept: string): WebhookSecret {
	const [ours = "", ...rest] = kept.split("~");
	return { ours, clientSecret: rest.join("~") || null };
}

export const writeSecret = ({ ours, clientSecret }: WebhookSecret) => (clientSecret ? `${ours}~${clientSecret}` : ours);

/**
 * The signature is that of Standard Webhooks: `v1,` and base64(HMAC-SHA256("<id>.<timestamp>.<raw body>", client secret)),
 * several of them apart by spaces. Where the client secret is known both must be right; where it is not, the word alone.
 */
export function verifyWebhook(webhook: IncomingWebhook, secrets: string[]): WebhookVerdict {
	const headers = headersOf(webhook);
	const word = headers.get(secretHeader);
	const isSigned = Boolean(headers.get("webhook-signature"));
	if (!word && !isSigned) return { verdict: "rejected", reason: "missing_signature" };
	const ours = strictest(secrets.map(readSecret)).filter((secret) => hasWord(secret, word ?? ""));
	if (ours.length === 0) return { verdict: "rejected", reason: "unknown_sender" };
	const isTheirs = ours.map((secret) => isProven(secret, headers, webhook.rawBody)).some((proven) => proven);
	if (!isTheirs) return { verdict: "rejected", reason: isSigned ? "wrong_signature" : "missing_signature" };
	const { scope, hash } = told(webhook.rawBody);
	const dedupeKey = headers.get("webhook-id") ?? (hash ? `${scope}:${hash}` : digestOf(webhook.rawBody));
	return { verdict: "accepted", topic: scope, dedupeKey };
}

/** A former secret that had our word alone must not let in what its successor would not. */
const strictest = (secrets: readonly WebhookSecret[]): WebhookSecret[] =>
	secrets.filter(
		({ ours, clientSecret }) =>
			clientSecret !== null || !secrets.some((other) => other.ours === ours && other.clientSecret !== null),
	);

/** An empty word would let anybody in. */
const hasWord = ({ ours }: WebhookSecret, word: string): boolean => ours !== "" && isSame(digest(word), digest(ours));

/** What came with our word, and where the client secret is known under BigCommerce's own signature, too. */
function isProven({ clientSecret }: WebhookSecret, headers: ReadonlyMap<string, string>, rawBody: Buffer): boolean {
	if (clientSecret === null) return true;
	const signed = `${headers.get("webhook-id") ?? ""}.${headers.get("webhook-timestamp") ?? ""}.`;
	// Only version 1.
	const given = (headers.get("webhook-signature") ?? "").split(" ").map((one) => /^v1,(.+)$/.exec(one)?.[1] ?? "");
	const isSigned = given
		.map((base64) => isSignedBy(clientSecret, base64Bytes(base64), signed, rawBody))
		.some((isRight) => isRight);
	return isSigned && Boolean(headers.get("webhook-id"));
}

const digest = (text: string) => createHash("sha256").update(text).digest();
const digestOf = (rawBody: Buffer) => createHash("sha256").update(rawBody).digest("base64url");

/** The scope is in the body, under the signature. The hash is shared by news of different scopes. */
function told(rawBody: Buffer): { scope: string; hash: string } {
	try {
		const { scope, hash } = JSON.parse(rawBody.toString("utf8")) as Record<string, unknown>;
		return { scope: typeof scope === "string" ? scope : "", hash: typeof hash === "string" ? hash : "" };
	} catch {
		return { scope: "", hash: "" };
	}
}

/**
 * Accepted mail → signals. All of it are pointers: an order is read by its id, a level by its listing. The number that it
 * carries is the new one, or what it changed by, at some location: a hint where it is the new one.
 */
export function parseWebhook(topic: string, rawBody: Buffer): Signal[] {
	const read = <T>(shape: z.ZodType<T>) => readMailBody(shape, topic, rawBody, parseExact);
	switch (topic) {
		case "store/order/created":
		case "store/order/updated":
		case "store/order/statusUpdated":
		case "store/order/archived":
		case "store/order/refund/created":
			return [{ kind: "order_changed", orderRef: read(pointerMail).data.id }];
		case "store/product/created":
		case "store/product/updated":
			return [{ kind: "listing_changed", productRef: read(pointerMail).data.id }];
		// Nothing is said of its variants.
		case "store/product/deleted":
			return [{ kind: "listing_gone", productRef: read(pointerMail).data.id }];
		// A variant that is gone is found missing when its product is read.
		case "store/sku/created":
		case "store/sku/updated":
		case "store/sku/deleted":
			return [{ kind: "listing_changed", productRef: read(skuMail).data.sku.product_id }];
		case "store/product/inventory/updated":
		case "store/product/inventory/order/updated":
		case "store/sku/inventory/updated":
		case "store/sku/inventory/order/updated":
			return [levelReported(read(inventoryMail).data.inventory)];
		case stockChanged: {
			// Which of the two holds the number is not said.
			const { product_id, variant_id } = read(stockChangedMail).data;
			return [...(variant_id ? [levelReported({ product_id, variant_id })] : []), levelReported({ product_id })];
		}
		case "store/app/uninstalled": {
			const storeKey = storeOfContext(read(storeMail).producer);
			return storeKey ? [{ kind: "access_revoked", storeKey }] : [];
		}
		default:
			return [];
	}
}

const levelReported = ({ product_id, variant_id, method, value }: InventoryNews): Signal => ({
	kind: "level_reported",
	externalKey: variant_id ? variantKey(variant_id) : productKey(product_id),
	hint: method === "absolute" ? (value ?? null) : null,
});
