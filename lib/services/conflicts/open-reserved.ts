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
	const skuIds = JSON.stringify(lacking.map(({ movement }) => movement.skuId));
	const lost = await run<{ skuId: string; locationId: string; units: number }>`
		select f.sku_id as "skuId", f.facts->>'locationId' as "locationId", sum(f.units)::int as units
		from conflicts f left join orders o on o.channel_id = f.channel_id and o.order_ref = f.order_ref
		where f.merchant_id = ${merchantId}::uuid and f.kind = 'oversold'
			and f.sku_id = any(array(select value::uuid from jsonb_array_elements_text(${skuIds}::text::jsonb)))
			and (f.state <> 'decided' or (f.decision->>'choice' in ('backorder', 'cancel', 'cancel_in_store') and o.status is distinct from 'cancelled'
				and f.decided_at > clock_timestamp() - ${losesForMs}::int * interval '1 ms'))
		group by 1, 2`;
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
