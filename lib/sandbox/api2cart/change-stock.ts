/**
 * A write's way to the number behind it. Relative changes are one atomic statement, or a reading and a writing with a gap
 * (`racyWindowMs`); they land at once, or when the platform has worked off its feed (`visibleAfterMs`).
 */
import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { takeIds } from "../context";
import { pause } from "../knobs";
import type { SandboxContext, SandboxStore } from "../sandbox-platform";
import { type A2cSettings, settingsOf } from "./settings";
import type { ShopItem } from "./views/view";
import { A2cError } from "./wire";

export type Change = { to: number } | { by: number };
/** `parentId`: whose stamp moves, too. */
export type Target = { backingId: string; rowId: string; parentId: string | null };

export const belowZero = () => new A2cError(109, "Final quantity cannot be less than 0");

/** The row that a write means: of the warehouse that it names, or else of the first, which is the default one. */
export function rowOf(item: ShopItem, warehouseId: string | null): string | null {
	if (warehouseId === null) return item.stock[0]?.rowId ?? null;
	const row = item.stock.find((one) => one.warehouseId === warehouseId);
	if (row) return row.rowId;
	throw new A2cError(112, `Warehouse with id ${warehouseId} not found`);
}

/** Whether anything changed. Throws what API2Cart answers. */
export async function changeStock(
	ctx: SandboxContext,
	account: SandboxStore,
	target: Target,
	change: Change,
): Promise<boolean> {
	const settings = settingsOf(account);
	if (settings.visibleAfterMs > 0) {
		await postpone(ctx, account, target, change, settings);
		return true;
	}
	return apply(ctx, ctx.db, target, change, settings.racyWindowMs);
}

async function apply(
	ctx: SandboxContext,
	db: Executor,
	target: Target,
	change: Change,
	racyWindowMs: number | null,
): Promise<boolean> {
	if ("to" in change || racyWindowMs !== null) {
		const before = await quantityOf(db, target);
		if (before === null) return false;
		const after = "to" in change ? change.to : before + change.by;
		if (after < 0) throw belowZero();
		if (racyWindowMs !== null) await pause(racyWindowMs);
		return after !== before && (await write(ctx, db, target, sql`${after}::int`)) !== null;
	}
	if (change.by === 0) return false;
	if ((await write(ctx, db, target, sql`quantity + ${change.by}::int`, change.by)) !== null) return true;
	if ((await quantityOf(db, target)) === null) return false;
	throw belowZero();
}

async function quantityOf(db: Executor, { backingId, rowId }: Target): Promise<number | null> {
	const [row] = await db.execute<{ quantity: number | null }>(
		sql`select quantity from sandbox.items where store_id = ${backingId} and id = ${rowId}`,
	);
	return row?.quantity ?? null;
}

/** Null: there is no such row, or it would fall below zero. */
async function write(
	ctx: SandboxContext,
	db: Executor,
	{ backingId, rowId, parentId }: Target,
	quantity: ReturnType<typeof sql>,
	by = 0,
): Promise<number | null> {
	const at = ctx.now().toISOString();
	const [row] = await db.execute<{ quantity: number }>(sql`
		update sandbox.items set quantity = ${quantity}, modified_at = ${at}::timestamptz
		where store_id = ${backingId} and id = ${rowId} and (${by}::int >= 0 or quantity + ${by}::int >= 0) returning quantity`);
	if (row && parentId)
		await db.execute(sql`
			update sandbox.items set modified_at = ${at}::timestamptz where store_id = ${backingId} and id = ${parentId}`);
	return row?.quantity ?? null;
}

type Postponed = Target & { change: Change };

async function postpone(
	ctx: SandboxContext,
	account: SandboxStore,
	target: Target,
	change: Change,
	{ visibleAfterMs }: A2cSettings,
): Promise<void> {
	const [id = 0] = await takeIds(ctx.db, account.id, 1);
	const dueAt = new Date(ctx.now().getTime() + visibleAfterMs).toISOString();
	const data: Postponed = { ...target, change };
	await ctx.db.execute(sql`
		insert into sandbox.items (store_id, id, kind, data, modified_at)
		values (${account.id}, ${`feed-${id}`}, 'feed', ${JSON.stringify(data)}::jsonb, ${dueAt}::timestamptz)`);
}

/** What the platform has worked off by now; a row that it refuses there is dropped, and nobody is told. */
export async function landDue(ctx: SandboxContext, account: SandboxStore): Promise<void> {
	if (settingsOf(account).visibleAfterMs === 0) return;
	await ctx.db.transaction(async (tx) => {
		const due = await tx.execute<{ id: string; data: Postponed }>(sql`
			delete from sandbox.items where store_id = ${account.id} and kind = 'feed' and modified_at <= ${ctx.now().toISOString()}::timestamptz
			returning id, data`);
		const inOrder = [...due].sort((a, b) => Number(a.id.slice(5)) - Number(b.id.slice(5)));
		for (const { data } of inOrder) await apply(ctx, tx, data, data.change, null).catch(ignoreRefusal);
	});
}

function ignoreRefusal(error: unknown): void {
	if (!(error instanceof A2cError)) throw error;
}
