/** Square's JSON, as far as we read it. Empty lists may be left out; ids are text; quantities are decimals as text. */
import { z } from "zod";
import { isCountable } from "../countable";
import { orOdd } from "../odd-rows";

/** "53", "2.5", "-2": up to five decimals. */
const decimal = z
	.string()
	.regex(/^-?\d+(\.\d+)?$/)
	.transform(Number);

const moment = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "is not a moment");

const money = z.object({ amount: z.number().int().nullish(), currency: z.string().nullish() });

export const location = z.object({
	id: z.string(),
	name: z.string().nullish(),
	status: z.string().nullish(),
	merchant_id: z.string().nullish(),
	business_name: z.string().nullish(),
});
export const locations = z.object({ locations: z.array(location).default([]) });

export const tokenStatus = z.object({
	scopes: z.array(z.string()).default([]),
	expires_at: z.string().nullish(),
	merchant_id: z.string().nullish(),
});

const override = z.object({
	location_id: z.string(),
	track_inventory: z.boolean().nullish(),
	sold_out: z.boolean().nullish(),
	price_money: money.nullish(),
});

const presence = {
	is_deleted: z.boolean().default(false),
	present_at_all_locations: z.boolean().nullish(),
	present_at_location_ids: z.array(z.string()).default([]),
	absent_at_location_ids: z.array(z.string()).default([]),
};

export const variation = z.object({
	type: z.literal("ITEM_VARIATION"),
	id: z.string(),
	updated_at: moment.nullish(),
	...presence,
	item_variation_data: z.object({
		item_id: z.string(),
		name: z.string().nullish(),
		sku: z.string().nullish(),
		upc: z.string().nullish(),
		price_money: money.nullish(),
		track_inventory: z.boolean().nullish(),
		stockable: z.boolean().nullish(),
		stockable_conversion: z.object({ stockable_item_variation_id: z.string() }).nullish(),
		location_overrides: z.array(override).default([]),
	}),
});
export type Variation = z.output<typeof variation>;

export const item = z.object({
	type: z.literal("ITEM"),
	id: z.string(),
	updated_at: moment.nullish(),
	...presence,
	item_data: z.object({
		name: z.string().nullish(),
		ecom_uri: z.string().nullish(),
		ecom_image_uris: z.array(z.string()).default([]),
		variations: z.array(variation).default([]),
	}),
});
export type Item = z.output<typeof item>;

/** Other types are never asked for. */
const catalogObject = z.discriminatedUnion("type", [item, variation]);
const listedObject = orOdd(catalogObject, z.object({ id: z.string() }));
export const catalogPage = z.object({ objects: z.array(listedObject).default([]), cursor: z.string().nullish() });
export const catalogOne = z.object({ object: catalogObject });

export const count = z.object({
	catalog_object_id: z.string(),
	state: z.string(),
	location_id: z.string(),
	quantity: decimal.refine(isCountable),
	calculated_at: moment.nullish(),
});
export type Count = z.output<typeof count>;
export const counts = z.object({ counts: z.array(count).default([]), cursor: z.string().nullish() });

/** Of the ledger: only what tells whose a change is, and of what. */
export const changes = z.object({
	changes: z
		.array(
			z.object({
				adjustment: z
					.object({
						reference_id: z.string().nullish(),
						catalog_object_id: z.string(),
						from_state: z.string().nullish(),
						to_state: z.string().nullish(),
						quantity: decimal.nullish(),
						occurred_at: z.string().nullish(),
						created_at: z.string().nullish(),
					})
					.nullish(),
				physical_count: z.object({ catalog_object_id: z.string() }).nullish(),
			}),
		)
		.default([]),
	cursor: z.string().nullish(),
});

export const order = z.object({
	id: z.string(),
	location_id: z.string(),
	reference_id: z.string().nullish(),
	ticket_name: z.string().nullish(),
	state: z.string(),
	version: z.number().int().default(1),
	line_items: z
		.array(
			z.object({
				uid: z.string(),
				name: z.string().nullish(),
				variation_name: z.string().nullish(),
				catalog_object_id: z.string().nullish(),
				quantity: decimal,
			}),
		)
		.default([]),
	returns: z.array(z.object({ source_order_id: z.string().nullish() })).default([]),
	tenders: z.array(z.unknown()).default([]),
	net_amount_due_money: money.nullish(),
	created_at: moment,
	updated_at: moment,
});
export type Order = z.output<typeof order>;
export const orders = z.object({
	orders: z.array(orOdd(order, order.pick({ id: true }))).default([]),
	cursor: z.string().nullish(),
});
export const orderOne = z.object({ order });

export const subscription = z.object({
	id: z.string(),
	enabled: z.boolean().default(true),
	event_types: z.array(z.string()).default([]),
	notification_url: z.string(),
	signature_key: z.string().nullish(),
	api_version: z.string().nullish(),
});
export type Subscription = z.output<typeof subscription>;
export const subscriptions = z.object({
	subscriptions: z.array(subscription).default([]),
	cursor: z.string().nullish(),
});
export const subscriptionOne = z.object({ subscription });

export const granted = z.object({
	access_token: z.string().min(1),
	expires_at: moment.nullish(),
	merchant_id: z.string().nullish(),
	refresh_token: z.string().nullish(),
});

/** Around every piece of news; `object` is the topic's own. */
export const mail = z.object({
	merchant_id: z.string(),
	type: z.string(),
	event_id: z.string(),
	data: z.object({ id: z.string().nullish(), object: z.unknown().optional() }).nullish(),
});
export const countMail = z.object({ data: z.object({ object: z.object({ inventory_counts: z.array(count) }) }) });
export const orderMail = z.object({ data: z.object({ id: z.string().min(1) }) });

export const errors = z.object({
	errors: z
		.array(
			z.object({
				category: z.string().nullish(),
				code: z.string(),
				detail: z.string().nullish(),
				field: z.string().nullish(),
			}),
		)
		.min(1),
});
