import type { CameBack } from "@/db/schema";
import type { Statement } from "@/db/statement";
import { type Contender, type LosingPolicy, losersOf } from "@/lib/stock/losing-order";
import type { LogLine } from "../log/append-log";

/** Units that a level which was short has again. */
export type Regained = {
	skuId: string;
	locationId: string;
	units: number;
	/** The order that gave them back; null: none did. */
	channelId: string | null;
	orderRef: string | null;
	because: CameBack;
};

/** A conflict that nobody has settled, as one of those who contend for what came back. */
type Open = Contender & {
	id: string;
	skuId: string;
	locationId: string;
	/** What it is short of, as it stands. */
	shortUnits: number;
	orderNumber: string | null;
	isReservation: boolean;
	/** What its level lacks now, over all that draw on it: more than is on hand was sold or is reserved. */
	levelLacks: number;
	policy: LosingPolicy;
};

type Eased = { open: Open; left: number; because: CameBack };

/**
 * What came back is short no longer (R8): first of the order that gave it back, then of those that the merchant's rule
 * would make lose last. A conflict with nothing left settles by itself, any other is smaller. Under the levels' locks,
 * after `openOversold`: what the same news took is short already. Two statements, and none where no short level rose.
 *
 * `deciding`: conflicts that somebody decides about in this very transaction.
 */
export async function closeOversold(
	run: Statement,
	merchantId: string,
	regained: readonly Regained[],
	deciding: readonly string[] = [],
): Promise<LogLine[]> {
	if (regained.length === 0) return [];
	const open = await readOpen(run, merchantId, regained, deciding);
	const eased = levelsOf(open, regained).flatMap((level) => ease(level.open, level.regained));
	if (eased.length === 0) return [];
	await run`
		update conflicts f set units = case when n."left" = 0 then f.units else n."left" end,
			state = case when n."left" = 0 then 'decided' else f.state end,
			snoozed_until = case when n."left" = 0 then null else f.snoozed_until end,
			facts = case when n."left" = 0 or not n.because ? 'foundBy' then f.facts else f.facts || jsonb_build_object('eased',
				coalesce(f.facts->'eased', '[]') || jsonb_build_object('foundBy', n.because->'foundBy', 'units', f.units - n."left")) end,
			decided_at = case when n."left" = 0 then clock_timestamp() end, decided_by = case when n."left" = 0 then 'system' end,
			decision = case when n."left" = 0 then jsonb_build_object('choice', 'came_back', 'because', n.because) end
		from jsonb_to_recordset(${JSON.stringify(eased.map(({ open, left, because }) => ({ id: open.id, left, because })))}::text::jsonb)
			as n(id uuid, "left" int, because jsonb)
		where f.id = n.id`;
	return eased.map(lineOf);
}

/** Conflicts that are open again, since what was decided fell through: stock may have come back meanwhile. Under the levels' locks. */
export async function closeReopened(run: Statement, merchantId: string, ids: readonly string[]): Promise<LogLine[]> {
	if (ids.length === 0) return [];
	const levels = await run<{ skuId: string; locationId: string }>`
		select distinct sku_id as "skuId", facts->>'locationId' as "locationId" from conflicts
		where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))
			and kind = 'oversold' and state <> 'decided' and facts->>'locationId' is not null`;
	const none = { channelId: null, orderRef: null, units: 0 };
	const because: CameBack = { cause: "meanwhile", units: 0, orderNumber: null, channelId: null, note: null };
	return closeOversold(
		run,
		merchantId,
		levels.map((level) => ({ ...level, ...none, because })),
	);
}

async function readOpen(
	run: Statement,
	merchantId: string,
	regained: readonly Regained[],
	deciding: readonly string[],
): Promise<Open[]> {
	const skuIds = JSON.stringify([...new Set(regained.map(({ skuId }) => skuId))]);
	const rows = await run<Omit<Open, "policy" | "units"> & LosingPolicy & { losingChannelId: string | null }>`
		with open as (
			select * from conflicts
			where merchant_id = ${merchantId}::uuid and kind = 'oversold' and state <> 'decided'
				and sku_id = any(array(select value::uuid from jsonb_array_elements_text(${skuIds}::text::jsonb)))
				and id <> all(array(select value::uuid from jsonb_array_elements_text(${JSON.stringify(deciding)}::text::jsonb)))
			order by id for update
		)
		select f.id, f.sku_id as "skuId", l.location_id as "locationId", f.units as "shortUnits", f.facts->>'orderNumber' as "orderNumber",
			f.facts ? 'isReservation' as "isReservation",
			coalesce(f.channel_id::text, '') as "channelId", coalesce(f.order_ref, '') as "orderRef",
			(f.facts->>'version')::float8 as version, sold.units as "orderUnits",
			extract(epoch from coalesce(o.placed_at, f.created_at))::float8 * 1000 as "placedAt",
			greatest(0, l.reserved - l.on_hand) as "levelLacks", m.losing_rule as rule, m.losing_channel_id as "losingChannelId"
		from open f
		join levels l on l.sku_id = f.sku_id and l.location_id::text = f.facts->>'locationId'
		join merchants m on m.id = f.merchant_id
		left join orders o on o.channel_id = f.channel_id and o.order_ref = f.order_ref
		cross join lateral (
			select coalesce(sum(taken), f.units)::int as units from order_lines where channel_id = f.channel_id and order_ref = f.order_ref
		) sold`;
	return rows.map(({ rule, losingChannelId, ...row }) => ({
		...row,
		units: row.shortUnits,
		policy: { rule, channelId: losingChannelId },
	}));
}

/** Each level that rose, with what is open at it. */
function levelsOf(open: readonly Open[], regained: readonly Regained[]) {
	const keyOf = ({ skuId, locationId }: { skuId: string; locationId: string }) => `${skuId} ${locationId}`;
	return [...new Set(regained.map(keyOf))].map((key) => ({
		open: open.filter((one) => keyOf(one) === key),
		regained: regained.filter((one) => keyOf(one) === key),
	}));
}

/** Pure: which of a level's conflicts are short of less now, and why. */
function ease(open: readonly Open[], regained: readonly Regained[]): Eased[] {
	const last = regained.at(-1);
	const [first] = open;
	if (!last || !first) return [];
	const ownOf = (one: Open) =>
		regained.filter(({ channelId, orderRef }) => channelId === one.channelId && orderRef === one.orderRef);
	const wanting = open.map((one) => ({
		...one,
		units: Math.max(0, one.shortUnits - ownOf(one).reduce((sum, { units }) => sum + units, 0)),
	}));
	const left = new Map(
		losersOf(wanting, first.levelLacks, first.policy).map(({ order, units }) => [order.id, units] as const),
	);
	return open.flatMap((one) => {
		const stillShort = left.get(one.id) ?? 0;
		const { because } = ownOf(one).at(-1) ?? last;
		return stillShort < one.shortUnits ? [{ open: one, left: stillShort, because }] : [];
	});
}

function lineOf({ open, left, because }: Eased): LogLine {
	const about = { channelId: open.channelId || null, skuId: open.skuId, orderRef: open.orderRef || null };
	const data = {
		conflictId: open.id,
		kind: "oversold",
		orderNumber: open.orderNumber,
		isReservation: open.isReservation,
		because,
	};
	return left === 0
		? { ...about, kind: "conflict.decided", state: "ok", data: { ...data, choice: "came_back", actor: "system" } }
		: { ...about, kind: "conflict.lowered", state: "bad", data: { ...data, units: left } };
}
