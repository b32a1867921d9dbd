/** A sale: at a till whatever the count says, online only what is there. */
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import type { CheckoutResult, Payment, SandboxContext, SandboxStore } from "../sandbox-platform";
import { type Row, variationsBySku } from "./catalogue";
import { countsOf } from "./ledger";
import { takeStock } from "./move-lines";
import { changeAccount } from "./news";
import { insertOrder, type Line, type OrderRow, tellOf } from "./order-rows";
import { locationsOf, newId, settingsOf } from "./settings";

export type Wanted = { sku: string; quantity: number };
export type Sale = {
	lines: Wanted[];
	payment: Payment;
	/** A till's own sale: completed at once, whatever the count says. */
	isAtTill: boolean;
	/** When a till without a connection made it; it comes only now. */
	madeAt?: Date;
	/** Typed at the till, beside the items. */
	amount?: number;
};

export async function sell(ctx: SandboxContext, store: SandboxStore, sale: Sale): Promise<CheckoutResult> {
	const rows = await variationsBySku(
		ctx.db,
		store.id,
		sale.lines.map(({ sku }) => sku),
	);
	const unknown = sale.lines.find(({ sku }) => !rows.has(sku));
	if (unknown) return { result: "refused", code: "NOT_FOUND", message: `There is no ${unknown.sku}.` };
	const isPaid = sale.payment === "paid";
	const now = ctx.now();
	const [locationId] = locationsOf(store);
	const lines = sale.lines.map(({ sku, quantity }): Line => lineOf(ctx, rows.get(sku) as NamedRow, quantity));
	if (sale.amount)
		lines.push({
			uid: newId(ctx.random, 22),
			variationId: null,
			sku: "",
			name: "Custom amount",
			variationName: "",
			quantity: 1,
			price: sale.amount,
		});
	const order: OrderRow = {
		id: newId(ctx.random),
		status: isPaid && sale.isAtTill ? "COMPLETED" : "OPEN",
		data: {
			locationId,
			version: 1,
			lines,
			isPaid,
			isToBeShipped: !sale.isAtTill,
			returnOf: null,
			returned: [],
			refundIds: [],
			closedAt: isPaid && sale.isAtTill ? (sale.madeAt ?? now).toISOString() : null,
		},
		created_at: (sale.madeAt ?? now).toISOString(),
		// Square's own stamp: when it came, not when it was made.
		modified_at: now.toISOString(),
	};
	return changeAccount(ctx, store, async (tx, tell) => {
		if (!sale.isAtTill) {
			const short = await firstShort(tx, store, locationId, [...rows.values()], lines);
			if (short) return { result: "refused", code: "OUT_OF_STOCK", message: `${short} is sold out.` };
		}
		await insertOrder(tx, store.id, order);
		await tellOf(tx, tell, ctx, store, order, "order.created");
		if (isPaid) await takeStock(tx, tell, ctx, store, order, sale.madeAt ?? now);
		return { result: "placed", orderId: order.id, number: order.id.slice(-6) };
	});
}

type NamedRow = Row & { item_name: string };

const lineOf = (ctx: SandboxContext, row: NamedRow, quantity: number): Line => ({
	uid: newId(ctx.random, 22),
	variationId: row.id,
	sku: row.sku ?? "",
	name: row.item_name,
	variationName: row.data.name,
	quantity,
	price: row.data.price,
});

/** Square Online's own look at the count, under the lock that a sale takes. */
async function firstShort(
	tx: Transaction,
	store: SandboxStore,
	locationId: string,
	rows: readonly NamedRow[],
	lines: readonly Line[],
): Promise<string | null> {
	const ids = rows.map(({ id }) => id).sort();
	for (const id of ids)
		await tx.execute(sql`select id from sandbox.items where store_id = ${store.id} and id = ${id} for update`);
	const counts = await countsOf(tx, store.id, ids);
	for (const row of rows.filter(({ is_managed }) => is_managed)) {
		const count = counts.find((one) => one.variation_id === row.id && one.location_id === locationId);
		const wanted = lines.reduce((sum, line) => sum + (line.variationId === row.id ? line.quantity : 0), 0);
		const there = row.data.isSoldOut ? 0 : Number(count?.quantity ?? Number.POSITIVE_INFINITY);
		if (there < wanted) return row.item_name;
	}
	return null;
}

export const isAtTill = (store: SandboxStore) => settingsOf(store).sellsAt === "till";
