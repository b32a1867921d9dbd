/** Square as a sandbox platform: one merchant's account with two locations, and the application that it made. */
import { sql } from "drizzle-orm";
import { labelRequest, storeBaseUrl } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import {
	getCatalogObject,
	listCatalog,
	removeItem,
	retrieveCatalog,
	searchCatalog,
	seedProducts,
	variationsBySku,
} from "./catalogue";
import { postChanges, retrieveChanges, retrieveCounts } from "./inventory-api";
import { applyChanges, countsOf } from "./ledger";
import { afterFailures, build, changeAccount, countsNews, deliveryDelayMs, deliveryRules, retryDelayMs } from "./news";
import { authenticate, authorize, postToken, revoke, tokenStatus } from "./oauth";
import { getOrder, searchOrders } from "./order-api";
import { cancelOrder, payOrder, refundOrder, shipOrder } from "./orders";
import { isAtTill, sell } from "./sell";
import { defaultSettings, locationsOf, newId, settingsOf } from "./settings";
import {
	deleteSubscription,
	getSubscription,
	listSubscriptions,
	postSubscription,
	putSubscription,
} from "./webhook-api";
import { type Call, demand, faultReply, invalid, notFound, reply, SquareFault } from "./wire";

export const squareSandbox: SandboxPlatform = {
	platform: "square",
	label: "Square",

	async handle(ctx, store, request, path) {
		try {
			return await answer(ctx, store, request, path);
		} catch (fault) {
			if (fault instanceof SquareFault) return faultReply(ctx, fault);
			throw fault;
		}
	},

	async failure(ctx, store, kind, request, path) {
		if (kind === "throttled") {
			if (settingsOf(store).throttlesInPart && path === changesPath) await doInPart(ctx, store, request);
			return faultReply(
				ctx,
				new SquareFault(
					429,
					"RATE_LIMIT_ERROR",
					"RATE_LIMITED",
					"Your request has been rate limited. Please try again later.",
				),
			);
		}
		if (kind === "outage")
			return faultReply(ctx, new SquareFault(503, "API_ERROR", "SERVICE_UNAVAILABLE", "Service unavailable."));
		return faultReply(
			ctx,
			new SquareFault(500, "API_ERROR", "INTERNAL_SERVER_ERROR", "An internal error has occurred."),
		);
	},

	make: (random) => ({
		secrets: {
			merchantId: `M${newId(random, 12)}`,
			locationId: `L${newId(random, 12)}`,
			otherLocationId: `L${newId(random, 12)}`,
			personalToken: `EAAA${newId(random, 60)}`,
			refreshToken: `EQAA${newId(random, 60)}`,
			clientId: `sq0idp-${newId(random, 22)}`,
			clientSecret: `sq0csp-${newId(random, 43)}`,
		},
		settings: { ...defaultSettings },
	}),

	keys: (ctx, { secrets, ...store }) => ({
		baseUrl: storeBaseUrl(ctx, store),
		access: {
			accessToken: secrets.personalToken ?? "",
			refreshToken: secrets.refreshToken ?? "",
			clientId: secrets.clientId ?? "",
			clientSecret: secrets.clientSecret ?? "",
		},
		webhookSecret: null,
	}),

	seed: seedProducts,
	checkout: (ctx, store, lines, payment = "paid") => sell(ctx, store, { lines, payment, isAtTill: isAtTill(store) }),
	cancel: cancelOrder,
	refund: (ctx, store, orderId, lines, restock) => refundOrder(ctx, store, orderId, lines, restock !== false),

	async edit() {
		throw new Error("Square lets nobody edit the lines of a paid order.");
	},

	setQuantity: recount,

	async quantities(ctx, store) {
		const rows = await ctx.db.execute<{ id: string; sku: string | null; is_managed: boolean; title: string }>(sql`
			select v.id, v.sku, v.is_managed, i.data->>'name' title
			from sandbox.items v join sandbox.items i on i.store_id = v.store_id and i.id = v.parent_id
			where v.store_id = ${store.id} and v.kind = 'variation' and (v.data->>'isDeleted')::boolean = false order by v.id`);
		const counts = await countsOf(
			ctx.db,
			store.id,
			rows.map(({ id }) => id),
		);
		return rows.map(({ id, sku, is_managed, title }) => {
			const here = counts.filter(({ variation_id }) => variation_id === id);
			const sum = here.reduce((all, { quantity }) => all + Number(quantity), 0);
			return { sku: sku ?? "", title, quantity: is_managed && here.length > 0 ? sum : null };
		});
	},

	async take(ctx, store, orderId, step) {
		if (step === "pay") return payOrder(ctx, store, orderId);
		if (step === "ship") return shipOrder(ctx, store, orderId);
		throw new Error(`Square knows no ${step}.`);
	},

	remove: removeItem,

	async restrict(ctx, store, to) {
		if (to === "nothing") return revoke(ctx, store);
		const scopes = settingsOf(store).scopes.filter((scope) => !scope.endsWith("_WRITE"));
		await ctx.db.execute(sql`
			update sandbox.stores set settings = settings || ${JSON.stringify({ scopes })}::jsonb where id = ${store.id}`);
	},

	build,
	delivery: deliveryRules,
	retryDelayMs,
	afterFailures,
	deliveryDelayMs,
};

