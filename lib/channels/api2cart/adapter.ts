import type { ChannelAdapter } from "../channel-adapter";
import { connect } from "./connect";
import { a2cFacts } from "./facts";
import { readLevels } from "./levels";
import { listListings, readProduct } from "./listings";
import { cancelOrder, listOrders, readOrder } from "./orders";
import { registerWebhooks, removeWebhooks } from "./subscriptions";
import { parseWebhook, verifyWebhook } from "./webhook";
import { writeQuantities } from "./write";

/**
 * Some seventy carts and marketplaces through API2Cart v1.1, at `{baseUrl}/v1.1/{method}.json`. Access is
 * `{ accountKey, storeKey }`, neither of which expires. What holds stock is a child item, or a product that has none:
 * `variant:<product>/<child>` and `product:<id>` are both a listing's key and how an order line names it, their ids
 * percent-encoded. Locations are the store's warehouses. Kept from `connect` in facts: `storeKey`, `cartId`, `applies`,
 * `methods`, `cancelledStatus`, `unknownStatuses`.
 */
export const api2cart: ChannelAdapter = {
	facts: a2cFacts,
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
