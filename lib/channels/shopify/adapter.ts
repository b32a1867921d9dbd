import type { ChannelAdapter } from "../channel-adapter";
import { cancelOrder } from "./cancel";
import { connect } from "./connect";
import { shopifyFacts } from "./facts";
import { listListings, readLevels, readProduct } from "./listings";
import { refreshAccess } from "./oauth";
import { listOrders, readOrder } from "./orders";
import { registerWebhooks, removeWebhooks } from "./subscriptions";
import { parseWebhook, verifyWebhook } from "./webhook";
import { writeQuantities } from "./write";

/**
 * Shopify by its Admin GraphQL API. Everything goes to `{baseUrl}/admin/api/{version}/graphql.json`, for a real store
 * `https://{shop}.myshopify.com`. Listings are keyed by inventory item, `locationRef` and `productRef` are gids,
 * `orderRef` and `lineRef` are digits, and an order line names its listing as `variant:<digits>`.
 */
export const shopify: ChannelAdapter = {
	facts: shopifyFacts,
	connect,
	listListings,
	readProduct,
	listOrders,
	readOrder,
	cancelOrder,
	readLevels,
	writeQuantities,
	registerWebhooks,
	removeWebhooks,
	verifyWebhook,
	collectMail: null,
	parseWebhook,
	refreshAccess,
};
