/**
 * How products and variants lie in sandbox.items, and how the catalogue shows them. A variant's number lies where its
 * product is tracked: at the variant, at the product for all its variants, or nowhere.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { isoSecond, type Json } from "./wire";

export type Tracking = "none" | "product" | "variant";

export type OptionValue = { id: number; label: string; option_id: number; option_display_name: string };

/** In BigCommerce's own names. */
export type ProductData = {
	name: string;
	type: "physical" | "digital";
	price: number;
	inventory_tracking: Tracking;
	inventory_warning_level: number;
	is_visible: boolean;
	availability: "available" | "disabled" | "preorder";
	upc: string;
	gtin: string;
	date_created: string;
	/** Null where it has options. */
	base_variant_id: number | null;
};

export type VariantData = {
	/** Null: the base variant. */
	sku_id: number | null;
	price: number | null;
	upc: string;
	gtin: string;
	option_values: OptionValue[];
	purchasing_disabled: boolean;
};

export type VariantRow = {
	id: string;
	product_id: string;
	sku: string | null;
	data: VariantData;
	/** What is available to sell at the default location; null where nothing counts it by itself. */
	level: number | null;
};

export type ProductRow = {
	id: string;
	sku: string | null;
	data: ProductData;
	modified_at: string;
	level: number | null;
	variants: VariantRow[];
};

/** Longer lists of ids go in one parameter. */
export const textList = (values: readonly string[]) =>
	sql`(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;

const availableAt = (locationId: number, holder: SQL) => sql`(
	select s.quantity - coalesce((s.data->>'safety_stock')::int, 0) from sandbox.items s
	where s.store_id = p.store_id and s.id = ${`${locationId}/`} || ${holder})`;

/** By number, as text of any length. */
export const byId = (way: "asc" | "desc" = "asc") => sql`length(p.id) ${sql.raw(way)}, p.id ${sql.raw(way)}`;

/** Products with their variants. `p` is the product in `where` and `order`. Cut to its page before variants are looked up. */
export const selectProducts = (
	locationId: number,
	where: SQL,
	{ order = byId(), limit = sql`` }: { order?: SQL; limit?: SQL } = {},
): SQL => sql`
	select p.id, p.sku, p.data, p.modified_at,
		coalesce(${availableAt(locationId, sql`p.id`)}, v.level, 0) as level, coalesce(v.variants, '[]') as variants
	from (select * from sandbox.items p where p.kind = 'product' and ${where} order by ${order} ${limit}) p
	left join lateral (
		select sum(w.level)::int as level, jsonb_agg(to_jsonb(w) order by length(w.id), w.id) as variants from (
			select i.id, i.parent_id as product_id, i.sku, i.data, ${availableAt(locationId, sql`i.id`)} as level
			from sandbox.items i where i.store_id = p.store_id and i.parent_id = p.id and i.kind = 'variant'
		) w
	) v on true
	order by ${order}`;

export async function findProduct(
	db: Executor,
	storeId: string,
	id: string,
	locationId: number,
): Promise<ProductRow | null> {
	const [row] = await db.execute<ProductRow>(selectProducts(locationId, sql`p.store_id = ${storeId} and p.id = ${id}`));
	return row ?? null;
}

/** Whose number a sale lowers; null: nobody's. */
export const holderOf = (product: Pick<ProductRow, "id" | "data">, variantId: string): string | null =>
	product.data.inventory_tracking === "none"
		? null
		: product.data.inventory_tracking === "product"
			? product.id
			: variantId;

const presentVariant = (row: VariantRow, tracking: Tracking): Json => ({
	id: Number(row.id),
	product_id: Number(row.product_id),
	sku: row.sku ?? "",
	sku_id: row.data.sku_id,
	price: row.data.price,
	calculated_price: row.data.price ?? 0,
	sale_price: null,
	retail_price: null,
	map_price: null,
	weight: null,
	calculated_weight: 1,
	width: null,
	height: null,
	depth: null,
	is_free_shipping: false,
	fixed_cost_shipping_price: null,
	purchasing_disabled: row.data.purchasing_disabled,
	purchasing_disabled_message: "",
	image_url: "",
	cost_price: 0,
	upc: row.data.upc,
	mpn: "",
	gtin: row.data.gtin,
	inventory_level: tracking === "variant" ? (row.level ?? 0) : 0,
	inventory_warning_level: 0,
	bin_picking_number: "",
	option_values: row.data.option_values,
});

/** `fields`: those of the product that were asked for, beside its id; null: all. */
export function presentProduct(
	{ id, sku, data, modified_at, level, variants }: ProductRow,
	fields: readonly string[] | null,
	includes: readonly string[],
): Json {
	const all: Json = {
		name: data.name,
		type: data.type,
		sku: sku ?? "",
		description: "",
		weight: 1,
		price: data.price,
		calculated_price: data.price,
		inventory_level: data.inventory_tracking === "none" ? 0 : (level ?? 0),
		inventory_warning_level: data.inventory_warning_level,
		inventory_tracking: data.inventory_tracking,
		is_visible: data.is_visible,
		availability: data.availability,
		upc: data.upc,
		gtin: data.gtin,
		custom_url: { url: `/${slugOf(data.name)}/`, is_customized: false },
		date_created: isoSecond(data.date_created),
		date_modified: isoSecond(modified_at),
		base_variant_id: data.base_variant_id,
	};
	const kept = Object.entries(all).filter(([name]) => fields === null || fields.includes(name));
	return {
		id: Number(id),
		...Object.fromEntries(kept),
		...(includes.includes("variants") && {
			variants: variants.map((variant) => presentVariant(variant, data.inventory_tracking)),
		}),
	};
}

const slugOf = (name: string) =>
	name
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "") || "product";

export const presentOneVariant = (row: VariantRow, product: ProductRow) =>
	presentVariant(row, product.data.inventory_tracking);
