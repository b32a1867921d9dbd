import type { ChannelAdapter } from "../channel-adapter";
import { appSecret } from "./app-secret";
import { connect } from "./connect";
import { amazonFacts } from "./facts";
import { listListings, readLevels, readProduct } from "./listings";
import { refreshAccess } from "./login";
import { listOrders, readOrder } from "./orders";
import { collectMail } from "./queue";
import { registerWebhooks, removeWebhooks } from "./subscriptions";
import { parseWebhook } from "./webhook";
import { writeQuantities } from "./write";

/**
 * Amazon by its Selling Partner API, one seller in one region. `baseUrl` is the region's endpoint; access is
 * `{ refreshToken, sellerId, marketplaceId, accessToken }`, with `clientId` and `clientSecret` (`previousSecret`) where the app
 * is the merchant's own, and `queueUrl`, `queueKeyId`, `queueSecret`, `queueRegion` where its news is kept in a queue. What is sold is
 * a SKU: it is a listing's key, its product and how an order line names it, exactly as Amazon writes it. A SKU's quantity is
 * one number over all marketplaces of the region; listings are read from `marketplaceId`, orders from all of them. Amazon
 * calls nobody: news is fetched from the queue, and without one polling is all there is.
 */
export const amazon: ChannelAdapter = {
	facts: amazonFacts,
	connect,
	listListings,
	readProduct,
	listOrders,
	readOrder,
	cancelOrder: null,
	readLevels,
	writeQuantities,
	registerWebhooks,
	removeWebhooks,
	verifyWebhook: () => ({ verdict: "rejected", reason: "missing_signature" }),
	collectMail,
	parseWebhook,
	refreshAccess,
	appSecret,
};
