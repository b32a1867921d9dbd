import type { Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import { authorise, type Context } from "../context";
import { appendLog } from "../log/append-log";
import { lockLevels } from "../stock/lock-levels";
import { updateSlots } from "../stock/recompute-offers";
import { closeUnreserved, endReservations, type GivenBack, unreserved } from "./end-reservations";
import { expireLapsed } from "./release-expired";
import { type ReservationView, readReservation } from "./reservation";

export type Released =
	/** It holds nothing any more; also if it had expired, or been released before. */
	| { reason: "released"; reservation: ReservationView; pendingChannelIds: string[] }
	/** What it held is sold. */
	| { reason: "confirmed"; reservation: ReservationView };

/** Lets go of what is held; it is on offer again at once. */
export async function releaseReservation(tx: Transaction, ctx: Context, id: string): Promise<Released> {
	authorise(ctx, "support");
	const run = statementsOf(tx);
	const { held } = await readReservation(run, id);
	const skuIds = [...new Set(held.map(({ skuId }) => skuId))];
	await lockLevels(run, skuIds);
	// Read again: whoever ends it holds these locks.
	const { view } = await readReservation(run, id);
	if (view.state === "confirmed") return { reason: "confirmed", reservation: view };
	const back =
		view.state === "expired" ? await expireLapsed(run, ctx.merchantId, [{ id, skuIds }]) : await letGo(run, ctx, id);
	const { pendingChannelIds } = await updateSlots(run, back.length > 0 ? skuIds : [], []);
	return { reason: "released", reservation: (await readReservation(run, id)).view, pendingChannelIds };
}

async function letGo(run: Statement, ctx: Context, id: string): Promise<GivenBack[]> {
	const back = await endReservations(run, ctx.merchantId, [id], "released");
	await appendLog(run, ctx.merchantId, [
		...back.map((one) => unreserved(one, ctx.actor, false)),
		...(await closeUnreserved(run, ctx.merchantId, back)),
	]);
	return back;
}
