/** What the account notes of orders whose store can't be read: placed, changed, cancelled, refunded. */
import { sql } from "drizzle-orm";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import type { NotedOrder } from "./views/plain";

type Line = { sku: string; quantity: number };

const lineOf = (id: number, { sku, quantity }: Line): NotedOrder["lines"][number] => ({
	id: String(id),
	productId: sku,
	variantId: null,
	sku,
	name: sku,
	quantity,
	price: 0,
});

export async function notePlaced(
	ctx: SandboxContext,
	account: SandboxStore,
	order: { id: string; number: string },
	lines: readonly Line[],
): Promise<void> {
	const ids = await takeIds(ctx.db, account.id, lines.length);
	const data: NotedOrder = {
		number: order.number,
		lines: lines.map((line, index) => lineOf(ids[index] ?? 0, line)),
		refunds: [],
	};
	const at = ctx.now().toISOString();
	await ctx.db.execute(sql`
		insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
		values (${account.id}, ${order.id}, ${order.number}, 'processing', ${JSON.stringify(data)}::jsonb, ${at}::timestamptz, ${at}::timestamptz)`);
}

async function change(
	ctx: SandboxContext,
	account: SandboxStore,
	orderId: string,
	to: (data: NotedOrder) => { data: NotedOrder; status?: string },
): Promise<void> {
	await ctx.db.transaction(async (tx) => {
		const [row] = await tx.execute<{ data: NotedOrder; status: string }>(
			sql`select data, status from sandbox.orders where store_id = ${account.id} and id = ${orderId} for update`,
		);
		if (!row) return;
		const { data, status = row.status } = to(row.data);
		await tx.execute(sql`
			update sandbox.orders set data = ${JSON.stringify(data)}::jsonb, status = ${status}, modified_at = ${ctx.now().toISOString()}::timestamptz
			where store_id = ${account.id} and id = ${orderId}`);
	});
}

export const noteCancelled = (ctx: SandboxContext, account: SandboxStore, orderId: string) =>
	change(ctx, account, orderId, (data) => ({ data, status: "cancelled" }));

export async function noteRefund(
	ctx: SandboxContext,
	account: SandboxStore,
	orderId: string,
	lines: readonly Line[],
): Promise<void> {
	const [id = 0] = await takeIds(ctx.db, account.id, 1);
	await change(ctx, account, orderId, (data) => {
		const items = lines.flatMap(({ sku, quantity }) => {
			const line = data.lines.find((one) => one.sku === sku);
			return line ? [{ lineId: line.id, quantity, amount: 0 }] : [];
		});
		const refund = { id: String(id), at: ctx.now().toISOString(), total: 0, items };
		return { data: { ...data, refunds: [...data.refunds, refund] } };
	});
}

/** As an edit of the store: 0 removes a line, an unknown SKU adds one. */
export async function noteEdit(
	ctx: SandboxContext,
	account: SandboxStore,
	orderId: string,
	lines: readonly Line[],
): Promise<void> {
	const ids = await takeIds(ctx.db, account.id, lines.length);
	await change(ctx, account, orderId, (data) => {
		const edited = new Map(data.lines.map((line) => [line.sku, line]));
		for (const [index, line] of lines.entries()) {
			const known = edited.get(line.sku);
			if (line.quantity === 0) edited.delete(line.sku);
			else edited.set(line.sku, known ? { ...known, quantity: line.quantity } : lineOf(ids[index] ?? 0, line));
		}
		return { data: { ...data, lines: [...edited.values()] } };
	});
}
