/** The routes of the API that a sandbox store has. */
import * as adjustments from "./adjustments";
import * as catalogue from "./catalogue-api";
import * as hooks from "./hook-api";
import * as inventory from "./inventory-api";
import * as orders from "./order-api";
import * as refunds from "./refund-api";
import * as site from "./site";
import type { Answer, Call } from "./wire";

type Handler = (call: Call, ...ids: string[]) => Promise<Answer> | Answer;
type Verb = "GET" | "POST" | "PUT" | "DELETE";
/** `what` names the request in the sandbox's own log. */
type Route = { path: string; what: string } & Partial<Record<Verb, Handler>>;

const routes: (Route & { pattern: RegExp })[] = (
	[
		{ path: "/v2/store", what: "store", GET: site.getStore },
		{ path: "/v2/time", what: "store", GET: site.getTime },
		{ path: "/v2/orders", what: "orders", GET: orders.listOrders, POST: orders.postOrder },
		{ path: "/v2/orders/:id", what: "order", GET: orders.getOrder, PUT: orders.putOrder, DELETE: orders.deleteOrder },
		{ path: "/v2/orders/:id/products", what: "order", GET: orders.getOrderProducts },
		{ path: "/v2/orders/:id/shipments", what: "order", POST: orders.postShipment },
		{ path: "/v2/order_statuses", what: "orders", GET: orders.getStatuses },
		{
			path: "/v3/orders/:id/payment_actions/refunds",
			what: "refunds",
			GET: refunds.getRefunds,
			POST: refunds.postRefund,
		},
		{ path: "/v3/orders/payment_actions/refunds", what: "refunds", GET: refunds.listRefunds },
		{ path: "/v3/catalog/products", what: "products", GET: catalogue.listProducts },
		{
			path: "/v3/catalog/products/:id",
			what: "product",
			GET: catalogue.getProduct,
			PUT: catalogue.putProduct,
			DELETE: catalogue.deleteProduct,
		},
		{ path: "/v3/catalog/products/:id/variants/:id", what: "variant", DELETE: catalogue.deleteVariant },
		{ path: "/v3/catalog/variants", what: "variants", GET: catalogue.listVariants, PUT: catalogue.putVariants },
		{ path: "/v3/inventory/items", what: "levels", GET: inventory.getItems },
		{ path: "/v3/inventory/locations", what: "locations", GET: inventory.getLocations },
		{
			path: "/v3/inventory/locations/:id/items",
			what: "levels",
			GET: inventory.getLocationItems,
			PUT: inventory.putLocationItems,
		},
		{ path: "/v3/inventory/adjustments/absolute", what: "write", PUT: adjustments.putAbsolute },
		{ path: "/v3/inventory/adjustments/relative", what: "write", POST: adjustments.postRelative },
		{ path: "/v3/settings/inventory", what: "settings", GET: site.getInventorySettings },
		{ path: "/v3/hooks", what: "webhooks", GET: hooks.listHooks, POST: hooks.postHook },
		{ path: "/v3/hooks/admin", what: "webhooks", GET: hooks.getAdmin },
		{ path: "/v3/hooks/:id", what: "webhooks", GET: hooks.getHook, PUT: hooks.putHook, DELETE: hooks.deleteHook },
	] satisfies Route[]
).map((route) => ({ ...route, pattern: new RegExp(`^${route.path.replace(/:id/g, "(\\d+)")}$`) }));

export type Found = { what: string; answer: ((call: Call) => Promise<Answer> | Answer) | "wrong_method" };

/** Null where there is no such address. */
export function findRoute(method: string, path: string): Found | null {
	for (const route of routes) {
		const [, ...ids] = route.pattern.exec(path) ?? [];
		if (!route.pattern.test(path)) continue;
		const handler = (route as Partial<Record<string, Handler>>)[method];
		return {
			what: route.what,
			answer: typeof handler === "function" ? (call) => handler(call, ...ids) : "wrong_method",
		};
	}
	return null;
}
