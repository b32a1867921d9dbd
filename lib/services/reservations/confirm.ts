import type { Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { openReserved } from "../conflicts/open-reserved";
import { authorise, type Context } from "../context";
import { appendLog } from "../log/append-log";
import { foldMovements, type MovementRow } from "../stock/append-movements";
import { lockLevels } from "../stock/lock-levels";
import { updateSlots } from "../stock/recompute-offers";
import { endReservations } from "./end-reservations";
import { type Reservation, type ReservationView, readReservation } from "./reservation";

export type Confirmed =
	| { reason: "confirmed"; reservation: ReservationView; pendingChannelIds: string[] }
	/** It was let go by the caller. */
	| { reason: "released"; reservation: ReservationView }
	/** Past its time. `at`: when it was asked for, by the same clock. */
	| { reason: "expired"; reservation: ReservationView; at: string };

/**
 * Turns what was held into movements: sold. Confirmed twice, it was confirmed the first time.
 *
 * Past its time it is refused, though what it held may still be there: whoever reads it is told that it has expired, and
 * so are those who listen, and what was said to be over must not come to be sold. Whoever has been paid reserves anew.
 */
export async function confirmReservation(tx: Transaction, ctx: Context, id: string): Promise<Confirmed> {
	authorise(ctx, "support");
	const run = statementsOf(tx);
	const { held } = await readReservation(run, id);
	const skuIds = [...new Set(held.map(({ skuId }) => skuId))];
	await lockLevels(run, skuIds);
	// Read again: whoever ends it holds these locks.
	const reservation = await readReservation(run, id);
	const { view, readAt } = reservation;
	if (view.state === "confirmed") return { reason: "confirmed", reservation: view, pendingChannelIds: [] };
	if (view.state === "released") return { reason: "released", reservation: view };
	if (view.state === "expired") return { reason: "expired", reservation: view, at: readAt };
	const log = await consume(run, ctx, reservation);
	const { pendingChannelIds } = await updateSlots(run, skuIds, []);
	await appendLog(run, ctx.merchantId, log);
	return { reason: "confirmed", reservation: (await readReservation(run, id)).view, pendingChannelIds };
}

/** The movements that take what was held, and the log's lines of them. */
async function consume(run: Statement, ctx: Context, { view, held }: Reservation) {
	await endReservations(run, ctx.merchantId, [view.id], "confirmed");
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
			// What was held was not available before either.
			const available = movement.balance - movement.reserved;
			return {
				kind: "stock.changed" as const,
				state: "ok" as const,
				skuId: movement.skuId,
				skuVersion: movement.skuVersion,
				orderRef: view.id,
				data: {
					from: available,
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
