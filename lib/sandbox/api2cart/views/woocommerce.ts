/** A WooCommerce sandbox store as API2Cart sees it. */
import { type SQL, sql } from "drizzle-orm";
import { after, movedOrders, orderConditions, textList, within } from "./sql";
import type {
	CartView,
	OrderFilter,
	ProductFilter,
	Shelf,
	ShopChild,
	ShopItem,
	ShopOrder,
	ShopProduct,
	Slice,
} from "./view";

type Data = {
	name: string;
	type: string;
	status: string;
	regular_price: string;
	global_unique_id: string;
	backorders: string;
	attributes: { name: string; option?: string }[];
	date_created: string;
};
type Row = {
	id: string;
	parent_id: string | null;
	sku: string | null;
	quantity: number | null;
	is_managed: boolean;
	data: Data;
	modified_at: string;
};

const columns = sql`id, parent_id, sku, quantity, is_managed, data, modified_at`;

export const woocommerceView: CartView = {
	cartId: "WoocommerceApi",
	version: "10.5.0",
	credentials: { required: [["wc_consumer_key", "wc_consumer_secret"]], additional: [] },
	opens: ({ secrets }, given) =>
		given.wc_consumer_key === secrets.consumerKey && given.wc_consumer_secret === secrets.consumerSecret,
	statuses: [
		{ id: "pending", name: "Pending payment" },
		{ id: "processing", name: "Processing" },
		{ id: "on-hold", name: "On hold" },
		{ id: "completed", name: "Completed" },
		{ id: "cancelled", name: "Cancelled" },
		{ id: "refunded", name: "Refunded" },
		{ id: "failed", name: "Failed" },
	],
	cancelledStatus: "cancelled",
	warehouses: async () => [],
	async products({ db, store }, filter, slice) {
		const rows = await db.execute<Row>(sql`
			select ${columns} from sandbox.items where ${productConditions(store.id, filter)}
			order by length(id), id limit ${slice.limit} offset ${slice.offset}`);
		if (rows.length === 0) return [];
		const variations = await db.execute<Row>(sql`
			select ${columns} from sandbox.items
			where store_id = ${store.id} and kind = 'variation' and parent_id in ${textList(rows.map(({ id }) => id))} and data->>'status' <> 'trash'
			order by length(id), id`);
		return rows.map((row) => productOf(row, variations));
	},
	async countProducts({ db, store }, filter) {
		const [row] = await db.execute<{ count: number }>(
			sql`select count(*)::int count from sandbox.items where ${productConditions(store.id, filter)}`,
		);
		return row?.count ?? 0;
	},
	change: null,
	notesOrders: false,
	orders: readOrders,
	async moved({ db, store }, from, to) {
		const rows = await db.execute<{ id: string; parent_id: string | null; is_new: boolean }>(sql`
			select id, parent_id, (data->>'date_created')::timestamptz > ${from.toISOString()}::timestamptz is_new from sandbox.items
			where store_id = ${store.id} and kind in ('product', 'variation') and ${after(sql`modified_at`, from, to)} order by length(id), id`);
		return {
			orders: await movedOrders(db, store.id, from, to),
			products: rows.flatMap((row) => (row.parent_id === null ? [{ id: row.id, isNew: row.is_new }] : [])),
			children: rows.flatMap((row) => (row.parent_id === null ? [] : [{ id: row.id, productId: row.parent_id }])),
		};
	},
};

const productConditions = (storeId: string, filter: ProductFilter): SQL => sql`
	store_id = ${storeId} and kind = 'product' and data->>'status' <> 'trash'
	and ${filter.ids ? sql`(id in ${textList(filter.ids)} or ${filter.alsoBySku ?? false} and sku in ${textList(filter.ids)})` : sql`true`}
	and ${filter.skus ? sql`sku in ${textList(filter.skus)}` : sql`true`}
	and ${within(sql`modified_at`, filter.modifiedFrom, filter.modifiedTo)}`;

function productOf(row: Row, variations: readonly Row[]): ShopProduct {
	const own = variations.filter(({ parent_id }) => parent_id === row.id);
	return { ...itemOf(row, row.data.name), children: own.map((variation) => childOf(row, variation)) };
}

function childOf(parent: Row, row: Row): ShopChild {
	const options = row.data.attributes.map(({ name, option }) => ({ name, value: option ?? "" }));
	const name = `${parent.data.name} - ${options.map(({ value }) => value).join(", ")}`;
	return { ...itemOf(row, name), options };
}

const itemOf = (row: Row, name: string): ShopItem => ({
	id: row.id,
	sku: row.sku || null,
	name,
	price: row.data.regular_price || null,
	gtin: row.data.global_unique_id || null,
	isManaged: row.is_managed,
	stock: row.is_managed ? [{ rowId: row.id, warehouseId: null, quantity: row.quantity ?? 0 }] : [],
	allowsBackorders: row.data.backorders !== "no",
	isForSale: row.data.status === "publish",
	createdAt: row.data.date_created,
	modifiedAt: row.modified_at,
});

type Line = {
	id: number;
	name: string;
	product_id: number;
	variation_id: number;
	quantity: number;
	price: number;
	sku: string | null;
};
type OrderRow = {
	id: string;
	number: string;
	status: string;
	created_at: string;
	modified_at: string;
	data: {
		lines: Line[];
		refunds: {
			id: number;
			amount: number;
			date_created: string;
			lines: { of: number; quantity: number; total: number }[];
		}[];
	};
};

async function readOrders({ db, store }: Shelf, filter: OrderFilter, slice: Slice): Promise<ShopOrder[]> {
	const rows = await db.execute<OrderRow>(sql`
		select id, number, status, data, created_at, modified_at from sandbox.orders
		where ${orderConditions(store.id, filter)} and status not in ('checkout-draft', 'trash')
			and ${filter.statusIds ? sql`status in ${textList(filter.statusIds)}` : sql`true`}
		order by length(id), id limit ${slice.limit} offset ${slice.offset}`);
	return rows.map((row) => ({
		id: row.id,
		number: row.number,
		statusId: row.status,
		createdAt: row.created_at,
		modifiedAt: row.modified_at,
		lines: row.data.lines.map((line) => ({
			id: String(line.id),
			productId: line.product_id > 0 ? String(line.product_id) : null,
			variantId: line.variation_id > 0 ? String(line.variation_id) : null,
			sku: line.sku || null,
			name: line.name,
			quantity: line.quantity,
			price: line.price,
		})),
		refunds: row.data.refunds.map((refund) => ({
			id: String(refund.id),
			at: refund.date_created,
			total: refund.amount,
			items: refund.lines.map(({ of, quantity, total }) => ({ lineId: String(of), quantity, amount: total })),
		})),
	}));
}
