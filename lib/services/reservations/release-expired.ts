import { clientFor } from "@/db/client";
import { asMerchantPrepared, type Statement } from "@/db/statement";
import { notifyLog } from "@/lib/live/notify";
import { eachMerchant } from "../each-merchant";
import { tellExpired } from "../endpoints/tell";
import { appendLog } from "../log/append-log";
import { lockLevels } from "../stock/lock-levels";
import { updateSlots } from "../stock/recompute-offers";
import { wake } from "../sync/wake";
import { closeUnreserved, endReservations, type GivenBack, unreserved } from "./end-reservations";
import { type ReservationView, readViews } from "./reservation";

/** Reservations that one transaction gives back: it locks every level that they hold. */
const mostAtOnce = 200;

type Lapsed = { id: string; skuIds: string[] };

/** Reservations past their time whose units nobody has given back yet: a bite of them, or with `skuIds` all that hold one of these. */
export async function findLapsed(run: Statement, merchantId: string, skuIds?: readonly string[]): Promise<Lapsed[]> {
	const rows = await run<{ id: string; sku_ids: string[] }>`
		select r.id, h.sku_ids from reservations r
		cross join lateral (select jsonb_agg(distinct sku_id) as sku_ids from reservation_lines where reservation_id = r.id) h
		where r.merchant_id = ${merchantId}::uuid and r.state = 'open' and r.expires_at <= clock_timestamp()
			and (${skuIds === undefined} or h.sku_ids ?| array(select jsonb_array_elements_text(${JSON.stringify(skuIds ?? [])}::text::jsonb)))
		order by r.expires_at limit ${skuIds ? null : mostAtOnce}::int`;
	return rows.map((row) => ({ id: row.id, skuIds: row.sku_ids }));
}

/** Gives back what lapsed reservations hold. The levels of all their lines must be locked; offers are the caller's to follow. */
export async function expireLapsed(
	run: Statement,
	merchantId: string,
	lapsed: readonly Lapsed[],
): Promise<GivenBack[]> {
	const back = await endReservations(
		run,
		merchantId,
		lapsed.map(({ id }) => id),
		"expired",
	);
	await tellExpired(run, merchantId, await readEnded(run, back));
	await appendLog(run, merchantId, [
		...back.map((one) => unreserved(one, "system", true)),
		...(await closeUnreserved(run, merchantId, back)),
	]);
	return back;
}

async function readEnded(run: Statement, back: readonly GivenBack[]): Promise<ReservationView[]> {
	const ids = [...new Set(back.map(({ reservationId }) => reservationId))];
	return ids.length === 0 ? [] : readViews(run, ids);
}

/** One merchant's; returns how many were given back. */
async function releaseExpiredOf(merchantId: string): Promise<number> {
	let released = 0;
	for (let isMore = true; isMore; ) {
		const bite = await releaseBiteOf(merchantId);
		released += bite.count;
		isMore = bite.isMore;
	}
	return released;
}

async function releaseBiteOf(merchantId: string): Promise<{ count: number; isMore: boolean }> {
	const done = await asMerchantPrepared(clientFor("app"), merchantId, async (run) => {
		const lapsed = await findLapsed(run, merchantId);
		if (lapsed.length === 0) return { count: 0, isMore: false, pendingChannelIds: [] };
		const skuIds = [...new Set(lapsed.flatMap((one) => one.skuIds))];
		await lockLevels(run, skuIds);
		const back = await expireLapsed(run, merchantId, lapsed);
		const { pendingChannelIds } = await updateSlots(run, [...new Set(back.map(({ skuId }) => skuId))], []);
		const count = new Set(back.map(({ reservationId }) => reservationId)).size;
		return { count, isMore: lapsed.length === mostAtOnce, pendingChannelIds };
	});
	if (done.count > 0) notifyLog(merchantId);
	wake("work", done.pendingChannelIds);
	return done;
}

/** Every merchant's, for the sweep. */
export async function releaseExpired(): Promise<{ released: number }> {
	const merchants = await clientFor("writer")<{ merchant_id: string }[]>`
		select distinct merchant_id from reservations where state = 'open' and expires_at <= now()`;
	let released = 0;
	await eachMerchant(merchants, async ({ merchant_id }) => {
		released += await releaseExpiredOf(merchant_id);
	});
	return { released };
}

/** Before levels are told to the outside: what has expired is not reserved, though the sweep has not come by yet. */
export async function releaseExpiredFirst(merchantId: string): Promise<void> {
	const lapsed = await asMerchantPrepared(clientFor("app"), merchantId, (run) => findLapsed(run, merchantId));
	if (lapsed.length > 0) await releaseExpiredOf(merchantId);
}
