import { asMerchant } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { type Cell, type ContenderName, compareOn, contenderNames, seedsOf } from "@/lib/simulation/compare";
import { type DayName, dayNames } from "@/lib/simulation/scenes";
import type { Context } from "../context";
import { hasStarted } from "../sync/wake";
import { cellKey } from "./comparison";

/** The merchant's comparison that is asked for or was interrupted, now under way; null: there is none. */
export async function beginComparison(ctx: Context): Promise<{ id: string; total: number } | null> {
	hasStarted("compare", ctx.merchantId);
	return inside(ctx, async (run) => {
		const [row] = await run<{ id: string; total: number }>`
			update comparisons set state = 'running', beat_at = now() where state <> 'done' returning id, total`;
		return row ?? null;
	});
}

/** Fills one cell of it, if it is not there yet. False: another comparison has taken its place. */
export async function advanceComparison(ctx: Context, id: string, index: number): Promise<boolean> {
	const asked = await inside(ctx, async (run) => {
		const [row] = await run<{ days: string[]; seed: number; seeds: number; keys: string[] }>`
			select days, seed, seeds, array(select jsonb_object_keys(cells)) as keys from comparisons where id = ${id}::uuid`;
		return row ?? null;
	});
	if (!asked) return false;
	const place = placeOf(asked.days, index);
	if (place && !asked.keys.includes(cellKey(...place)))
		await keep(ctx, id, place, await compareOn(...place, asked.seed, seedsOf(place[0], asked.seeds)));
	return true;
}

function placeOf(days: readonly string[], index: number): [DayName, ContenderName] | null {
	const name = days[Math.floor(index / contenderNames.length)];
	const day = dayNames.find((one) => one === name);
	const contender = contenderNames[index % contenderNames.length];
	return day && contender ? [day, contender] : null;
}

async function keep(ctx: Context, id: string, place: [DayName, ContenderName], cell: Cell): Promise<void> {
	await inside(
		ctx,
		(run) => run`
			update comparisons set cells = cells || jsonb_build_object(${cellKey(...place)}::text, ${JSON.stringify(cell)}::text::jsonb), beat_at = now()
			where id = ${id}::uuid`,
	);
}

/** All of its cells are there, or never will be. */
export async function endComparison(ctx: Context, id: string): Promise<void> {
	await inside(
		ctx,
		(run) => run`update comparisons set state = 'done', finished_at = now() where id = ${id}::uuid and state <> 'done'`,
	);
}

const inside = <T>(ctx: Context, work: (run: Statement) => Promise<T>): Promise<T> =>
	asMerchant(ctx.db, ctx.merchantId, (tx) => work(statementsOf(tx)));
