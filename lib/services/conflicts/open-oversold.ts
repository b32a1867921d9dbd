import type { Statement } from "@/db/statement";
import type { LogLine } from "../log/append-log";
import type { AppendedMovement, MovementRow } from "../stock/append-movements";

/**
 * A sale that found nothing left is recorded all the same, and becomes exactly one conflict that names the order that
 * loses: the one whose movement took the level below zero, in the ledger's commit order (R8). Lines of one order that
 * want the same SKU, and what an amended order wants on top, are short together. A movement comes here once (R1).
 */
export async function openOversold(
	run: Statement,
	merchantId: string,
	oversold: readonly { movement: AppendedMovement; row: MovementRow }[],
): Promise<LogLine[]> {
	if (oversold.length === 0) return [];
	const input = oversold.map(({ movement, row }) => ({
		key: `oversold:${row.channelId}:${row.orderRef}:${movement.skuId}`,
		skuId: movement.skuId,
		channelId: row.channelId,
		orderRef: row.orderRef,
		units: Math.min(-movement.delta, -movement.balance),
		facts: {
			orderNumber: row.orderNumber,
			balance: movement.balance,
			version: movement.version,
			wanted: -movement.delta,
			locationId: movement.locationId,
		},
	}));
	const opened = await run<{
		id: string;
		sku_id: string;
		channel_id: string;
		order_ref: string;
		units: number;
		facts: Record<string, unknown>;
	}>`
		with input as (
			select * from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i(key text, "skuId" uuid, "channelId" uuid, "orderRef" text, units int, facts jsonb)
		),
		short as (
			select key, "skuId", "channelId", "orderRef", sum(units)::int as units,
				(array_agg(facts order by (facts->>'version')::bigint))[1]
					|| jsonb_build_object('balance', min((facts->>'balance')::int), 'wanted', sum((facts->>'wanted')::int)) as facts
			from input group by 1, 2, 3, 4
		)
		insert into conflicts (merchant_id, kind, dedupe_key, sku_id, channel_id, order_ref, units, facts)
		select ${merchantId}::uuid, 'oversold', i.key, i."skuId", i."channelId", i."orderRef", i.units,
			i.facts || jsonb_build_object('winner', (
				select jsonb_build_object('orderNumber', m.order_number, 'channelId', m.channel_id, 'at', m.at)
				from movements m
				where m.sku_id = i."skuId" and m.kind = 'order' and m.balance >= 0 and (m.channel_id, m.order_ref) is distinct from (i."channelId", i."orderRef")
				order by m.version desc limit 1))
		from short i
		order by i.key
		on conflict (merchant_id, dedupe_key) where state <> 'decided' do update set
			-- What came back meanwhile is short no longer.
			units = least(conflicts.units + excluded.units, -(excluded.facts->>'balance')::int),
			facts = conflicts.facts || jsonb_build_object('balance', excluded.facts->'balance',
				'wanted', (conflicts.facts->>'wanted')::int + (excluded.facts->>'wanted')::int)
		returning id, sku_id, channel_id, order_ref, units, facts`;
	return opened.map((row) => ({
		kind: "conflict.opened",
		state: "bad",
		channelId: row.channel_id,
		skuId: row.sku_id,
		orderRef: row.order_ref,
		data: { conflictId: row.id, kind: "oversold", units: row.units, orderNumber: row.facts.orderNumber },
	}));
}
