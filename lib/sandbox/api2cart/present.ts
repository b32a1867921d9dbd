/** Products and child items as API2Cart words them: `u_sku` and `quantity` here, `sku` and `inventory_level` there. */
import type { A2cSettings } from "./settings";
import type { ShopChild, ShopItem, ShopProduct, StockRow, Warehouse } from "./views/view";
import { dateOut } from "./wire";

export const shownId = (settings: A2cSettings, item: Pick<ShopItem, "id" | "sku">): string =>
	settings.idsAreSkus && item.sku ? item.sku : item.id;

const sum = (stock: readonly StockRow[]) => stock.reduce((total, { quantity }) => total + quantity, 0);

const inventoryOf = (stock: readonly StockRow[]) =>
	stock.flatMap(({ warehouseId, quantity }) =>
		warehouseId === null ? [] : [{ warehouse_id: warehouseId, quantity, in_stock: quantity > 0, priority: null }],
	);

/** What a platform that keeps its stock to itself shows (`settings.hides`). */
function hidden<T extends object>(settings: A2cSettings, flags: T, numbers: Record<string, unknown>) {
	if (settings.hides === "nothing") return { ...flags, ...numbers };
	const nulls = Object.fromEntries(Object.keys(flags).map((name) => [name, null]));
	if (settings.hides === "flags") return { ...nulls, ...numbers };
	const nothing = Object.fromEntries(Object.keys(numbers).map((name) => [name, name === "inventory" ? [] : 0]));
	return { ...nulls, ...nothing };
}

export function presentProduct(
	settings: A2cSettings,
	product: ShopProduct,
	categories = ["1"],
): Record<string, unknown> {
	const { children } = product;
	const holds = children.length === 0 || product.isManaged;
	const quantity = holds ? sum(product.stock) : children.reduce((total, child) => total + sum(child.stock), 0);
	return {
		id: shownId(settings, product),
		type: children.length > 0 ? "configurable" : "simple",
		u_model: product.sku,
		u_sku: product.sku,
		name: product.name,
		description: "",
		price: product.price === null ? null : Number(product.price),
		categories_ids: categories,
		...hidden(
			settings,
			{
				in_stock: quantity > 0 || !product.isManaged,
				backorders: product.allowsBackorders ? "yes" : "no",
				manage_stock: product.isManaged ? "true" : "false",
				is_stock_managed: product.isManaged,
			},
			{ quantity, inventory: inventoryOf(product.stock) },
		),
		group_items: [],
		stores_ids: ["1"],
		url: null,
		avail_sale: product.isForSale,
		avail_view: product.isForSale,
		u_upc: null,
		u_ean: null,
		u_gtin: product.gtin,
		u_mpn: null,
		u_isbn: null,
		images: [],
		create_at: dateOut(product.createdAt),
		modified_at: dateOut(product.modifiedAt),
		product_options: optionsOf(children),
		additional_fields: {},
	};
}

function optionsOf(children: readonly ShopChild[]) {
	const names = [...new Set(children.flatMap(({ options }) => options.map(({ name }) => name)))];
	return names.map((name, index) => ({
		id: String(index + 1),
		name,
		type: "select",
		used_in_combination: true,
		option_items: valuesOf(children, name).map((value, place) => ({
			id: String(100 * (index + 1) + place),
			name: value,
		})),
	}));
}

const valuesOf = (children: readonly ShopChild[], name: string) => [
	...new Set(children.flatMap(({ options }) => options.filter((one) => one.name === name).map(({ value }) => value))),
];

export function presentChild(settings: A2cSettings, product: ShopProduct, child: ShopChild): Record<string, unknown> {
	const options = optionsOf(product.children);
	return {
		id: shownId(settings, child),
		parent_id: shownId(settings, product),
		sku: child.sku,
		upc: null,
		ean: null,
		gtin: child.gtin,
		mpn: null,
		isbn: null,
		url: null,
		created_time: dateOut(child.createdAt),
		modified_time: dateOut(child.modifiedAt),
		name: child.name,
		images: [],
		combination: child.options.map(({ name, value }) => {
			const option = options.find((one) => one.name === name);
			return {
				option_id: option?.id ?? "0",
				option_value_id: option?.option_items.find((item) => item.name === value)?.id ?? "0",
			};
		}),
		default_price: child.price === null ? null : Number(child.price),
		avail_for_sale: child.isForSale,
		...hidden(
			settings,
			{
				allow_backorders: child.allowsBackorders,
				in_stock: !child.isManaged || sum(child.stock) > 0,
				manage_stock: child.isManaged,
			},
			{ inventory_level: child.isManaged ? sum(child.stock) : null, inventory: inventoryOf(child.stock) },
		),
		low_stock_threshold: null,
		default_qty_in_pack: null,
		is_qty_in_pack_fixed: null,
		additional_fields: {},
	};
}

/** What cart.info tells; Woo-like carts know no warehouses. */
export const presentWarehouse = ({ id, name }: Warehouse) => ({
	id,
	name,
	description: null,
	avail: true,
	address: null,
	carriers_ids: [],
	stores_ids: ["1"],
});
