import type { ChannelAdapter } from "../channel-adapter";
import { connect } from "./connect";
import { magentoFacts } from "./facts";
import { listListings, readLevels, readProduct } from "./listings";
import { parseWebhook, registerWebhooks, removeWebhooks, verifyWebhook } from "./news";
import { cancelOrder, listOrders, readOrder } from "./orders";
import { writeQuantities } from "./write";

/**
 * Magento 2 and Adobe Commerce by their REST API at `{baseUrl}/rest/all/V1`, with Multi Source Inventory. Access is an integration's
 * `{ consumerKey, consumerSecret, accessToken, accessTokenSecret }`, or `{ accessToken }` where the store takes it as a bearer;
 * neither expires. A location is a source, by its code. What holds stock is a product: `product:<id>` is both a listing's key and
 * how an order line names it, and its SKU, which stock is kept under, is among its ids.
 *
 * Where the inventory modules are removed there are no reservations: an order takes from the one number as it is placed, so that
 * nothing is open, and the number itself is written without anything on top (legacy.ts).
 */
export const magento: ChannelAdapter = {
	facts: magentoFacts,
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