/** Somebody counts what lies there, and types it. */
async function recount(ctx: SandboxContext, store: SandboxStore, sku: string, quantity: number): Promise<void> {
	const variation = (await variationsBySku(ctx.db, store.id, [sku])).get(sku);
	if (!variation?.is_managed) return;
	const [locationId] = locationsOf(store);
	await changeAccount(ctx, store, async (tx, tell) => {
		const at = ctx.now();
		const moved = await applyChanges(tx, store.id, [
			{
				type: "PHYSICAL_COUNT",
				id: newId(ctx.random),
				variationId: variation.id,
				locationId,
				quantity,
				occurredAt: at,
				createdAt: at,
				source: { product: "DASHBOARD", name: "Dashboard" },
			},
		]);
		tell(await countsNews(tx, ctx, store, moved));
	});
}

const changesPath = "/v2/inventory/changes/batch-create";

/** What would have been refused is not done in part either. */
async function doInPart(ctx: SandboxContext, store: SandboxStore, request: Request): Promise<void> {
	try {
		const caller = await authenticate(ctx, store, request);
		const asking = { ctx, store, settings: settingsOf(store), request, query: new URLSearchParams() };
		await postChanges({ ...asking, body: await readBody(request), caller }, 0.5);
	} catch (fault) {
		if (!(fault instanceof SquareFault)) throw fault;
	}
}

type Handler = (call: Call, id: string) => Promise<unknown>;

const routes: { method: string; path: RegExp; what: string; answer: Handler }[] = [
	{ method: "POST", path: /^\/oauth2\/token\/status$/, what: "token", answer: tokenStatus },
	{ method: "GET", path: /^\/v2\/locations$/, what: "locations", answer: listLocations },
	{ method: "GET", path: /^\/v2\/catalog\/list$/, what: "listings", answer: listCatalog },
	{ method: "POST", path: /^\/v2\/catalog\/search$/, what: "listings", answer: searchCatalog },
	{ method: "POST", path: /^\/v2\/catalog\/batch-retrieve$/, what: "listings", answer: retrieveCatalog },
	{ method: "GET", path: /^\/v2\/catalog\/object\/([^/]+)$/, what: "listings", answer: getCatalogObject },
	{ method: "POST", path: new RegExp(`^${changesPath}$`), what: "write", answer: (call) => postChanges(call) },
	{ method: "POST", path: /^\/v2\/inventory\/changes\/batch-retrieve$/, what: "read", answer: retrieveChanges },
	{ method: "POST", path: /^\/v2\/inventory\/counts\/batch-retrieve$/, what: "read", answer: retrieveCounts },
	{ method: "POST", path: /^\/v2\/orders\/search$/, what: "orders", answer: searchOrders },
	{ method: "GET", path: /^\/v2\/orders\/([^/]+)$/, what: "orders", answer: getOrder },
	{ method: "GET", path: /^\/v2\/webhooks\/subscriptions$/, what: "webhooks", answer: listSubscriptions },
	{ method: "POST", path: /^\/v2\/webhooks\/subscriptions$/, what: "webhooks", answer: postSubscription },
	{ method: "GET", path: /^\/v2\/webhooks\/subscriptions\/([^/]+)$/, what: "webhooks", answer: getSubscription },
	{ method: "PUT", path: /^\/v2\/webhooks\/subscriptions\/([^/]+)$/, what: "webhooks", answer: putSubscription },
	{ method: "DELETE", path: /^\/v2\/webhooks\/subscriptions\/([^/]+)$/, what: "webhooks", answer: deleteSubscription },
];

async function answer(ctx: SandboxContext, store: SandboxStore, request: Request, path: string): Promise<Response> {
	const query = new URL(request.url).searchParams;
	if (request.method === "GET" && path === "/oauth2/authorize") return authorize(ctx, store, query);
	const asking = { ctx, store, settings: settingsOf(store), request, query, body: await readBody(request) };
	if (request.method === "POST" && path === "/oauth2/token") {
		labelRequest(request, "token");
		return reply(ctx, await postToken(asking));
	}
	const route = routes.find((one) => one.method === request.method && one.path.test(path));
	if (!route) throw notFound("The requested resource could not be found.");
	labelRequest(request, route.what);
	const [, id = ""] = route.path.exec(path) ?? [];
	const caller = await authenticate(ctx, store, request);
	return reply(ctx, await route.answer({ ...asking, caller }, decodeURIComponent(id)));
}

async function readBody(request: Request): Promise<unknown> {
	const text = await request.text();
	if (text === "") return {};
	try {
		const body = JSON.parse(text);
		if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
	} catch {}
	throw invalid("EXPECTED_JSON_BODY", "The request body must be a JSON object.");
}

async function listLocations(call: Call): Promise<unknown> {
	demand(call, "MERCHANT_PROFILE_READ");
	const { store, settings } = call;
	const [first, second] = locationsOf(store);
	const place = (id: string, name: string) => ({
		id,
		name,
		status: "ACTIVE",
		type: "PHYSICAL",
		timezone: settings.timezone,
		merchant_id: store.secrets.merchantId,
		business_name: store.name,
		currency: settings.currency,
		created_at: store.createdAt.toISOString(),
	});
	return { locations: [place(first, store.name), place(second, "Second shop")] };
}
