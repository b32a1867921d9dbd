/** A Shopify sandbox store as API2Cart sees it. A product with its one default variant has no child items. */
import { type SQL, sql } from "drizzle-orm";
import { after, movedOrders, orderConditions, textList, within } from "./sql";
import type { CartView, OrderFilter, ProductFilter, Shelf, ShopChild, ShopOrder, ShopProduct, Slice } from "./view";

type ProductRow = { id: string; data: { title: string; status: string; createdAt: string }; modified_at: string };
type VariantRow = {
	id: string;
	product_id: string;
	sku: string | null;
	is_managed: boolean;
	data: {
		title: string;
		options: { name: string; value: string }[];
		price: string;
		barcode: string | null;
		policy: string;
		createdAt: string;
	};
	modified_at: string;
	levels: { id: string; quantity: number; locationId: string }[];
};

export const shopifyView: CartView = {
	cartId: "Shopify",
	version: "2026-10",
	credentials: {
		required: [
			["shopify_access_token", "shopify_shared_secret"],
			["shopify_access_token", "shopify_client_id"],
		],
		additional: ["shopify_api_key", "shopify_api_password"],
	},
	opens: ({ secrets }, given) => given.shopify_access_token === secrets.accessToken,
	statuses: [
		{ id: "open", name: "Open" },
		{ id: "closed", name: "Closed" },
		{ id: "cancelled", name: "Cancelled" },
	],
	cancelledStatus: "cancelled",
	async warehouses({ db, store }) {
		const rows = await db.execute<{ id: string; data: { name: string; isPrimary: boolean } }>(
			sql`select id, data from sandbox.items where store_id = ${store.id} and kind = 'location' order by length(id), id`,
		);
		return rows.map(({ id, data }) => ({ id, name: data.name, isDefault: data.isPrimary }));
	},
	async products({ db, store }, filter, slice) {
		const rows = await db.execute<ProductRow>(sql`
			select p.id, p.data, p.modified_at from sandbox.items p where ${productConditions(store.id, filter)}
			order by length(p.id), p.id limit ${slice.limit} offset ${slice.offset}`);
		if (rows.length === 0) return [];
		const variants = await db.execute<VariantRow>(sql`
			select v.id, v.parent_id product_id, it.sku, it.is_managed, v.data, v.modified_at,
				(select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'quantity', l.quantity, 'locationId', l.data->>'locationId') order by l.id), '[]')
					from sandbox.items l where l.store_id = it.store_id and l.parent_id = it.id and l.kind = 'level') levels
			from sandbox.items v join sandbox.items it on it.store_id = v.store_id and it.parent_id = v.id and it.kind = 'item'
			where v.store_id = ${store.id} and v.kind = 'variant' and v.parent_id in ${textList(rows.map(({ id }) => id))}
			order by (v.data->>'position')::int, v.id`);
		return rows.map((row) => productOf(row, variants));
	},
	async countProducts({ db, store }, filter) {
		const [row] = await db.execute<{ count: number }>(
			sql`select count(*)::int count from sandbox.items p where ${productConditions(store.id, filter)}`,
		);
		return row?.count ?? 0;
	},
	change: null,
	notesOrders: false,
	orders: readOrders,
	async moved({ db, store }, from, to) {
		const products = await db.execute<{ id: string; is_new: boolean }>(sql`
			select id, (data->>'createdAt')::timestamptz > ${from.toISOString()}::timestamptz is_new from sandbox.items
			where store_id = ${store.id} and kind = 'product' and ${after(sql`modified_at`, from, to)} order by length(id), id`);
		const variants = await db.execute<{ id: string; product_id: string; is_lone: boolean }>(sql`
			select distinct v.id, v.parent_id product_id, v.data->>'title' = 'Default Title' is_lone
			from sandbox.items l
			join sandbox.items it on it.store_id = l.store_id and it.id = l.parent_id
			join sandbox.items v on v.store_id = it.store_id and v.id = it.parent_id
			where l.store_id = ${store.id} and l.kind = 'level' and ${after(sql`l.modified_at`, from, to)} order by v.id`);
		const lone = variants.filter((row) => row.is_lone).map((row) => ({ id: row.product_id, isNew: false }));
		return {
			orders: await movedOrders(db, store.id, from, to),
			products: [...products.map((row) => ({ id: row.id, isNew: row.is_new })), ...lone],
			children: variants.flatMap((row) => (row.is_lone ? [] : [{ id: row.id, productId: row.product_id }])),
		};
	},
};

