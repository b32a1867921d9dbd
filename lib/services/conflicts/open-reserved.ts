import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import { openShort, shortOf, type Taking } from "./open-short";

/** An order's loss from before this is settled, whatever became of it. */
const losesForMs = 2 * 60 * 60_000;

/**
 * What was reserved was there first: an order that a channel sold past it lost then. So a reservation that is confirmed
 * lacks only what no order has lost, such as what a count took away while it was held.
 */
export async function openReserved(run: Statement, merchantId: string, taken: readonly Taking[]): Promise<LogLine[]> {
	const lacking = taken.filter(({ movement }) => movement.balance < 0);
	if (lacking.length === 0) return [];
	const lost = await readLost(run, merchantId, lacking);
	const shorts = lacking.flatMap((taking) => {
		const { skuId, locationId, delta, balance } = taking.movement;
		const byOrders = lost.find((one) => one.skuId === skuId && one.locationId === locationId)?.units ?? 0;
		const units = Math.min(-delta, -balance - byOrders);
		if (units <= 0) return [];
		const short = shortOf(taking, units);
		// Whatever else is reserved did not come before it.
		return [{ ...short, facts: { ...short.facts, reserved: 0, isReservation: true } }];
	});
	return openShort(run, merchantId, shorts);
}

type Lost = { skuId: string; locationId: string; units: number };

/**
 * Units that orders have lost at each level and that are still owed: in open conflicts, and by decisions to send them later
 * or to cancel, as far as the level has not had enough for them and for what is held since.
 */
const readLost = (run: Statement, merchantId: string, lacking: readonly Taking[]): Promise<readonly Lost[]> => {
	const levels = lacking.map(({ movement: { skuId, locationId, delta, reserved } }) => ({
		skuId,
		locationId,
		held: reserved - delta,
	}));
	return run<Lost>`
		select n."skuId", n."locationId", (open.units + least(owed.units, owed.most))::int as units
		from jsonb_to_recordset(${JSON.stringify(levels)}::text::jsonb) as n("skuId" uuid, "locationId" uuid, held int)
		cross join lateral (
			select coalesce(sum(f.units), 0) as units from conflicts f
			where f.merchant_id = ${merchantId}::uuid and f.kind = 'oversold' and f.sku_id = n."skuId"
				and f.facts->>'locationId' = n."locationId"::text and f.state <> 'decided'
		) open
		cross join lateral (
			select coalesce(sum(d.units), 0) as units, greatest(0, n.held - (
				select max(m.balance) from movements m
				where m.sku_id = n."skuId" and m.location_id = n."locationId" and m.at > min(d.decided_at))) as most
			from conflicts d left join orders o on o.channel_id = d.channel_id and o.order_ref = d.order_ref
			where d.merchant_id = ${merchantId}::uuid and d.kind = 'oversold' and d.sku_id = n."skuId"
				and d.facts->>'locationId' = n."locationId"::text and d.state = 'decided'
				and d.decision->>'choice' in ('backorder', 'cancel', 'cancel_in_store') and o.status is distinct from 'cancelled'
				and d.decided_at > clock_timestamp() - ${losesForMs}::int * interval '1 ms'
		) owed`;
};
