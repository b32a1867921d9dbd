import type { Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { openReserved } from "../conflicts/open-reserved";
import { authorise, type Context } from "../context";
import { appendLog } from "../log/append-log";
import { foldMovements, type MovementRow } from "../stock/append-movements";
import { lockLevels } from "../stock/lock-levels";
import { updateSlots } from "../stock/recompute-offers";
import { endReservations } from "./end-reservations";
import { expireLapsed, findLapsed } from "./release-expired";
import { type Reservation, type ReservationView, readReservation } from "./reservation";
import { findShort, type Short } from "./shortage";

export type Confirmed =
	| { reason: "confirmed"; reservation: ReservationView; pendingChannelIds: string[] }
	/** It was let go by the caller. */
	| { reason: "released"; reservation: ReservationView }
	/** Past its time, and what it held has gone to others meanwhile. */
	| { reason: "expired"; reservation: ReservationView; short: Short[]; pendingChannelIds: string[] };

/**
 * Turns what was held into movements: sold. Confirmed twice, it was confirmed the first time.
 *
 * A confirmation past the reservation's time still counts wherever every unit of it is there: most carts confirm when
 * the money has come, and who has paid for stock that nobody else wants should get it. Only if somebody else has it by
 * now is it refused, whole.
 */
export async function confirmReservation(tx: Transaction, ctx: Context, id: string): Promise<Confirmed> {
	authorise(ctx, "support");
	const run = statementsOf(tx);
	const { held } = await readReservation(run, id);
	const skuIds = [...new Set(held.map(({ skuId }) => skuId))];
	const lapsed = (await findLapsed(run, ctx.merchantId, skuIds)).filter((one) => one.id !== id);
	await lockLevels(run, [...new Set([...skuIds, ...lapsed.flatMap((one) => one.skuIds)])]);
	// Read again: whoever ends it holds these locks.
	const reservation = await readReservation(run, id);
	const { view, isHeld } = reservation;
	if (view.state === "confirmed") return { reason: "confirmed", reservation: view, pendingChannelIds: [] };
	if (view.state === "released") return { reason: "released", reservation: view };

	// Of two that are past their time the one that is confirmed has what it held, and the other's is free for it, too.
	const back = isHeld ? [] : await expireLapsed(run, ctx.merchantId, lapsed);
	const short = isHeld ? [] : await findShort(run, held);
	const log = short.length > 0 ? [] : await consume(run, ctx, reservation);
	const changed = [...(short.length > 0 ? [] : skuIds), ...back.map(({ skuId }) => skuId)];
	const { pendingChannelIds } = await updateSlots(run, [...new Set(changed)], []);
	if (short.length > 0) return { reason: "expired", reservation: view, short, pendingChannelIds };
	await appendLog(run, ctx.merchantId, log);
	return { reason: "confirmed", reservation: (await readReservation(run, id)).view, pendingChannelIds };
}

/** The movements that take what was held, and the log's lines of them. */
async function consume(run: Statement, ctx: Context, { view, isHeld, held }: Reservation) {
	if (isHeld) await endReservations(run, ctx.merchantId, [view.id], "confirmed");
	else
		await run`
			update reservations set state = 'confirmed', ended_at = clock_timestamp() where id = ${view.id}::uuid and state = 'expired'`;
	const rows = held.map(
		({ skuId, locationId, units }): MovementRow => ({
			skuId,
			locationId,
			delta: -units,
			kind: "reservation",
			causeKey: `reservation:${view.id}`,
			actor: ctx.actor,
			note: view.reference,
			channelId: null,
			orderRef: view.id,
			orderNumber: view.reference,
		}),
	);
	const appended = await foldMovements(run, ctx.merchantId, rows);
	// Fewer may have been counted than were held here: it is sold all the same, and one for a person.
	const conflicts = await openReserved(
		run,
		ctx.merchantId,
		appended.map((movement) => ({ movement, row: rows[movement.row] as MovementRow })),
	);
	return [
		...appended.map((movement) => {
			const available = movement.balance - movement.reserved;
			return {
				kind: "stock.changed" as const,
				state: "ok" as const,
				skuId: movement.skuId,
				skuVersion: movement.skuVersion,
				orderRef: view.id,
				data: {
					// What was held was not available before either.
					from: isHeld ? available : available - movement.delta,
					to: available,
					cause: "reservation",
					units: -movement.delta,
					note: view.reference,
					actor: ctx.actor,
					locationId: movement.locationId,
				},
			};
		}),
		...conflicts,
	];
}
