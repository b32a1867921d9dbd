/** How products and variations lie in sandbox.items, and how the API shows them. */
import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { WooSettings } from "./settings";
import { bothTimes } from "./times";
import { type Call, linksOf } from "./wire";

export type Backorders = "no" | "notify" | "yes";
export type StockStatus = "instock" | "outofstock" | "onbackorder";
export type Attribute = { name: string; option?: string; options?: string[] };

/** In WooCommerce's own names. */
export type ItemData = {
	/** Of a product; a variation is named by its options. */
	name: string;
	slug: string;
	type: "simple" | "variable" | "grouped" | "external" | "variation";
	status: "publish" | "draft" | "pending" | "private" | "trash";
	regular_price: string;
	description: string;
	global_unique_id: string;
	backorders: Backorders;
	/** What counts while nothing is counted. */
	stock_status: StockStatus;
	attributes: Attribute[];
	date_created: string;
};

export type ItemRow = {
	id: string;
	parent_id: string | null;
	kind: "product" | "variation";
	sku: string | null;
	quantity: number | null;
	is_managed: boolean;
	data: ItemData;
	modified_at: string;
	/** A variation's product. */
	parent_managed: boolean | null;
	parent_quantity: number | null;
	parent_data: ItemData | null;
	/** A variable product's variations, oldest first. */
	child_ids: string[] | null;
	child_price: string | null;
};

/** Longer lists of ids go in one parameter. */
export const idList = (ids: readonly (string | number)[]) =>
	sql`(select jsonb_array_elements_text(${JSON.stringify(ids.map(String))}::jsonb))`;

export function selectItems(where: SQL, rest: SQL = sql``): SQL {
	return sql`
		select i.id, i.parent_id, i.kind, i.sku, i.quantity, i.is_managed, i.data, i.modified_at,
			p.is_managed as parent_managed, p.quantity as parent_quantity, p.data as parent_data, c.child_ids, c.child_price
		from sandbox.items i
		left join sandbox.items p on i.kind = 'variation' and p.store_id = i.store_id and p.id = i.parent_id
		left join lateral (
			select array_agg(v.id order by length(v.id), v.id) as child_ids, min(nullif(v.data->>'regular_price', '')::numeric)::text as child_price
			from sandbox.items v where v.store_id = i.store_id and v.parent_id = i.id and v.data->>'status' <> 'trash'
		) c on i.data->>'type' = 'variable'
		where ${where} ${rest}`;
}

export async function findItem(db: Executor, storeId: string, id: string): Promise<ItemRow | null> {
	const [row] = await db.execute<ItemRow>(selectItems(sql`i.store_id = ${storeId} and i.id = ${id}`));
	return row ?? null;
}

/** Past the trash, a product with its variations. */
export async function deleteForGood(db: Executor, storeId: string, id: string): Promise<void> {
	await db.execute(sql`delete from sandbox.items where store_id = ${storeId} and (id = ${id} or parent_id = ${id})`);
}

/** Whose number a sale lowers: its own, its product's, or nobody's. */
export function holderOf(row: ItemRow, settings: WooSettings): string | null {
	if (!settings.countsStock) return null;
	if (row.is_managed) return row.id;
	return row.kind === "variation" && row.parent_managed ? row.parent_id : null;
}

/** What the API calls `manage_stock`. */
export function managesStock(row: ItemRow, settings: WooSettings): boolean | "parent" {
	if (!settings.countsStock) return false;
	return row.is_managed || (row.kind === "variation" && row.parent_managed === true ? "parent" : false);
}

export function shownQuantity(row: ItemRow, settings: WooSettings): number | null {
	const manages = managesStock(row, settings);
	return manages === true ? row.quantity : manages === "parent" ? row.parent_quantity : null;
}

/** A counted product's status follows from its number; nobody can force it. */
export function stockStatus(row: ItemRow, settings: WooSettings): StockStatus {
	const manages = managesStock(row, settings);
	if (manages === false) return row.data.stock_status;
	const { backorders } = manages === "parent" ? (row.parent_data ?? row.data) : row.data;
	if ((shownQuantity(row, settings) ?? 0) > 0) return "instock";
	return backorders === "no" ? "outofstock" : "onbackorder";
}

export const slugOf = (name: string) =>
	name
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "") || "product";

export const optionsOf = (row: ItemRow) => row.data.attributes.map(({ option }) => option ?? "").join(", ");

/** "Shirt" and "Shirt - S" */
export const titleOf = (row: ItemRow) =>
	row.kind === "variation" ? `${row.parent_data?.name ?? ""} - ${optionsOf(row)}` : row.data.name;

function permalinkOf(call: Pick<Call, "home">, row: ItemRow): string {
	if (row.kind !== "variation") return `${call.home}/product/${row.data.slug}/`;
	const query = row.data.attributes.map(
		({ name, option }) => `attribute_${slugOf(name)}=${encodeURIComponent(option ?? "")}`,
	);
	return `${call.home}/product/${row.parent_data?.slug ?? ""}/?${query.join("&")}`;
}

export type Presented = Pick<Call, "home" | "settings">;
export const productRoute = (id: string) => `/wc/v3/products/${id}`;
const number = (id: string | null) => Number(id ?? 0);

