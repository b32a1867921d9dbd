/** Amazon's Selling Partner API as a sandbox platform: its login, its API and its documents, and the seller's queue. */
import { sql } from "drizzle-orm";
import { labelRequest, storeBaseUrl } from "../context";
import type { SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { serveDocument } from "./documents";
import { type ItemRow, isParent, selectItems } from "./items";
import { appstorePage, authenticate, confirmPage, consentPage, giveToken, newSecrets } from "./login";
import { newsDelayMs } from "./news";
import { cancelUnits, cancelWhole, changeOrder, noInventory } from "./orders";
import { refundLines, removeListing, restrict, takeStep } from "./owner";
import { placeOrder } from "./place-order";
import { queueFailure, queueRegion, queueUrl, serveQueue } from "./queue";
import { checkRole, findRoute, type Route } from "./routes";
import { seedProducts, typeQuantity } from "./seed";
import { defaultSettings, settingsOf } from "./settings";
import { passTime } from "./time";
import { type Call, charge, errorBody, invalidInput, respond, SpError } from "./wire";

export const amazonSandbox: SandboxPlatform = {
	platform: "amazon",
	label: "Amazon",

	async handle(ctx, store, request, path) {
		await passTime(ctx, store);
		if (path === "/auth/o2/token") {
			labelRequest(request, "login");
			return giveToken(ctx, store, request);
		}
		if (path.startsWith("/apps/")) return openPage(ctx, store, request, path);
		if (isQueue(path)) {
			labelRequest(request, "queue");
			return serveQueue(ctx, store, request);
		}
		const [, documentId] = /^\/documents\/([\w.-]+)$/.exec(path) ?? [];
		if (documentId) {
			labelRequest(request, "document");
			return serveDocument(ctx, store, request, documentId);
		}
		return answerApi(ctx, store, request, path);
	},

	async failure(_ctx, _store, kind, _request, path) {
		if (isQueue(path)) return queueFailure(kind === "throttled" ? "throttled" : "error");
		if (kind === "throttled")
			return failure(new SpError(429, "QuotaExceeded", "You exceeded your quota for the requested resource."));
		if (kind === "outage")
			return new Response("<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>", {
				status: 503,
				headers: { "content-type": "text/html" },
			});
		return failure(new SpError(500, "InternalFailure", "We encountered an internal error. Please try again."));
	},

	make: (random) => ({ secrets: newSecrets(random), settings: { ...defaultSettings } }),

	keys: (ctx, store) => ({
		baseUrl: storeBaseUrl(ctx, store),
		access: {
			clientId: store.secrets.clientId ?? "",
			clientSecret: store.secrets.clientSecret ?? "",
			refreshToken: store.secrets.refreshToken ?? "",
			sellerId: store.secrets.sellerId ?? "",
			marketplaceId: settingsOf(store).marketplaceId,
			queueUrl: queueUrl(ctx, store),
			queueKeyId: store.secrets.queueKeyId ?? "",
			queueSecret: store.secrets.queueSecret ?? "",
			queueRegion,
		},
		webhookSecret: null,
	}),

	seed: seedProducts,

	async checkout(ctx, store, lines, payment = "paid") {
		await passTime(ctx, store);
		return placeOrder(ctx, store, lines, { payment });
	},

	/** By the buyer, or by the merchant for want of stock: then the units stay away. */
	async cancel(ctx, store, orderId, restock) {
		await passTime(ctx, store);
		await cancelWhole(
			ctx,
			store,
			orderId,
			restock
				? { cancelledBy: "BUYER", cancelReason: "Buyer requested cancellation" }
				: { cancelledBy: "MERCHANT", cancelReason: noInventory },
		);
	},

	async refund(ctx, store, orderId, lines, restock) {
		await passTime(ctx, store);
		await refundLines(ctx, store, orderId, lines, restock !== false);
	},

	/** An item can be cancelled singly; nothing can be added to an order. */
	async edit(ctx, store, orderId, lines) {
		await passTime(ctx, store);
		await changeOrder(ctx, store, orderId, async (work) => {
			for (const { sku, quantity } of lines) {
				const line = work.order.data.items.find((one) => one.sku === sku);
				if (!line) continue;
				const standing = line.quantityOrdered - line.quantityCancelled;
				const execution = { cancelledBy: "MERCHANT" as const, cancelReason: "Customer requested" };
				await cancelUnits(work, line, Math.max(0, standing - quantity), execution);
			}
			return "Item cancelled";
		});
	},

	async setQuantity(ctx, store, sku, quantity) {
		await passTime(ctx, store);
		await typeQuantity(ctx, store, sku, quantity);
	},

	async quantities(ctx, store) {
		await passTime(ctx, store);
		const rows = await ctx.db.execute<ItemRow>(selectItems(store.id, sql`true`, sql`order by length(i.id), i.id`));
		return rows
			.filter((row) => !isParent(row))
			.map((row) => ({ sku: row.sku, title: row.data.title, quantity: row.data.hasDefault ? row.quantity : null }));
	},

	async take(ctx, store, orderId, step) {
		await passTime(ctx, store);
		await takeStep(ctx, store, orderId, step);
	},
	async remove(ctx, store, sku) {
		await passTime(ctx, store);
		await removeListing(ctx, store, sku);
	},
	restrict,

	// Amazon calls nobody: its news lies in the queue until somebody fetches it.
	build: async () => null,
	retryDelayMs: () => null,
	afterFailures: () => "keep",
	deliveryDelayMs: newsDelayMs,
};

/** What a seller's browser opens in Seller Central. */
function openPage(ctx: SandboxContext, store: SandboxStore, request: Request, path: string): Promise<Response> {
	const url = new URL(request.url);
	if (path === "/apps/authorize/consent") return consentPage(ctx, store, url);
	if (path === "/apps/store") return appstorePage(ctx, store, url);
	return confirmPage(ctx, store, url);
}

const isQueue = (path: string) => path === "/sqs" || path === "/sqs/";

const failure = (error: SpError) =>
	new Response(JSON.stringify(errorBody(error)), {
		status: error.status,
		headers: { "content-type": "application/json" },
	});

/** Who asks, whether they may, whether it is too much, and then what they want. */
async function answerApi(ctx: SandboxContext, store: SandboxStore, request: Request, path: string): Promise<Response> {
	let route: Route | null = null;
	try {
		const found = findRoute(store, request.method, path);
		route = found.route;
		labelRequest(request, route.what);
		await authenticate(ctx, store, request, route.as);
		checkRole(store, route);
		const query = new URL(request.url).searchParams;
		const isPreview = query.get("mode") === "VALIDATION_PREVIEW";
		charge(ctx, store, isPreview ? "previewListingsItem" : route.operation);
		const call: Call = {
			ctx,
			store,
			settings: settingsOf(store),
			request,
			query,
			parts: found.parts,
			body: await readBody(request),
		};
		return respond(ctx, store, route.operation, await route.answer(call));
	} catch (error) {
		if (!(error instanceof SpError)) throw error;
		if (!route || ![400, 404].includes(error.status)) return failure(error);
		return respond(ctx, store, route.operation, { status: error.status, body: errorBody(error) });
	}
}

async function readBody(request: Request): Promise<unknown> {
	const text = await request.text();
	if (text === "") return undefined;
	if (!/^application\/json/i.test(request.headers.get("content-type") ?? ""))
		throw new SpError(415, "UnsupportedMediaType", "The request's Content-Type is not supported.");
	try {
		return JSON.parse(text);
	} catch {
		throw invalidInput();
	}
}
