/** What the owner of a store does in its control panel, beside typing numbers and handling refunds. */
import { sql } from "drizzle-orm";
import { forgetStore } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { removeItems } from "./catalogue-api";
import { orderEvent } from "./news";
import { enterStatus, orderStatus } from "./order-life";
import { changeOrder, findWanted } from "./orders";
import { settingsOf } from "./settings";

const statusAfter = {
	pay: orderStatus.awaitingFulfillment,
	fail_payment: orderStatus.declined,
	set_unpaid: orderStatus.awaitingPayment,
	ship: orderStatus.shipped,
	mark_refunded: orderStatus.refunded,
} as const;

type Step = keyof typeof statusAfter | "trash" | "delete";

/** Orders are archived, and never deleted. */
export async function takeStep(ctx: SandboxContext, store: SandboxStore, orderId: string, step: Step): Promise<void> {
	if (step === "delete") throw new Error("BigCommerce archives orders and deletes none.");
	await changeOrder(ctx, store, orderId, (order, tell) => {
		if (step !== "trash") return enterStatus(order, statusAfter[step], settingsOf(store), ctx.now());
		order.data.is_deleted = true;
		tell(orderEvent("archived", order.id));
		return [];
	});
}

export async function removeProduct(ctx: SandboxContext, store: SandboxStore, sku: string): Promise<void> {
	const [wanted] = await findWanted(ctx.db, store, [{ sku, quantity: 1 }]);
	if (!wanted) throw new Error(`This store has no ${sku}.`);
	await removeItems(ctx, store, wanted.product);
}

/** The scopes of the merchant's own API account from now on; `nothing`: it was deleted. */
export async function restrict(ctx: SandboxContext, store: SandboxStore, to: "reading" | "nothing"): Promise<void> {
	await ctx.db.execute(sql`
		update sandbox.stores set settings = settings || ${JSON.stringify({ accountMay: to })}::jsonb where id = ${store.id}`);
	forgetStore(ctx.db, store.id);
}
