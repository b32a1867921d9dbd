/** WooCommerce 10.5 on WordPress as a sandbox platform: REST API, Store API, hand-over of keys, webhooks. */
import { sql } from "drizzle-orm";
import { labelRequest, storeBaseUrl } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { type BasketLine, checkout } from "./checkout";
import { type ItemRow, managesStock, selectItems, shownQuantity, titleOf } from "./items";
import { authenticate, newKeyPair } from "./keys";
import { afterFailures, buildDelivery, deliveryDelayMs, deliveryRules, runCron, startsCron } from "./news";
import { editLine, enterStatus, refund } from "./order-life";
import { attachLine, cancelUnpaid, changeOrder, findWanted } from "./orders";
import { removeProduct, restrict, takeStep } from "./owner";
import { findRoute } from "./routes";
import { seedProducts, typeQuantity } from "./seed";
import { defaultSettings, settingsOf, type WooSettings } from "./settings";
import { wcAuth } from "./wc-auth";
import { type Call, htmlPage, keepFields, restResponse, WpError, wpDie } from "./wire";

export const woocommerceSandbox: SandboxPlatform = {
	platform: "woocommerce",
	label: "WooCommerce",

	/** Any request wakes WP-Cron; what it lets go leaves after the request, with what the request changed. */
	async handle(ctx, store, request, path) {
		const settings = settingsOf(store);
		if (settings.isInMaintenance)
			return wpDie(503, "Briefly unavailable for scheduled maintenance. Check back in a minute.", {
				"retry-after": "600",
			});
		const isRun = await startsCron(ctx, store, settings);
		const response = await answer(ctx, store, settings, request, path);
		if (isRun) await wpCron(ctx, store);
		return response;
	},

	async failure(_ctx, store, kind) {
		if (kind === "throttled")
			return htmlPage("429 Too Many Requests", "<h1>429 Too Many Requests</h1>", 429, { "retry-after": "2" });
		if (kind === "outage") return htmlPage(store.name, "<h1>503 Service Temporarily Unavailable</h1>", 503);
		return wpDie(
			500,
			'<p>There has been a critical error on this website.</p><p><a href="https://wordpress.org/documentation/article/faq-troubleshooting/">Learn more about troubleshooting WordPress.</a></p>',
			{},
			"internal_server_error",
		);
	},

	make: () => ({ secrets: newKeyPair(), settings: { ...defaultSettings } }),

	keys: (ctx, store) => ({
		baseUrl: storeBaseUrl(ctx, store),
		access: {
			consumerKey: store.secrets.consumerKey ?? "",
			consumerSecret: store.secrets.consumerSecret ?? "",
		},
		webhookSecret: null,
	}),

	seed: seedProducts,

	async checkout(ctx, store, lines, payment = "paid") {
		const rows = await findWanted(ctx.db, store.id, lines);
		const basket: BasketLine[] = [];
		for (const [index, { sku, quantity }] of lines.entries()) {
			const row = rows[index];
			if (!row || row.data.type === "variable" || row.data.status !== "publish")
				return {
					result: "refused",
					code: "woocommerce_rest_cart_invalid_product",
					message: `${sku} cannot be purchased.`,
				};
			basket.push({ row, quantity });
		}
		return visiting(ctx, store, async () => {
			const placed = await checkout(ctx, store, basket, statusOf[payment], {
				created_via: "store-api",
				payment_method: "card",
			});
			return "code" in placed
				? { result: "refused", code: placed.code, message: placed.message }
				: { result: "placed", orderId: placed.id, number: placed.number };
		});
	},

	/** Cancelling always gives back; a shopkeeper who keeps the units away sets the order to refunded instead. */
	async cancel(ctx, store, orderId, restock) {
		await visiting(ctx, store, () =>
			changeOrder(ctx, store, orderId, (work) => {
				enterStatus(work, restock ? "cancelled" : "refunded");
			}),
		);
	},

	async refund(ctx, store, orderId, lines, restock) {
		await visiting(ctx, store, () =>
			changeOrder(ctx, store, orderId, (work) => {
				const refunded = lines.flatMap(({ sku, quantity }) => {
					const line = work.order.data.lines.find((one) => one.sku === sku);
					return line ? [{ of: line.id, quantity, total: line.price * quantity }] : [];
				});
				const amount = refunded.reduce((sum, { total }) => sum + total, 0);
				const made = refund(work, {
					amount: Math.round(amount * 100) / 100,
					reason: "",
					lines: refunded,
					restock: restock !== false,
				});
				if (!made) return false;
			}),
		);
	},

	async edit(ctx, store, orderId, lines) {
		const rows = await findWanted(ctx.db, store.id, lines);
		await visiting(ctx, store, () =>
			changeOrder(ctx, store, orderId, (work) => {
				for (const [index, { sku, quantity }] of lines.entries()) {
					const line = work.order.data.lines.find((one) => one.sku === sku);
					if (line) editLine(work, line, quantity);
					else if (quantity > 0) attachLine(work, rows[index] ?? null, quantity, settingsOf(store));
				}
			}),
		);
	},

	async setQuantity(ctx, store, sku, quantity) {
		await visiting(ctx, store, () => typeQuantity(ctx, store, sku, quantity));
	},

	async quantities(ctx, store) {
		const settings = settingsOf(store);
		const rows = await ctx.db.execute<ItemRow>(
			selectItems(
				sql`i.store_id = ${store.id} and i.sku is not null and i.data->>'type' <> 'variable' and i.data->>'status' <> 'trash'`,
				sql`order by length(i.id), i.id`,
			),
		);
		return rows.map((row) => ({
			sku: row.sku ?? "",
			title: titleOf(row),
			quantity: shownQuantity(row, settings),
			...(managesStock(row, settings) === "parent" && row.parent_id && { pool: row.parent_id }),
		}));
	},

	take: (ctx, store, orderId, step) => visiting(ctx, store, () => takeStep(ctx, store, orderId, step)),
	remove: (ctx, store, sku) => visiting(ctx, store, () => removeProduct(ctx, store, sku)),
	restrict,
	build: buildDelivery,
	delivery: deliveryRules,
	retryDelayMs: () => null,
	afterFailures,
	deliveryDelayMs,
};

