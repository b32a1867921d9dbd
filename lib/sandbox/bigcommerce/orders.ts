/** Placing orders and changing them, with what it does to the numbers and what it tells. */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { takeIds } from "../context";
import type { CheckoutResult, SandboxContext, SandboxStore } from "../sandbox-platform";
import { applyDue } from "./adjustments";
import { holderOf, type ProductRow, selectProducts, textList, type VariantRow } from "./items";
import { changeShop, orderEvent, statusEvent, type TellEvents } from "./news";
import { enterStatus, newOrderData, orderStatus, type Payment, type StockMove, statusOfPayment } from "./order-life";
import { lockOrder, type OrderLine, type OrderRow, saveOrder } from "./order-rows";
import { defaultLocation, settingsOf } from "./settings";
import { availableOf, lockStock, moveStock, stockId } from "./stock";
import { stockNews } from "./stock-news";

export type WantedVariant = { product: ProductRow; variant: VariantRow };

/** In the order of the lines; null where the store sells nothing of that name. */
export async function findWanted(
	db: Executor,
	store: SandboxStore,
	lines: readonly { sku: string; quantity: number }[],
): Promise<(WantedVariant | null)[]> {
	const skus = lines.map(({ sku }) => sku);
	const products = await db.execute<ProductRow>(
		selectProducts(
			defaultLocation(settingsOf(store)),
			sql`p.store_id = ${store.id} and p.id in (
				select parent_id from sandbox.items where store_id = ${store.id} and kind = 'variant' and sku in ${textList(skus)})`,
		),
	);
	return skus.map((sku) => {
		for (const product of products) {
			const variant = product.variants.find((one) => one.sku === sku);
			if (variant) return { product, variant };
		}
		return null;
	});
}

export const holderOfWanted = ({ product, variant }: WantedVariant) => holderOf(product, variant.id);

const nameOf = ({ product, variant }: WantedVariant) =>
	[product.data.name, ...variant.data.option_values.map(({ label }) => label)].join(" ");

export function lineOf(id: number, wanted: WantedVariant, quantity: number): OrderLine {
	return {
		id,
		product_id: Number(wanted.product.id),
		variant_id: Number(wanted.variant.id),
		name: wanted.product.data.name,
		sku: wanted.variant.sku ?? "",
		price: wanted.variant.data.price ?? wanted.product.data.price,
		quantity,
		quantity_shipped: 0,
		quantity_refunded: 0,
		taken: 0,
	};
}

/** A buyer's checkout: each number that is counted must cover what is wanted of it, whenever the store takes it. */
export async function checkout(
	ctx: SandboxContext,
	store: SandboxStore,
	lines: readonly { sku: string; quantity: number }[],
	payment: Payment = "paid",
): Promise<CheckoutResult> {
	await applyDue(ctx, store);
	const found = await findWanted(ctx.db, store, lines);
	const missing = lines.find((_, index) => !found[index]);
	if (missing) return { result: "refused", code: "not_found", message: `The product ${missing.sku} is not for sale.` };
	const basket = lines.flatMap(({ quantity }, index) => (found[index] ? [{ wanted: found[index], quantity }] : []));
	const settings = settingsOf(store);
	const [orderId = 0, ...lineIds] = await takeIds(ctx.db, store.id, 1 + basket.length);
	return changeShop(ctx, store, async (tx, tell): Promise<CheckoutResult> => {
		const short = await findShort(tx, store, basket);
		if (short)
			return {
				result: "refused",
				code: "out_of_stock",
				message: `We don't have enough ${nameOf(short)} stock on hand for the quantity you selected. Please try again.`,
			};
		const at = ctx.now();
		const order = newOrder(orderId, at, "www");
		order.data.lines = basket.map(({ wanted, quantity }, index) => lineOf(lineIds[index] ?? 0, wanted, quantity));
		tell(orderEvent("created", order.id));
		const statusId = statusOfPayment[payment] ?? settings.checkoutStatusId;
		const moves = enterStatus(order, statusId, settings, at);
		if (statusId !== orderStatus.incomplete) tell(statusEvent(order.id, orderStatus.incomplete, statusId));
		await settleOrder(tx, ctx, store, order, moves, tell);
		return { result: "placed", orderId: order.id, number: order.id };
	});
}

