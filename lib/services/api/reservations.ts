/** Reservations as the public API answers them: the verbs' outcomes as answers and problems. */
import type { Transaction } from "@/db/client";
import { asMerchant } from "@/db/client";
import { statementsOf } from "@/db/statement";
import type { Context } from "../context";
import { confirmReservation } from "../reservations/confirm";
import { givenUpSentence } from "../reservations/keep-for-carts";
import { shortSentence } from "../reservations/place-units";
import { releaseReservation } from "../reservations/release";
import { type ReservationView, readReservation } from "../reservations/reservation";
import { type ReserveInput, reserve } from "../reservations/reserve";
import { problem } from "./problem";
import type { Answer } from "./route";

export const readOne = (ctx: Context, id: string): Promise<ReservationView> =>
	asMerchant(ctx.db, ctx.merchantId, async (tx) => (await readReservation(statementsOf(tx), id)).view);

export async function reserveLines(
	tx: Transaction,
	ctx: Context,
	input: ReserveInput,
	requestId: string,
): Promise<Answer<ReservationView>> {
	const done = await reserve(tx, ctx, requestId, input);
	const { pendingChannelIds } = done;
	if (done.reason === "reserved") return { status: 201, body: done.reservation, pendingChannelIds };
	const { short, givenUp } = done;
	const sentence = `${shortSentence(short)}. Nothing was reserved.`;
	if (!givenUp) return { ...problem(409, "short", sentence, { short }), pendingChannelIds };
	const { retryAfter } = givenUp;
	const refused = problem(409, "short", `${sentence} ${givenUpSentence(givenUp)}`, { short, retryAfter });
	return { ...refused, pendingChannelIds };
}

export async function confirmOne(tx: Transaction, ctx: Context, id: string): Promise<Answer<ReservationView>> {
	const done = await confirmReservation(tx, ctx, id);
	const { expiresAt, endedAt } = done.reservation;
	switch (done.reason) {
		case "confirmed":
			return { status: 200, body: done.reservation, pendingChannelIds: done.pendingChannelIds };
		case "released":
			return problem(409, "released", `It was released at ${endedAt}, so nothing is held for it. Reserve anew.`, {
				endedAt,
			});
		case "expired":
			return problem(
				409,
				"expired",
				`It expired at ${expiresAt}, and it was ${done.at} when you asked. Nothing was sold. Reserve anew.`,
				{ expiresAt, askedAt: done.at },
			);
	}
}

export async function releaseOne(tx: Transaction, ctx: Context, id: string): Promise<Answer<ReservationView>> {
	const done = await releaseReservation(tx, ctx, id);
	if (done.reason === "released")
		return { status: 200, body: done.reservation, pendingChannelIds: done.pendingChannelIds };
	const { endedAt } = done.reservation;
	return problem(409, "confirmed", `It was confirmed at ${endedAt}: what it held is sold.`, { endedAt });
}
