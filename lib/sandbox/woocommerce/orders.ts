/** Making and changing orders: the state of order-life, the stock and the news, in one transaction each. */
import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { takeIds } from "../context";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { holderOf, type ItemRow, idList, optionsOf, selectItems, titleOf } from "./items";
import { changeShop, type Event } from "./news";
import { addLine, enterStatus, type Holder, note, type Work } from "./order-life";
import {
	deleteOrder,
	insertOrder,
	lockOrder,
	type OrderData,
	type OrderLine,
	type OrderRow,
	updateOrder,
} from "./order-rows";
import { settingsOf, type WooSettings } from "./settings";
import { moveStock, stockNews } from "./stock";

/** What a line asks for: by id, or by SKU. */
export type Wanted = { productId?: number; variationId?: number; sku?: string; quantity: number };

const itemIdOf = ({ product_id, variation_id }: OrderLine) => String(variation_id > 0 ? variation_id : product_id);

export async function findWanted(
	db: Executor,
	storeId: string,
	wanted: readonly Wanted[],
): Promise<(ItemRow | null)[]> {
	const ids = wanted.map(({ productId, variationId }) => variationId || productId || 0);
	const skus = wanted.flatMap(({ sku }) => (sku ? [sku] : []));
	const rows = await db.execute<ItemRow>(
		selectItems(sql`i.store_id = ${storeId} and (i.id in ${idList(ids)} or i.sku in ${idList(skus)})`),
	);
	return wanted.map(
		({ productId, variationId, sku }) =>
			rows.find((row) => row.id === String(variationId || productId || 0)) ??
			(sku ? (rows.find((row) => row.sku === sku) ?? null) : null),
	);
}

/** WooCommerce takes a line of a product that does not exist as well. */
function newLine(row: ItemRow | null, quantity: number, nextId: () => number): OrderLine {
	const id = nextId();
	if (!row)
		return {
			id,
			name: "",
			product_id: 0,
			variation_id: 0,
			quantity,
			price: 0,
			sku: null,
			global_unique_id: null,
			parent_name: null,
			meta: [],
		};
	const isVariation = row.kind === "variation";
	return {
		id,
		name: titleOf(row),
		product_id: Number(isVariation ? row.parent_id : row.id),
		variation_id: isVariation ? Number(row.id) : 0,
		quantity,
		price: Number(row.data.regular_price || row.child_price || 0),
		sku: row.sku ?? "",
		global_unique_id: row.data.global_unique_id,
		parent_name: isVariation ? (row.parent_data?.name ?? null) : null,
		meta: isVariation
			? row.data.attributes.map(({ name, option }) => ({
					id: nextId(),
					key: name.toLowerCase(),
					value: option ?? optionsOf(row),
				}))
			: [],
	};
}

const idsPerLine = 6;

/** Numbers for everything that a change may make, taken before its transaction begins: none waits for a second connection. */
async function idSource(ctx: SandboxContext, storeId: string, lines: number): Promise<() => number> {
	const ids = await takeIds(ctx.db, storeId, 8 + idsPerLine * lines);
	return () => {
		const id = ids.shift();
		if (id === undefined) throw new Error("A WooCommerce sandbox order needs more ids than were taken for it.");
		return id;
	};
}

export type NewOrder = Partial<
	Pick<OrderData, "billing" | "shipping" | "payment_method" | "customer_note" | "created_via">
> & {
	lines: { row: ItemRow | null; quantity: number }[];
	status: OrderRow["status"];
};

/** `begin` takes it from there: to be paid, to be held. */
export async function createOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	input: NewOrder,
	begin: (work: Work) => void,
): Promise<OrderRow> {
	const nextId = await idSource(ctx, store.id, input.lines.length);
	const id = nextId();
	const at = ctx.now();
	const order: OrderRow = {
		id: String(id),
		number: String(id),
		status: input.status,
		data: {
			lines: [],
			refunds: [],
			notes: [],
			billing: input.billing ?? {},
			shipping: input.shipping ?? {},
			payment_method: input.payment_method ?? "",
			customer_note: input.customer_note ?? "",
			created_via: input.created_via ?? "rest-api",
			order_key: `wc_order_${randomBytes(10).toString("base64url").replace(/[-_]/g, "x").slice(0, 13)}`,
			date_paid: null,
			date_completed: null,
			is_stock_reduced: false,
			held_until: null,
		},
		created_at: at.toISOString(),
		modified_at: at.toISOString(),
	};
	const work: Work = { order, at, holders: new Map(), moves: [], nextId };
	for (const { row, quantity } of input.lines) attachLine(work, row, quantity, settingsOf(store));
	begin(work);
	return changeShop(ctx, store, async (tx, tell) => {
		tell(...events("order.created", order), ...(await settle(tx, store, work)));
		await insertOrder(tx, store.id, order);
		return order;
	});
}

