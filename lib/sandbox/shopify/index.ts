/** Shopify as a sandbox platform: Admin GraphQL API 2026-10, OAuth, webhooks. */
import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { labelRequest, storeBaseUrl, takeIds } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { answerGraphql, apiError, apiHeaders, pretendThrottled } from "./graphql";
import { afterFailures, buildDelivery, deliveryDelayMs, retryDelayMs } from "./news";
import { accessToken, authorize, escapeHtml, page } from "./oauth";
import { takeRefundIds } from "./order-api";
import { addLine, cancelOrder, editLine, openUnits, type RefundRequest, refundOrder, type Step } from "./order-state";
import { changeOrder, findSellables, newLine, placeOrder, readOrder } from "./orders";
import { removeProduct, restrict, takeStep } from "./owner";
import { sumAvailable } from "./payloads";
import { seedProducts } from "./products";
import { typeQuantity } from "./quantity-write";
import { type LevelData, locationsOf, type Row } from "./rows";
import { apiVersion } from "./schema";
import { defaultSettings, shopDomain } from "./settings";

export { fulfilShopifyOrder, uninstallShopifyApp } from "./owner";

const hex = (random: () => number, length: number) =>
	Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");

export const shopifySandbox: SandboxPlatform = {
	platform: "shopify",
	label: "Shopify",

	async handle(ctx, store, request, path) {
		const [, version] = /^\/admin\/api\/([^/]+)\/graphql\.json$/.exec(path) ?? [];
		if (version !== undefined) return graphql(ctx, store, request, version);
		if (path === "/admin/oauth/authorize" && ["GET", "POST"].includes(request.method)) {
			labelRequest(request, "authorize");
			return authorize(ctx, store, request);
		}
		if (path === "/admin/oauth/access_token" && request.method === "POST") {
			labelRequest(request, "token");
			return accessToken(ctx, store, request);
		}
		if (path === "/" && request.method === "GET") return storefront(ctx, store);
		return apiError(404, "Not Found");
	},

	async failure(ctx, store, kind, request, path) {
		if (kind === "throttled")
			return path.endsWith("/graphql.json")
				? Response.json(await pretendThrottled(ctx, store, await request.text()), { headers: apiHeaders() })
				: apiError(
						429,
						"Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
						{
							"retry-after": "2.0",
						},
					);
		if (kind === "outage") return page(store, 503, "There was a problem loading this website", "");
		return apiError(ctx.random() < 0.5 ? 500 : 502, "Internal Server Error");
	},

	make(random) {
		return {
			// Tokens are secrets of a toy store, yet secrets: never from the run's own random numbers.
			secrets: {
				accessToken: `shpat_${randomBytes(16).toString("hex")}`,
				clientId: hex(random, 32),
				clientSecret: `shpss_${randomBytes(16).toString("hex")}`,
			},
			settings: { ...defaultSettings },
		};
	},

	keys: (ctx, store) => ({
		baseUrl: storeBaseUrl(ctx, store),
		access: {
			accessToken: store.secrets.accessToken ?? "",
			clientId: store.secrets.clientId ?? "",
			clientSecret: store.secrets.clientSecret ?? "",
			shop: shopDomain(store),
		},
		webhookSecret: store.secrets.clientSecret ?? null,
	}),

	seed: seedProducts,

	async checkout(ctx, store, lines, payment = "paid") {
		const wanted = new Map<string, number>();
		for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
		const sellables = await findSellables(ctx.db, store.id, { skus: [...wanted.keys()] });
		const basket = [];
		for (const [sku, quantity] of wanted) {
			const sellable = sellables.find((candidate) => candidate.sku === sku);
			if (!sellable)
				return {
					result: "refused",
					code: "MERCHANDISE_NOT_FOUND",
					message: `${sku} is no longer available.`,
				};
			basket.push({ sellable, title: sellable.title, price: sellable.price, quantity });
		}
		const order = await placeOrder(ctx, store, basket, {
			behaviour: "OBEY_POLICY",
			sourceName: "web",
			isPaid: payment === "paid",
			isTest: false,
		});
		return order
			? { result: "placed", orderId: order.id, number: order.name }
			: {
					result: "refused",
					code: "NOT_ENOUGH_IN_STOCK",
					message: "Some items in your cart are no longer available in the quantity you chose.",
				};
	},

	async cancel(ctx, store, orderId, restock) {
		const order = await readOrder(ctx.db, store.id, orderId);
		if (!order) return;
		const ids = await takeRefundIds(ctx, store, order.lines.length);
		await changeOrder(ctx, store, orderId, ["orders/cancelled"], (current, at) =>
			current.cancelledAt ? null : cancelOrder(current, { restock, refund: true, reason: "CUSTOMER", ids }, at),
		);
	},

	async refund(ctx, store, orderId, lines, restock) {
		const ids = await takeRefundIds(ctx, store, lines.length);
		const [, elsewhere] = restock === "elsewhere" ? await locationsOf(ctx, store) : [];
		await changeOrder(ctx, store, orderId, [], (order, at) => {
			const requests = lines.flatMap(({ sku, quantity }): RefundRequest[] => {
				const line = order.lines.find((candidate) => candidate.sku === sku && candidate.current > 0);
				if (!line) return [];
				const units = Math.min(quantity, line.current);
				const restockType = restock ? (openUnits(line) >= units ? "CANCEL" : "RETURN") : "NO_RESTOCK";
				return [{ lineId: line.id, quantity: units, restockType, locationId: elsewhere?.id ?? null }];
			});
			return requests.length > 0 ? refundOrder(order, requests, ids, at) : null;
		});
	},

	/** One edit, committed whole. */
	async edit(ctx, store, orderId, lines) {
		const sellables = await findSellables(ctx.db, store.id, { skus: lines.map(({ sku }) => sku) });
		const shipsFrom = (await locationsOf(ctx, store)).find(({ data }) => data.isActive && data.fulfillsOnlineOrders);
		const numbers = await takeIds(ctx.db, store.id, 2 * lines.length);
		await changeOrder(ctx, store, orderId, ["orders/edited"], (order, at) => {
			if (order.cancelledAt) return null;
			const edited: Step = { order, changes: [], refund: null };
			for (const [index, { sku, quantity }] of lines.entries()) {
				const line = edited.order.lines.find((candidate) => candidate.sku === sku);
				const sellable = sellables.find((candidate) => candidate.sku === sku);
				if (!line && (!sellable || quantity === 0)) return null;
				const step = line
					? editLine(edited.order, line.id, quantity, at)
					: addLine(
							edited.order,
							newLine(
								{
									sellable: sellable ?? null,
									title: sellable?.title ?? sku,
									price: sellable?.price ?? "0.00",
									quantity,
								},
								sellable?.isTracked ? (shipsFrom?.id ?? null) : null,
								numbers[2 * index] ?? 0,
								numbers[2 * index + 1] ?? 0,
							),
							at,
						);
				edited.order = step.order;
				edited.changes.push(...step.changes);
			}
			return edited;
		});
	},

	async setQuantity(ctx, store, sku, quantity) {
		const [sellable] = await findSellables(ctx.db, store.id, { skus: [sku] });
		const [primary] = await locationsOf(ctx, store);
		if (!sellable || !primary) throw new Error(`This store has no ${sku}.`);
		await typeQuantity(ctx, store, sellable.itemId, primary.id, quantity);
	},

	async quantities(ctx, store) {
		const rows = await ctx.db.execute<{
			sku: string | null;
			title: string;
			variant: string;
			is_managed: boolean;
			levels: Row<LevelData>[];
		}>(sql`
			select it.sku, p.data->>'title' title, v.data->>'title' variant, it.is_managed,
				(select coalesce(jsonb_agg(jsonb_build_object('quantity', l.quantity, 'data', l.data)), '[]')
					from sandbox.items l where l.store_id = it.store_id and l.parent_id = it.id and l.kind = 'level') levels
			from sandbox.items it
			join sandbox.items v on v.store_id = it.store_id and v.id = it.parent_id
			join sandbox.items p on p.store_id = it.store_id and p.id = v.parent_id
			where it.store_id = ${store.id} and it.kind = 'item' order by length(it.id), it.id`);
		return rows.map(({ sku, title, variant, is_managed, levels }) => ({
			sku: sku ?? "",
			title: variant === "Default Title" ? title : `${title} - ${variant}`,
			quantity: is_managed ? sumAvailable(levels) : null,
		}));
	},

	take: takeStep,
	remove: removeProduct,
	restrict,
	build: buildDelivery,
	retryDelayMs,
	afterFailures,
	deliveryDelayMs,
};

/** Older versions answer as the oldest that there is, and say so; words that are no version are not found. */
async function graphql(ctx: SandboxContext, store: SandboxStore, request: Request, version: string): Promise<Response> {
	if (request.method !== "POST" || !/^20\d\d-(01|04|07|10)$/.test(version) || version > apiVersion)
		return apiError(404, "Not Found");
	const response = await answerGraphql(ctx, store, request);
	if (version !== apiVersion)
		response.headers.set("x-shopify-api-deprecated-reason", `This sandbox store speaks ${apiVersion} only`);
	return response;
}

async function storefront(ctx: SandboxContext, store: SandboxStore): Promise<Response> {
	const shown = (await shopifySandbox.quantities(ctx, store)).slice(0, 200);
	const rows = shown
		.map(({ title, quantity }) => {
			const stock = quantity === null ? "available" : quantity > 0 ? `${quantity} left` : "sold out";
			return `<tr><td>${escapeHtml(title)}</td><td>${stock}</td></tr>`;
		})
		.join("");
	return page(store, 200, store.name, `<table><tbody>${rows}</tbody></table>`);
}
