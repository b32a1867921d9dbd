/** Orders in the database: placing them and taking them through their life, each step one transaction with its news. */
import { sql } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { takeIds } from "../context";
import { changeStore } from "../news";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { gid, levelId, mintId } from "./ids";
import { type StoreEvent, shopifyDelays, tellSubscribers } from "./news";
import type { OrderLine, OrderState, Step } from "./order-state";
import { orderPayload, refundPayload } from "./payloads";
import { touchProducts } from "./products";
import { idList, locationsOf, type VariantData } from "./rows";
import { settingsOf } from "./settings";
import { changeLevels, claimStock, type LevelChange, type StockClaim } from "./stock";

/** An earlier version, for a list that lags. */
type Past = { at: string; order: OrderState };
export type StoredOrder = { order: OrderState; past: Past[] };
const keptVersions = 30;

/** What can be put into a basket. */
export type Sellable = {
	itemId: string;
	variantId: string;
	productId: string;
	sku: string | null;
	title: string;
	variantTitle: string | null;
	price: string;
	isTracked: boolean;
	policy: VariantData["policy"];
};

export async function findSellables(
	db: Executor,
	storeId: string,
	by: { skus: readonly string[] } | { variantIds: readonly string[] },
): Promise<Sellable[]> {
	const wanted = "skus" in by ? sql`it.sku in ${idList(by.skus)}` : sql`it.parent_id in ${idList(by.variantIds)}`;
	const rows = await db.execute<{
		item_id: string;
		sku: string | null;
		is_managed: boolean;
		variant_id: string;
		variant: VariantData;
		product_id: string;
		title: string;
	}>(sql`
		select it.id item_id, it.sku, it.is_managed, v.id variant_id, v.data variant, p.id product_id, p.data->>'title' title
		from sandbox.items it
		join sandbox.items v on v.store_id = it.store_id and v.id = it.parent_id
		join sandbox.items p on p.store_id = it.store_id and p.id = v.parent_id
		where it.store_id = ${storeId} and it.kind = 'item' and ${wanted}
		order by length(it.id), it.id`);
	return rows.map((row) => ({
		itemId: row.item_id,
		variantId: row.variant_id,
		productId: row.product_id,
		sku: row.sku,
		title: row.title,
		variantTitle: row.variant.title,
		price: row.variant.price,
		isTracked: row.is_managed,
		policy: row.variant.policy,
	}));
}

export type BasketLine = { sellable: Sellable | null; title: string; price: string; quantity: number };

/** How an order treats the stock: the buyer's way, or one of the API's three. */
export type StockBehaviour = "OBEY_POLICY" | "IGNORE_POLICY" | "BYPASS";

class NotEnoughStock extends Error {}

/** Null: not enough in stock, and nothing has happened. */
export async function placeOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	basket: readonly BasketLine[],
	options: { behaviour: StockBehaviour; sourceName: string; isPaid: boolean; isTest: boolean },
): Promise<OrderState | null> {
	const [number = 0, fulfillmentOrder = 0, ...lineNumbers] = await takeIds(ctx.db, store.id, 2 + basket.length * 2);
	const locations = (await locationsOf(ctx, store)).filter(({ data }) => data.isActive && data.fulfillsOnlineOrders);
	const now = ctx.now();
	const at = now.toISOString();
	const claims = claimsOf(basket, options.behaviour);
	try {
		return await changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
			const locationByItem = await claimStock(
				tx,
				store.id,
				claims,
				locations.map(({ id }) => id),
				now,
			);
			if (!locationByItem) throw new NotEnoughStock();
			const order: OrderState = {
				id: mintId(number),
				name: `#${number}`,
				number,
				createdAt: at,
				updatedAt: at,
				cancelledAt: null,
				cancelReason: null,
				closedAt: null,
				financialStatus: options.isPaid ? "PAID" : "PENDING",
				currency: settingsOf(store).currency,
				sourceName: options.sourceName,
				isTest: options.isTest,
				fulfillmentOrderId: mintId(fulfillmentOrder),
				lines: basket.map((line, index) =>
					newLine(
						line,
						line.sellable ? (locationByItem.get(line.sellable.itemId) ?? null) : null,
						lineNumbers[index * 2] ?? 0,
						lineNumbers[index * 2 + 1] ?? 0,
					),
				),
				refunds: [],
				fulfillments: [],
			};
			await tx.execute(sql`
				insert into sandbox.orders (store_id, id, number, status, data, created_at, modified_at)
				values (${store.id}, ${order.id}, ${order.name}, 'open',
					${JSON.stringify({ order, past: [] } satisfies StoredOrder)}::jsonb, ${at}::timestamptz, ${at}::timestamptz)`);
			const body = orderPayload(store, order);
			const events: StoreEvent[] = ["orders/create", ...(options.isPaid ? ["orders/paid"] : []), "orders/updated"].map(
				(topic) => ({ topic, resourceId: order.id, body }),
			);
			events.push(
				...(await stockEvents(
					ctx,
					store,
					tx,
					order.lines.flatMap((line) =>
						line.itemId && line.locationId
							? [{ itemId: line.itemId, locationId: line.locationId, available: -line.quantity, committed: 0 }]
							: [],
					),
					basket.flatMap(({ sellable }) => sellable?.productId ?? []),
					now,
				)),
			);
			await tellSubscribers(ctx, store, tx, tell, events);
			return order;
		});
	} catch (error) {
		if (error instanceof NotEnoughStock) return null;
		throw error;
	}
}

