import type { ChannelAdapter } from "../channel-adapter";
import { connect } from "./connect";
import { wooFacts } from "./facts";
import { listListings, readLevels, readProduct } from "./listings";
import { cancelOrder, listOrders, readOrder } from "./orders";
import { registerWebhooks, removeWebhooks } from "./subscriptions";
import { parseWebhook, verifyWebhook } from "./webhook";
import { writeQuantities } from "./write";

/**
 * WooCommerce by its REST API, version 3, at `{baseUrl}/wp-json/wc/v3`. Access is `{ consumerKey, consumerSecret }`. What
 * holds stock is a product or a variation: `product:<id>` and `variation:<id>` are both a listing's key and how an order
 * line names it; variations that share their product's stock are names of the product's listing. `productRef`, `orderRef`
 * and `lineRef` are digits. WooCommerce knows no locations, and its keys don't expire.
 */
export const woocommerce: ChannelAdapter = {
	facts: wooFacts,
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
	refreshAccess: null,
};
