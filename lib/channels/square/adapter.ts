import type { ChannelAdapter } from "../channel-adapter";
import { refreshAccess } from "./access";
import { connect } from "./connect";
import { squareFacts } from "./facts";
import { listListings, readProduct } from "./listings";
import { listOrders, readOrder } from "./orders";
import { readReturns } from "./returns";
import { readLevels } from "./stock";
import { registerWebhooks, removeWebhooks } from "./subscriptions";
import { parseWebhook, verifyWebhook } from "./webhook";
import { writeQuantities } from "./write";

/**
 * Square by its REST API, at `{baseUrl}/v2`. Access is `{ accessToken }`; with `refreshToken` it is an agreement's and runs
 * out, with `personalToken` the application's own token stands beside it, for webhooks. What holds stock is an item's
 * variation at a location: its id is a listing's key and how an order line names it.
 */
export const square: ChannelAdapter = {
	facts: squareFacts,
	connect,
	listListings,
	readProduct,
	listOrders,
	readOrder,
	cancelOrder: null,
	readLevels,
	readReturns,
	writeQuantities,
	registerWebhooks,
	removeWebhooks,
	verifyWebhook,
	collectMail: null,
	parseWebhook,
	refreshAccess,
};
