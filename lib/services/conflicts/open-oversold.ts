import type { Statement } from "@/db/statement";
import type { LosingPolicy } from "@/lib/stock/losing-order";
import type { LogLine } from "../log/append-log";
import type { AppendedMovement, MovementRow } from "../stock/append-movements";
import { findLosers, readLosingPolicy } from "./find-losers";

type Oversale = { movement: AppendedMovement; row: MovementRow };

type Short = {
	key: string;
	skuId: string;
	channelId: string | null | undefined;
	orderRef: string | null | undefined;
	units: number;
	facts: Record<string, unknown>;
};

const keyOf = (order: { channelId?: string | null; orderRef?: string | null }, skuId: string) =>
	`oversold:${order.channelId}:${order.orderRef}:${skuId}`;
const shortOf = ({ delta, balance }: AppendedMovement) => Math.min(-delta, -balance);

/**
 * A sale that found nothing left is recorded all the same, and becomes exactly one conflict that names the order that
 * loses (R8): by default the one whose movement took the level below zero, in the ledger's commit order; by another rule
 * of the merchant's perhaps an order before it. Lines of one order that want the same SKU, and what an amended order
 * wants on top, are short together. A movement comes here once (R1).
 */
export async function openOversold(
	run: Statement,
	merchantId: string,
	oversold: readonly Oversale[],
): Promise<LogLine[]> {
	if (oversold.length === 0) return [];
	const policy = await readLosingPolicy(run, merchantId);
	const input =
		policy.rule === "last_in_ledger" ? oversold.map(lastLoses) : await othersLose(run, merchantId, oversold, policy);
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
			jsonb_build_object('winner', (
				select jsonb_build_object('orderNumber', m.order_number, 'channelId', m.channel_id, 'at', m.at)
				from movements m
				where m.sku_id = i."skuId" and m.kind = 'order' and m.balance >= 0 and (m.channel_id, m.order_ref) is distinct from (i."channelId", i."orderRef")
				order by m.version desc limit 1)) || i.facts
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

function lastLoses({ movement, row }: Oversale): Short {
	return {
		key: keyOf(row, movement.skuId),
		skuId: movement.skuId,
		channelId: row.channelId,
		orderRef: row.orderRef,
		units: shortOf(movement),
		facts: {
			orderNumber: row.orderNumber,
			balance: movement.balance,
			version: movement.skuVersion,
			wanted: -movement.delta,
			locationId: movement.locationId,
			rule: "last_in_ledger",
		},
	};
}

/** By the merchant's rule, over what all these sales are short of together: whichever of them was heard of first. */
async function othersLose(
	run: Statement,
	merchantId: string,
	oversold: readonly Oversale[],
	policy: LosingPolicy,
): Promise<Short[]> {
	const bySku = new Map<string, Oversale[]>();
	for (const sale of oversold) {
		const key = `${sale.movement.skuId} ${sale.movement.locationId}`;
		bySku.set(key, [...(bySku.get(key) ?? []), sale]);
	}
	const shorts: Short[] = [];
	for (const [first, ...rest] of bySku.values()) {
		if (!first) continue;
		const { skuId, locationId } = first.movement;
		const last = rest.at(-1) ?? first;
		const units = [first, ...rest].reduce((sum, { movement }) => sum + shortOf(movement), 0);
		const losers = await findLosers(run, merchantId, { skuId, locationId, units }, policy);
		for (const loser of losers) {
			const stands = [first, ...rest].find(
				({ row }) => !losers.some((one) => one.channelId === row.channelId && one.orderRef === row.orderRef),
			);
			shorts.push({
				key: keyOf(loser, skuId),
				skuId,
				channelId: loser.channelId,
				orderRef: loser.orderRef,
				units: loser.lostUnits,
				facts: {
					orderNumber: loser.orderNumber,
					balance: last.movement.balance,
					version: first.movement.skuVersion,
					wanted: loser.lostUnits,
					locationId,
					rule: policy.rule,
					orderUnits: loser.orderUnits,
					isOnLowest: loser.channelId === policy.channelId,
					// Whose sale found nothing, and keeps its unit all the same.
					...(stands && {
						winner: {
							orderNumber: stands.row.orderNumber,
							channelId: stands.row.channelId,
							at: new Date().toISOString(),
						},
					}),
				},
			});
		}
		// Orders too old to contend, or closed: whose sale found nothing loses what nobody else does.
		const unclaimed = units - losers.reduce((sum, { lostUnits }) => sum + lostUnits, 0);
		if (unclaimed > 0) shorts.push({ ...lastLoses(last), units: unclaimed });
	}
	return shorts;
}
