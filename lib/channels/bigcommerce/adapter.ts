import type { ChannelAdapter } from "../channel-adapter";
import { connect } from "./connect";
import { bigcommerceFacts } from "./facts";
import { readLevels } from "./levels";
import { listListings, readProduct } from "./listings";
import { cancelOrder, listOrders, readOrder } from "./orders";
import { registerWebhooks, removeWebhooks } from "./subscriptions";
import { parseWebhook, verifyWebhook } from "./webhook";
import { writeQuantities } from "./write";

/**
 * BigCommerce by its REST API, V3 and for orders V2, at `{baseUrl}/v3` and `/v2`; `baseUrl` is
 * `https://api.bigcommerce.com/stores/<hash>`. Access is `{ accessToken, clientId?, clientSecret?, scope? }`. What holds
 * stock is a variant, or a product for all its variants, as the product is tracked: `variant:<id>` and `product:<id>` are
 * both a listing's key and how an order line names it. `productRef`, `orderRef` and `lineRef` are digits, `locationRef` is a
 * location's id. Tokens don't expire.
 */
export const bigcommerce: ChannelAdapter = {
	facts: bigcommerceFacts,
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
