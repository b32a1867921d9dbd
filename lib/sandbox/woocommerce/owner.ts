/** What a shopkeeper does in WordPress, beside typing numbers and handling refunds. */
import { sql } from "drizzle-orm";
import type { OwnersStep, Restriction, SandboxContext, SandboxStore } from "../sandbox-platform";
import { deleteForGood } from "./items";
import { changeShop } from "./news";
import { completePayment, enterStatus } from "./order-life";
import type { OrderStatus } from "./order-rows";
import { changeOrder, findWanted, removeOrder, trashOrder } from "./orders";

const statusAfter: Partial<Record<OwnersStep, OrderStatus>> = {
	fail_payment: "failed",
	set_unpaid: "pending",
	ship: "completed",
	mark_refunded: "refunded",
};

export async function takeStep(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	step: OwnersStep,
): Promise<void> {
	if (step === "delete") return removeOrder(ctx, store, orderId);
	if (step === "trash") return void (await trashOrder(ctx, store, orderId));
	await changeOrder(ctx, store, orderId, (work) => {
		const status = statusAfter[step];
		if (status) enterStatus(work, status);
		else completePayment(work);
	});
}

export async function removeProduct(ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void> {
	const [row] = await findWanted(ctx.db, store.id, [{ sku, quantity: 0 }]);
	if (!row) throw new Error(`This shop has no ${sku}.`);
	await changeShop(ctx, store, (tx) => deleteForGood(tx, store.id, row.parent_id ?? row.id));
}

export async function restrict(ctx: SandboxContext, store: SandboxStore, to: Restriction): Promise<void> {
	const ownKey = to === "reading" ? "read" : "removed";
	await ctx.db.execute(sql`
		update sandbox.stores set settings = settings || ${JSON.stringify({ ownKey })}::jsonb where id = ${store.id}`);
}
