/**
 * A write's way to the number behind it. Relative changes are one atomic statement, or a reading and a writing with a gap
 * (`racyWindowMs`); they land at once, or when the platform has worked off its feed (`visibleAfterMs`).
 */
import { type SQL, sql } from "drizzle-orm";
import { takeIds } from "../context";
import { pause } from "../knobs";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { type Behind, type Cart, openCart, shelfOf } from "./carts";
import { settingsOf } from "./settings";
import type { Shelf, ShopItem } from "./views/view";
import { A2cError, type StoreCall } from "./wire";

export type Change = { to: number } | { by: number };
/** `parentId`: whose stamp moves, too. */
export type Target = { storeKey: string; rowId: string; parentId: string | null };

const belowZero = () => new A2cError(109, "Final quantity cannot be less than 0");

/** The row that a write means: of the warehouse that it names, or else of the first, which is the default one. */
export function rowOf(item: ShopItem, warehouseId: string | null): string | null {
	if (warehouseId === null) return item.stock[0]?.rowId ?? null;
	const row = item.stock.find((one) => one.warehouseId === warehouseId);
	if (row) return row.rowId;
	throw new A2cError(112, `Warehouse with id ${warehouseId} not found`);
}

/** Whether anything changed. Throws what API2Cart answers. */
export async function changeStock(call: StoreCall, target: Target, change: Change): Promise<boolean> {
	const { ctx, store, cart, settings } = call;
	if (settings.visibleAfterMs === 0)
		return apply(shelfOf(ctx, store.id, cart), cart, target, change, settings.racyWindowMs);
	await postpone(ctx, store, { ...target, change }, settings.visibleAfterMs);
	return true;
}

/** A store that is seen through its hands alone has its numbers read and typed: never one step. */
async function apply(
	shelf: Shelf,
	{ view }: Cart,
	target: Target,
	change: Change,
	racyWindowMs: number | null,
): Promise<boolean> {
	if ("by" in change && racyWindowMs === null && view.change === null) return shift(shelf, target, change.by);
	const before = view.change ? await shownQuantity(shelf, view, target) : await rowQuantity(shelf, target);
	if (before === null) return false;
	const after = "to" in change ? change.to : before + change.by;
	if (after < 0) throw belowZero();
	if (racyWindowMs !== null) await pause(racyWindowMs);
	if (after === before) return false;
	if (view.change) await view.change(shelf, target.rowId, after);
	else await write(shelf, target, sql`${after}::int`);
	return true;
}

async function shift(shelf: Shelf, target: Target, by: number): Promise<boolean> {
	if (by === 0) return false;
	if (await write(shelf, target, sql`quantity + ${by}::int`, sql`(${by}::int > 0 or quantity + ${by}::int >= 0)`))
		return true;
	if ((await rowQuantity(shelf, target)) === null) return false;
	throw belowZero();
}

async function shownQuantity(shelf: Shelf, view: Cart["view"], { rowId }: Target): Promise<number | null> {
	const [product] = await view.products(shelf, { ids: [rowId] }, { offset: 0, limit: 1 });
	return product?.stock[0]?.quantity ?? null;
}

async function rowQuantity({ db, store }: Shelf, { rowId }: Target): Promise<number | null> {
	const [row] = await db.execute<{ quantity: number | null }>(
		sql`select quantity from sandbox.items where store_id = ${store.id} and id = ${rowId}`,
	);
	return row?.quantity ?? null;
}

/** False: there is no such row, or the condition does not hold. */
async function write(
	{ ctx, db, store }: Shelf,
	{ rowId, parentId }: Target,
	quantity: SQL,
	condition: SQL = sql`true`,
): Promise<boolean> {
	const at = ctx.now().toISOString();
	const [row] = await db.execute<{ id: string }>(sql`
		update sandbox.items set quantity = ${quantity}, modified_at = ${at}::timestamptz
		where store_id = ${store.id} and id = ${rowId} and quantity is not null and ${condition} returning id`);
	if (row && parentId)
		await db.execute(
			sql`update sandbox.items set modified_at = ${at}::timestamptz where store_id = ${store.id} and id = ${parentId}`,
		);
	return row !== undefined;
}

type Postponed = Target & { change: Change };

async function postpone(ctx: SandboxContext, account: SandboxStore, data: Postponed, afterMs: number): Promise<void> {
	const [id = 0] = await takeIds(ctx.db, account.id, 1);
	const dueAt = new Date(ctx.now().getTime() + afterMs).toISOString();
	await ctx.db.execute(sql`
		insert into sandbox.items (store_id, id, kind, data, modified_at)
		values (${account.id}, ${`feed-${id}`}, 'feed', ${JSON.stringify(data)}::jsonb, ${dueAt}::timestamptz)`);
}

/** What the platform has worked off by now; a row that it refuses there is dropped, and nobody is told. */
export async function landDue(ctx: SandboxContext, behind: Behind, account: SandboxStore): Promise<void> {
	if (settingsOf(account).visibleAfterMs === 0) return;
	await ctx.db.transaction(async (tx) => {
		const due = await tx.execute<{ id: string; data: Postponed }>(sql`
			delete from sandbox.items where store_id = ${account.id} and kind = 'feed' and modified_at <= ${ctx.now().toISOString()}::timestamptz
			returning id, data`);
		const inOrder = [...due].sort((a, b) => Number(a.id.slice(5)) - Number(b.id.slice(5)));
		for (const { data } of inOrder) {
			const cart = await openCart(ctx, behind, account, data.storeKey);
			if (cart) await apply(shelfOf(ctx, account.id, cart, tx), cart, data, data.change, null).catch(ignoreRefusal);
		}
	});
}

function ignoreRefusal(error: unknown): void {
	if (!(error instanceof A2cError)) throw error;
}
