/**
 * Any other sandbox store, seen through its own hands alone: each SKU is a product whose id is the SKU, as on marketplaces;
 * numbers are typed in its admin. What becomes of orders is noted by the account as it happens (order-notes.ts).
 */
import { sql } from "drizzle-orm";
import { movedOrders, orderConditions, textList } from "./sql";
import type { CartView, OrderFilter, ProductFilter, Shelf, ShopOrder, ShopProduct, Slice } from "./view";

type Cart = { cartId: string; credentials: string[] };

/** API2Cart's names of them, and of the credentials that they are added with. */
const carts: Record<string, Cart> = {
	bigcommerce: {
		cartId: "BigcommerceApi",
		credentials: ["bigcommerceapi_context", "bigcommerceapi_access_token", "bigcommerceapi_client_id"],
	},
	magento: {
		cartId: "Magento2Api",
		credentials: ["magento_consumer_key", "magento_consumer_secret", "magento_access_token", "magento_token_secret"],
	},
	amazon: {
		cartId: "AmazonSP",
		credentials: ["amazon_sp_client_id", "amazon_sp_client_secret", "amazon_sp_refresh_token"],
	},
	square: { cartId: "Square", credentials: ["square_access_token"] },
};

export function plainView(platform: string): CartView {
	const { cartId, credentials } = carts[platform] ?? { cartId: "SCAPI", credentials: ["api_key"] };
	return {
		cartId,
		version: "1",
		credentials: { required: [credentials], additional: [] },
		opens: ({ secrets }, given) => Object.values(secrets).some((secret) => Object.values(given).includes(secret)),
		statuses: [
			{ id: "processing", name: "Processing" },
			{ id: "cancelled", name: "Cancelled" },
		],
		cancelledStatus: "cancelled",
		notesOrders: true,
		warehouses: async () => [],
		products: async (shelf, filter, { offset, limit }) => (await shown(shelf, filter)).slice(offset, offset + limit),
		countProducts: async (shelf, filter) => (await shown(shelf, filter)).length,
		orders: notedOrders,
		moved: async ({ db, accountId }, from, to) => ({
			orders: await movedOrders(db, accountId, from, to),
			products: [],
			children: [],
		}),
		change: ({ ctx, platform: hands, store }, sku, to) => hands.setQuantity(ctx, store, sku, to),
	};
}

/** No stamps are known, so that a filter by them is passed over. */
async function shown({ ctx, platform, store }: Shelf, filter: ProductFilter): Promise<ShopProduct[]> {
	const wanted = filter.ids ?? filter.skus;
	const items = new Map((await platform.quantities(ctx, store)).map((item) => [item.sku, item]));
	return [...items.values()]
		.filter(({ sku }) => sku !== "" && (!wanted || wanted.includes(sku)))
		.map(({ sku, title, quantity }) => ({
			id: sku,
			sku,
			name: title,
			price: null,
			gtin: null,
			isManaged: quantity !== null,
			stock: quantity === null ? [] : [{ rowId: sku, warehouseId: null, quantity }],
			allowsBackorders: false,
			isForSale: true,
			createdAt: new Date(0).toISOString(),
			modifiedAt: new Date(0).toISOString(),
			children: [],
		}));
}

export type NotedOrder = Pick<ShopOrder, "number" | "lines" | "refunds">;

async function notedOrders({ db, accountId }: Shelf, filter: OrderFilter, slice: Slice): Promise<ShopOrder[]> {
	const rows = await db.execute<{
		id: string;
		status: string;
		data: NotedOrder;
		created_at: string;
		modified_at: string;
	}>(sql`
		select id, status, data, created_at, modified_at from sandbox.orders
		where ${orderConditions(accountId, filter)} and ${filter.statusIds ? sql`status in ${textList(filter.statusIds)}` : sql`true`}
		order by created_at, id limit ${slice.limit} offset ${slice.offset}`);
	return rows.map(({ id, status, data, created_at, modified_at }) => ({
		...data,
		id,
		statusId: status,
		createdAt: created_at,
		modifiedAt: modified_at,
	}));
}
