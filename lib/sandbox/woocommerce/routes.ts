/** The routes of the REST API that a sandbox store has. */
import * as orders from "./order-api";
import * as products from "./products";
import * as site from "./site";
import * as carts from "./store-api";
import * as webhooks from "./webhook-api";
import { type Answer, type Call, noRoute } from "./wire";

type Handler = (call: Call, ...ids: string[]) => Promise<Answer> | Answer;
type Verb = "GET" | "POST" | "PUT" | "DELETE";
/** `PUT` stands for POST and PATCH on a single thing as well. `what` names the request in the sandbox's own log. */
type Route = { path: string; what: string; allow: string } & Partial<Record<Verb, Handler>>;

const list = "GET, POST";
const single = "GET, POST, PUT, PATCH, DELETE";
const editable = "GET, POST, PUT, PATCH";
const many = "POST, PUT, PATCH";

const routes: (Route & { pattern: RegExp })[] = (
	[
		{ path: "/", what: "index", allow: "GET", GET: site.index },
		{ path: "/wc/v3", what: "index", allow: "GET", GET: site.namespaceIndex },
		{ path: "/wc/v3/products", what: "products", allow: list, GET: products.listProducts, POST: products.postProduct },
		{ path: "/wc/v3/products/batch", what: "write", allow: many, POST: products.batchProducts },
		{
			path: "/wc/v3/products/:id",
			what: "product",
			allow: single,
			GET: products.getProduct,
			PUT: products.putProduct,
			DELETE: products.deleteProduct,
		},
		{
			path: "/wc/v3/products/:id/variations",
			what: "variations",
			allow: list,
			GET: products.listVariations,
			POST: products.postVariation,
		},
		{ path: "/wc/v3/products/:id/variations/batch", what: "write", allow: many, POST: products.batchVariations },
		{
			path: "/wc/v3/products/:id/variations/:id",
			what: "variation",
			allow: single,
			GET: products.getVariation,
			PUT: products.putVariation,
			DELETE: products.deleteVariation,
		},
		{ path: "/wc/v3/variations", what: "variations", allow: "GET", GET: products.listAllVariations },
		{ path: "/wc/v3/orders", what: "orders", allow: list, GET: orders.listOrders, POST: orders.postOrder },
		{
			path: "/wc/v3/orders/:id",
			what: "order",
			allow: single,
			GET: orders.getOrder,
			PUT: orders.putOrder,
			DELETE: orders.deleteOrderById,
		},
		{
			path: "/wc/v3/orders/:id/refunds",
			what: "refunds",
			allow: list,
			GET: orders.listRefunds,
			POST: orders.postRefund,
		},
		{ path: "/wc/v3/orders/:id/notes", what: "notes", allow: list, GET: orders.listNotes, POST: orders.postNote },
		{ path: "/wc/v3/webhooks", what: "webhooks", allow: list, GET: webhooks.listWebhooks, POST: webhooks.postWebhook },
		{
			path: "/wc/v3/webhooks/:id",
			what: "webhooks",
			allow: single,
			GET: webhooks.getWebhook,
			PUT: webhooks.putWebhook,
			DELETE: webhooks.deleteWebhook,
		},
		{ path: "/wc/v3/system_status", what: "status", allow: "GET", GET: site.systemStatus },
		{ path: "/wc/v3/settings/products/:name", what: "settings", allow: editable, GET: site.getSetting },
		{ path: "/wc/store/v1/cart", what: "cart", allow: "GET", GET: carts.getCart },
		{ path: "/wc/store/v1/cart/add-item", what: "cart", allow: "POST", POST: carts.addToCart },
		{
			path: "/wc/store/v1/checkout",
			what: "checkout",
			allow: editable,
			GET: carts.getCheckout,
			POST: carts.postCheckout,
		},
	] satisfies Route[]
).map((route: Route) => ({
	...route,
	pattern: new RegExp(`^${route.path.replace(/:id/g, "(\\d+)").replace(/:name/g, "(\\w+)")}$`),
}));

const handlerOf = (route: Route, method: string): Handler | undefined => {
	if (method === "PATCH") return route.PUT;
	if (method === "POST") return route.POST ?? route.PUT;
	return route[(method === "HEAD" ? "GET" : method) as Verb];
};

export type Found = { what: string; allow: string; answer: (call: Call) => Promise<Answer> };

/** Throws the error that WordPress has for a route that is not there. */
export function findRoute({ route: path, method, settings }: Call): Found {
	if (path.startsWith("/wc/") && !settings.hasWooCommerce) throw noRoute();
	if (path === "/wc/v3/variations" && !settings.hasVariationsRoute) throw noRoute();
	for (const route of routes) {
		const match = route.pattern.exec(path);
		const handler = match && handlerOf(route, method);
		if (match && handler)
			return { what: route.what, allow: route.allow, answer: async (call) => handler(call, ...match.slice(1)) };
	}
	throw noRoute();
}
