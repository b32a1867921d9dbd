import type { ReservationState, ReservedLine } from "@/db/schema";
import type { Statement } from "@/db/statement";
import { NotFound } from "../errors";
import { guidOf } from "../guid";

/** Units that it holds of a level. */
export type HeldUnits = { sku: string; locationId: string; units: number };

/** A reservation as it goes out; moments are ISO 8601. */
export type ReservationView = {
	id: string;
	/** Past its time it is `expired`, whether or not its units have been given back yet. */
	state: ReservationState;
	reference: string | null;
	lines: ReservedLine[];
	/** Where it holds what its lines come to, or held it: a bundle's by its components. */
	held: HeldUnits[];
	createdAt: string;
	expiresAt: string;
	endedAt: string | null;
};

/** What it holds in the ledger, and when that was read, ISO 8601. */
export type Reservation = {
	view: ReservationView;
	held: { skuId: string; locationId: string; units: number }[];
	readAt: string;
};

type Row = Omit<ReservationView, "held"> & { held: (HeldUnits & { skuId: string })[]; readAt: string };

const readRows = (run: Statement, ids: readonly string[]) =>
	run<Row>`
		select r.id, case when r.state = 'open' and r.expires_at <= now.at then 'expired' else r.state end as state, r.reference, r.lines,
			(select jsonb_agg(jsonb_build_object('skuId', h.sku_id, 'sku', k.code, 'locationId', h.location_id, 'units', h.units) order by h.sku_id, h.location_id)
				from reservation_lines h join skus k on k.id = h.sku_id where h.reservation_id = r.id) as held,
			to_jsonb(r.created_at)#>>'{}' as "createdAt", to_jsonb(r.expires_at)#>>'{}' as "expiresAt", to_jsonb(r.ended_at)#>>'{}' as "endedAt",
			to_jsonb(now.at)#>>'{}' as "readAt"
		from reservations r cross join (select clock_timestamp() as at offset 0) now
		where r.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`;

const viewOf = ({ held, readAt: _readAt, ...row }: Row): ReservationView => ({
	...row,
	held: held.map(({ sku, locationId, units }) => ({ sku, locationId, units })),
});

/** Throws NotFound for another merchant's. */
export async function readReservation(run: Statement, id: string): Promise<Reservation> {
	const [row] = await readRows(run, [guidOf(id, "reservation")]);
	if (!row) throw new NotFound("reservation");
	return { view: viewOf(row), held: row.held, readAt: row.readAt };
}

export const readViews = async (run: Statement, ids: readonly string[]): Promise<ReservationView[]> =>
	(await readRows(run, ids)).map(viewOf);
