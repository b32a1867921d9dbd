/**
 * API2Cart's JSON, as far as we read it. Two shapes were seen of the same methods: as documented, and with each object in
 * a list of one and booleans as text (order.info of eBay, cart.info of Amazon and Etsy). Both are read of orders and of
 * a store's own description. What the stock follows from must be there: a reply that leaves it out is no reply, and never zero.
 */
import { z } from "zod";
import { isCountable } from "../countable";
import { orOdd } from "../odd-rows";
import { readMoment } from "./times";

/** One thing, in a list of one or by itself. */
const single = <T extends z.ZodType>(shape: T) =>
	z.preprocess((value) => (Array.isArray(value) && value.length === 1 ? value[0] : value), shape);

/** `[{ product: [{…}] }]` or `[{…}]`. */
const unwrapped = <T extends z.ZodType>(name: string, shape: T) =>
	z.array(
		z.preprocess((value) => {
			const inner =
				typeof value === "object" && value !== null && name in value ? (value as Record<string, unknown>)[name] : value;
			return Array.isArray(inner) && inner.length === 1 ? inner[0] : inner;
		}, shape),
	);

const orNone = <T extends z.ZodType>(list: z.ZodArray<T>) => list.nullish().transform((items) => items ?? []);

const id = z.union([z.string(), z.number()]).transform(String);
const text = z.union([z.string(), z.number()]).transform(String).nullish();
const amount = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]).transform(Number);
const stock = amount.refine(isCountable).nullable();
const flag = z.union([z.boolean(), z.string(), z.number()]).nullish().transform(readFlag);
const moment = z.unknown().optional().transform(readMoment);

/** Null for words that are neither. */
export function readFlag(value: unknown): boolean | null {
	if (typeof value === "boolean") return value;
	const word = String(value).toLowerCase();
	if (["true", "1", "yes"].includes(word)) return true;
	return ["false", "0", "no"].includes(word) ? false : null;
}

export const envelope = z.object({
	return_code: z.number().int(),
	return_message: z.string().nullish(),
	result: z.unknown(),
	pagination: z.object({ next: z.string().nullish() }).nullish(),
});

const inventory = z
	.array(z.object({ warehouse_id: id, quantity: stock }))
	.nullish()
	.transform((rows) => rows ?? []);
export type Inventory = z.output<typeof inventory>;

const images = z.array(z.object({ http_path: text })).nullish();

export const product = z.object({
	id,
	type: text,
	u_sku: text,
	name: text,
	price: amount.nullish(),
	quantity: stock,
	inventory,
	in_stock: flag,
	backorders: text,
	manage_stock: flag,
	is_stock_managed: flag,
	u_upc: text,
	u_ean: text,
	u_gtin: text,
	url: text,
	images,
	modified_at: moment,
});
export type Product = z.output<typeof product>;
export const products = z.object({ product: z.array(orOdd(product, product.pick({ id: true }))) });
export type ListedProduct = z.output<typeof products>["product"][number];

export const child = z.object({
	id,
	parent_id: id,
	sku: text,
	upc: text,
	ean: text,
	gtin: text,
	name: text,
	default_price: amount.nullish(),
	inventory_level: stock,
	inventory,
	in_stock: flag,
	allow_backorders: flag,
	manage_stock: flag,
	url: text,
	images,
	modified_time: moment,
	/** Of a part of a bundle: how many of it. */
	default_qty_in_pack: amount.nullish(),
});
export type Child = z.output<typeof child>;
export const children = z.object({
	total_count: z.number().int().nullish(),
	children: z.array(orOdd(child, child.pick({ id: true, parent_id: true }))),
});
export type ListedChild = z.output<typeof children>["children"][number];

const line = z.object({
	order_product_id: text,
	product_id: text,
	variant_id: text,
	model: text,
	name: text,
	/** Null on some carts: how many were sold nobody knows then, and none is not what it means. */
	quantity: amount,
	parent_order_product_id: text,
});
export type Line = z.output<typeof line>;

