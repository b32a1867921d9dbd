import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import type { AppendedMovement, MovementRow } from "../stock/append-movements";

/** A movement that took units, with what it was made of. */
export type Taking = { movement: AppendedMovement; row: MovementRow };

/** What an order, or a reservation, took and is not there. */
export type Short = {
	key: string;
	skuId: string;
	channelId: string | null | undefined;
	orderRef: string | null | undefined;
	units: number;
	facts: Record<string, unknown>;
};

export const keyOf = (order: { channelId?: string | null; orderRef?: string | null }, skuId: string) =>
	`oversold:${order.channelId}:${order.orderRef}:${skuId}`;

/** Who took it is short of so many units of it. */
export const shortOf = ({ movement, row }: Taking, units: number): Short => ({
	key: keyOf(row, movement.skuId),
	skuId: movement.skuId,
	channelId: row.channelId,
	orderRef: row.orderRef,
	units,
	facts: {
		orderNumber: row.orderNumber,
		available: movement.balance - movement.reserved,
		reserved: movement.reserved,
		version: movement.skuVersion,
		wanted: -movement.delta,
		locationId: movement.locationId,
	},
});

/** An oversale as it was opened. */
export type OpenedRow = {
	id: string;
	sku_id: string | null;
	channel_id: string | null;
	order_ref: string | null;
	units: number;
	facts: Record<string, unknown>;
};

export const openedLine = ({ id, sku_id, channel_id, order_ref, units, facts }: OpenedRow): LogLine => ({
	kind: "conflict.opened",
	state: "bad",
	channelId: channel_id,
	skuId: sku_id,
	orderRef: order_ref,
	data: {
		conflictId: id,
		kind: "oversold",
		units,
		orderNumber: facts.orderNumber,
		...(facts.isReservation === true && { isReservation: true }),
	},
});

/**
 * Opens one conflict for each that is short, or makes the one that is open larger, with who has the units instead: what
 * is reserved was there first, else the last order that found its own.
 */
export async function openShort(run: Statement, merchantId: string, shorts: readonly Short[]): Promise<LogLine[]> {
	if (shorts.length === 0) return [];
	const opened = await run<OpenedRow>`
		with input as (
			select * from jsonb_to_recordset(${JSON.stringify(shorts)}::text::jsonb) as i(key text, "skuId" uuid, "channelId" uuid, "orderRef" text, units int, facts jsonb)
		),
		short as (
			select key, "skuId", "channelId", "orderRef", sum(units)::int as units,
				(array_agg(facts order by (facts->>'version')::bigint))[1]
					|| jsonb_build_object('available', min((facts->>'available')::int), 'wanted', sum((facts->>'wanted')::int)) as facts
			from input group by 1, 2, 3, 4
		)
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, order_ref, units, facts)
		select ${merchantId}::uuid, 'oversold', i.key, i."skuId", i."channelId", i."orderRef", i.units,
			jsonb_build_object('winner', case when (i.facts->>'reserved')::int > 0 then (
				select jsonb_build_object('isReservation', true, 'orderNumber', r.reference, 'at', r.created_at)
				from reservations r join reservation_lines h on h.reservation_id = r.id
				where r.merchant_id = ${merchantId}::uuid and r.state = 'open' and h.sku_id = i."skuId" and h.location_id = (i.facts->>'locationId')::uuid
				order by r.created_at limit 1)
			else (
				select jsonb_build_object('orderNumber', m.order_number, 'channelId', m.channel_id, 'at', m.at)
				from movements m
				where m.sku_id = i."skuId" and m.location_id = (i.facts->>'locationId')::uuid and m.kind = 'order' and m.balance >= 0 and (m.channel_id, m.order_ref) is distinct from (i."channelId", i."orderRef")
				order by m.version desc limit 1) end) || i.facts
		from short i
		order by i.key
		on conflict (merchant_id, dedupe_key) where state <> 'decided' do update set
			-- What came back meanwhile is short no longer.
			units = least(conflicts.units + excluded.units, -(excluded.facts->>'available')::int),
			facts = conflicts.facts || jsonb_build_object('available', excluded.facts->'available',
				'wanted', (conflicts.facts->>'wanted')::int + (excluded.facts->>'wanted')::int)
		returning id, sku_id, channel_id, order_ref, units, facts`;
	return opened.map(openedLine);
}
