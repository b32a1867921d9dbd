/**
 * The naive twins, on the same Postgres with the same deliveries and workers. Both drop a webhook whose id they have
 * seen, as every guide tells to.
 *
 * - `read, add, write`: what an order has taken is compared with what was heard of it last, whatever its version; the
 *   level is read, added to and written.
 * - `count each change`: the level is decremented in the database, atomically, by what each new piece of news says.
 */
import type postgres from "postgres";
import { type Delivery, finalOnHand, type World } from "./world";

export const naiveTwins = ["read, add, write", "count each change"] as const;
export type NaiveTwin = (typeof naiveTwins)[number];

export async function makeTwinTables(sql: postgres.Sql): Promise<void> {
	await sql`create table twin_levels (run int, sku int, on_hand int not null, primary key (run, sku))`;
	await sql`create table twin_lines (run int, line text, taken int not null, primary key (run, line))`;
	await sql`create table twin_seen (run int, id text, primary key (run, id))`;
}

/** What differs from the reference model. */
export async function runNaive(
	sql: postgres.Sql,
	run: number,
	twin: NaiveTwin,
	world: World,
	workers: number,
): Promise<string[]> {
	for (const [sku, stock] of world.stock.entries())
		if (stock !== null) await sql`insert into twin_levels values (${run}, ${sku}, ${stock})`;
	const queue = [...world.deliveries];
	const work = async () => {
		for (let next = queue.pop(); next; next = queue.pop()) await hear(sql, run, twin, world, next);
	};
	await Promise.all(Array.from({ length: workers }, work));
	const levels = await sql<{ sku: number; on_hand: number }[]>`select sku, on_hand from twin_levels where run = ${run}`;
	const onHand = new Map(levels.map((level) => [level.sku, level.on_hand]));
	return finalOnHand(world).flatMap((left, sku) =>
		left === null || onHand.get(sku) === left ? [] : [`SKU ${sku} on hand ${onHand.get(sku)}, not ${left}`],
	);
}

async function hear(sql: postgres.Sql, run: number, twin: NaiveTwin, world: World, delivery: Delivery): Promise<void> {
	const { order, version, by } = delivery;
	if (by.way === "webhook") {
		const fresh = await sql`insert into twin_seen values (${run}, ${by.id}) on conflict do nothing returning 1`;
		if (fresh.length === 0) return;
	}
	for (const line of version.lines) {
		const listing = world.listings.find((one) => one.channel === order.channel && one.variantId === line.variantId);
		if (!listing) continue;
		const key = `${order.ref}:${line.lineId}`;
		const [known] = await sql<{ taken: number }[]>`select taken from twin_lines where run = ${run} and line = ${key}`;
		const more = twin === "read, add, write" ? line.taken - (known?.taken ?? 0) : line.taken;
		await sql`
			insert into twin_lines values (${run}, ${key}, ${line.taken}) on conflict (run, line) do update set taken = excluded.taken`;
		const parts =
			listing.sku === world.bundle.sku ? world.bundle.components : [{ sku: listing.sku, units: listing.units }];
		for (const { sku, units } of parts) await take(sql, run, twin, sku, more * units);
	}
}

async function take(sql: postgres.Sql, run: number, twin: NaiveTwin, sku: number, units: number): Promise<void> {
	if (twin === "count each change") {
		await sql`update twin_levels set on_hand = on_hand - ${units} where run = ${run} and sku = ${sku}`;
		return;
	}
	const [level] = await sql<{ on_hand: number }[]>`select on_hand from twin_levels where run = ${run} and sku = ${sku}`;
	await sql`update twin_levels set on_hand = ${(level?.on_hand ?? 0) - units} where run = ${run} and sku = ${sku}`;
}
