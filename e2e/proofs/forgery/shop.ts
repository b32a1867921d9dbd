/** Two channels of a platform with their secrets, and what became of the mail that was sent to the first. */
import { randomBytes } from "node:crypto";
import type { TestDatabase } from "@/db/testing";
import { seal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { makeChannel, makeListing, makeMerchant, makeSku } from "@/lib/services/testing/fixtures";
import { writeCounts } from "@/lib/services/webhooks/count-webhooks";
import type { Random } from "@/lib/simulation/random";
import { orderBody } from "../pipeline/shopify-mail";
import type { Signing } from "./attacks";

export type Target = Signing & { channelId: string; merchantId: string; previousSecret: string; skuId: string };

const headersOf = {
	shopify: { signatureHeader: "x-shopify-hmac-sha256", headers: { "x-shopify-topic": "orders/updated" } },
	woocommerce: { signatureHeader: "x-wc-webhook-signature", headers: { "x-wc-webhook-topic": "order.updated" } },
} as const;

export async function openTarget(database: TestDatabase, platform: Signing["platform"]): Promise<Target> {
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant, { platform });
	const skuId = await makeSku(database, merchant, "LAMP", 100);
	// Before its orders were placed: they are sales, not part of the count.
	await database.ownerClient`update levels set counted_at = now() - interval '1 day' where sku_id = ${skuId}`;
	const ref = platform === "shopify" ? "variant:7" : "product:7";
	await makeListing(database, merchant, channelId, ref, { skuId, shown: 100 });
	const [secret, previousSecret, retiredSecret, neighboursSecret] = Array.from({ length: 4 }, () =>
		randomBytes(24).toString("hex"),
	) as [string, string, string, string];
	const sealed = (text: string) => seal(text, `credentials:${channelId}:webhook`, env().sealingKeys);
	await database.ownerClient`
		insert into credentials (merchant_id, channel_id, purpose, sealed, sealed_previous)
		values (${merchant.merchantId}, ${channelId}, 'webhook', ${sealed(secret)}, ${sealed(previousSecret)})`;
	const { signatureHeader, headers } = headersOf[platform];
	return {
		platform,
		signatureHeader,
		headers: { "content-type": "application/json", ...headers },
		secret,
		previousSecret,
		retiredSecret,
		neighboursSecret,
		channelId,
		merchantId: merchant.merchantId,
		skuId,
	};
}

/** Orders as the platform tells of them, no two alike. */
export function orderBodies(platform: Signing["platform"], random: Random, count: number): Buffer[] {
	return Array.from({ length: count }, (_, index) => {
		const placedAt = Date.now() - random.int(60_000, 600_000);
		if (platform === "shopify") {
			const lines = [{ lineId: "1", variantId: "7", everOrdered: 1, taken: 1 }];
			return Buffer.from(orderBody(`${5_000 + index}`, placedAt, { lines, at: placedAt }));
		}
		const stamp = new Date(placedAt).toISOString().slice(0, 19);
		return Buffer.from(
			JSON.stringify({
				id: 5_000 + index,
				number: `${5_000 + index}`,
				status: "processing",
				date_created_gmt: stamp,
				date_modified_gmt: stamp,
				line_items: [
					{
						id: 1,
						product_id: 7,
						variation_id: 0,
						name: "Lamp",
						quantity: 1,
						sku: "",
						meta_data: [{ key: "_reduced_stock", value: "1" }],
					},
				],
				refunds: [],
			}),
		);
	});
}

export type Counted = { inbox: number; rejectedToday: number; rejectedEver: number };

export async function counted(database: TestDatabase, { channelId }: Target): Promise<Counted> {
	await writeCounts();
	const [row] = await database.ownerClient<Counted[]>`
		select (select count(*)::int from inbox where channel_id = ${channelId}) as inbox,
			(select coalesce(sum(rejected), 0)::int from webhook_days where channel_id = ${channelId}) as "rejectedToday",
			(select rejected_webhooks::int from channel_health where channel_id = ${channelId}) as "rejectedEver"`;
	return row as Counted;
}
