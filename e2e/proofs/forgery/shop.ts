/** Two channels of a platform with their secrets, and what became of the mail that was sent to the first. */
import { randomBytes } from "node:crypto";
import type { Platform } from "@/db/schema";
import type { TestDatabase } from "@/db/testing";
import { seal } from "@/lib/crypto/seal";
import { env } from "@/lib/env";
import { makeChannel, makeListing, makeMerchant, makeSku } from "@/lib/services/testing/fixtures";
import { writeCounts } from "@/lib/services/webhooks/count-webhooks";
import type { Random } from "@/lib/simulation/random";
import type { Signing } from "./attacks";
import { type MailPlatform, mailPlatforms } from "./schemes";

export type Target = Signing & {
	platform: Platform;
	channelId: string;
	merchantId: string;
	previousSecret: string;
	skuId: string;
};

export function mailOf(platform: Platform): MailPlatform {
	const mail = mailPlatforms[platform];
	if (!mail) throw new Error(`${platform} sends no webhooks`);
	return mail;
}

export async function openTarget(database: TestDatabase, platform: Platform): Promise<Target> {
	const { scheme, kept, listingRef } = mailOf(platform);
	const merchant = await makeMerchant(database);
	const channelId = await makeChannel(database, merchant, { platform });
	const skuId = await makeSku(database, merchant, "LAMP", 100);
	// Before its orders were placed: they are sales, not part of the count.
	await database.ownerClient`update levels set counted_at = now() - interval '1 day' where sku_id = ${skuId}`;
	await makeListing(database, merchant, channelId, listingRef, { skuId, shown: 100 });
	const [secret, previousSecret, retiredSecret, neighboursSecret] = Array.from({ length: 4 }, () =>
		randomBytes(24).toString("hex"),
	) as [string, string, string, string];
	const sealed = (text: string) => seal(kept(text), `credentials:${channelId}:webhook`, env().sealingKeys);
	await database.ownerClient`
		insert into credentials (merchant_id, channel_id, purpose, sealed, sealed_previous)
		values (${merchant.merchantId}, ${channelId}, 'webhook', ${sealed(secret)}, ${sealed(previousSecret)})`;
	const { merchantId } = merchant;
	return {
		platform,
		scheme,
		secret,
		previousSecret,
		retiredSecret,
		neighboursSecret,
		channelId,
		merchantId,
		skuId,
	};
}

/** Orders as the platform tells of them, no two alike. */
export function orderBodies(platform: Platform, random: Random, count: number): Buffer[] {
	return Array.from({ length: count }, (_, index) => {
		const placedAt = Date.now() - random.int(60_000, 600_000);
		return Buffer.from(JSON.stringify(mailOf(platform).order(5_000 + index, placedAt)));
	});
}

export type Counted = { inbox: number; rejectedToday: number; rejectedEver: number };

/** `atLeast` rejected: a flush that began by itself may still be on its way. */
export async function counted(
	database: TestDatabase,
	{ channelId }: Pick<Target, "channelId">,
	atLeast = 0,
): Promise<Counted> {
	await writeCounts();
	for (const end = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
		const [row] = await database.ownerClient<[Counted]>`
			select (select count(*)::int from inbox where channel_id = ${channelId}) as inbox,
				(select coalesce(sum(rejected), 0)::int from webhook_days where channel_id = ${channelId}) as "rejectedToday",
				(select rejected_webhooks::int from channel_health where channel_id = ${channelId}) as "rejectedEver"`;
		if (row.rejectedEver >= atLeast || Date.now() > end) return row;
	}
}
