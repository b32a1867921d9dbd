/** Magento's JSON, as far as we read it. What is unset is left out, and modules add at will what we don't look at. */
import { z } from "zod";
import { exactId } from "../exact-json";
import { orOdd } from "../odd-rows";

const id = exactId;

/** Decimals come as numbers, and as text where a module made them so. */
const amount = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]).transform(Number);
const flag = z.union([z.boolean(), z.number(), z.string()]).transform((value) => value === true || Number(value) === 1);

/** `2026-11-20 01:33:55`, UTC without saying so. */
const utc = z
	.string()
	.regex(/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/)
	.transform((text) => Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`))
	.refine((at) => !Number.isNaN(at), "is not a date");

const listOf = <T extends z.ZodType>(item: T) =>
	z.object({
		items: z
			.array(item)
			.nullish()
			.transform((items) => items ?? []),
		total_count: z.number().default(0),
	});

export const product = z.object({
	id,
	sku: z.string(),
	name: z.string().default(""),
	price: amount.nullish(),
	status: amount.default(1),
	type_id: z.string(),
	updated_at: utc.nullish(),
	custom_attributes: z
		.array(z.object({ attribute_code: z.string(), value: z.unknown() }))
		.nullish()
		.transform((attributes) => attributes ?? []),
});
export type Product = z.output<typeof product>;
const productHead = product.pick({ id: true }).extend({ updated_at: utc.nullish().catch(null) });
export const products = listOf(orOdd(product, productHead));

export const salables = listOf(z.object({ sku: z.string(), qty: amount, is_salable: flag }));
export const sourceItems = listOf(
	z.object({ sku: z.string(), source_code: z.string(), quantity: amount, status: amount }),
);
export const stockItem = z.object({
	item_id: id.nullish(),
	qty: amount.nullish(),
	is_in_stock: flag.default(false),
	min_qty: amount.default(0),
	use_config_min_qty: flag.default(true),
	backorders: amount.default(0),
	use_config_backorders: flag.default(true),
	manage_stock: flag.default(true),
	use_config_manage_stock: flag.default(true),
});
export type StockItem = z.output<typeof stockItem>;

export const sources = listOf(
	z.object({ source_code: z.string(), name: z.string().default(""), enabled: flag.default(false) }),
);
export const stocks = listOf(
	z.object({
		stock_id: amount,
		name: z.string().default(""),
		extension_attributes: z
			.object({ sales_channels: z.array(z.object({ type: z.string(), code: z.string() })).default([]) })
			.default({ sales_channels: [] }),
	}),
);
export const links = listOf(z.object({ stock_id: amount, source_code: z.string() }));

const orderItem = z.object({
	item_id: id,
	parent_item_id: id.nullish(),
	name: z.string().nullish(),
	sku: z.string().nullish(),
	product_id: id.nullish(),
	product_type: z.string().default("simple"),
	is_virtual: flag.default(false),
	qty_ordered: amount.default(0),
	qty_canceled: amount.default(0),
	qty_invoiced: amount.default(0),
	qty_shipped: amount.default(0),
	qty_refunded: amount.default(0),
});
export type OrderItem = z.output<typeof orderItem>;

export const order = z.object({
	entity_id: id,
	increment_id: z.string().nullish(),
	state: z.string().default(""),
	created_at: utc,
	updated_at: utc,
	items: z.array(orderItem),
});
export type Order = z.output<typeof order>;
/** Where one that can't be read may hold any number of units. */
export const wholeOrders = listOf(order);
/** Walked by their stamps. */
export const orders = listOf(orOdd(order, order.pick({ entity_id: true, updated_at: true })));
/** Asked for by their ids. */
export const namedOrders = listOf(orOdd(order, order.pick({ entity_id: true })));

const document = z.object({ entity_id: id, order_id: id });
/** Shipments and credit memos alike, walked by their ids. */
export const documents = listOf(orOdd(document, document.pick({ entity_id: true })));

export const storeConfigs = z.array(
	z.object({
		/** Of the store view. */
		id: amount.optional(),
		website_id: amount.nullish(),
		timezone: z.string().nullish(),
		base_currency_code: z.string().nullish(),
		base_url: z.string().nullish(),
		secure_base_url: z.string().nullish(),
		secure_base_media_url: z.string().nullish(),
	}),
);
export const websites = z.array(z.object({ id: amount, code: z.string(), name: z.string().default("") }));

export const bulkAnswer = z.object({
	bulk_uuid: z.string(),
	request_items: z.array(z.object({ id: z.number(), status: z.string() })),
});
/** 1 done, 2 failed and may be tried again, 3 failed, 4 open, 5 rejected. */
export const bulkState = z.object({
	operations_list: z.array(z.object({ id: z.number(), status: z.number(), result_message: z.string().nullish() })),
});
export const operations = listOf(z.object({ status: z.number(), serialized_data: z.string().nullish() }));

const parameters = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).nullish();
export const mageError = z.object({
	message: z.string(),
	parameters,
	errors: z.array(z.object({ message: z.string(), parameters })).nullish(),
});
export type MageErrorBody = z.output<typeof mageError>;
/** What a PHP fatal is answered with. */
export const fatalError = z.object({ messages: z.object({ error: z.array(z.object({ message: z.string() })) }) });
