/** Magento 2.4.8 with Multi Source Inventory as a sandbox platform: REST API, message queue, no webhooks. */
import { sql } from "drizzle-orm";
import { labelRequest, storeBaseUrl } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { adminToken, authenticate, demand, newIntegration } from "./auth";
import { consume } from "./bulk";
import { lockOrder, type OrderRow } from "./order-rows";
import { cancelOrder, checkout, invoiceOrder, refundOrder } from "./orders";
import { removeProduct, restrict, takeStep } from "./owner";
import { findRoute } from "./routes";
import { isStockHolder, type ProductRow, productFields, products } from "./rows";
import { configurationOf, salableOf } from "./salable";
import { seedProducts, typeQuantity } from "./seed";
import { defaultSettings, settingsOf } from "./settings";
import { shipDueOrders } from "./warehouse";
import { type Call, htmlPage, jsonResponse, keepFields, MageError, noRoute, reportError, withoutNulls } from "./wire";

export const magentoSandbox: SandboxPlatform = {
	platform: "magento",
	label: "Magento",

	async handle(ctx, store, request, path) {
		const settings = settingsOf(store);
		if (settings.isInMaintenance) return unavailable();
		await consume(ctx, store);
		await shipDueOrders(ctx, store);
		return answer(ctx, store, request, path);
	},

	async failure(ctx, _store, kind) {
		if (kind === "throttled") return htmlPage("429 Too Many Requests", "", 429);
		if (kind === "outage") return unavailable();
		// A PHP fatal is worded in another shape.
		if (ctx.random() < 0.3) {
			const message = `Server internal error. See details in report api/${Math.floor(ctx.random() * 1e12)}`;
			return jsonResponse({ messages: { error: [{ code: 500, message }] } }, 500);
		}
		return jsonResponse(reportError(ctx.random).body(defaultSettings), 500);
	},

	make: () => ({ secrets: newIntegration(), settings: { ...defaultSettings } }),

	keys: (ctx, store) => ({
		baseUrl: storeBaseUrl(ctx, store),
		access: {
			consumerKey: store.secrets.consumerKey ?? "",
			consumerSecret: store.secrets.consumerSecret ?? "",
			accessToken: store.secrets.accessToken ?? "",
			accessTokenSecret: store.secrets.accessTokenSecret ?? "",
		},
		webhookSecret: null,
	}),

	seed: seedProducts,
	checkout: (ctx, store, lines, payment) => checkout(ctx, store, lines, payment),

	/** What is invoiced can't be cancelled, only refunded; a cancellation always gives back, so who keeps units away refunds them, too. */
	async cancel(ctx, store, orderId, restock) {
		if (restock && (await cancelOrder(ctx, store, orderId))) return;
		if (!restock) await invoiceOrder(ctx, store, orderId);
		await refundOrder(ctx, store, orderId, null, () => restock);
	},

	async refund(ctx, store, orderId, lines, restock) {
		const order = await lockOrder(ctx.db, store.id, orderId);
		const steps = lines.flatMap(({ sku, quantity }) => {
			const line = order?.data.lines.find((one) => one.sku === sku && one.parent_item_id === null);
			const most = line ? line.qty_invoiced - line.qty_refunded : 0;
			return line && most > 0 ? [{ order_item_id: line.item_id, qty: Math.min(quantity, most) }] : [];
		});
		if (steps.length > 0) await refundOrder(ctx, store, orderId, steps, () => restock !== false);
	},

	/** Magento edits no order: it cancels it and places another, with what is wanted now. */
	async edit(ctx, store, orderId, lines) {
		const order = await lockOrder(ctx.db, store.id, orderId);
		if (!order) return;
		const wanted = new Map(keptUnits(order));
		for (const { sku, quantity } of lines) wanted.set(sku, quantity);
		if (!(await cancelOrder(ctx, store, orderId))) await refundOrder(ctx, store, orderId, null, () => true);
		const basket = [...wanted].flatMap(([sku, quantity]) => (quantity > 0 ? [{ sku, quantity }] : []));
		if (basket.length > 0) await checkout(ctx, store, basket);
	},

	setQuantity: typeQuantity,
	take: takeStep,
	remove: removeProduct,
	restrict,

	async quantities(ctx, store) {
		await consume(ctx, store);
		await shipDueOrders(ctx, store);
		const settings = settingsOf(store);
		const rows = (
			await ctx.db.execute<ProductRow>(
				sql`select ${productFields} from sandbox.items where ${products(store.id)} order by id::bigint`,
			)
		).filter(isStockHolder);
		const stock = settings.stocks.find(({ websites }) => websites.length > 0);
		const asking = { db: ctx.db, storeId: store.id, settings, now: ctx.now() };
		const salable = settings.hasInventory && stock ? await salableOf(asking, stock, rows) : null;
		return rows.map((row) => ({
			sku: row.sku,
			title: row.data.name,
			quantity: !configurationOf(row, settings).managesStock
				? null
				: salable
					? (salable.get(row.sku)?.qty ?? 0)
					: row.data.is_in_stock
						? row.data.qty
						: Math.min(0, row.data.qty),
		}));
	},

	// It has no webhooks.
	build: async () => null,
	retryDelayMs: () => null,
	afterFailures: () => "keep",
	deliveryDelayMs: () => 0,
};

