/**
 * Selling to a buyer. WooCommerce looks at the stock and lowers it in two steps that are not one: checkouts that look at
 * once see the same number. Seen: of four buyers who wanted the last unit at once, two got it in two runs of three.
 */
import { sql } from "drizzle-orm";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { holderOf, type ItemRow, idList, titleOf } from "./items";
import { enterStatus } from "./order-life";
import type { OrderRow, OrderStatus } from "./order-rows";
import { createOrder, type NewOrder } from "./orders";
import { settingsOf } from "./settings";

export type BasketLine = { row: ItemRow; quantity: number };
export type Refusal = { code: string; message: string; status: number };

const holdMs = 60 * 60_000;

/** What a cart is told before it checks out; null: all is there. */
export async function cartRefusal(
	ctx: SandboxContext,
	store: SandboxStore,
	basket: readonly BasketLine[],
): Promise<Refusal | null> {
	const free = await freeUnits(ctx, store, basket);
	for (const { row, holderId, wanted, units } of free) {
		if (units >= wanted || sellsBelowZero(row)) continue;
		const title = titleOf(row);
		if (units <= 0 && !(await isHeld(ctx, store, holderId)))
			return {
				code: "woocommerce_rest_product_out_of_stock",
				message: `"${title}" is out of stock and cannot be purchased. Please remove it from your cart.`,
				status: 409,
			};
		return {
			code: "woocommerce_rest_product_partially_out_of_stock",
			message: `There is not enough "${title}" in stock. ${Math.max(0, units)} available.`,
			status: 400,
		};
	}
	return null;
}

const sellsBelowZero = (row: ItemRow) => (row.data.backorders ?? "no") !== "no";

/** Places the order, or says why not. `to` is what the gateway leaves it in; pending: to be paid elsewhere, units held. */
export async function checkout(
	ctx: SandboxContext,
	store: SandboxStore,
	basket: readonly BasketLine[],
	to: OrderStatus,
	details: Omit<NewOrder, "lines" | "status">,
): Promise<OrderRow | Refusal> {
	return inTurn(store, async () => {
		for (const { row, wanted, units } of await freeUnits(ctx, store, basket)) {
			if (units < wanted && !sellsBelowZero(row))
				return {
					code: "woocommerce_product_not_enough_stock",
					message: `Not enough units of ${titleOf(row)} are available in stock to fulfil this order.`,
					status: 403,
				};
		}
		return createOrder(ctx, store, { ...details, status: "pending", lines: [...basket] }, (work) => {
			if (to !== "pending") return enterStatus(work, to);
			work.order.data.held_until = new Date(work.at.getTime() + holdMs).toISOString();
		});
	});
}

type Free = { row: ItemRow; holderId: string; wanted: number; units: number };

/** Per number that the basket draws on: what it shows now, less what pending checkouts hold. Read, not locked. */
async function freeUnits(ctx: SandboxContext, store: SandboxStore, basket: readonly BasketLine[]): Promise<Free[]> {
	const settings = settingsOf(store);
	const wanted = new Map<string, { row: ItemRow; units: number }>();
	for (const { row, quantity } of basket) {
		const holderId = holderOf(row, settings);
		if (holderId === null) continue;
		wanted.set(holderId, { row, units: (wanted.get(holderId)?.units ?? 0) + quantity });
	}
	if (wanted.size === 0) return [];
	const rows = await ctx.db.execute<{ id: string; quantity: number | null }>(
		sql`select id, quantity from sandbox.items where store_id = ${store.id} and id in ${idList([...wanted.keys()])}`,
	);
	const held = settings.hasOffsiteGateway ? await heldUnits(ctx, store) : new Map<string, number>();
	return rows.flatMap(({ id, quantity }) => {
		const want = wanted.get(id);
		return want
			? [{ row: want.row, holderId: id, wanted: want.units, units: (quantity ?? 0) - (held.get(id) ?? 0) }]
			: [];
	});
}

/** Nothing in the REST API shows these. */
async function heldUnits(ctx: SandboxContext, store: SandboxStore): Promise<Map<string, number>> {
	const rows = await ctx.db.execute<{ holder: string; units: number }>(sql`
		select case when i.is_managed then i.id else i.parent_id end as holder, sum((l->>'quantity')::int)::int as units
		from sandbox.orders o
		cross join lateral jsonb_array_elements(o.data->'lines') as l
		join sandbox.items i on i.store_id = o.store_id
			and i.id = case when (l->>'variation_id')::bigint > 0 then l->>'variation_id' else l->>'product_id' end
		where o.store_id = ${store.id} and o.status = 'pending' and (o.data->>'held_until')::timestamptz > ${ctx.now().toISOString()}::timestamptz
		group by 1`);
	return new Map(rows.map(({ holder, units }) => [holder, units]));
}

async function isHeld(ctx: SandboxContext, store: SandboxStore, holderId: string): Promise<boolean> {
	if (!settingsOf(store).hasOffsiteGateway) return false;
	return ((await heldUnits(ctx, store)).get(holderId) ?? 0) > 0;
}

const shared = globalThis as { onecountWooTurns?: Map<string, { running: number; waiting: (() => void)[] }> };

/** As many at once as the shop's host has cores; the others wait. */
async function inTurn<T>(store: SandboxStore, work: () => Promise<T>): Promise<T> {
	shared.onecountWooTurns ??= new Map();
	const turns = shared.onecountWooTurns;
	const turn = turns.get(store.id) ?? { running: 0, waiting: [] };
	turns.set(store.id, turn);
	if (turn.running >= settingsOf(store).checkoutsAtOnce)
		await new Promise<void>((resolve) => void turn.waiting.push(resolve));
	else turn.running++;
	try {
		return await work();
	} finally {
		const next = turn.waiting.shift();
		if (next) next();
		else turn.running--;
		if (turn.running === 0) turns.delete(store.id);
	}
}
