import type { ReservationState } from "@/db/schema";
import type { Statement } from "@/db/statement";
import { closeOversold } from "../conflicts/close-oversold";
import { tellLevels } from "../endpoints/tell";
import type { LogLine } from "../log/append-log";

/** A level and what was given back to it. */
export type GivenBack = {
	reservationId: string;
	reference: string | null;
	skuId: string;
	locationId: string;
	units: number;
	/** Available after all that was given back with it. */
	available: number;
};

/**
 * Ends reservations that are open and takes their units off what is reserved; those that somebody else ended meanwhile,
 * or that `expired` finds alive, are left alone. The levels of their lines must be locked: that is what makes one ending
 * of two the first.
 */
export async function endReservations(
	run: Statement,
	merchantId: string,
	reservationIds: readonly string[],
	state: Exclude<ReservationState, "open">,
): Promise<GivenBack[]> {
	if (reservationIds.length === 0) return [];
	const rows = await run<{
		reservation_id: string;
		reference: string | null;
		sku_id: string;
		location_id: string;
		units: number;
		available: number;
	}>`
		with ended as (
			update reservations set state = ${state}, ended_at = clock_timestamp()
			where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(reservationIds)}::text::jsonb))
				and state = 'open' and (${state} <> 'expired' or expires_at <= clock_timestamp())
			returning id, reference
		),
		held as (select e.id, e.reference, h.sku_id, h.location_id, h.units from ended e join reservation_lines h on h.reservation_id = e.id),
		back as (
			update levels l set reserved = l.reserved - t.units
			from (select sku_id, location_id, sum(units) as units from held group by 1, 2) t
			where l.sku_id = t.sku_id and l.location_id = t.location_id
			returning l.sku_id, l.location_id, l.on_hand - l.reserved as available
		)
		select h.id as reservation_id, h.reference, h.sku_id, h.location_id, h.units, b.available
		from held h join back b using (sku_id, location_id) order by h.id, h.sku_id, h.location_id`;
	const back = rows.map((row) => ({
		reservationId: row.reservation_id,
		reference: row.reference,
		skuId: row.sku_id,
		locationId: row.location_id,
		units: row.units,
		available: row.available,
	}));
	await tellLevels(run, merchantId, back);
	return back;
}

/** Closes what was oversold and has its units again by what was given back; returns the log's lines. */
export function closeUnreserved(run: Statement, merchantId: string, back: readonly GivenBack[]): Promise<LogLine[]> {
	const regained = back.map(({ skuId, locationId, units, available, reference: note }) => {
		const at = back.filter((one) => one.skuId === skuId && one.locationId === locationId);
		const before = available - at.reduce((sum, one) => sum + one.units, 0);
		const because = { cause: "unreserved" as const, units, orderNumber: null, channelId: null, note };
		return { before, regained: { skuId, locationId, units, channelId: null, orderRef: null, because } };
	});
	return closeOversold(
		run,
		merchantId,
		regained.flatMap(({ before, regained }) => (before < 0 ? [regained] : [])),
	);
}

/** The log's line for units that are available again. */
export const unreserved = (back: GivenBack, actor: string, isExpired: boolean): LogLine => ({
	kind: "stock.changed",
	state: "ok",
	skuId: back.skuId,
	data: {
		from: back.available - back.units,
		to: back.available,
		cause: "unreserved",
		isExpired,
		note: back.reference,
		actor,
		locationId: back.locationId,
	},
});
