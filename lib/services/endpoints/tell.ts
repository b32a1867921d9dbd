/** Writes into the outbox, in the transaction of the change: one statement each, however many changes and endpoints. */
import type { Statement } from "@/db/statement";
import type { WebhookEvent } from "@/lib/format/webhook-events";
import type { ReservationView } from "../reservations/reservation";
import { holdMs, tellSoon } from "./tell-soon";

/**
 * Tells what these levels are now; the caller holds their locks, so that the newest is told last. Bundles stand for their
 * components. Without an endpoint it is one probe of an index.
 */
export async function tellLevels(
	run: Statement,
	merchantId: string,
	levels: readonly { skuId: string; locationId: string }[],
): Promise<void> {
	if (levels.length === 0) return;
	const distinct = new Map(levels.map(({ skuId, locationId }) => [`${skuId} ${locationId}`, { skuId, locationId }]));
	const input = JSON.stringify([...distinct.values()]);
	const told = await run<{ endpoint_id: string }>`
		insert into webhook_messages (merchant_id, endpoint_id, event, subject, data, created_at, next_try_at)
		select ${merchantId}::uuid, e.id, 'level.changed', 'level:' || l.sku_id || ':' || l.location_id,
			jsonb_build_object('skuId', l.sku_id, 'locationId', l.location_id, 'onHand', l.on_hand, 'reserved', l.reserved, 'version', l.version),
			clock_timestamp(), clock_timestamp() + ${holdMs}::int * interval '1 ms'
		from webhook_endpoints e
		-- It names e, so that nothing of it is looked up while there is no endpoint.
		cross join lateral (
			select l.sku_id, l.location_id, l.on_hand, l.reserved, l.version from levels l where (l.sku_id, l.location_id) in (
				select coalesce(c.component_id, i."skuId"), i."locationId"
				from jsonb_to_recordset(${input}::text::jsonb) as i("skuId" uuid, "locationId" uuid)
				left join sku_components c on c.bundle_id = i."skuId"
				where e.id is not null)
			offset 0
		) l
		where e.merchant_id = ${merchantId}::uuid and e.disabled_at is null and 'level.changed' = any(e.events)
		order by e.id, l.sku_id, l.location_id
		on conflict (endpoint_id, subject) where state = 'waiting' and body is null
			do update set data = excluded.data, sequence = excluded.sequence, created_at = excluded.created_at
		returning endpoint_id`;
	tellSoon(told.map(({ endpoint_id }) => endpoint_id));
}

export const tellExpired = (run: Statement, merchantId: string, expired: readonly ReservationView[]): Promise<void> =>
	tell(run, merchantId, "reservation.expired", expired);

export type OpenedConflict = {
	id: string;
	kind: string;
	skuId: string | null;
	channelId: string | null;
	units: number | null;
	orderNumber: string | null;
};

export const tellConflicts = (run: Statement, merchantId: string, opened: readonly OpenedConflict[]): Promise<void> =>
	tell(run, merchantId, "conflict.opened", opened);

/** Each stands for itself. */
async function tell(run: Statement, merchantId: string, event: WebhookEvent, facts: readonly object[]): Promise<void> {
	if (facts.length === 0) return;
	const told = await run<{ endpoint_id: string }>`
		insert into webhook_messages (merchant_id, endpoint_id, event, data, created_at, next_try_at)
		select ${merchantId}::uuid, e.id, ${event}, f.value, clock_timestamp(), clock_timestamp()
		from webhook_endpoints e cross join jsonb_array_elements(${JSON.stringify(facts)}::text::jsonb) with ordinality as f
		where e.merchant_id = ${merchantId}::uuid and e.disabled_at is null and ${event} = any(e.events)
		order by f.ordinality
		returning endpoint_id`;
	tellSoon(told.map(({ endpoint_id }) => endpoint_id));
}
