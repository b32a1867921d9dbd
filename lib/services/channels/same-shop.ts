import type { Platform } from "@/db/schema";
import type { Statement } from "@/db/statement";
import type { Check } from "@/lib/channels/channel-adapter";
import { platformLabel } from "@/lib/format/platforms";

type Shop = { platform: Platform; storeKey: string };

/** The shop's own address, where its platform knows it by one: API2Cart names the cart's kind before it. */
const addressOf = ({ platform, storeKey }: Shop): string =>
	(platform === "api2cart" ? storeKey.replace(/^[^:]*:/, "") : storeKey).toLowerCase();

/**
 * A shop that is connected already by another way, by itself and through API2Cart: each of its sales would be told twice, as
 * two orders, and its stock be written by two hands. Null: none is.
 */
export async function sameShop(run: Statement, merchantId: string, shop: Shop): Promise<Check | null> {
	const others = await run<Shop & { name: string }>`
		select platform, store_key as "storeKey", name from channels
		where merchant_id = ${merchantId}::uuid and platform <> ${shop.platform} and state <> 'disconnected' order by created_at`;
	const other = others.find((one) => addressOf(one) === addressOf(shop));
	if (!other) return null;
	return {
		name: "address",
		state: "failed",
		sentence: `This shop is connected already: it is ${other.name} (${platformLabel(other.platform)}). Connected twice, each of its sales would be counted twice.`,
		fix: `Go on with ${other.name}; or disconnect that first, and connect the shop this way then.`,
	};
}