export const newOrder = (id: number, at: Date, source: string): OrderRow => ({
	id: String(id),
	status: "0",
	data: newOrderData(source),
	created_at: at.toISOString(),
	modified_at: at.toISOString(),
});

async function findShort(
	tx: Transaction,
	store: SandboxStore,
	basket: readonly { wanted: WantedVariant; quantity: number }[],
): Promise<WantedVariant | null> {
	const locationId = defaultLocation(settingsOf(store));
	const needed = new Map<string, { units: number; wanted: WantedVariant }>();
	for (const { wanted, quantity } of basket) {
		const holderId = holderOfWanted(wanted);
		if (holderId === null) continue;
		needed.set(holderId, { units: (needed.get(holderId)?.units ?? 0) + quantity, wanted });
	}
	const rows = await lockStock(
		tx,
		store.id,
		[...needed.keys()].map((holderId) => stockId(locationId, holderId)),
	);
	for (const [holderId, { units, wanted }] of needed) {
		const row = rows.find(({ holder_id }) => holder_id === holderId);
		if (!row?.data.is_in_stock || availableOf(row) < units) return wanted;
	}
	return null;
}

/** One change of an order under its lock; `work` says what moves, and false that nothing is to be done. */
export async function changeOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	work: (order: OrderRow, tell: TellEvents, tx: Transaction) => StockMove[] | Promise<StockMove[]> | false,
): Promise<OrderRow | null> {
	await applyDue(ctx, store);
	return changeShop(ctx, store, async (tx, tell) => {
		const order = await lockOrder(tx, store.id, orderId);
		if (!order) return null;
		const before = Number(order.status);
		const moves = await work(order, tell, tx);
		if (moves === false) return order;
		order.modified_at = ctx.now().toISOString();
		tell(orderEvent("updated", order.id));
		if (Number(order.status) !== before) tell(statusEvent(order.id, before, Number(order.status)));
		await settleOrder(tx, ctx, store, order, moves, tell);
		return order;
	});
}

/** The order as it is now, and the numbers that it moved. */
export async function settleOrder(
	tx: Transaction,
	ctx: SandboxContext,
	store: SandboxStore,
	order: OrderRow,
	moves: readonly StockMove[],
	tell: TellEvents,
): Promise<void> {
	const at = ctx.now();
	await saveOrder(tx, store.id, order);
	const holders = await holdersOf(tx, store, moves);
	const locationId = defaultLocation(settingsOf(store));
	const byHolder = moves.flatMap(({ line, by }) => {
		const holderId = holders.get(line.variant_id);
		return holderId ? [{ holderId, by: -by }] : [];
	});
	const rows = await moveStock(tx, store.id, locationId, byHolder, at);
	const changes = rows.map(({ holder_id, onhand }) => ({
		holderId: holder_id,
		locationId,
		onhand,
		method: "absolute" as const,
		value: onhand,
		byOrder: true,
	}));
	tell(...(await stockNews(tx, store, changes, at)));
}

/** By variant; a product that is gone, or no longer counted, has no number to move. */
async function holdersOf(db: Executor, store: SandboxStore, moves: readonly StockMove[]): Promise<Map<number, string>> {
	const ids = moves.map(({ line }) => String(line.variant_id));
	if (ids.length === 0) return new Map();
	const rows = await db.execute<{ id: string; holder_id: string }>(sql`
		select i.id, case p.data->>'inventory_tracking' when 'product' then p.id when 'variant' then i.id end as holder_id
		from sandbox.items i join sandbox.items p on p.store_id = i.store_id and p.id = i.parent_id
		where i.store_id = ${store.id} and i.kind = 'variant' and i.id in ${textList(ids)}`);
	return new Map(rows.map(({ id, holder_id }) => [Number(id), holder_id]));
}