const status = z.object({
	id,
	name: text,
	history: z
		.array(z.object({ id, name: text, modified_time: moment }))
		.nullish()
		.transform((steps) => steps ?? []),
});
export type Status = z.output<typeof status>;

export const order = z.object({
	/** Blank on eBay and in Amazon's lists: an order is known by `order_id`. */
	order_id: id,
	create_at: moment,
	modified_at: moment,
	status: single(status),
	/** An order without any list of them is not one that sold nothing. */
	order_products: unwrapped("product", line),
	refunds: orNone(unwrapped("refund", z.object({ id: text }))),
});
export type Order = z.output<typeof order>;
export const orders = z.object({ order: orNone(unwrapped("order", orOdd(order, order.pick({ order_id: true })))) });

export const statusList = z.object({ cart_order_statuses: z.array(z.object({ id, name: text })) });

export const updated = z.object({ updated_items: z.number().int() });
export const enqueued = z.object({ job_id: id });
export const jobResult = z.object({
	items: z.array(
		z.object({
			/** The row's place in the payload. */
			id: z.number().int(),
			status: z.string(),
			errors: z.array(z.string()).nullish(),
			warnings: z.array(z.string()).nullish(),
		}),
	),
});
export type JobItem = z.output<typeof jobResult>["items"][number];

const storeInfo = z.object({ store_id: id, name: text, default_warehouse_id: text });
export const cartInfo = z.object({
	name: text,
	url: text,
	version: text,
	stores_info: orNone(unwrapped("store_info", storeInfo)),
	warehouses: orNone(unwrapped("warehouse", z.object({ id: text, name: text, avail: flag }))),
});
export const cartMethods = z.object({ method: z.array(z.string()) });
export const cartList = z.object({
	carts: z.array(z.object({ store_key: z.string(), cart_id: z.string(), url: z.string(), custom_label: text })),
});
export const addedCart = z.object({ store_key: z.string() });

const parameter = z.object({ name: z.string(), description: text });
export const supportedPlatforms = z.object({
	supported_platforms: z.array(
		z.object({
			cart_id: z.string(),
			cart_name: text,
			cart_versions: text,
			cart_method: text,
			params: z
				.object({ required: z.array(z.array(parameter)).nullish(), additional: z.array(parameter).nullish() })
				.nullish(),
		}),
	),
});

export const webhookEvents = z.object({ events: z.array(z.object({ entity: z.string(), action: z.string() })) });
export const webhookList = z.object({
	webhook: z.array(z.object({ id, entity: z.string(), action: z.string(), callback: text, active: flag, label: text })),
});
export type Webhook = z.output<typeof webhookList>["webhook"][number];
export const createdWebhook = z.object({ id });
export const failedWebhooks = z.object({
	webhook: z.array(z.object({ webhook_id: id, entity_id: text, time: moment })),
});

/** What is asked for of an entity, in the form that the reply is cut to. Buyers' names and addresses are not. */
export const fields = {
	products:
		"{return_code,return_message,pagination,result{products_count,product{id,type,u_sku,name,price,quantity,inventory,in_stock,backorders,manage_stock,is_stock_managed,u_upc,u_ean,u_gtin,url,images,modified_at}}}",
	product:
		"{return_code,return_message,result{id,type,u_sku,name,price,quantity,inventory,in_stock,backorders,manage_stock,is_stock_managed,u_upc,u_ean,u_gtin,url,images,modified_at}}",
	children:
		"{return_code,return_message,pagination,result{total_count,children{id,parent_id,sku,upc,ean,gtin,name,default_price,inventory_level,inventory,in_stock,allow_backorders,manage_stock,url,images,modified_time,default_qty_in_pack}}}",
	orders:
		"{return_code,return_message,pagination,result{orders_count,order{order_id,create_at,modified_at,status,order_products,refunds}}}",
	order: "{return_code,return_message,result{order_id,create_at,modified_at,status,order_products,refunds}}",
	cart: "{return_code,return_message,result{name,url,version,stores_info,warehouses}}",
} as const;
