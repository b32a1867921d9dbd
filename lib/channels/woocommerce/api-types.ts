/**
 * WooCommerce's JSON, as far as we read it. Plugins change it at will, so what we don't need is not looked at, and
 * numbers may come as text.
 */
import { z } from "zod";
import { isCountable } from "../countable";
import { orOdd } from "../odd-rows";

const id = z.number().int().nonnegative();

/** Text such as "3" or "1.5" where a plugin made a number into it. */
const amount = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]).transform(Number);

/** `2026-11-23T13:53:34`, UTC without saying so. */
const utc = z
	.string()
	.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
	.transform((text) => Date.parse(`${text.slice(0, 19)}Z`))
	.refine((at) => !Number.isNaN(at), "is not a date");

/** PHP has no empty object: an empty one comes as a list. */
const image = z.object({ src: z.string().nullish() });
const images = z.array(image).nullish();

const stock = {
	/** `"parent"` on a variation whose stock lies with its product. */
	manage_stock: z.union([z.boolean(), z.literal("parent")]),
	stock_quantity: amount.refine(isCountable).nullable(),
};

const sold = {
	id,
	name: z.string().default(""),
	sku: z.string().nullish(),
	global_unique_id: z.string().nullish(),
	price: z.union([z.string(), z.number()]).transform(String).nullish(),
	permalink: z.string().nullish(),
	status: z.string().default("publish"),
	...stock,
};

export const product = z.object({
	...sold,
	type: z.string(),
	date_modified_gmt: utc.nullish(),
	images,
	variations: z.array(id).default([]),
});
export type Product = z.output<typeof product>;
const productHead = product.pick({ id: true }).extend({ date_modified_gmt: utc.nullish().catch(null) });
export const products = z.array(orOdd(product, productHead));

export const variation = z.object({
	...sold,
	parent_id: id.nullish(),
	image: z.union([image, z.array(z.never())]).nullish(),
	attributes: z.array(z.object({ option: z.string().default("") })).default([]),
});
export type Variation = z.output<typeof variation>;
export const variations = z.array(orOdd(variation, variation.pick({ id: true })));
export type ListedVariation = z.output<typeof variations>[number];

export const levels = z.array(z.object({ id, ...stock, date_modified_gmt: utc.nullish() }));

const lineItem = z.object({
	id,
	name: z.string().nullish(),
	product_id: id,
	variation_id: id.default(0),
	quantity: amount,
	sku: z.string().nullish(),
	meta_data: z.array(z.object({ key: z.string(), value: z.unknown() })).default([]),
});
export type LineItem = z.output<typeof lineItem>;

export const order = z.object({
	id,
	number: z.union([z.string(), z.number()]).transform(String),
	status: z.string(),
	date_created_gmt: utc,
	date_modified_gmt: utc,
	date_paid_gmt: utc.nullish(),
	created_via: z.string().nullish(),
	line_items: z.array(lineItem),
	refunds: z.array(z.object({ id })).default([]),
});
export type Order = z.output<typeof order>;
export const orders = z.array(orOdd(order, order.pick({ id: true, date_modified_gmt: true })));
export type ListedOrder = z.output<typeof orders>[number];

/** The body of product.created and product.updated: a product, or a variation with its `parent_id`. */
export const productMail = z.object({ id, type: z.string(), parent_id: id.default(0), ...stock });
export const deletedMail = z.object({ id });

/** One row of a batch, in the order in which it was asked for: what it is now, or why not. */
export const batchReply = z.object({
	update: z.array(
		z.union([
			z.object({ id: id.nullable(), error: z.object({ code: z.string(), message: z.string() }) }),
			z.object({ id, ...stock, error: z.undefined().optional() }),
		]),
	),
});
export type BatchReply = z.output<typeof batchReply>;

export const webhook = z.object({
	id,
	name: z.string(),
	status: z.string(),
	topic: z.string(),
	delivery_url: z.string(),
});
export type Webhook = z.output<typeof webhook>;
export const webhooks = z.array(webhook);

/** `/wp-json/`, asked for by fields: whole it is more than a megabyte. */
export const siteIndex = z.object({
	name: z.string().default(""),
	url: z.string().nullish(),
	home: z.string().nullish(),
	/** A number where the zone has a name, text where it has none (seen). */
	gmt_offset: z.union([z.number(), z.string()]).nullish(),
	timezone_string: z.string().nullish(),
	namespaces: z.array(z.string()),
});

export const systemStatus = z.object({
	environment: z.object({
		version: z.string(),
		home_url: z.string().nullish(),
		wp_version: z.string().nullish(),
		wp_cron: z.boolean().nullish(),
	}),
	settings: z.object({ currency: z.string().nullish(), HPOS_enabled: z.boolean().nullish() }).nullish(),
});

export const setting = z.object({ value: z.unknown() });

/** An error as WordPress words it; `data` is now and then a bare number (seen at refunds). */
export const wpError = z.object({ code: z.union([z.string(), z.number()]).transform(String), message: z.string() });