const keptUnits = ({ data }: OrderRow): [string, number][] =>
	data.lines
		.filter(({ parent_item_id }) => parent_item_id === null)
		.map((line) => [line.sku, line.qty_ordered - line.qty_canceled - line.qty_refunded]);

const unavailable = () =>
	htmlPage("Service Temporarily Unavailable", "<p>We're making some updates. Please check back soon.</p>", 503);

const notFoundPage = () => htmlPage("404 Not Found", "<p>The requested URL was not found on this server.</p>", 404);

async function answer(ctx: SandboxContext, store: SandboxStore, request: Request, path: string): Promise<Response> {
	const settings = settingsOf(store);
	const home = storeBaseUrl(ctx, store);
	const url = new URL(request.url);
	if (/%2f/i.test(path) && !settings.takesEncodedSlashes) return notFoundPage();
	const found = /^(\/index\.php)?\/rest(\/.*)?$/.exec(path);
	if (!found) return path === "/" ? htmlPage(store.name, "<p>A sandbox Magento store.</p>", 200) : notFoundPage();
	if (!found[1] && !settings.hasRewrites) return notFoundPage();
	const call: Call = {
		ctx,
		store,
		settings,
		home,
		method: request.method,
		query: url.searchParams,
		body: null,
		now: ctx.now(),
	};
	try {
		const accept = request.headers.get("accept") ?? "*/*";
		if (!/json|\*\/\*/.test(accept))
			throw new MageError(
				406,
				'Server cannot match any of the given Accept HTTP header media type(s) from the request: "%1" with media types from the config of response renderer.',
				[accept],
			);
		call.body = await readBody(request);
		const route = routeOf(
			found[2] ?? "/",
			settings.websites.map(({ code }) => code),
		);
		if (call.method === "POST" && route === "/V1/integration/admin/token") {
			labelRequest(request, "admin-token");
			return jsonResponse(await adminToken(call));
		}
		const { route: wanted, ids } = findRoute(call, route);
		labelRequest(request, wanted.what);
		const caller = await authenticate(call, request, path);
		demand(caller, wanted.resource);
		const value = withoutNulls(await wanted.answer(call, ids, caller));
		return jsonResponse(keepFields(value, url.searchParams.get("fields")), wanted.status ?? 200);
	} catch (error) {
		if (!(error instanceof MageError)) throw error;
		return jsonResponse(error.body(settings), error.status);
	}
}

/** The code of a store view stands before the version, or nothing; one that there is not stays in the path. */
function routeOf(rest: string, websites: readonly string[]): string {
	const [, first = "", behind = ""] = /^\/([^/]+)(\/.*)?$/.exec(rest) ?? [];
	const codes = ["all", "default", ...websites];
	if (codes.includes(first)) return behind;
	if (first === "V1" || first === "async") return rest;
	throw noRoute();
}

async function readBody(request: Request): Promise<unknown> {
	const text = await request.text();
	if (text === "") return null;
	const type = request.headers.get("content-type") ?? "";
	if (type === "" || /^text\/plain/.test(type)) throw new MageError(400, "Content-Type header is empty.");
	try {
		return JSON.parse(text);
	} catch {
		throw new MageError(400, "Decoding error.");
	}
}
