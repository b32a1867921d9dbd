/** The routes of the REST API that a sandbox store has, each with the resource that it asks for. */
import * as bulk from "./bulk";
import * as inventory from "./inventory";
import * as orders from "./order-api";
import * as catalogue from "./products";
import { type Call, type Caller, noRoute } from "./wire";

type Handler = (call: Call, ids: string[], caller: Caller | null) => unknown;
type Route = {
	method: string;
	path: string;
	resource: string;
	what: string;
	answer: Handler;
	needsInventory?: boolean;
	status?: number;
};

const stock = "Magento_InventoryApi::stock";
const source = "Magento_InventoryApi::source";
const sales = "Magento_InventorySalesApi::stock";
const logging = "Magento_Logging::system_magento_logging_bulk_operations";
const assign = "Magento_InventoryApi::stock_source_item_assign";
const shop = "Magento_Backend::store";
const at = (path: string) => `/V1${path}`;
const inventoryAt = (path: string) => `/V1/inventory${path}`;

const routes: (Route & { pattern: RegExp })[] = (
	[
		{
			method: "GET",
			path: at("/products"),
			resource: "Magento_Catalog::products",
			what: "products",
			answer: (call) => catalogue.listProducts(call),
		},
		{
			method: "GET",
			path: at("/products/:sku"),
			resource: "Magento_Catalog::products",
			what: "product",
			answer: (call, [sku = ""], caller) => catalogue.getProduct(call, sku, caller),
		},
		{
			method: "PUT",
			path: at("/products/:sku/stockItems/:id"),
			resource: "Magento_Catalog::catalog_inventory",
			what: "write",
			answer: (call, [sku = ""]) => catalogue.putStockItem(call, sku),
		},
		{
			method: "GET",
			path: at("/configurable-products/:sku/children"),
			resource: "Magento_Catalog::products",
			what: "product",
			answer: (call, [sku = ""]) => catalogue.listChildren(call, sku),
		},
		{
			method: "GET",
			path: at("/stockItems/:sku"),
			resource: "Magento_Catalog::catalog_inventory",
			what: "stock-item",
			answer: (call, [sku = ""]) => catalogue.getStockItem(call, sku),
		},
		{
			method: "GET",
			path: inventoryAt("/sources"),
			resource: source,
			what: "topology",
			needsInventory: true,
			answer: (call) => inventory.listSources(call),
		},
		{
			method: "GET",
			path: inventoryAt("/sources/:code"),
			resource: source,
			what: "topology",
			needsInventory: true,
			answer: (call, [code = ""]) => inventory.getSource(call, code),
		},
		{
			method: "GET",
			path: inventoryAt("/stocks"),
			resource: stock,
			what: "topology",
			needsInventory: true,
			answer: (call) => inventory.listStocks(call),
		},
		{
			method: "GET",
			path: inventoryAt("/stock-source-links"),
			resource: "Magento_InventoryApi::stock_source_link",
			what: "topology",
			needsInventory: true,
			answer: (call) => inventory.listLinks(call),
		},
		{
			method: "GET",
			path: inventoryAt("/stock-resolver/:type/:code"),
			resource: sales,
			what: "topology",
			needsInventory: true,
			answer: (call, [type = "", code = ""]) => inventory.resolveStock(call, type, code),
		},
		{
			method: "GET",
			path: inventoryAt("/source-items"),
			resource: source,
			what: "read",
			needsInventory: true,
			answer: (call) => inventory.listSourceItems(call),
		},
		{
			method: "POST",
			path: inventoryAt("/source-items"),
			resource: assign,
			what: "write",
			needsInventory: true,
			answer: (call) => inventory.postSourceItems(call),
		},
		{
			method: "POST",
			path: inventoryAt("/source-items-delete"),
			resource: assign,
			what: "write",
			needsInventory: true,
			answer: (call) => inventory.deleteSourceItems(call),
		},
		{
			method: "GET",
			path: inventoryAt("/export-stock-salable-qty/:type/:code"),
			resource: stock,
			what: "read",
			needsInventory: true,
			answer: (call, [type = "", code = ""]) => inventory.exportSalable(call, type, code),
		},
		{
			method: "GET",
			path: inventoryAt("/get-product-salable-quantity/:sku/:id"),
			resource: sales,
			what: "read",
			needsInventory: true,
			answer: (call, [sku = "", id = ""]) => inventory.getSalable(call, sku, id),
		},
		{
			method: "GET",
			path: inventoryAt("/are-products-salable"),
			resource: sales,
			what: "read",
			needsInventory: true,
			answer: (call) => inventory.areSalable(call),
		},
		{
			method: "GET",
			path: at("/orders"),
			resource: "Magento_Sales::actions_view",
			what: "orders",
			answer: (call) => orders.listOrders(call),
		},
		{
			method: "GET",
			path: at("/orders/:id"),
			resource: "Magento_Sales::actions_view",
			what: "order",
			answer: (call, [id = ""]) => orders.getOrder(call, id),
		},
		{
			method: "POST",
			path: at("/orders/:id/cancel"),
			resource: "Magento_Sales::cancel",
			what: "cancel",
			answer: (call, [id = ""]) => orders.postCancel(call, id),
		},
		{
			method: "POST",
			path: at("/order/:id/invoice"),
			resource: "Magento_Sales::sales_invoice",
			what: "invoice",
			answer: (call, [id = ""]) => orders.postInvoice(call, id),
		},
		{
			method: "POST",
			path: at("/order/:id/ship"),
			resource: "Magento_Sales::ship",
			what: "ship",
			answer: (call, [id = ""]) => orders.postShip(call, id),
		},
		{
			method: "POST",
			path: at("/order/:id/refund"),
			resource: "Magento_Sales::creditmemo",
			what: "refund",
			answer: (call, [id = ""]) => orders.postRefund(call, id),
		},
		{
			method: "GET",
			path: at("/shipments"),
			resource: "Magento_Sales::shipment",
			what: "shipments",
			answer: (call) => orders.listShipments(call),
		},
		{
			method: "GET",
			path: at("/creditmemos"),
			resource: "Magento_Sales::sales_creditmemo",
			what: "creditmemos",
			answer: (call) => orders.listCreditmemos(call),
		},
		{ method: "GET", path: at("/bulk"), resource: logging, what: "bulk", answer: (call) => bulk.listOperations(call) },
		{
			method: "GET",
			path: at("/bulk/:uuid/status"),
			resource: logging,
			what: "bulk",
			answer: (call, [uuid = ""]) => bulk.bulkStatus(call, uuid),
		},
		{
			method: "GET",
			path: at("/store/websites"),
			resource: shop,
			what: "store",
			answer: ({ settings }) =>
				settings.websites.map(({ id, code, name }) => ({ id, code, name, default_group_id: id })),
		},
		{
			method: "GET",
			path: at("/store/storeConfigs"),
			resource: shop,
			what: "store",
			answer: ({ settings, home }) => settings.websites.map(({ id, code }) => storeConfig(id, code, home, settings)),
		},
		{
			method: "POST",
			path: "/async/bulk/V1/inventory/source-items",
			resource: assign,
			what: "bulk-write",
			needsInventory: true,
			status: 202,
			answer: (call) => bulk.postBulk(call, true),
		},
		{
			method: "POST",
			path: "/async/V1/inventory/source-items",
			resource: assign,
			what: "bulk-write",
			needsInventory: true,
			status: 202,
			answer: (call) => bulk.postBulk(call, false),
		},
	] satisfies Route[]
).map((route) => ({ ...route, pattern: new RegExp(`^${route.path.replace(/:[a-z]+/gi, "([^/]+)")}/?$`) }));

