/** API2Cart v1.1 as a sandbox platform: one API in front of another sandbox store, which stays the truth of stock and orders. */
import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { forgetStore, storeBaseUrl } from "../context";
import type { OwnersStep, Restriction, SandboxContext, SandboxPlatform, SandboxStore } from "../sandbox-platform";
import { answerCall } from "./answer";
import { type Behind, ensureFirstCart, firstCart, newStoreKey, openCart } from "./carts";
import { landDue } from "./change-stock";
import { buildDelivery, deliveryDelayMs, lookForNews } from "./news";
import { noteCancelled, noteEdit, notePlaced, noteRefund } from "./order-notes";
import { defaultSettings, settingsOf } from "./settings";
import { errorAnswer, htmlResponse, jsonResponse } from "./wire";

/** After these an order that the account only notes is no sale any more. */
const endingSteps: readonly OwnersStep[] = ["fail_payment", "trash", "delete"];

function handOf<Hand extends "take" | "remove">(shop: SandboxPlatform, hand: Hand): NonNullable<SandboxPlatform[Hand]> {
	const found = shop[hand];
	if (!found) throw new Error(`Sandbox stores of ${shop.label} have no hand "${hand}".`);
	return found;
}

/** A key of API2Cart's opens all that the account may do, or nothing: the account's owner switches it off. */
async function restrict(ctx: SandboxContext, store: SandboxStore, to: Restriction): Promise<void> {
	if (to === "reading") throw new Error("API2Cart has no keys that may only read.");
	await ctx.db.execute(sql`
		update sandbox.stores set settings = settings || '{"isKeyOff": true}' where id = ${store.id}`);
	forgetStore(ctx.db, store.id);
}

/** `behind`: the platforms whose stores it can stand in front of. */
export function api2cartSandbox(behind: Behind): SandboxPlatform {
	/** What buyers and the shopkeeper do happens in the store itself; API2Cart hears of it by looking. */
	async function atStore<T>(
		ctx: SandboxContext,
		store: SandboxStore,
		act: (platform: SandboxPlatform, backing: SandboxStore) => Promise<T>,
		note: (result: T) => Promise<void> = async () => {},
	): Promise<T> {
		await landDue(ctx, behind, store);
		const cart = await firstCart(ctx, behind, store);
		const result = await act(cart.platform, cart.backing);
		if (cart.view.notesOrders) await note(result);
		await lookForNews(ctx, store, cart);
		return result;
	}

	return {
		platform: "api2cart",
		label: "API2Cart",

		handle: (ctx, store, request, path) => answerCall(behind, ctx, store, request, path),

		async failure(ctx, store, kind) {
			const settings = settingsOf(store);
			if (kind === "throttled")
				return jsonResponse(errorAnswer(settings, { code: 110, message: "Too many requests to the store's API." }));
			if (kind === "outage") return htmlResponse(503, "503 Service Temporarily Unavailable");
			return ctx.random() < 0.5
				? htmlResponse(502, "502 Bad Gateway")
				: jsonResponse(errorAnswer(settings, { code: 9, message: "Internal service error." }));
		},

		make: () => ({
			secrets: { accountKey: randomBytes(16).toString("hex"), storeKey: newStoreKey() },
			settings: { ...defaultSettings },
		}),

		keys: (ctx, store) => ({
			baseUrl: storeBaseUrl(ctx, store),
			access: { accountKey: store.secrets.accountKey ?? "", storeKey: store.secrets.storeKey ?? "" },
			webhookSecret: null,
		}),

		async seed(ctx, store, products) {
			const { platform, backing } = await ensureFirstCart(ctx, behind, store);
			if (products.length > 0) await platform.seed(ctx, backing, products);
		},

		checkout: (ctx, store, lines, payment) =>
			atStore(
				ctx,
				store,
				(shop, of) => shop.checkout(ctx, of, lines, payment),
				async (placed) => {
					if (placed.result === "placed")
						await notePlaced(ctx, store, { id: placed.orderId, number: placed.number }, lines);
				},
			),
		cancel: (ctx, store, id, restock) =>
			atStore(
				ctx,
				store,
				(shop, of) => shop.cancel(ctx, of, id, restock),
				() => noteCancelled(ctx, store, id),
			),
		refund: (ctx, store, id, lines, restock) =>
			atStore(
				ctx,
				store,
				(shop, of) => shop.refund(ctx, of, id, lines, restock),
				() => noteRefund(ctx, store, id, lines),
			),
		edit: (ctx, store, id, lines) =>
			atStore(
				ctx,
				store,
				(shop, of) => shop.edit(ctx, of, id, lines),
				() => noteEdit(ctx, store, id, lines),
			),
		setQuantity: (ctx, store, sku, quantity) =>
			atStore(ctx, store, (shop, of) => shop.setQuantity(ctx, of, sku, quantity)),
		// Its owner may have removed the store behind it; then there is nothing to show.
		quantities: async (ctx, store) =>
			(await openCart(ctx, behind, store, store.secrets.storeKey ?? ""))
				? atStore(ctx, store, (shop, of) => shop.quantities(ctx, of))
				: [],

		take: (ctx, store, id, step) =>
			atStore(
				ctx,
				store,
				(shop, of) => handOf(shop, "take")(ctx, of, id, step),
				async () => {
					if (endingSteps.includes(step)) await noteCancelled(ctx, store, id);
				},
			),
		remove: (ctx, store, sku) => atStore(ctx, store, (shop, of) => handOf(shop, "remove")(ctx, of, sku)),
		restrict,

		build: buildDelivery(behind),
		retryDelayMs: () => null,
		// Nobody says what becomes of a webhook whose receiver fails; what is missed is kept for a day.
		afterFailures: () => "keep",
		deliveryDelayMs,
	};
}