/** As `/products` shows it, a variation too; `edit` is the form in which a write answers. */
export function presentProduct(
	call: Presented,
	row: ItemRow,
	context: "view" | "edit" = "view",
): Record<string, unknown> {
	const { settings } = call;
	const { data } = row;
	const isVariation = row.kind === "variation";
	const price = data.type === "variable" ? moneyText(row.child_price) : data.regular_price;
	return {
		id: number(row.id),
		name: titleOf(row),
		slug: data.slug,
		permalink: permalinkOf(call, row),
		...bothTimes("date_created", new Date(data.date_created), settings.timezone),
		...bothTimes("date_modified", new Date(row.modified_at), settings.timezone),
		type: data.type,
		status: data.status,
		featured: false,
		catalog_visibility: "visible",
		description: data.description,
		short_description: "",
		sku: row.sku ?? "",
		price,
		regular_price: data.regular_price,
		sale_price: "",
		...noSale,
		on_sale: false,
		purchasable: price !== "",
		total_sales: 0,
		...plainGoods,
		external_url: "",
		button_text: "",
		tax_status: "taxable",
		tax_class: "",
		...stockFields(row, settings),
		low_stock_amount: null,
		sold_individually: false,
		weight: "",
		dimensions: { length: "", width: "", height: "" },
		shipping_required: true,
		shipping_taxable: true,
		shipping_class: "",
		shipping_class_id: 0,
		reviews_allowed: !isVariation,
		average_rating: context === "edit" ? "0" : "0.00",
		rating_count: 0,
		upsell_ids: [],
		cross_sell_ids: [],
		parent_id: number(row.parent_id),
		purchase_note: "",
		categories: isVariation ? [] : [{ id: 15, name: "Uncategorized", slug: "uncategorized" }],
		brands: [],
		tags: [],
		images: [],
		attributes: isVariation ? variationAttributes(row) : productAttributes(row),
		default_attributes: [],
		variations: (row.child_ids ?? []).map(Number),
		grouped_products: [],
		menu_order: 0,
		price_html: priceHtml(price),
		related_ids: [],
		meta_data: [],
		stock_status: stockStatus(row, settings),
		has_options: data.type === "variable",
		post_password: "",
		global_unique_id: data.global_unique_id,
		...(context === "edit"
			? { permalink_template: `${call.home}/product/%pagename%/`, generated_slug: data.slug }
			: {}),
		_links: isVariation
			? linksOf(call, productRoute(row.id), "/wc/v3/products", {
					up: [{ href: `${call.home}/wp-json${productRoute(row.parent_id ?? "0")}` }],
				})
			: linksOf(call, productRoute(row.id), "/wc/v3/products"),
	};
}

/** As `/products/<id>/variations` shows it. */
export function presentVariation(
	call: Presented,
	row: ItemRow,
	context: "view" | "edit" = "view",
): Record<string, unknown> {
	const { settings } = call;
	const { data } = row;
	const collection = `${productRoute(row.parent_id ?? "0")}/variations`;
	return {
		id: number(row.id),
		type: "variation",
		...bothTimes("date_created", new Date(data.date_created), settings.timezone),
		...bothTimes("date_modified", new Date(row.modified_at), settings.timezone),
		description: data.description,
		permalink: permalinkOf(call, row),
		sku: row.sku ?? "",
		global_unique_id: data.global_unique_id,
		price: data.regular_price,
		regular_price: data.regular_price,
		sale_price: "",
		...noSale,
		on_sale: false,
		status: data.status,
		purchasable: data.regular_price !== "",
		...plainGoods,
		tax_status: "taxable",
		tax_class: context === "edit" ? "parent" : "",
		...stockFields(row, settings, true),
		low_stock_amount: null,
		weight: "",
		dimensions: { length: "", width: "", height: "" },
		shipping_class: "",
		shipping_class_id: 0,
		image: null,
		attributes: variationAttributes(row),
		menu_order: 0,
		meta_data: [],
		name: optionsOf(row),
		parent_id: number(row.parent_id),
		_links: linksOf(call, `${collection}/${row.id}`, collection, {
			up: [{ href: `${call.home}/wp-json${productRoute(row.parent_id ?? "0")}` }],
		}),
	};
}

/** Products carry `stock_status` at their end, variations beside their number. */
function stockFields(row: ItemRow, settings: WooSettings, withStatus = false) {
	const status = stockStatus(row, settings);
	return {
		manage_stock: managesStock(row, settings),
		stock_quantity: shownQuantity(row, settings),
		...(withStatus ? { stock_status: status } : {}),
		backorders: row.data.backorders,
		backorders_allowed: row.data.backorders !== "no",
		backordered: status === "onbackorder",
	};
}

const noSale = {
	date_on_sale_from: null,
	date_on_sale_from_gmt: null,
	date_on_sale_to: null,
	date_on_sale_to_gmt: null,
};
const plainGoods = { virtual: false, downloadable: false, downloads: [], download_limit: -1, download_expiry: -1 };

const variationAttributes = (row: ItemRow) =>
	row.data.attributes.map(({ name, option }) => ({ id: 0, name, slug: slugOf(name), option: option ?? "" }));

const productAttributes = (row: ItemRow) =>
	row.data.attributes.map(({ name, options }, position) => ({
		id: 0,
		name,
		slug: slugOf(name),
		position,
		visible: true,
		variation: row.data.type === "variable",
		options: options ?? [],
	}));

export const moneyText = (amount: string | number | null): string =>
	amount === null || amount === "" ? "" : Number(amount).toFixed(2);

const priceHtml = (price: string) =>
	price === ""
		? ""
		: `<span class="woocommerce-Price-amount amount"><bdi><span class="woocommerce-Price-currencySymbol">&euro;</span>${price}</bdi></span>`;
