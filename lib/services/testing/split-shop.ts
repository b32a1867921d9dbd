/** A SKU that several stores sell, for tests of how they split its stock. */
import type { TestDatabase } from "@/db/testing";
import { shopifyFacts } from "@/lib/channels/shopify/facts";
import { takeTurn } from "../channels/take-turn";
import { systemContext } from "../context";
import { type FixtureMerchant, makeChannel, makeListing, makeMerchant, makeSku } from "./fixtures";

export type SplitShop = { merchant: FixtureMerchant; skuId: string; channels: string[]; listings: string[] };

type SplitSlot = {
	offered: number | null;
	expected: number | null;
	bound: number | null;
	is_escrow: boolean;
	is_pending: boolean;
};

export function splitShops(database: () => TestDatabase) {
	const sql = () => database().ownerClient;

	/** `shown` units in each of so many stores, which is what they hold. */
	async function shopOf(onHand: number, shown: readonly number[], of?: FixtureMerchant): Promise<SplitShop> {
		const merchant = of ?? (await makeMerchant(database()));
		const skuId = await makeSku(database(), merchant, "LAMP", onHand);
		const channels: string[] = [];
		const listings: string[] = [];
		for (const units of shown) {
			const channelId = await makeChannel(database(), merchant);
			channels.push(channelId);
			listings.push(await makeListing(database(), merchant, channelId, "lamp", { skuId, shown: units }));
		}
		await sql()`update slots set bound = shown where sku_id = ${skuId}`;
		return { merchant, skuId, channels, listings };
	}

	const slotsOf = async ({ skuId }: SplitShop) => [
		...(await sql()<SplitSlot[]>`
			select offered, expected, bound, is_escrow, is_pending from slots where sku_id = ${skuId} order by id`),
	];

	const targetOf = ({ merchant, channels }: SplitShop, at: number) => ({
		merchantId: merchant.merchantId,
		channelId: channels[at] as string,
		platform: "shopify" as const,
	});

	return {
		shopOf,
		slotsOf,
		targetOf,
		ctxOf: ({ merchant }: SplitShop) => systemContext(merchant.merchantId, database().db("app")),
		offersOf: async (shop: SplitShop) => (await slotsOf(shop)).map(({ offered }) => offered),
		/** Every store shows what it is to show, and nothing else can be sold there. */
		landed: ({ skuId }: SplitShop) =>
			sql()`update slots set expected = offered, shown = offered, bound = offered, doubt = 0 where sku_id = ${skuId}`,
		claim: (shop: SplitShop, at: number) =>
			takeTurn(database().client("app"), targetOf(shop, at), shopifyFacts, {
				now: Date.now(),
				mayClaim: true,
				only: null,
			}),
	};
}
