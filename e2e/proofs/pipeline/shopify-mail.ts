/** Shopify's news as Shopify sends it: raw JSON, signed, with its headers. */
import { createHmac, randomUUID } from "node:crypto";
import type { TestDatabase } from "@/db/testing";
import { seal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import type { WebhookRequest } from "@/lib/services/webhooks/receive-webhook";

export type SignedMail = WebhookRequest & { headers: Record<string, string> };

export function signedMail(
	channelId: string,
	secret: string,
	topic: string,
	body: string | Buffer,
	webhookId: string = randomUUID(),
): SignedMail {
	const rawBody = Buffer.from(body);
	return {
		platform: "shopify",
		channelId,
		rawBody,
		headers: {
			"content-type": "application/json",
			"x-shopify-topic": topic,
			"x-shopify-webhook-id": webhookId,
			"x-shopify-hmac-sha256": createHmac("sha256", secret).update(rawBody).digest("base64"),
		},
	};
}

/** As connecting a store keeps it. */
export async function keepWebhookSecret(
	database: TestDatabase,
	channel: { channelId: string; merchantId: string },
	secret: string,
): Promise<void> {
	const sealed = seal(secret, `credentials:${channel.channelId}:webhook`, env().sealingKeys);
	await database.ownerClient`
		insert into credentials (merchant_id, channel_id, purpose, sealed)
		values (${channel.merchantId}, ${channel.channelId}, 'webhook', ${sealed})`;
}

/** What has become of an order: units per variant that are still taken. Versions are a second apart at the least. */
export type OrderVersion = {
	lines: { lineId: string; variantId: string; everOrdered: number; taken: number }[];
	at: number;
};

/** The body of `orders/updated`: units that were given back are a refund with restock, as an admin makes it. */
export function orderBody(orderId: string, placedAt: number, { lines, at }: OrderVersion): string {
	const back = lines.filter((line) => line.everOrdered > line.taken);
	return JSON.stringify({
		id: Number(orderId),
		name: `#${orderId}`,
		created_at: new Date(placedAt).toISOString(),
		updated_at: new Date(at).toISOString(),
		cancelled_at: null,
		closed_at: null,
		line_items: lines.map((line) => ({
			id: Number(line.lineId),
			variant_id: Number(line.variantId),
			sku: null,
			name: `variant ${line.variantId}`,
			quantity: line.everOrdered,
			current_quantity: line.taken,
		})),
		refunds: back.map((line) => ({
			refund_line_items: [
				{ line_item_id: Number(line.lineId), quantity: line.everOrdered - line.taken, restock_type: "return" },
			],
		})),
	});
}
