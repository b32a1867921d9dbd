/** What a change of numbers tells, and whose stamp it moves. */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { SandboxStore } from "../sandbox-platform";
import { textList } from "./items";
import { type Event, productEvent } from "./news";
import { defaultLocation, settingsOf } from "./settings";

export type StockChange = {
	holderId: string;
	locationId: number;
	onhand: number;
	method: "absolute" | "relative";
	/** The new number, or with "relative" the change. */
	value: number;
	byOrder?: boolean;
};

type Holder = { id: string; product_id: string | null; sku_id: number | null };

/**
 * By product, or by sku where a variant with options holds the number; the pointer names no location, and `id` is the sku's. Of
 * other locations than the default one the news by location tells alone, unless the store is set otherwise. The product counts as
 * updated as well.
 */
export async function stockNews(
	db: Executor,
	store: SandboxStore,
	changes: readonly StockChange[],
	at: Date,
): Promise<Event[]> {
	if (changes.length === 0) return [];
	const ids = [...new Set(changes.map(({ holderId }) => holderId))];
	const holders = await db.execute<Holder>(sql`
		select id, parent_id as product_id, (data->>'sku_id')::int as sku_id from sandbox.items
		where store_id = ${store.id} and id in ${textList(ids)}`);
	const byId = new Map(holders.map((holder) => [holder.id, holder]));
	const productIds = [...new Set(holders.map(({ id, product_id }) => product_id ?? id))];
	const settings = settingsOf(store);
	const isPointedTo = ({ locationId }: StockChange) =>
		settings.pointsToOtherLocations || locationId === defaultLocation(settings);
	if (settings.stockMovesStamps)
		await db.execute(sql`
			with touched as (
				select id from sandbox.items where store_id = ${store.id} and id in ${textList(productIds)} order by id for update
			)
			update sandbox.items i set modified_at = ${at.toISOString()}::timestamptz from touched
			where i.store_id = ${store.id} and i.id = touched.id`);
	return [
		...changes.flatMap((change) => {
			const holder = byId.get(change.holderId);
			if (!holder) return [];
			return [...(isPointedTo(change) ? [pointer(holder, change)] : []), stockChanged(holder, change)];
		}),
		...productIds.map((id) => productEvent("updated", id)),
	];
}

function pointer(holder: Holder, { method, value, byOrder }: StockChange): Event {
	const cause = byOrder ? "inventory/order/updated" : "inventory/updated";
	if (holder.product_id === null || holder.sku_id === null) {
		const id = Number(holder.product_id ?? holder.id);
		return {
			scope: `store/product/${cause}`,
			data: { type: "product", id, inventory: { product_id: id, method, value } },
		};
	}
	return {
		scope: `store/sku/${cause}`,
		data: {
			type: "sku",
			id: holder.sku_id,
			inventory: { product_id: Number(holder.product_id), method, value, variant_id: Number(holder.id) },
		},
	};
}

const stockChanged = (holder: Holder, { locationId }: StockChange): Event => ({
	scope: "store/channel/*/inventory/product/stock_changed",
	data: {
		...(holder.product_id !== null && { variant_id: Number(holder.id) }),
		product_id: Number(holder.product_id ?? holder.id),
		location_id: locationId,
	},
});
