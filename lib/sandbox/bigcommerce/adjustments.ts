/**
 * Adjustments: looked over as a whole, answered with a transaction's id, and applied a while later in the order in which
 * they came. What was accepted waits as a row until somebody looks or its timer comes, so that a restart loses nothing.
 */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { sandboxItems } from "@/db/schema";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { demand } from "./access";
import { type Item, itemsNamed, nameOf, type Wanted } from "./adjusted-items";
import { changeShop } from "./news";
import { defaultLocation, settingsOf } from "./settings";
import { availableOf, lockStock, stockId, stockOf, writeStock } from "./stock";
import { type StockChange, stockNews } from "./stock-news";
import { type Answer, BcError, bodyObject, type Call } from "./wire";

export const largestAdjustment = 2_000;
const largestQuantity = 2_147_483_647;

type Method = "absolute" | "relative";
type Row = { holderId: string; locationId: number; quantity: number };
type Queued = { method: Method; rows: Row[] };

export const putAbsolute = (call: Call) => adjust(call, "absolute");
export const postRelative = (call: Call) => adjust(call, "relative");

async function adjust(call: Call, method: Method): Promise<Answer> {
	demand(call, "store_inventory");
	const { ctx, store, settings } = call;
	const wanted = readItems(call);
	const items = await itemsNamed(ctx.db, store.id, wanted);
	const bad = await objectionsTo(call, method, wanted, items);
	const good = wanted.flatMap((one, index): Row[] => {
		const item = items[index];
		return item && !bad.indexes.has(index)
			? [{ holderId: item.holderId, locationId: one.locationId, quantity: one.quantity }]
			: [];
	});
	if (bad.title !== null) {
		if (settings.appliesGoodRowsOf422 && good.length > 0) await queue(ctx, store, { method, rows: good });
		throw new BcError(422, bad.title);
	}
	const id = good.length > 0 ? await queue(ctx, store, { method, rows: good }) : randomUUID();
	return { status: 200, body: { transaction_id: id } };
}

function readItems(call: Call): Wanted[] {
	const { items } = bodyObject(call.body);
	if (!Array.isArray(items)) throw new BcError(422, "Payload contains invalid fields", { items: "items is required" });
	if (items.length > largestAdjustment)
		throw new BcError(
			413,
			`The request payload is too large. The maximum items allowed in the array is ${largestAdjustment}`,
		);
	const known = new Set(call.settings.locations.map(({ id }) => id));
	const errors: Record<string, string> = {};
	const wanted = items.map((item, index): Wanted => {
		const { location_id, quantity, sku, variant_id, product_id } = bodyObject(item);
		const invalid = (field: string, text: string) => {
			errors[`items.${index}.${field}`] = text;
		};
		const names = [sku, variant_id, product_id].filter((name) => name !== undefined && name !== null);
		if (names.length !== 1) invalid("identity", "Exactly one of sku, variant_id or product_id is required");
		if (!Number.isInteger(quantity)) invalid("quantity", "quantity must be an integer");
		else if (Math.abs(quantity as number) > largestQuantity) invalid("quantity", "quantity is too large");
		const locationId = location_id === undefined ? defaultLocation(call.settings) : Number(location_id);
		if (!known.has(locationId)) invalid("location_id", `Location ${location_id} does not exist`);
		const kind = sku !== undefined ? "sku" : variant_id !== undefined ? "variant_id" : "product_id";
		return { kind, name: String(names[0]), locationId, quantity: quantity as number };
	});
	if (Object.keys(errors).length > 0) throw new BcError(422, "Payload contains invalid fields", errors);
	return wanted;
}

type Objections = { title: string | null; indexes: ReadonlySet<number> };

/** The first kind of trouble that is found speaks for the call. */
async function objectionsTo(
	{ ctx, store, settings }: Call,
	method: Method,
	wanted: readonly Wanted[],
	items: readonly (Item | null)[],
): Promise<Objections> {
	const stock = await stockOf(
		ctx.db,
		store.id,
		items.flatMap((item) => (item ? [item.holderId] : [])),
	);
	const byId = new Map(stock.map((row) => [stockId(row.location_id, row.holder_id), row]));
	const rowOf = (index: number) => {
		const [one, item] = [wanted[index], items[index]];
		return one && item ? byId.get(stockId(one.locationId, item.holderId)) : undefined;
	};
	const those = (isBad: (one: Wanted, index: number) => boolean) =>
		wanted.flatMap((one, index) => (isBad(one, index) ? [index] : []));
	const names = (indexes: number[]) => indexes.map((index) => nameOf(wanted[index])).join(", ");

	const unknown = those((_, index) => !items[index]);
	const mistracked = those((_, index) => Boolean(items[index]?.objection));
	const neverSet = method === "relative" ? those((_, index) => items[index] !== null && !rowOf(index)) : [];
	const below =
		method === "relative"
			? those(({ quantity }, index) => {
					const row = rowOf(index);
					return row !== undefined && quantity < 0 && availableOf(row) + quantity < 0;
				})
			: [];
	const beyond = those(
		({ quantity }, index) => (method === "relative" ? (rowOf(index)?.onhand ?? 0) : 0) + quantity > largestQuantity,
	);
	const indexes = new Set([...unknown, ...mistracked, ...neverSet, ...below, ...beyond]);
	if (unknown.length > 0) return { title: `Items with identity: [${names(unknown)}] do not exist`, indexes };
	if (mistracked.length > 0)
		return { title: `[${mistracked.map((index) => items[index]?.objection).join(", ")}]`, indexes };
	if (neverSet.length > 0)
		return { title: `Items with identity: [${names(neverSet)}] requires absolute adjustment before relative`, indexes };
	if (below.length > 0) return { title: settings.belowZeroTitle.replace("%s", names(below)), indexes };
	if (beyond.length > 0)
		return { title: `Items with identity: [${names(beyond)}] exceed the maximum inventory level`, indexes };
	return { title: null, indexes };
}

