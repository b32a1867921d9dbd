import type { Transaction } from "@/db/client";
import type { MovementKind } from "@/db/schema";
import { type Statement, statementsOf } from "@/db/statement";
import { paceMemoryMs } from "@/lib/stock/slot-news";
import { closeOversold } from "../conflicts/close-oversold";
import { tellLevels } from "../endpoints/tell";
import { appendLog, type LogLine } from "../log/append-log";
import { lockLevels } from "./lock-levels";
import { lookBeforeWriting } from "./look-before-writing";
import { type Offered, updateSlots } from "./recompute-offers";

export type MovementRow = {
	/** A bundle is moved by its components. */
	skuId: string;
	locationId: string;
	/** Signed units of the SKU. */
	delta: number;
	kind: MovementKind;
	/** Names the cause once and for all (R1). */
	causeKey: string;
	actor: string;
	note?: string | null;
	channelId?: string | null;
	orderRef?: string | null;
	orderNumber?: string | null;
	inboxId?: number | null;
	/** When the store says that it happened, in milliseconds: an order's placing, or its change. */
	happenedAt?: number | null;
	/** A count's: when the number was read from a store (ISO 8601). */
	countedFrom?: string | null;
	/** What it moves of each, where that is not what the SKU is made of now (an order from before it changed). */
	parts?: { skuId: string; units: number }[] | null;
};

export type AppendedMovement = {
	/** Index of the row that made it. */
	row: number;
	skuId: string;
	locationId: string;
	delta: number;
	/** On hand after it. */
	balance: number;
	reserved: number;
	/** Of the level. */
	version: number;
	/** Movements of the SKU wherever it lies, this one included: what `slots.sku_version` counts. */
	skuVersion: number;
	/** The stores split the level's stock just then. */
	isSplit: boolean;
};

/**
 * Appends movements, folds them into levels, recomputes the offers that depend on them and writes the log: for verbs.
 * Returns what was appended; a cause that the ledger knows already moves nothing. `deciding`: conflicts that the caller
 * settles by it, in this transaction.
 */
export async function appendMovements(
	tx: Transaction,
	merchantId: string,
	rows: MovementRow[],
	deciding: readonly string[] = [],
): Promise<(AppendedMovement & Offered)[]> {
	const run = statementsOf(tx);
	const appended = await foldMovements(run, merchantId, rows);
	const offered = await updateSlots(run, [...new Set(appended.map(({ skuId }) => skuId))], []);
	await lookBeforeWriting(run, [...new Set(appended.map(({ skuId }) => skuId))]);
	await appendLog(run, merchantId, [
		...appended.map((movement) => stockChanged(movement, rows[movement.row] as MovementRow)),
		...(await closeShort(run, merchantId, appended, rows, deciding)),
	]);
	return appended.map((movement) => ({ ...movement, ...offered }));
}

/** Closes what was oversold and is there again by these movements; returns the log's lines. Asks nothing where no level was short. */
export function closeShort(
	run: Statement,
	merchantId: string,
	appended: readonly AppendedMovement[],
	rows: readonly MovementRow[],
	deciding: readonly string[] = [],
): Promise<LogLine[]> {
	const regained = appended.flatMap((movement) => {
		const { skuId, locationId, delta: units, balance, reserved } = movement;
		if (units <= 0 || balance - reserved - units >= 0) return [];
		const {
			kind,
			channelId = null,
			orderRef = null,
			orderNumber = null,
			note = null,
		} = rows[movement.row] as MovementRow;
		const foundBy = deciding.length > 0 ? { foundBy: deciding } : {};
		const because = { cause: kind, units, orderNumber, channelId, note, ...foundBy };
		return [{ skuId, locationId, units, channelId, orderRef, because }];
	});
	return closeOversold(run, merchantId, regained, deciding);
}

/** The log line of one movement: available before → after, with its cause. */
export function stockChanged(movement: AppendedMovement, row: MovementRow) {
	const after = movement.balance - movement.reserved;
	return {
		kind: "stock.changed" as const,
		state: "ok" as const,
		channelId: row.channelId ?? null,
		skuId: movement.skuId,
		skuVersion: movement.skuVersion,
		orderRef: row.orderRef ?? null,
		inboxId: row.inboxId ?? null,
		data: {
			from: after - movement.delta,
			to: after,
			cause: row.kind,
			orderNumber: row.orderNumber ?? null,
			note: row.note ?? null,
			actor: row.actor,
			// Only who sells from there has to be told.
			locationId: movement.locationId,
			// Of a split stock the store sold its own part: nobody has to be told.
			...(movement.isSplit && row.kind === "order" && { isSplit: true }),
			...(row.happenedAt != null && { happenedAt: row.happenedAt }),
		},
	};
}

/**
 * The ledger's one way in (R3): levels are locked in one order, balances run on from what was locked, many changes of
 * one SKU become one update, and whoever wants to hear of it is told of its newest. A sale is a fact and is never refused here; a cause known already is left out.
 */