/** A further line of an order under change. */
export function attachLine(work: Work, row: ItemRow | null, quantity: number, settings: WooSettings): void {
	const line = newLine(row, quantity, work.nextId);
	const holder = row && holderFor(row, settings);
	if (holder) work.holders.set(line.id, holder);
	addLine(work, line);
}

/** Null: there is no such order. `change` returns false to leave everything as it was, or what else it tells. */
export async function changeOrder(
	ctx: SandboxContext,
	store: SandboxStore,
	orderId: string,
	change: (work: Work) => undefined | false | Event[],
): Promise<OrderRow | null> {
	const nextId = await idSource(ctx, store.id, 40);
	return changeShop(ctx, store, async (tx, tell) => {
		const order = await lockOrder(tx, store.id, orderId);
		if (!order) return null;
		const at = ctx.now();
		const work: Work = { order, at, holders: await holdersOf(tx, store, order), moves: [], nextId };
		const told = change(work);
		if (told === false) return order;
		order.modified_at = at.toISOString();
		tell(...(told ?? events("order.updated", order)), ...(await settle(tx, store, work)));
		await updateOrder(tx, store.id, order);
		return order;
	});
}

/** A checkout that nobody paid within the hold-stock minutes is cancelled; it had taken nothing. */
export async function cancelUnpaid(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	const due = await ctx.db.execute<{ id: string }>(sql`
		select id from sandbox.orders where store_id = ${store.id} and status = 'pending'
			and (data->>'held_until')::timestamptz <= ${ctx.now().toISOString()}::timestamptz order by length(id), id`);
	for (const { id } of due)
		await changeOrder(ctx, store, id, (work) => {
			if (work.order.status !== "pending") return false;
			enterStatus(work, "cancelled");
			note(work, "Unpaid order cancelled - time limit reached.");
		});
}

export function trashOrder(ctx: SandboxContext, store: SandboxStore, orderId: string): Promise<OrderRow | null> {
	return changeOrder(ctx, store, orderId, (work) => {
		work.order.status = "trash";
		const deleted = { topic: "order.deleted", resourceId: orderId };
		// An order that is a post is trashed as one, and product.deleted listens to posts.
		return settingsOf(store).hasOrderTables ? [deleted] : [deleted, { topic: "product.deleted", resourceId: orderId }];
	});
}

/** Gone for good: nobody is told, and nothing is given back. */
export async function removeOrder(ctx: SandboxContext, store: SandboxStore, orderId: string): Promise<void> {
	await changeShop(ctx, store, (tx) => deleteOrder(tx, store.id, orderId));
}

/** A new order is told of twice: as made and as changed. */
function events(topic: "order.created" | "order.updated", order: OrderRow): Event[] {
	const updated = { topic: "order.updated", resourceId: order.id };
	return topic === "order.created" ? [{ topic, resourceId: order.id }, updated] : [updated];
}

function holderFor(row: ItemRow, settings: WooSettings): Holder | null {
	const holderId = holderOf(row, settings);
	return holderId === null ? null : { holderId, parentId: row.parent_id, title: titleOf(row) };
}

async function holdersOf(tx: Executor, store: SandboxStore, order: OrderRow): Promise<Map<number, Holder>> {
	const settings = settingsOf(store);
	const holders = new Map<number, Holder>();
	const rows = await tx.execute<ItemRow>(
		selectItems(sql`i.store_id = ${store.id} and i.id in ${idList(order.data.lines.map(itemIdOf))}`),
	);
	const byId = new Map(rows.map((row) => [row.id, row]));
	for (const line of order.data.lines) {
		const row = byId.get(itemIdOf(line));
		const holder = row && holderFor(row, settings);
		if (holder) holders.set(line.id, holder);
	}
	return holders;
}

/** Moves the stock, notes it on the order and says what else changed. */
async function settle(tx: Executor, store: SandboxStore, work: Work): Promise<Event[]> {
	const moved = await moveStock(tx, store.id, work.moves, work.at, settingsOf(store));
	const quantities = new Map(moved.map(({ id, quantity }) => [id, quantity]));
	for (const { holderId, by, title } of work.moves) {
		const now = quantities.get(holderId);
		if (now === undefined) continue;
		note(work, `Stock levels ${by < 0 ? "reduced" : "increased"}: ${title} (${now - by}&rarr;${now})`);
	}
	return stockNews(moved);
}
