import type { LiveShop } from "./live-shop";

/** Listings that don't show the stock, over all stores, by their own truth. */
export async function wrongIn(shop: LiveShop): Promise<number> {
	const rows = await shop.database.ownerClient<{ code: string; on_hand: number }[]>`
		select k.code, l.on_hand from skus k join levels l on l.sku_id = k.id where k.merchant_id = ${shop.merchantId}`;
	const shown = await Promise.all(shop.stores.map((store) => shop.shown(store)));
	return rows.reduce((sum, { code, on_hand }) => sum + shown.filter((store) => store.get(code) !== on_hand).length, 0);
}