const productConditions = (storeId: string, filter: ProductFilter): SQL => sql`
	p.store_id = ${storeId} and p.kind = 'product'
	and ${filter.ids ? sql`(p.id in ${textList(filter.ids)} or ${filter.alsoBySku ?? false} and ${hasSku(filter.ids)})` : sql`true`}
	and ${filter.skus ? hasSku(filter.skus) : sql`true`}
	and ${within(sql`p.modified_at`, filter.modifiedFrom, filter.modifiedTo)}`;

const hasSku = (skus: readonly string[]): SQL =>
	sql`exists (select 1 from sandbox.items v where v.store_id = p.store_id and v.parent_id = p.id and v.sku in ${textList(skus)})`;

function productOf(row: ProductRow, variants: readonly VariantRow[]): ShopProduct {
	const own = variants.filter(({ product_id }) => product_id === row.id).map((variant) => childOf(row, variant));
	const [first] = own;
	const isLone = own.length === 1 && first?.options.every(({ value }) => value === "Default Title");
	const about = { id: row.id, name: row.data.title, createdAt: row.data.createdAt, modifiedAt: row.modified_at };
	if (first && isLone) return { ...first, ...about, children: [] };
	return {
		...about,
		sku: null,
		price: first?.price ?? null,
		gtin: null,
		isManaged: false,
		stock: [],
		allowsBackorders: false,
		isForSale: row.data.status === "ACTIVE",
		children: own,
	};
}

const childOf = (product: ProductRow, row: VariantRow): ShopChild => ({
	id: row.id,
	sku: row.sku || null,
	name: `${product.data.title} - ${row.data.title}`,
	price: row.data.price,
	gtin: row.data.barcode,
	isManaged: row.is_managed,
	stock: row.is_managed
		? row.levels.map(({ id, quantity, locationId }) => ({ rowId: id, warehouseId: locationId, quantity }))
		: [],
	allowsBackorders: row.data.policy === "CONTINUE",
	isForSale: product.data.status === "ACTIVE",
	createdAt: row.data.createdAt,
	modifiedAt: row.modified_at,
	options: row.data.options,
});

type OrderState = {
	id: string;
	name: string;
	createdAt: string;
	updatedAt: string;
	cancelledAt: string | null;
	closedAt: string | null;
	lines: {
		id: string;
		variantId: string | null;
		productId: string | null;
		sku: string | null;
		title: string;
		variantTitle: string | null;
		price: string;
		current: number;
	}[];
	refunds: { id: string; createdAt: string; amount: number; lines: { lineId: string; quantity: number }[] }[];
};

async function readOrders({ db, store }: Shelf, filter: OrderFilter, slice: Slice): Promise<ShopOrder[]> {
	const rows = await db.execute<{ order: OrderState }>(sql`
		select data->'order' as order from sandbox.orders
		where ${orderConditions(store.id, filter)}
			and ${filter.statusIds ? sql`${status} in ${textList(filter.statusIds)}` : sql`true`}
		order by length(id), id limit ${slice.limit} offset ${slice.offset}`);
	return rows.map(({ order }) => orderOf(order));
}

const status = sql`case when data->'order'->>'cancelledAt' is not null then 'cancelled' when data->'order'->>'closedAt' is not null then 'closed' else 'open' end`;

function orderOf(order: OrderState): ShopOrder {
	const refunded = (lineId: string) =>
		order.refunds
			.flatMap(({ lines }) => lines)
			.reduce((sum, line) => sum + (line.lineId === lineId ? line.quantity : 0), 0);
	const priceOf = (lineId: string) => Number(order.lines.find(({ id }) => id === lineId)?.price ?? 0);
	return {
		id: order.id,
		number: order.name,
		statusId: order.cancelledAt ? "cancelled" : order.closedAt ? "closed" : "open",
		createdAt: order.createdAt,
		modifiedAt: order.updatedAt,
		lines: order.lines.map((line) => ({
			id: line.id,
			productId: line.productId,
			variantId: line.variantTitle === "Default Title" ? null : line.variantId,
			sku: line.sku,
			name: line.title,
			// As ordered: what was refunded is told beside.
			quantity: line.current + refunded(line.id),
			price: Number(line.price),
		})),
		refunds: order.refunds.map((refund) => ({
			id: refund.id,
			at: refund.createdAt,
			total: refund.amount,
			items: refund.lines.map(({ lineId, quantity }) => ({ lineId, quantity, amount: priceOf(lineId) * quantity })),
		})),
	};
}