const kind = "adjustment";

async function queue(ctx: SandboxContext, store: SandboxStore, queued: Queued): Promise<string> {
	const { adjustmentDelayMs, adjustmentJitterMs, adjustmentLossRate } = settingsOf(store);
	const id = randomUUID();
	if (adjustmentLossRate > 0 && ctx.random() < adjustmentLossRate) return id;
	const delayMs = adjustmentDelayMs + adjustmentJitterMs * ctx.random();
	const now = ctx.now().getTime();
	if (delayMs === 0) {
		await apply(ctx, store, [queued]);
		return id;
	}
	// Behind those that came before.
	const [last] = await ctx.db.execute<{ due_at: string | null }>(
		sql`select max(modified_at) due_at from sandbox.items where store_id = ${store.id} and kind = ${kind}`,
	);
	const dueAt = Math.max(now + delayMs, last?.due_at ? Date.parse(last.due_at) + 1 : 0);
	await ctx.db
		.insert(sandboxItems)
		.values({ storeId: store.id, id, kind, data: { ...queued }, modifiedAt: new Date(dueAt) });
	// For the news of it; who looks applies it himself.
	setTimeout(() => void applyDue(ctx, store).catch(() => {}), dueAt - now + 5).unref();
	return id;
}

/** Before anybody looks at a number or changes one. */
export async function applyDue(ctx: SandboxContext, store: SandboxStore): Promise<void> {
	const isDue = sql`store_id = ${store.id} and kind = ${kind} and modified_at <= ${ctx.now().toISOString()}::timestamptz`;
	const [due] = await ctx.db.execute(sql`select 1 from sandbox.items where ${isDue} limit 1`);
	if (!due) return;
	await changeShop(ctx, store, async (tx, tell) => {
		const due = await tx.execute<{ data: Queued; modified_at: string }>(sql`
			delete from sandbox.items where (store_id, id) in (
				select store_id, id from sandbox.items
				where ${isDue} order by modified_at for update)
			returning data, modified_at`);
		const inOrder = [...due].sort((a, b) => Date.parse(a.modified_at) - Date.parse(b.modified_at));
		tell(
			...(await applyAll(
				tx,
				ctx,
				store,
				inOrder.map(({ data }) => data),
			)),
		);
	});
}

const apply = (ctx: SandboxContext, store: SandboxStore, queued: readonly Queued[]) =>
	changeShop(ctx, store, async (tx, tell) => tell(...(await applyAll(tx, ctx, store, queued))));

async function applyAll(tx: Transaction, ctx: SandboxContext, store: SandboxStore, queued: readonly Queued[]) {
	if (queued.length === 0) return [];
	const at = ctx.now();
	const ids = queued.flatMap(({ rows }) => rows.map(({ holderId, locationId }) => stockId(locationId, holderId)));
	const before = await lockStock(tx, store.id, [...new Set(ids)]);
	const known = new Map(before.map((row) => [stockId(row.location_id, row.holder_id), row]));
	const onhand = new Map(before.map((row) => [stockId(row.location_id, row.holder_id), row.onhand]));
	const changes: StockChange[] = [];
	for (const { method, rows } of queued) {
		for (const { holderId, locationId, quantity } of rows) {
			const id = stockId(locationId, holderId);
			const now = onhand.get(id) ?? 0;
			const next = method === "absolute" ? quantity : now + quantity;
			const safety = known.get(id)?.data.safety_stock ?? 0;
			const isShort = method === "relative" && quantity < 0 && next - safety < 0;
			if (isShort && settingsOf(store).lateShortfall === "dropped") continue;
			onhand.set(id, next);
			changes.push({ holderId, locationId, onhand: next, method, value: quantity });
		}
	}
	const final = new Map(
		changes.map(({ holderId, locationId }) => [stockId(locationId, holderId), { holderId, locationId }]),
	);
	await writeStock(
		tx,
		store.id,
		[...final].map(([id, of]) => ({ ...of, onhand: onhand.get(id) ?? 0 })),
		at,
	);
	return stockNews(tx, store, changes, at);
}