export async function foldMovements(
	run: Statement,
	merchantId: string,
	rows: readonly MovementRow[],
): Promise<AppendedMovement[]> {
	const moving = rows
		.map((row, index) => ({ ...row, row: index }))
		.filter(({ delta, kind }) => delta !== 0 || countsStock(kind));
	if (moving.length === 0) return [];
	const input = JSON.stringify(moving);
	const levels = moving.flatMap(({ skuId, locationId, parts }) =>
		parts ? parts.map((part) => ({ skuId: part.skuId, locationId })) : [{ skuId, locationId }],
	);
	const [, , appended] = await Promise.all([
		ensureLevels(run, merchantId, JSON.stringify(levels)),
		lockLevels(run, [...new Set(levels.map(({ skuId }) => skuId))]),
		append(run, merchantId, input),
		tellLevels(run, merchantId, levels),
	]);
	return appended.map((movement) => ({
		row: movement.row,
		skuId: movement.sku_id,
		locationId: movement.location_id,
		delta: movement.delta,
		balance: movement.balance,
		reserved: movement.reserved,
		version: movement.version,
		skuVersion: movement.sku_version,
		isSplit: movement.is_escrow,
	}));
}

const ensureLevels = (run: Statement, merchantId: string, input: string) =>
	run`
		insert into levels (merchant_id, sku_id, location_id)
		select distinct ${merchantId}::uuid, coalesce(c.component_id, i."skuId"), i."locationId"
		from jsonb_to_recordset(${input}::text::jsonb) as i("skuId" uuid, "locationId" uuid)
		left join sku_components c on c.bundle_id = i."skuId"
		order by 2, 3
		on conflict do nothing`;

type AppendedRow = {
	row: number;
	sku_id: string;
	location_id: string;
	delta: number;
	balance: number;
	reserved: number;
	version: number;
	sku_version: number;
	is_escrow: boolean;
};

const append = (run: Statement, merchantId: string, input: string) =>
	run<AppendedRow>`
		-- Materialised: under row-level security a condition that holds a coalesce is kept from every index.
		with input as materialized (
			select i.row, coalesce((p.part->>'skuId')::uuid, c.component_id, i."skuId") as sku_id, i."locationId" as location_id,
				i.delta * coalesce((p.part->>'units')::int, c.units, 1) as delta, i.kind, i."causeKey" as cause_key, i.actor, i.note,
				i."channelId" as channel_id, i."orderRef" as order_ref, i."orderNumber" as order_number, i."inboxId" as inbox_id,
				i."countedFrom" as counted_from
			from jsonb_to_recordset(${input}::text::jsonb) as i(
				row int, "skuId" uuid, "locationId" uuid, delta int, kind text, "causeKey" text, actor text, note text,
				"channelId" uuid, "orderRef" text, "orderNumber" text, "inboxId" bigint, "countedFrom" timestamptz, parts jsonb)
			left join sku_components c on c.bundle_id = i."skuId" and i.parts is null
			left join lateral jsonb_array_elements(i.parts) as p(part) on true
		),
		fresh as (
			select distinct on (i.sku_id, i.location_id, i.cause_key) i.*
			from input i left join lateral (
				select true as is_known from movements m
				where m.sku_id = i.sku_id and m.location_id = i.location_id and m.cause_key = i.cause_key offset 0
			) m on true
			where m.is_known is null
			order by i.sku_id, i.location_id, i.cause_key, i.row
		),
		running as (
			select f.*, l.reserved, l.is_escrow,
				l.on_hand + sum(f.delta) over upto as balance,
				l.version + row_number() over upto as version,
				a.version + row_number() over (partition by f.sku_id order by f.row, f.location_id) as sku_version
			from fresh f join levels l using (sku_id, location_id)
			cross join lateral (select sum(version) as version from levels where sku_id = f.sku_id offset 0) a
			window upto as (partition by f.sku_id, f.location_id order by f.row rows unbounded preceding)
		),
		appended as (
			insert into movements (merchant_id, sku_id, location_id, delta, balance, version, kind, cause_key, channel_id, order_ref, order_number, inbox_id, actor, note, at)
			select ${merchantId}::uuid, sku_id, location_id, delta, balance, version, kind, cause_key, channel_id, order_ref, order_number, inbox_id, actor, note, clock_timestamp()
			from running
		),
		folded as (
			update levels l set on_hand = l.on_hand + t.delta, version = l.version + t.movements,
				counted_at = case when t.is_count then coalesce(l.counted_at, clock_timestamp()) else l.counted_at end,
				counted_from = case when t.is_count and l.counted_at is null then t.counted_from else l.counted_from end,
				sold_units = case when t.sold > 0 then faded(l.sold_units, l.sold_at, ${paceMemoryMs}::int) + t.sold else l.sold_units end,
				sold_at = case when t.sold > 0 then now() else l.sold_at end
			from (
				select sku_id, location_id, sum(delta) as delta, count(*) as movements, bool_or(kind in ('count', 'import', 'adjustment')) as is_count,
					min(counted_from) as counted_from, -sum(delta) filter (where kind = 'order') as sold
				from fresh group by 1, 2
			) t where l.sku_id = t.sku_id and l.location_id = t.location_id
		)
		select row, sku_id, location_id, delta, balance::int, reserved, version::float8, sku_version::float8, is_escrow from running order by row`;

/** A count of zero changes nothing and still says that somebody has counted. */
const countsStock = (kind: MovementKind) => kind === "count" || kind === "import" || kind === "adjustment";
