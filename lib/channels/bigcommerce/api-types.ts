/** BigCommerce's JSON, as far as it is read. Ids come as numbers of any size and are kept as their exact digits. */
import { z } from "zod";
import { exactId } from "../exact-json";
import { orOdd } from "../odd-rows";

const units = z.number().int();
const blankable = z.string().nullish();

const pagination = z.object({ total: units, current_page: units, total_pages: units });

/** V3: `{ data, meta }`. */
export const envelope = <T>(data: z.ZodType<T>) =>
	z.object({ data, meta: z.object({ pagination: pagination.optional() }).nullish() });

const id = exactId;

export const variant = z.object({
	id,
	sku: blankable,
	sku_id: id.nullish(),
	price: z.number().nullish(),
	upc: blankable,
	gtin: blankable,
	image_url: blankable,
	option_values: z.array(z.object({ label: z.string() })).nullish(),
});

export const product = z.object({
	id,
	name: z.string(),
	sku: blankable,
	upc: blankable,
	gtin: blankable,
	price: z.number().nullish(),
	/** A way of tracking that is not known yet is told as none. */
	inventory_tracking: z.enum(["none", "product", "variant"]).catch("none"),
	date_modified: z.string().optional(),
	custom_url: z.object({ url: blankable }).nullish(),
	primary_image: z.object({ url_thumbnail: blankable }).nullish(),
	variants: z.array(variant).default([]),
});
export const products = envelope(z.array(product));

export const tracking = envelope(
	z.array(
		z.object({
			id,
			inventory_tracking: product.shape.inventory_tracking,
			inventory_level: units.nullish(),
			variants: z.array(z.object({ id, inventory_level: units.nullish() })).default([]),
		}),
	),
);

export const inventoryItem = z.object({
	identity: z.object({ variant_id: id.nullish(), product_id: id, sku_id: id.nullish() }),
	locations: z.array(z.object({ location_id: id, available_to_sell: z.number() })),
});
export const inventoryItems = envelope(z.array(inventoryItem));

export const locations = envelope(z.array(z.object({ id, label: z.string(), enabled: z.boolean().default(true) })));

export const transaction = z.object({ transaction_id: z.string() });

export const inventorySettings = envelope(
	z.object({
		update_stock_behavior: z.string().nullish(),
		edit_order_stock_adjustment: z.boolean().nullish(),
		refund_order_stock_adjustment: z.boolean().nullish(),
	}),
);

export const storeInformation = z.object({
	id: z.string(),
	name: z.string(),
	secure_url: blankable,
	currency: blankable,
	plan_name: blankable,
	status: blankable,
	timezone: z.object({ name: blankable }).nullish(),
});

export const systemTime = z.object({ time: z.number() });

const lines = z.array(
	z.object({
		id,
		product_id: id.nullish(),
		variant_id: id.nullish(),
		name: blankable,
		sku: blankable,
		quantity: z.number(),
		quantity_shipped: z.number().nullish(),
		quantity_refunded: z.number().nullish(),
	}),
);
export const orderProducts = lines;

/** Where they were not asked for, or the store does not know to give them, links stand in their place. */
const withLines = z.object({ line_items: lines });
const consignments = z.object({
	pickups: z.array(withLines).nullish(),
	shipping: z.array(withLines).nullish(),
	downloads: z.array(withLines).nullish(),
	email: z.object({ gift_certificates: z.array(withLines).nullish() }).nullish(),
});

/** RFC 2822, `Wed, 05 Dec 2018 20:16:55 +0000` → milliseconds. */
const mailDate = z.string().transform((text, ctx) => {
	const at = Date.parse(text);
	if (!Number.isNaN(at)) return at;
	ctx.addIssue({ code: "custom", message: "not a date" });
	return z.NEVER;
});

export const order = z.object({
	id,
	status_id: units,
	status: blankable,
	date_created: mailDate,
	date_modified: mailDate,
	/** Empty until it was shipped. */
	date_shipped: blankable,
	items_shipped: z.number().nullish(),
	is_deleted: z.boolean().nullish(),
	consignments: z.union([consignments, z.unknown().transform(() => null)]).nullish(),
});
export const orders = z.array(orOdd(order, order.pick({ id: true, date_modified: true })));
export type ListedOrder = z.output<typeof orders>[number];

export const webhook = z.object({
	id,
	scope: z.string(),
	destination: z.string(),
	headers: z.record(z.string(), z.string()).nullish(),
	is_active: z.boolean(),
});
export const oneWebhook = envelope(webhook);
export const webhooks = envelope(z.array(webhook));

/** V3 says `title`, and in `errors` what is wrong with which field; V2 a list of `message`s, or one by itself. */
export const v3Error = z.object({ title: z.string(), errors: z.unknown().optional() });
const v2Error = z.object({ message: z.string() });
export const v2Errors = z.union([z.array(v2Error).min(1), v2Error.transform((one) => [one])]);

export const grantReply = z.object({ access_token: z.string().min(1), scope: z.string(), context: z.string() });

/** News points to what changed. */
export const pointerMail = z.object({ data: z.object({ id }) });
/** `data.id` is the sku's, which nothing else is named by. */
export const skuMail = z.object({ data: z.object({ sku: z.object({ product_id: id }) }) });
const inventoryNews = z.object({
	product_id: id,
	variant_id: id.nullish(),
	method: z.string().nullish(),
	value: units.nullish(),
});
export const stockChangedMail = z.object({ data: z.object({ product_id: id, variant_id: id.nullish() }) });
export const inventoryMail = z.object({ data: z.object({ inventory: inventoryNews }) });
export const storeMail = z.object({ producer: z.string() });

export type Product = z.output<typeof product>;
export type Variant = z.output<typeof variant>;
export type Order = z.output<typeof order>;
export type OrderLine = z.output<typeof orderProducts>[number];
export type InventoryItem = z.output<typeof inventoryItem>;
export type Webhook = z.output<typeof webhook>;
export type InventoryNews = z.output<typeof inventoryNews>;
