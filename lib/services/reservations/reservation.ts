import type { ReservationState, ReservedLine } from "@/db/schema";
import type { Statement } from "@/db/statement";
import { NotFound } from "../errors";
import { guidOf } from "../guid";

/** A reservation as it goes out; moments are ISO 8601. */
export type ReservationView = {
	id: string;
	/** Past its time it is `expired`, whether or not its units have been given back yet. */
	state: ReservationState;
	reference: string | null;
	lines: ReservedLine[];
	createdAt: string;
	expiresAt: string;
	endedAt: string | null;
};

/** What it holds in the ledger, and whether it still does. */
export type Reservation = {
	view: ReservationView;
	isHeld: boolean;
	held: { skuId: string; locationId: string; units: number }[];
};

type Row = ReservationView & { isHeld: boolean; held: Reservation["held"] };

const readRows = (run: Statement, ids: readonly string[]) =>
	run<Row>`
		select r.id, case when r.state = 'open' and r.expires_at <= clock_timestamp() then 'expired' else r.state end as state,
			r.state = 'open' as "isHeld", r.reference, r.lines, to_jsonb(r.created_at)#>>'{}' as "createdAt",
			to_jsonb(r.expires_at)#>>'{}' as "expiresAt", to_jsonb(r.ended_at)#>>'{}' as "endedAt",
			(select jsonb_agg(jsonb_build_object('skuId', sku_id, 'locationId', location_id, 'units', units) order by sku_id, location_id)
				from reservation_lines where reservation_id = r.id) as held
		from reservations r where r.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`;

/** Throws NotFound for another merchant's. */
export async function readReservation(run: Statement, id: string): Promise<Reservation> {
	const [row] = await readRows(run, [guidOf(id, "reservation")]);
	if (!row) throw new NotFound("reservation");
	const { isHeld, held, ...view } = row;
	return { view, isHeld, held };
}

export async function readViews(run: Statement, ids: readonly string[]): Promise<ReservationView[]> {
	return (await readRows(run, ids)).map(({ isHeld: _isHeld, held: _held, ...view }) => view);
}
