/** Shopify's JSON, as far as we read it: replies of the Admin GraphQL API and the REST-shaped bodies of webhooks. */
import { z } from "zod";
import { exactId } from "../exact-json";
import { orOdd } from "../odd-rows";

const gid = z.string().startsWith("gid://shopify/");
const moment = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "is not a date");
const units = z.number().int();

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });
const connection = <T extends z.ZodType>(node: T) => z.object({ nodes: z.array(node), pageInfo });

/* Admin GraphQL */

export const storeReply = z.object({
	shop: z.object({
		name: z.string(),
		myshopifyDomain: z.string(),
		ianaTimezone: z.string(),
		currencyCode: z.string(),
		plan: z.object({ publicDisplayName: z.string() }).nullish(),
	}),
	currentAppInstallation: z.object({ accessScopes: z.array(z.object({ handle: z.string() })) }),
});

export const locationsReply = z.object({
	locations: connection(z.object({ id: gid, name: z.string(), isActive: z.boolean() })),
});

export const inventoryProbeReply = z.object({ inventoryItems: z.object({ nodes: z.array(z.object({ id: gid })) }) });

const quantities = z.array(z.object({ name: z.string(), quantity: units, updatedAt: moment.nullish() }));
const inventoryLevel = z.object({ quantities }).nullish();

const variantNode = z.object({
	id: gid,
	sku: z.string().nullish(),
	barcode: z.string().nullish(),
	price: z.union([z.string(), z.number()]).transform(String),
	requiresComponents: z.boolean(),
	selectedOptions: z.array(z.object({ name: z.string(), value: z.string() })),
	inventoryItem: z.object({ id: gid, tracked: z.boolean(), inventoryLevel }),
});
export type VariantNode = z.infer<typeof variantNode>;

const variantConnection = connection(variantNode);

const productNode = z.object({
	id: gid,
	title: z.string(),
	updatedAt: moment,
	isGiftCard: z.boolean(),
	hasOnlyDefaultVariant: z.boolean(),
	onlineStoreUrl: z.string().nullish(),
	featuredMedia: z
		.object({ preview: z.object({ image: z.object({ url: z.string() }).nullish() }).nullish() })
		.nullish(),
	variants: variantConnection,
});
export type ProductNode = z.infer<typeof productNode>;

export const productsReply = z.object({
	products: connection(productNode),
	productVariantsCount: z.object({ count: units }).nullish(),
});
export const productReply = z.object({ product: productNode.nullable() });
export const moreVariantsReply = z.object({ product: z.object({ variants: variantConnection }).nullable() });

export const levelsReply = z.object({
	nodes: z.array(
		z.union([
			z.object({ __typename: z.literal("InventoryItem"), id: gid, tracked: z.boolean(), inventoryLevel }),
			z.object({ __typename: z.string() }).transform(() => null),
			z.null(),
		]),
	),
});

const lineNode = z.object({
	id: gid,
	sku: z.string().nullish(),
	name: z.string(),
	quantity: units,
	currentQuantity: units,
	variant: z.object({ id: gid }).nullish(),
});

const refundLineNode = z.object({
	quantity: units,
	restockType: z.string(),
	location: z.object({ id: gid }).nullish(),
	lineItem: z.object({ id: gid }),
});

const lineConnection = connection(lineNode);
const refundLineConnection = connection(refundLineNode);

const orderNode = z.object({
	id: gid,
	name: z.string(),
	createdAt: moment,
	updatedAt: moment,
	cancelledAt: moment.nullish(),
	closedAt: moment.nullish(),
	lineItems: lineConnection,
	refunds: z.array(z.object({ id: gid, refundLineItems: refundLineConnection })),
});
export type OrderNode = z.infer<typeof orderNode>;

export const ordersReply = z.object({
	orders: connection(orOdd(orderNode, orderNode.pick({ id: true, updatedAt: true }))),
});
export const orderReply = z.object({ order: orderNode.nullable() });
export const moreLinesReply = z.object({ order: z.object({ lineItems: lineConnection }).nullable() });
export const moreRefundLinesReply = z.object({
	refund: z.object({ refundLineItems: refundLineConnection }).nullable(),
});
export const refundIdsReply = z.object({ order: z.object({ refunds: z.array(z.object({ id: gid })) }).nullable() });

export const setQuantitiesReply = z.object({
	inventorySetQuantities: z.object({
		/** Null with no userErrors: everything already showed what was asked for. */
		inventoryAdjustmentGroup: z
			.object({
				id: gid,
				changes: z.array(
					z.object({
						name: z.string(),
						/** Null in every recorded reply to a set. */
						quantityAfterChange: units.nullish(),
						item: z.object({ id: gid }).nullish(),
					}),
				),
			})
			.nullish(),
		userErrors: z.array(
			z.object({ code: z.string().nullish(), field: z.array(z.string()).nullish(), message: z.string() }),
		),
	}),
});
export type SetQuantitiesReply = z.infer<typeof setQuantitiesReply>["inventorySetQuantities"];

export const cancelOrderReply = z.object({
	orderCancel: z.object({
		job: z.object({ id: gid, done: z.boolean() }).nullish(),
		orderCancelUserErrors: z.array(z.object({ code: z.string().nullish(), message: z.string() })),
	}),
});
export type CancelOrderReply = z.infer<typeof cancelOrderReply>["orderCancel"];

const userErrors = z.array(z.object({ field: z.array(z.string()).nullish(), message: z.string() }));

const webhookNode = z.object({
	id: gid,
	topic: z.string(),
	uri: z.string(),
	format: z.string(),
	filter: z.string().nullish(),
	includeFields: z.array(z.string()).nullish(),
});
export type WebhookNode = z.infer<typeof webhookNode>;

export const webhooksReply = z.object({ webhookSubscriptions: connection(webhookNode) });
export const createWebhookReply = z.object({
	webhookSubscriptionCreate: z.object({ webhookSubscription: z.object({ id: gid }).nullish(), userErrors }),
});
export const deleteWebhookReply = z.object({
	webhookSubscriptionDelete: z.object({ deletedWebhookSubscriptionId: z.string().nullish(), userErrors }),
});

/* Webhook bodies, read with parseExact */

export const orderMail = z.object({
	id: exactId,
	name: z.string(),
	created_at: moment,
	updated_at: moment,
	cancelled_at: moment.nullish(),
	closed_at: moment.nullish(),
	line_items: z.array(
		z.object({
			id: exactId,
			variant_id: exactId.nullish(),
			sku: z.string().nullish(),
			name: z.string(),
			quantity: units,
			current_quantity: units,
		}),
	),
	refunds: z.array(
		z.object({
			refund_line_items: z.array(
				z.object({
					line_item_id: exactId,
					quantity: units,
					restock_type: z.string(),
					location_id: exactId.nullish(),
				}),
			),
		}),
	),
});
export type OrderMail = z.infer<typeof orderMail>;

export const orderEditMail = z.object({ order_edit: z.object({ order_id: exactId }) });
export const orderDeletedMail = z.object({ id: exactId });
export const refundMail = z.object({ order_id: exactId });
export const levelMail = z.object({ inventory_item_id: exactId, available: units.nullish() });
export const inventoryItemMail = z.object({ id: exactId });
export const productMail = z.object({ id: exactId });
export const shopMail = z.object({ id: exactId, myshopify_domain: z.string() });

/* OAuth */

export const grantReply = z.object({
	access_token: z.string().min(1),
	scope: z.string().default(""),
	expires_in: z.number().optional(),
	refresh_token: z.string().optional(),
	refresh_token_expires_in: z.number().optional(),
});
