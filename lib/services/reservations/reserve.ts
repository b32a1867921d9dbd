import type { Transaction } from "@/db/client";
import type { ReservedLine } from "@/db/schema";
import { type Statement, statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { tellLevels } from "../endpoints/tell";
import { Unacceptable } from "../errors";
import { appendLog } from "../log/append-log";
import { lockLevels } from "../stock/lock-levels";
import { updateSlots } from "../stock/recompute-offers";
import { type GivenUp, keepForCarts, keepForTheNext } from "./keep-for-carts";
import { type Placed, placeUnits, type Short, type Wanted } from "./place-units";
import { expireLapsed, findLapsed } from "./release-expired";
import { type ReservationView, readReservation } from "./reservation";

export type ReserveInput = {
	lines: {
		sku: string;
		quantity: number;
		/** Left out: from wherever it lies. */
		locationId?: string | undefined;
	}[];
	ttlSeconds: number;
	reference: string | null;
};

export type Reserved =
	| { reason: "reserved"; reservation: ReservationView; pendingChannelIds: string[] }
	/** Nothing was reserved: these have not so many left. `givenUp` null: asking again brings nothing. */
	| { reason: "short"; short: Short[]; givenUp: GivenUp | null; pendingChannelIds: string[] };

/**
 * Holds stock until a moment: all lines or none. What is held leaves every offer at once, so no channel can sell it, and
 * of those who want the last unit the first under its level's lock has it.
 */
export async function reserve(
	tx: Transaction,
	ctx: Context,
	reservationId: string,
	{ lines, ttlSeconds, reference }: ReserveInput,
): Promise<Reserved> {
	authorise(ctx, "support");
	const run = statementsOf(tx);
	const locationIds = await readLocationIds(run);
	const only = locationIds.length === 1 ? locationIds[0] : undefined;
	const asked = lines.map(({ sku, quantity, locationId = only ?? null }) => ({ sku, quantity, locationId }));
	const wanted = await wantedOf(run, asked);
	const wantedIds = wanted.map(({ skuId }) => skuId);
	// What has expired is free, and everything that it holds is locked together with what is wanted, in one order.
	const lapsed = await findLapsed(run, ctx.merchantId, wantedIds);
	await lockLevels(run, [...new Set([...wantedIds, ...lapsed.flatMap(({ skuIds }) => skuIds)])]);
	const back = await expireLapsed(run, ctx.merchantId, lapsed);
	const { placed, short } = await placeUnits(run, wanted, locationIds);
	const isHeld = short.length === 0;
	if (isHeld) {
		await hold(run, ctx, { reservationId, asked, placed, ttlSeconds, reference });
		await keepForTheNext(run, wantedIds);
	}
	const givenUp = isHeld ? null : await keepForCarts(run, short);
	const changed = [...(isHeld ? wantedIds : (givenUp?.skuIds ?? [])), ...back.map(({ skuId }) => skuId)];
	const { pendingChannelIds } = await updateSlots(run, [...new Set(changed)], []);
	if (!isHeld) return { reason: "short", short, givenUp, pendingChannelIds };
	return { reason: "reserved", reservation: (await readReservation(run, reservationId)).view, pendingChannelIds };
}

/** In the order in which they are taken from. */
async function readLocationIds(run: Statement): Promise<string[]> {
	const locations = await run<{ id: string }>`select id from locations order by created_at, name`;
	return locations.map(({ id }) => id);
}

/** What the lines come to in the ledger: a bundle is held by its components, and lines of one level are one. */
async function wantedOf(run: Statement, asked: readonly ReservedLine[]): Promise<Wanted[]> {
	const rows = await run<{
		code: string;
		quantity: number;
		sku_id: string | null;
		sku: string;
		units: number;
		is_placed: boolean;
		location_id: string | null;
	}>`
		select a.sku as code, a.quantity, p.id as sku_id, p.code as sku, coalesce(c.units, 1) as units,
			a."locationId" is not null as is_placed, o.id as location_id
		from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) as a(sku text, quantity int, "locationId" text)
		left join skus k on k.code = a.sku and k.archived_at is null
		left join sku_components c on c.bundle_id = k.id
		left join skus p on p.id = coalesce(c.component_id, k.id)
		left join locations o on o.id::text = lower(a."locationId")`;
	const wanted = new Map<string, Wanted>();
	for (const { code, quantity, sku_id: skuId, sku, units, is_placed, location_id: locationId } of rows) {
		if (!skuId) throw new Unacceptable(`There is no SKU ${code}.`, "no_such_sku");
		if (is_placed && !locationId) throw new Unacceptable(`There is no such location for ${code}.`, "no_such_location");
		const key = `${skuId} ${locationId}`;
		// Beyond what a column holds, maybe: it is held against what is there before any is written.
		wanted.set(key, { skuId, sku, locationId, units: (wanted.get(key)?.units ?? 0) + quantity * units });
	}
	return [...wanted.values()];
}

async function hold(
	run: Statement,
	ctx: Context,
	about: {
		reservationId: string;
		asked: readonly ReservedLine[];
		placed: readonly Placed[];
		ttlSeconds: number;
		reference: string | null;
	},
): Promise<void> {
	const { reservationId, asked, placed, ttlSeconds, reference } = about;
	const held = await run<{ sku_id: string; location_id: string; units: number; available: number }>`
		with made as (
			insert into reservations (id, merchant_id, reference, lines, expires_at, actor)
			values (${reservationId}::uuid, ${ctx.merchantId}::uuid, ${reference}, ${JSON.stringify(asked)}::text::jsonb,
				clock_timestamp() + ${ttlSeconds}::int * interval '1 s', ${ctx.actor})
			returning id
		),
		wanted as (
			select * from jsonb_to_recordset(${JSON.stringify(placed)}::text::jsonb) as w("skuId" uuid, "locationId" uuid, units int)
		),
		lines as (
			insert into reservation_lines (reservation_id, merchant_id, sku_id, location_id, units)
			select made.id, ${ctx.merchantId}::uuid, "skuId", "locationId", units from made, wanted
			returning sku_id, location_id, units
		)
		update levels l set reserved = l.reserved + n.units from lines n
		-- Asked under this very lock a moment ago; a level that could not give it would end the transaction below.
		where l.sku_id = n.sku_id and l.location_id = n.location_id and l.on_hand - l.reserved >= n.units
		returning l.sku_id, l.location_id, n.units, l.on_hand - l.reserved as available`;
	await tellLevels(run, ctx.merchantId, placed);
	if (held.length !== placed.length) throw new Error("a level under its lock gave less than it had");
	await appendLog(
		run,
		ctx.merchantId,
		held.map((one) => ({
			kind: "stock.changed",
			state: "ok",
			skuId: one.sku_id,
			data: {
				from: one.available + one.units,
				to: one.available,
				cause: "reserved",
				note: reference,
				actor: ctx.actor,
				locationId: one.location_id,
			},
		})),
	);
}