const storeConfig = (id: number, code: string, home: string, { currency, timezone, baseUrls }: Call["settings"]) => ({
	id,
	code: id === 1 ? "default" : code,
	website_id: id,
	locale: "en_US",
	base_currency_code: currency,
	default_display_currency_code: currency,
	timezone,
	weight_unit: "kgs",
	base_url: baseUrls?.base_url ?? `${home}/`,
	base_link_url: `${home}/`,
	base_static_url: `${home}/static/version1/`,
	base_media_url: `${home}/media/`,
	secure_base_url: baseUrls?.secure_base_url ?? `${home}/`,
	secure_base_link_url: `${home}/`,
	secure_base_static_url: `${home}/static/version1/`,
	secure_base_media_url: `${home}/media/`,
});

/** The rights of an integration that may look at everything and change nothing that has a right of its own. */
export const readingResources = (): string[] => [
	...new Set(routes.filter(({ method }) => method === "GET").map(({ resource }) => resource)),
];

/** `path`: behind the store code, its parts still encoded: each is decoded by itself, a plus sign as a space. */
export function findRoute(call: Call, path: string): { route: Route; ids: string[] } {
	for (const route of routes) {
		if (route.method !== call.method || (route.needsInventory && !call.settings.hasInventory)) continue;
		const found = route.pattern.exec(path);
		if (found) return { route, ids: found.slice(1).map((part) => decodeURIComponent(part.replaceAll("+", " "))) };
	}
	throw noRoute();
}