export function newLine(
	{ sellable, title, price, quantity }: BasketLine,
	locationId: string | null,
	number: number,
	fulfillmentNumber: number,
): OrderLine {
	return {
		id: mintId(number),
		variantId: sellable?.variantId ?? null,
		productId: sellable?.productId ?? null,
		itemId: sellable?.itemId ?? null,
		sku: sellable?.sku ?? null,
		title,
		variantTitle: sellable?.variantTitle ?? null,
		price,
		quantity,
		current: quantity,
		fulfilled: 0,
		locationId,
		isTracked: sellable?.isTracked ?? false,
		fulfillmentLineId: mintId(fulfillmentNumber),
	};
}

function claimsOf(basket: readonly BasketLine[], behaviour: StockBehaviour): StockClaim[] {
	if (behaviour === "BYPASS") return [];
	const byItem = new Map<string, StockClaim>();
	for (const { sellable, quantity } of basket) {
		if (!sellable?.isTracked) continue;
		const isForced = behaviour === "IGNORE_POLICY" || sellable.policy === "CONTINUE";
		const known = byItem.get(sellable.itemId);
		if (known) known.quantity += quantity;
		else byItem.set(sellable.itemId, { itemId: sellable.itemId, quantity, isForced });
	}
	return [...byItem.values()];
}

/** Every level whose `available` changed is news; its product only now and then. */
async function stockEvents(
	ctx: SandboxContext,
	store: SandboxStore,
	tx: Transaction,
	changes: readonly LevelChange[],
	productIds: readonly string[],
	now: Date,
): Promise<StoreEvent[]> {
	const ids = new Set(
		changes.flatMap(({ itemId, locationId, available }) => (available === 0 ? [] : [levelId(locationId, itemId)])),
	);
	const levels = [...ids].map((resourceId) => ({ topic: "inventory_levels/update", resourceId, body: null }));
	const rate = settingsOf(store).productNews.orders;
	const touched = levels.length > 0 ? [...new Set(productIds)].filter(() => ctx.random() < rate) : [];
	return [...levels, ...(await touchProducts(tx, store.id, touched, now))];
}

export async function readOrder(db: Executor, storeId: string, id: string): Promise<OrderState | null> {
	const [row] = await db.execute<{ data: StoredOrder }>(
		sql`select data from sandbox.orders where store_id = ${storeId} and id = ${id}`,
	);
	return row?.data.order ?? null;
}

/**
 * One step of an order's life, under the order's lock. `step` says what it does, or null to do nothing; `topics` are
 * told beside orders/updated.
 */
export async function changeOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	id: string,
	topics: readonly string[],
	step: (order: OrderState, at: string) => Step | null,
): Promise<OrderState | null> {
	return changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		const [row] = await tx.execute<{ data: StoredOrder }>(
			sql`select data from sandbox.orders where store_id = ${store.id} and id = ${id} for update`,
		);
		if (!row) return null;
		const before = row.data;
		const now = ctx.now();
		const taken = step(before.order, now.toISOString());
		if (!taken) return before.order;
		const { order, changes, refund } = taken;
		await changeLevels(tx, store.id, changes, now);
		const stored: StoredOrder = {
			order,
			past: [{ at: before.order.updatedAt, order: before.order }, ...before.past].slice(0, keptVersions),
		};
		await tx.execute(sql`
			update sandbox.orders set data = ${JSON.stringify(stored)}::jsonb, modified_at = ${order.updatedAt}::timestamptz,
				status = ${order.cancelledAt ? "cancelled" : order.closedAt ? "closed" : "open"}
			where store_id = ${store.id} and id = ${id}`);
		const body = orderPayload(store, order);
		const events: StoreEvent[] = [...topics, "orders/updated"].map((topic) => ({
			topic,
			resourceId: id,
			body: topic === "orders/edited" ? editPayload(order, before.order) : body,
		}));
		if (refund)
			events.push({ topic: "refunds/create", resourceId: refund.id, body: refundPayload(store, order, refund) });
		const products = order.lines.flatMap(({ productId }) => productId ?? []);
		events.push(...(await stockEvents(ctx, store, tx, changes, products, now)));
		await tellSubscribers(ctx, store, tx, tell, events);
		return order;
	});
}

/** Gone for good: nothing is given back, and the news holds no more than its id. */
export async function removeOrder(ctx: SandboxContext, store: SandboxStore, id: string): Promise<boolean> {
	return changeStore(ctx, store, shopifyDelays, async (tx, tell) => {
		const rows = await tx.execute(
			sql`delete from sandbox.orders where store_id = ${store.id} and id = ${id} returning id`,
		);
		if (rows.length === 0) return false;
		await tellSubscribers(ctx, store, tx, tell, [{ topic: "orders/delete", resourceId: id, body: { id: BigInt(id) } }]);
		return true;
	});
}

function editPayload(order: OrderState, before: OrderState): Record<string, unknown> {
	const differences = order.lines.map((line) => ({
		id: BigInt(line.id),
		delta: line.current - (before.lines.find(({ id }) => id === line.id)?.current ?? 0),
	}));
	return {
		order_edit: {
			id: BigInt(order.id),
			order_id: BigInt(order.id),
			admin_graphql_api_id: gid("OrderEdit", order.id),
			notify_customer: false,
			staff_note: null,
			line_items: {
				additions: differences.filter(({ delta }) => delta > 0),
				removals: differences.flatMap(({ id, delta }) => (delta < 0 ? [{ id, delta: -delta }] : [])),
			},
		},
	};
}
