/** What the seller does in Seller Central, beside typing numbers, and what Amazon's own checks of a payment come to. */
import { sql } from "drizzle-orm";
import { forgetStore } from "../context";
import type { OwnersStep, Restriction, SandboxContext, SandboxStore } from "../sandbox-platform";
import { cancelUnits, cancelWhole, changeOrder, shipOrder } from "./orders";
import { changeItem } from "./seed";

/** Payments are Amazon's affair; an order is never set back, binned or deleted. */
export async function takeStep(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	step: OwnersStep,
): Promise<void> {
	switch (step) {
		case "pay":
			return changeOrder(ctx, store, orderId, async ({ order }) => {
				if (order.status !== "PENDING") return null;
				order.status = "UNSHIPPED";
				order.data.pendingUntil = null;
				return "Payment confirmed";
			});
		case "fail_payment":
			return cancelWhole(ctx, store, orderId, { cancelledBy: "AMAZON", cancelReason: "Payment verification failed" });
		case "ship":
			return shipOrder(ctx, store, orderId);
		default:
			throw new Error(`Seller Central knows no step "${step}".`);
	}
}

/**
 * Of units that wait to be shipped a refund that puts them back is their cancellation. What has left, or is kept away, is money
 * alone: Amazon puts back nothing that the merchant has shipped, whatever is asked.
 */
export async function refundLines(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	lines: readonly { sku: string; quantity: number }[],
	restock: boolean,
): Promise<void> {
	await changeOrder(ctx, store, orderId, async (work) => {
		for (const { sku, quantity } of restock ? lines : []) {
			const line = work.order.data.items.find((one) => one.sku === sku);
			const execution = { cancelledBy: "MERCHANT" as const, cancelReason: "Customer requested" };
			if (line) await cancelUnits(work, line, quantity, execution);
		}
		return "Refunded";
	});
}

export const removeListing = (ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void> =>
	changeItem(ctx, store, sku, { isDeleted: true });

/** A role reads and writes, so an app that may only read there is none. What was handed out under the permission ends with it. */
export async function restrict(ctx: SandboxContext, store: SandboxStore, to: Restriction): Promise<void> {
	if (to === "reading") throw new Error("A role of Amazon's lets an app read and write, or neither.");
	await ctx.db.execute(sql`
		update sandbox.stores set settings = settings || '{"isRevoked": true}' where id = ${store.id}`);
	await ctx.db.execute(sql`
		delete from sandbox.tokens where store_id = ${store.id} and kind = 'access' and data->>'kind' = 'seller'`);
	forgetStore(ctx.db, store.id);
}
