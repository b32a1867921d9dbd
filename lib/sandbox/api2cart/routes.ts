/** Which call is answered by what. */
import {
	cartAdd,
	cartDelete,
	cartInfo,
	cartList,
	cartValidate,
	configUpdate,
	failedWebhooks,
	supportedPlatforms,
} from "./account-api";
import { batchResult, listJobs, postBatch } from "./batch-api";
import {
	childInfo,
	countProducts,
	findChildren,
	findProducts,
	listChildren,
	listProducts,
	productInfo,
} from "./catalogue-api";
import { addRefund, listOrders, listStatuses, orderInfo, updateOrder } from "./order-api";
import type { A2cSettings } from "./settings";
import { putStock } from "./stock-api";
import { countWebhooks, createWebhook, deleteWebhook, listEvents, listWebhooks, updateWebhook } from "./webhook-api";
import type { Answer, Call, StoreCall } from "./wire";

type Verb = "GET" | "POST" | "PUT" | "DELETE";
type Common = {
	verb: Verb;
	/** For the request log. */
	what: string;
	/** What is shown without `params` and `response_fields`; absent: all. */
	params?: string;
	/** Where in the result the entities lie. */
	entity?: string;
	takesKey?: true;
};
export type Route =
	| (Common & { of: "account"; answer(call: Call): Promise<Answer> })
	| (Common & { of: "store"; answer(call: StoreCall): Promise<Answer> });

const usualProduct = "id,name,description,price,categories_ids";
const usualOrder = "order_id,customer,totals,address,items,bundles,status";

export const routes: Record<string, Route> = {
	"account.supported_platforms": { of: "account", verb: "GET", what: "account", answer: supportedPlatforms },
	"account.cart.list": { of: "account", verb: "GET", what: "account", answer: cartList },
	"account.cart.add": { of: "account", verb: "POST", what: "account", answer: cartAdd },
	"account.failed_webhooks": { of: "account", verb: "GET", what: "webhooks", answer: failedWebhooks },
	"account.config.update": { of: "store", verb: "PUT", what: "account", takesKey: true, answer: configUpdate },
	"cart.info": { of: "store", verb: "GET", what: "cart", params: "store_name,store_url,db_prefix", answer: cartInfo },
	"cart.validate": { of: "store", verb: "GET", what: "cart", answer: cartValidate },
	"cart.methods": {
		of: "store",
		verb: "GET",
		what: "cart",
		answer: async ({ settings }) => ({ result: { method: methodsOf(settings) } }),
	},
	"cart.delete": { of: "store", verb: "DELETE", what: "cart", answer: cartDelete },
	"product.list": {
		of: "store",
		verb: "GET",
		what: "read",
		params: usualProduct,
		entity: "product",
		answer: listProducts,
	},
	"product.info": { of: "store", verb: "GET", what: "read", params: usualProduct, answer: productInfo },
	"product.count": { of: "store", verb: "GET", what: "read", answer: countProducts },
	"product.find": { of: "store", verb: "GET", what: "read", answer: findProducts },
	"product.child_item.list": { of: "store", verb: "GET", what: "read", answer: listChildren },
	"product.child_item.info": { of: "store", verb: "GET", what: "read", answer: childInfo },
	"product.child_item.find": { of: "store", verb: "GET", what: "read", answer: findChildren },
	"product.update": { of: "store", verb: "PUT", what: "write", takesKey: true, answer: putStock("product") },
	"product.variant.update": { of: "store", verb: "PUT", what: "write", takesKey: true, answer: putStock("variant") },
	"product.update.batch": { of: "store", verb: "POST", what: "write", takesKey: true, answer: postBatch("product") },
	"product.variant.update.batch": {
		of: "store",
		verb: "POST",
		what: "write",
		takesKey: true,
		answer: postBatch("variant"),
	},
	"batch.job.result": { of: "store", verb: "GET", what: "jobs", answer: batchResult },
	"batch.job.list": { of: "store", verb: "GET", what: "jobs", answer: listJobs },
	"order.list": { of: "store", verb: "GET", what: "orders", params: usualOrder, entity: "order", answer: listOrders },
	"order.info": { of: "store", verb: "GET", what: "orders", params: usualOrder, answer: orderInfo },
	"order.status.list": { of: "store", verb: "GET", what: "orders", answer: listStatuses },
	"order.update": { of: "store", verb: "PUT", what: "cancel", takesKey: true, answer: updateOrder },
	"order.refund.add": { of: "store", verb: "POST", what: "refund", takesKey: true, answer: addRefund },
	"webhook.events": { of: "store", verb: "GET", what: "webhooks", answer: listEvents },
	"webhook.list": { of: "store", verb: "GET", what: "webhooks", answer: listWebhooks },
	"webhook.count": { of: "store", verb: "GET", what: "webhooks", answer: countWebhooks },
	"webhook.create": { of: "store", verb: "POST", what: "webhooks", takesKey: true, answer: createWebhook },
	"webhook.update": { of: "store", verb: "PUT", what: "webhooks", takesKey: true, answer: updateWebhook },
	"webhook.delete": { of: "store", verb: "DELETE", what: "webhooks", answer: deleteWebhook },
};

/** What this store can be asked for. */
const methodsOf = ({ hasBatch, hasOrderUpdate }: A2cSettings): string[] =>
	Object.keys(routes).filter(
		(method) => (hasBatch || !/batch/.test(method)) && (hasOrderUpdate || !/^order\.(update|refund)/.test(method)),
	);

export const isOffered = (settings: A2cSettings, method: string): boolean => methodsOf(settings).includes(method);

/** `params` words for groups of an order's fields. */
export const groups: Record<string, string[]> = {
	items: ["order_products"],
	totals: ["total", "totals"],
	address: ["shipping_address", "billing_address"],
};