/** Where a checkout leaves the order: paid by card, at a gateway elsewhere, by bank transfer. */
const statusOf = { paid: "processing", unpaid: "pending", awaited: "on-hold" } as const;

/** A buyer or shopkeeper at the shop's own pages: requests as well, and so they wake WP-Cron. */
async function visiting<T>(ctx: SandboxContext, store: SandboxStore, work: () => Promise<T>): Promise<T> {
	const isRun = await startsCron(ctx, store, settingsOf(store));
	const result = await work();
	if (isRun) await wpCron(ctx, store);
	return result;
}

/** Only a gateway elsewhere leaves checkouts that are still to be paid. */
async function wpCron(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	if (settingsOf(store).hasOffsiteGateway) await cancelUnpaid(ctx, store);
	await runCron(ctx, store.id);
}

async function answer(
	ctx: SandboxContext,
	store: SandboxStore,
	settings: WooSettings,
	request: Request,
	path: string,
): Promise<Response> {
	const home = storeBaseUrl(ctx, store);
	const query = new URL(request.url).searchParams;
	const restRoute = /^\/(index\.php)?$/.test(path) ? query.get("rest_route") : null;
	if (restRoute !== null) return rest({ ctx, store, settings, home, request, query, path }, restRoute);
	// With plain permalinks WordPress knows no other address: everything is the front page, whatever the method.
	if (settings.permalinks === "plain") return frontPage(store, home);
	const [, route] = /^\/wp-json(\/.*)?$/.exec(path) ?? [];
	if (path.startsWith("/wp-json")) return rest({ ctx, store, settings, home, request, query, path }, route ?? "/");
	const [, step] = /^\/wc-auth\/v1\/([\w]+)\/?$/.exec(path) ?? [];
	if (step && settings.hasWooCommerce) {
		labelRequest(request, "hand-over");
		return wcAuth({ ctx, store, settings, home, request, query }, step);
	}
	if (path === "/" || path === "/wp-cron.php") return frontPage(store, home);
	return htmlPage(`Page not found – ${store.name}`, "<h1>Page not found</h1>", 404);
}

const frontPage = (store: SandboxStore, home: string) =>
	htmlPage(store.name, `<h1>${store.name.replace(/[<>&]/g, "")}</h1>\n<p>A sandbox WooCommerce shop.</p>`, 200, {
		link: `<${home}/index.php?rest_route=/>; rel="https://api.w.org/"`,
	});

type Asking = Parameters<typeof authenticate>[0];

async function rest(asking: Asking, route: string): Promise<Response> {
	const { settings, home, request, query } = asking;
	let call: Call = {
		...asking,
		method: methodOf(request, query),
		route: route.length > 1 ? route.replace(/\/$/, "") : "/",
		params: {},
		headers: request.headers,
		caller: null,
	};
	let allow: string | null = null;
	try {
		call = { ...call, caller: await authenticate(asking) };
		const found = findRoute(call);
		labelRequest(request, found.what);
		allow = found.allow;
		call = { ...call, params: await readParams(request, query) };
		const given = await found.answer(call);
		const body = keepFields(given.body, query.get("_fields"), found.what !== "index");
		return restResponse(call, { ...given, headers: { ...given.headers, allow }, body });
	} catch (error) {
		if (!(error instanceof WpError)) throw error;
		// Allow names what the caller may do: nothing, for one who may not come in.
		const isShut = allow === null || error.status === 401 || error.status === 403;
		const headers: Record<string, string> = isShut ? {} : { allow: allow ?? "" };
		return restResponse({ home, settings }, { status: error.status, headers, body: error.body });
	}
}

/** For hosts that let no PUT pass. */
function methodOf(request: Request, query: URLSearchParams): string {
	const override =
		request.method === "POST" ? (query.get("_method") ?? request.headers.get("x-http-method-override")) : null;
	return (override ?? request.method).toUpperCase();
}

/** JSON or a form; the address's parameters lie underneath. */
async function readParams(request: Request, query: URLSearchParams): Promise<Record<string, unknown>> {
	const params: Record<string, unknown> = Object.fromEntries(
		[...query].filter(([name]) => !/^(oauth_|consumer_)/.test(name)),
	);
	const text = await request.text();
	if (text === "") return params;
	if (/application\/x-www-form-urlencoded/i.test(request.headers.get("content-type") ?? ""))
		return { ...params, ...Object.fromEntries(new URLSearchParams(text)) };
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		throw new WpError("rest_invalid_json", "Invalid JSON body passed.", 400, {
			status: 400,
			json_error_code: 4,
			json_error_message: "Syntax error",
		});
	}
	return typeof body === "object" && body !== null && !Array.isArray(body) ? { ...params, ...body } : params;
}
