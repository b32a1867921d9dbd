/** What the owner of a store does in its admin, beside typing numbers and handling refunds. */
import { sql } from "drizzle-orm";
import { forgetStore, takeIds } from "../context";
import { changeStore } from "../news";
import type { OwnersStep, Restriction, SandboxContext, SandboxStore } from "../sandbox-platform";
import { mintId } from "./ids";
import { shopifyDelays, tellSubscribers } from "./news";
import { fulfilOrder, openUnits, payOrder } from "./order-state";
import { changeOrder, findSellables, removeOrder } from "./orders";
import { shopPayload } from "./payloads";
import { deleteProduct } from "./products";
import { settingsOf } from "./settings";

/** Shopify has no trash, and an order's payment is never set back by hand. */
export async function takeStep(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	step: OwnersStep,
): Promise<void> {
	switch (step) {
		case "pay":
			await changeOrder(ctx, store, orderId, ["orders/paid"], (order, at) =>
				order.financialStatus === "PENDING" && !order.cancelledAt ? payOrder(order, at) : null,
			);
			return;
		case "fail_payment":
			await changeOrder(ctx, store, orderId, [], (order, at) => ({
				order: { ...order, financialStatus: "VOIDED", updatedAt: at },
				changes: [],
				refund: null,
			}));
			return;
		case "ship":
			return fulfilShopifyOrder(ctx, store, orderId);
		case "delete":
			await removeOrder(ctx, store, orderId);
			return;
		default:
			throw new Error(`Shopify's admin knows no step "${step}".`);
	}
}

/** The merchant ships everything that is open: committed and on hand fall, available stays. */
export async function fulfilShopifyOrder(ctx: SandboxContext, store: SandboxStore, orderId: string): Promise<void> {
	const [number = 0] = await takeIds(ctx.db, store.id, 1);
	await changeOrder(ctx, store, orderId, ["fulfillments/create", "orders/fulfilled"], (order, at) =>
		order.cancelledAt || order.lines.every((line) => openUnits(line) === 0)
			? null
			: fulfilOrder(order, mintId(number), at),
	);
}

export async function removeProduct(ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void> {
	const [sellable] = await findSellables(ctx.db, store.id, { skus: [sku] });
	if (!sellable) throw new Error(`This store has no ${sku}.`);
	await deleteProduct(ctx, store, sellable.productId);
}

export async function restrict(ctx: SandboxContext, store: SandboxStore, to: Restriction): Promise<void> {
	if (to === "nothing") return uninstallShopifyApp(ctx, store);
	const scopes = settingsOf(store).scopes.map((scope) => scope.replace(/^write_/, "read_"));
	await ctx.db.execute(sql`
		update sandbox.stores set settings = settings || ${JSON.stringify({ scopes: [...new Set(scopes)] })}::jsonb
		where id = ${store.id}`);
}

/** The merchant removes the app: its tokens are dead before the news of it leaves, and nothing else is sent any more. */
export async function uninstallShopifyApp(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	await changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		await tx.execute(sql`delete from sandbox.tokens where store_id = ${store.id}`);
		await tx.execute(sql`
			update sandbox.stores set settings = settings || '{"isInstalled": false}' where id = ${store.id}`);
		await tellSubscribers(ctx, store, tx, tell, [
			{ topic: "app/uninstalled", resourceId: store.id, body: shopPayload(store) },
		]);
		await tx.execute(sql`
			delete from sandbox.webhooks where store_id = ${store.id} and topic <> 'app/uninstalled'`);
	});
	forgetStore(ctx.db, store.id);
}
