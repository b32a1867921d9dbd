/** BigCommerce as a sandbox platform: V3 and V2 of its API, the login host, webhooks. */
import { sql } from "drizzle-orm";
import { labelRequest, storeBaseUrl, takeIds } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { authenticate, newSecrets } from "./access";
import { applyDue } from "./adjustments";
import { buildDelivery, deliveryDelayMs, deliveryRules } from "./delivery";
import { type ProductRow, selectProducts } from "./items";
import { spend } from "./limits";
import { afterFailures, retryDelayMs } from "./news";
import { login } from "./oauth";
import { editLine, enterStatus, orderStatus } from "./order-life";
import { statuses } from "./order-rows";
import { changeOrder, checkout, findWanted, holderOfWanted, lineOf } from "./orders";
import { removeProduct, restrict, takeStep } from "./owner";
import { refundOrder } from "./refund-api";
import { findRoute } from "./routes";
import { seedProducts, typeQuantity } from "./seed";
import { defaultLocation, defaultSettings, settingsOf } from "./settings";
import { BcError, type Call, errorResponse, response } from "./wire";

/** The owner's further hands. */
type Owner = { take: typeof takeStep; remove: typeof removeProduct; restrict: typeof restrict };

export const bigcommerceSandbox: SandboxPlatform & Owner = {
	platform: "bigcommerce",
	label: "BigCommerce",

	async handle(ctx, store, request, path) {
		if (path.startsWith("/login/") || path.startsWith("/manage/")) {
			labelRequest(request, "sign-in");
			return login(ctx, store, request, path);
		}
		const [, version] = /^\/(v2|v3)\//.exec(path) ?? [];
		if (!version) return page(404, "Not Found");
		const budget = spend(ctx, store);
		const reply = budget.isOver ? tooMany(version) : await answer(ctx, store, request, path, version);
		for (const [name, value] of Object.entries(budget.headers)) reply.headers.set(name, value);
		return reply;
	},

	async failure(ctx, store, kind, _request, path) {
		const version = path.startsWith("/v2/") ? "v2" : "v3";
		if (kind === "outage") return page(503, "Service Unavailable");
		if (kind === "error") return errorResponse(version, new BcError(500, "Internal Server Error"));
		const reply = tooMany(version);
		const { windowMs, quotaPerWindow } = settingsOf(store);
		reply.headers.set("x-rate-limit-time-window-ms", String(windowMs));
		reply.headers.set("x-rate-limit-requests-quota", String(quotaPerWindow));
		reply.headers.set("x-rate-limit-requests-left", "0");
		reply.headers.set("x-rate-limit-time-reset-ms", String(Math.ceil(windowMs * ctx.random())));
		return reply;
	},

	make: (random) => ({ secrets: newSecrets(random), settings: { ...defaultSettings } }),

	keys: (ctx, store) => ({
		baseUrl: storeBaseUrl(ctx, store),
		access: {
			accessToken: store.secrets.accountToken ?? "",
			clientId: store.secrets.accountClientId ?? "",
			clientSecret: store.secrets.accountClientSecret ?? "",
		},
		webhookSecret: null,
	}),

	seed: seedProducts,
	checkout,

	/** The store's settings decide whether the units come back; kept away, the order is marked as refunded instead. */
	async cancel(ctx, store, orderId, restock) {
		const settings = settingsOf(store);
		const statusId = restock ? orderStatus.cancelled : orderStatus.refunded;
		await changeOrder(ctx, store, orderId, (order) => enterStatus(order, statusId, settings, ctx.now()));
	},

	/** With `restock` in the control panel, where the store's settings decide; else as an integration does it. */
	async refund(ctx, store, orderId, lines, restock: boolean | "elsewhere") {
		const settings = settingsOf(store);
		const order = await changeOrder(ctx, store, orderId, () => false);
		const wanted = lines.flatMap(({ sku, quantity }) => {
			const line = order?.data.lines.find((one) => one.sku === sku);
			return line ? [{ lineId: line.id, quantity }] : [];
		});
		await refundOrder({ ctx, store, settings }, orderId, wanted, { inControlPanel: restock !== false, reason: "" });
	},

	async edit(ctx, store, orderId, lines) {
		const settings = settingsOf(store);
		const wanted = await findWanted(ctx.db, store, lines);
		const ids = await takeIds(ctx.db, store.id, lines.length);
		await changeOrder(ctx, store, orderId, (order) =>
			lines.flatMap(({ sku, quantity }, index) => {
				const known = order.data.lines.find((one) => one.sku === sku);
				if (known) return editLine(order, known, quantity, settings);
				const found = wanted[index];
				if (!found || quantity === 0) return [];
				const line = lineOf(ids[index] ?? 0, found, 0);
				order.data.lines.push(line);
				return editLine(order, line, quantity, settings);
			}),
		);
	},

	setQuantity: (ctx, store, sku, quantity) => typeQuantity(ctx, store, sku, quantity),

	async quantities(ctx, store) {
		await applyDue(ctx, store);
		const products = await ctx.db.execute<ProductRow>(
			selectProducts(defaultLocation(settingsOf(store)), sql`p.store_id = ${store.id}`),
		);
		return products.flatMap((product) =>
			product.variants.map((variant) => ({
				sku: variant.sku ?? "",
				title: [product.data.name, ...variant.data.option_values.map(({ label }) => label)].join(" – "),
				quantity: shown(product, variant),
				...(product.data.inventory_tracking === "product" && product.variants.length > 1 && { pool: product.id }),
			})),
		);
	},

	statusWord: (status) => statuses[Number(status)] ?? status,
	take: takeStep,
	remove: removeProduct,
	restrict,

	build: buildDelivery,
	delivery: deliveryRules,
	retryDelayMs,
	afterFailures,
	deliveryDelayMs,
};

function shown(product: ProductRow, variant: ProductRow["variants"][number]): number | null {
	const holderId = holderOfWanted({ product, variant });
	if (holderId === null) return null;
	return (holderId === variant.id ? variant.level : product.level) ?? 0;
}

const page = (status: number, title: string) =>
	new Response(
		`<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body><h1>${status} ${title}</h1></body>\r\n</html>`,
		{
			status,
			headers: { "content-type": "text/html" },
		},
	);

const tooMany = (version: string) => errorResponse(version, new BcError(429, "Too many requests"));

async function answer(
	ctx: SandboxContext,
	store: SandboxStore,
	request: Request,
	path: string,
	version: string,
): Promise<Response> {
	try {
		const caller = await authenticate(ctx, store, request.headers);
		const route = findRoute(request.method, path.replace(/\/+$/, ""));
		if (!route) throw new BcError(404, "Route not found");
		labelRequest(request, route.what);
		if (route.answer === "wrong_method") throw new BcError(405, "Method Not Allowed");
		await applyDue(ctx, store);
		const call: Call = {
			ctx,
			store,
			settings: settingsOf(store),
			home: storeBaseUrl(ctx, store),
			method: request.method,
			query: new URL(request.url).searchParams,
			body: await readBody(request),
			caller,
		};
		return response(await route.answer(call));
	} catch (error) {
		if (error instanceof BcError) return errorResponse(version, error);
		throw error;
	}
}

async function readBody(request: Request): Promise<unknown> {
	const text = await request.text();
	if (text === "") return null;
	try {
		return JSON.parse(text);
	} catch {
		throw new BcError(400, "Input is invalid.");
	}
}
