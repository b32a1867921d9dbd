/** What a merchant does in the admin, beside typing numbers and making credit memos. */
import { sql } from "drizzle-orm";
import { forgetStore } from "../context";
import type { OwnersStep, Restriction, SandboxContext, SandboxStore } from "../sandbox-platform";
import { denyPayment, invoiceOrder, shipOrder } from "./orders";
import { readingResources } from "./routes";
import { deleteProduct } from "./seed";

export async function takeStep(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	step: OwnersStep,
): Promise<void> {
	switch (step) {
		case "pay":
			return invoiceOrder(ctx, store, orderId);
		case "fail_payment":
			return void (await denyPayment(ctx, store, orderId));
		case "ship":
			return void (await shipOrder(ctx, store, orderId));
		default:
			throw new Error(`Magento's admin has no such step: ${step}.`);
	}
}

export const removeProduct = (ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void> =>
	deleteProduct(ctx, store, sku);

/** The boxes that are ticked for the integration from now on; `nothing`: it was removed, and its tokens with it. */
export async function restrict(ctx: SandboxContext, store: SandboxStore, to: Restriction): Promise<void> {
	const change = to === "nothing" ? { isRevoked: true } : { resources: readingResources() };
	await ctx.db.execute(sql`
		update sandbox.stores set settings = settings || ${JSON.stringify(change)}::jsonb where id = ${store.id}`);
	forgetStore(ctx.db, store.id);
}
