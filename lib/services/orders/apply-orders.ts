import type { Statement } from "@/db/statement";
import type { OrderSnapshot } from "@/lib/stock/order";
import { openOversold } from "../conflicts/open-oversold";
import type { LogLine } from "../log/append-log";
import { foldMovements, type MovementRow, stockChanged } from "../stock/append-movements";
import { type OwnSale, stampSlackMs, updateSlots } from "../stock/recompute-offers";
import { isAsKnown, knownOrders } from "./known-orders";
import { lineKey, placeReturns, type ReturnPlace } from "./place-returns";
import { needsPlaces, type TakenPart, takePlaces } from "./take-places";
import { findUnseenSales } from "./unseen-sales";

export type HeardOrder = {
	order: OrderSnapshot;
	inboxId: number;
	/** Read live from the platform by us: where stamps can't tell two states apart, it wins over a webhook's. */
	isLiveRead: boolean;
	/** Read by id after news of this very stamp left it unclear: it wins over whatever was heard under that stamp. */
	isAnswer?: boolean;
};

export type AppliedOrders = {
	/** Orders that moved something. */
	moved: number;
	log: LogLine[];
	pendingChannelIds: string[];
	/** Orders that were not known before. */
	newOrderRefs: ReadonlySet<string>;
	/** Equal stamps, other content: the platform must be asked which is newer. */
	unclearOrderRefs: string[];
};

type LineRow = {
	order_ref: string;
	line_ref: string;
	title: string;
	sku_text: string | null;
	listing_id: string | null;
	sku_id: string | null;
	/** What it was taken from, where its SKU is made of something else by now. */
	parts: { skuId: string; units: number }[] | null;
	location_id: string | null;
	/** What the channel sells from. */
	location_ids: string[];
	/** Where it was taken, unless all at `location_id`. */
	taken_from: TakenPart[] | null;
	consumed_before: number;
	consumed: number;
	taken_before: number;
	taken: number;
	number: string;
	from_ms: number;
	to_ms: number;
	/** An older version of the order was known. */
	is_known: boolean;
	version_at: number;
	version_step: number;
	inbox_id: number;
	/** Another state of the same stamp was known: the stamp alone would name two causes alike. */
	is_tie: boolean;
	units: number | null;
	/** Units of the listing that came back at other locations of the store, by its id. */
	elsewhere: Record<string, number>;
	elsewhere_before: Record<string, number>;
	status: OrderSnapshot["status"];
	/** Null: the order was not known. */
	status_before: string | null;
};

/**
 * Applies order snapshots of one channel (newest of each order only) in the caller's transaction (R1): each line moves
 * the difference to what it has consumed; an older version moves nothing; a line of a listing that nobody linked is
 * parked. The number of statements does not grow with the number of orders.
 */
export async function applyOrders(
	run: Statement,
	merchantId: string,
	channelId: string,
	told: readonly HeardOrder[],
): Promise<AppliedOrders> {
	const { heard, elsewhere, placesByRef } = await placeReturns(run, channelId, told);
	const rows = await takeLines(run, merchantId, channelId, heard, elsewhere);
	const unclearOrderRefs = await unclearOrders(run, channelId, told, rows);
	const returns = returnsElsewhere(rows, placesByRef);

	const changed = rows.flatMap((row) =>
		row.sku_id && row.location_id && row.consumed !== row.consumed_before
			? [{ ...row, channel_id: channelId, sku_id: row.sku_id, location_id: row.location_id }]
			: [],
	);
	const placed = await takePlaces(run, changed.filter(needsPlaces));
	const movements: MovementRow[] = changed
		.filter((row) => !needsPlaces(row))
		.map((row) => ({
			skuId: row.sku_id,
			parts: row.parts,
			locationId: row.location_id,
			delta: row.consumed_before - row.consumed,
			...causeOf(row),
		}));
	for (const { line, skuId, locationId, delta } of placed)
		movements.push({ skuId, locationId, delta, ...causeOf(line) });
	for (const { row, ref, units, place } of returns)
		if (place.locationId !== null && row.sku_id && row.units)
			movements.push({
				skuId: row.sku_id,
				parts: row.parts,
				locationId: place.locationId,
				delta: units * row.units,
				kind: units > 0 ? "order_returned" : "order",
				causeKey: `order:${channelId}:${row.order_ref}:${row.line_ref}:${row.version_at}.${row.version_step}${row.is_tie ? `:${row.inbox_id}` : ""}:at:${ref}`,
				actor: "system",
				note: `restocked at ${place.name}`,
				channelId,
				orderRef: row.order_ref,
				orderNumber: row.number,
				inboxId: row.inbox_id,
				happenedAt: row.to_ms,
			});
	const appended = await foldMovements(run, merchantId, movements);

	const sold = rows.filter((row) => row.listing_id && row.taken !== row.taken_before);
	const asked = new Set(heard.flatMap(({ order, isLiveRead }) => (isLiveRead ? [order.orderRef] : [])));
	const unseenLog = await findUnseenSales(
		run,
		channelId,
		sold.filter(({ order_ref }) => asked.has(order_ref)).map(asSale),
		Date.now(),
	);
	const sales = sold.map(asSale);
	const skuIds = [...new Set(appended.map(({ skuId }) => skuId))];
	const { pendingChannelIds } = await updateSlots(run, skuIds, sales);

	const oversold = appended.filter(({ balance, delta }) => delta < 0 && balance < 0);
	const conflictLog = await openOversold(
		run,
		merchantId,
		oversold.map((movement) => ({ movement, row: movements[movement.row] as MovementRow })),
	);

	const parked = rows.filter((row) => row.sku_id === null && row.taken > row.taken_before);
	return {
		moved: new Set(movements.map(({ orderRef }) => orderRef)).size,
		pendingChannelIds,
		unclearOrderRefs,
		newOrderRefs: new Set(rows.flatMap((row) => (row.status_before === null ? [row.order_ref] : []))),
		log: [
			...unseenLog,
			...appended.map((movement) => stockChanged(movement, movements[movement.row] as MovementRow)),
			...conflictLog,
			...returns
				.filter(({ units, place }) => units > 0 && place.locationId === null)
				.map(
					({ row, units, place }): LogLine => ({
						kind: "order.elsewhere",
						state: "none",
						channelId,
						skuId: row.sku_id,
						listingId: row.listing_id,
						orderRef: row.order_ref,
						inboxId: row.inbox_id,
						data: { orderNumber: row.number, title: row.title, units, location: place.name },
					}),
				),
			...trashed(rows).map(
				([orderRef, { number, inboxId, units }]): LogLine => ({
					kind: "order.deleted",
					state: "none",
					channelId,
					orderRef,
					inboxId,
					data: { orderNumber: number, units },
				}),
			),
			...parked.map(
				(row): LogLine => ({
					kind: "order.parked",
					state: "none",
					channelId,
					listingId: row.listing_id,
					orderRef: row.order_ref,
					inboxId: row.inbox_id,
					data: { orderNumber: row.number, title: row.title, sku: row.sku_text, units: row.taken - row.taken_before },
				}),
			),
		],
	};
}

/** What moves a line's stock, whatever it moves and where. */
const causeOf = (row: LineRow & { channel_id: string }): Omit<MovementRow, "skuId" | "locationId" | "delta"> => ({
	kind: row.consumed > row.consumed_before ? "order" : "order_returned",
	causeKey: `order:${row.channel_id}:${row.order_ref}:${row.line_ref}:${row.version_at}.${row.version_step}${row.is_tie ? `:${row.inbox_id}` : ""}`,
	actor: "system",
	channelId: row.channel_id,
	orderRef: row.order_ref,
	orderNumber: row.number,
	inboxId: row.inbox_id,
	happenedAt: row.is_known ? row.to_ms : row.from_ms,
});

const asSale = (row: LineRow): OwnSale => ({
	listingId: row.listing_id as string,
	units: row.taken - row.taken_before,
	from: row.from_ms,
	to: row.to_ms,
});

type ReturnElsewhere = { row: LineRow; ref: string; units: number; place: ReturnPlace };

/** What a newer version says came back at other locations, beyond what was known. `units`: of the listing. */
function returnsElsewhere(rows: readonly LineRow[], placesByRef: ReadonlyMap<string, ReturnPlace>): ReturnElsewhere[] {
	return rows.flatMap((row) =>
		[...new Set([...Object.keys(row.elsewhere), ...Object.keys(row.elsewhere_before)])].flatMap((ref) => {
			const units = (row.elsewhere[ref] ?? 0) - (row.elsewhere_before[ref] ?? 0);
			return units === 0
				? []
				: [{ row, ref, units, place: placesByRef.get(ref) ?? { name: "another location", locationId: null } }];
		}),
	);
}

/** Orders that went into the store's trash, with the units that they still hold. */
function trashed(rows: readonly LineRow[]): [string, { number: string; inboxId: number; units: number }][] {
	const byRef = new Map<string, { number: string; inboxId: number; units: number }>();
	for (const row of rows) {
		if (row.status !== "deleted" || row.status_before === null || row.status_before === "deleted") continue;
		const units = (byRef.get(row.order_ref)?.units ?? 0) + row.taken;
		byRef.set(row.order_ref, { number: row.number, inboxId: row.inbox_id, units });
	}
	return [...byRef];
}

/**
 * Keeps the newer version of each order and brings its lines up to it. A line keeps the mapping under which it was
 * first consumed, so that a later relink can't turn a return into another SKU's. Lines that the newer snapshot no
 * longer has are given back whole. A line that the first count of its stock holds already starts as consumed, and moves
 * only what changes from then on: one placed before that count and heard of after it, or waiting for its link since. A
 * line that joins an order we knew is a sale of now.
 */
async function takeLines(
	run: Statement,
	merchantId: string,
	channelId: string,
	heard: readonly HeardOrder[],
	elsewhere: ReadonlyMap<string, Record<string, number>>,
): Promise<LineRow[]> {
	const orders = heard.map(({ order, inboxId, isLiveRead, isAnswer = false }) => ({
		ref: order.orderRef,
		number: order.number,
		status: order.status,
		placedAt: order.placedAt,
		at: order.version.at,
		step: order.version.step,
		inboxId,
		isLiveRead,
		isAnswer,
	}));
	const lines = heard.flatMap(({ order }) =>
		order.lines.map((line) => ({
			ref: order.orderRef,
			lineRef: line.lineRef,
			listingRef: line.listingRef,
			sku: line.sku,
			title: line.title,
			taken: line.taken,
			elsewhere: elsewhere.get(lineKey(order.orderRef, line.lineRef)) ?? {},
		})),
	);
	return run<LineRow>`
		with incoming as (
			select * from jsonb_to_recordset(${JSON.stringify(orders)}::text::jsonb) as o(
				ref text, number text, status text, "placedAt" timestamptz, at bigint, step int, "inboxId" bigint, "isLiveRead" boolean, "isAnswer" boolean)
		),
		before as (
			select o.* from incoming i cross join lateral (
				select order_ref, version_at, version_step, heard_at, status from orders where channel_id = ${channelId}::uuid and order_ref = i.ref offset 0
			) o
		),
		accepted as (
			insert into orders (channel_id, order_ref, merchant_id, number, status, placed_at, version_at, version_step)
			select ${channelId}::uuid, ref, ${merchantId}::uuid, number, status, "placedAt", at, step from incoming
			on conflict (channel_id, order_ref) do update set number = excluded.number,
				-- News of an order that is gone may come late; it does not come back.
				status = case when orders.gone_at is null then excluded.status else orders.status end,
				-- An order that goes back in its life keeps its step, so that its earlier state is none the newer for being told again.
				version_at = excluded.version_at, heard_at = now(),
				version_step = case when orders.version_at = excluded.version_at then greatest(orders.version_step, excluded.version_step) else excluded.version_step end
			-- The race between two deliveries of one order is settled here: an older version moves nothing.
			where (orders.version_at, orders.version_step) < (excluded.version_at, excluded.version_step)
				or ((orders.version_at, orders.version_step) = (excluded.version_at, excluded.version_step)
					and (select "isLiveRead" from incoming i where i.ref = excluded.order_ref))
				or (orders.version_at = excluded.version_at and (select "isAnswer" from incoming i where i.ref = excluded.order_ref))
			returning order_ref
		),
		named as (
			select ref as order_ref, "lineRef" as line_ref, max("listingRef") as listing_ref, max(sku) as sku_text, max(title) as title, sum(taken)::int as taken,
				(array_agg(elsewhere))[1] as elsewhere
			from jsonb_to_recordset(${JSON.stringify(lines)}::text::jsonb) as l(ref text, "lineRef" text, "listingRef" text, sku text, title text, taken int, elsewhere jsonb)
			where ref in (select order_ref from accepted)
			group by 1, 2
		),
		known as (
			select l.* from accepted a cross join lateral (
				select * from order_lines where channel_id = ${channelId}::uuid and order_ref = a.order_ref offset 0
			) l
		),
		-- Materialised: under row-level security a condition that holds a coalesce is kept from every index.
		merged as materialized (
			select order_ref, line_ref, coalesce(n.listing_ref, k.listing_ref) as listing_ref, coalesce(n.sku_text, k.sku_text) as sku_text,
				coalesce(n.title, k.title) as title, coalesce(n.taken, 0) as taken, k.taken as taken_known,
				coalesce(n.elsewhere, '{}') as elsewhere, coalesce(k.elsewhere, '{}') as elsewhere_known,
				coalesce(k.consumed, 0) as consumed_before, k.listing_id, k.sku_id, k.parts, k.location_id, k.taken_from, k.units
			from named n full join known k using (order_ref, line_ref)
		),
		resolved as (
			select m.order_ref, m.line_ref, m.listing_ref, m.sku_text, m.title, m.taken, m.elsewhere,
				case when e.is_in_count and m.taken_known is null then m.elsewhere else m.elsewhere_known end as elsewhere_before,
				case when e.is_in_count then coalesce(m.taken_known, m.taken) else coalesce(m.taken_known, 0) end as taken_before,
				case when e.is_in_count then coalesce(m.taken_known, m.taken) * p.units else m.consumed_before end as consumed_before,
				coalesce(m.listing_id, r.listing_id) as listing_id,
				case when m.sku_id is not null then m.sku_id else p.sku_id end as sku_id,
				case when m.sku_id is not null then m.parts end as parts,
				case when m.sku_id is not null then m.location_id else c.location_id end as location_id,
				case when m.sku_id is not null then m.taken_from end as taken_from, c.location_ids,
				case when m.sku_id is not null then m.units else p.units end as units
			from merged m
			join incoming i on i.ref = m.order_ref
			left join before b on b.order_ref = m.order_ref
			join channels c on c.id = ${channelId}::uuid
			left join lateral (
				select listing_id from listing_refs where channel_id = ${channelId}::uuid and ref = m.listing_ref offset 0
			) r on true
			left join lateral (
				select sku_id, units from mappings where listing_id = r.listing_id and state = 'linked' offset 0
			) p on true
			cross join lateral first_count(case when m.sku_id is null then p.sku_id end, c.location_ids) counted
			cross join lateral (
				-- Heard of before the count by our own clock, or placed before its number was read by the platform's.
				select coalesce((m.taken_known is not null or b.order_ref is null)
					and (b.heard_at < counted.first_at or i."placedAt" + ${stampSlackMs}::int * interval '1 ms' <= counted.read_at), false) as is_in_count
			) e
		),
		kept as (
			insert into order_lines (channel_id, order_ref, line_ref, merchant_id, listing_ref, sku_text, title, taken, elsewhere, listing_id, sku_id, location_id, units, consumed)
			select ${channelId}::uuid, order_ref, line_ref, ${merchantId}::uuid, listing_ref, sku_text, title, taken, elsewhere, listing_id,
				case when location_id is not null then sku_id end, location_id, units,
				case when location_id is not null and sku_id is not null then taken * units else 0 end
			from resolved
			on conflict (channel_id, order_ref, line_ref) do update set listing_ref = excluded.listing_ref, sku_text = excluded.sku_text,
				title = excluded.title, taken = excluded.taken, elsewhere = excluded.elsewhere, listing_id = excluded.listing_id, sku_id = excluded.sku_id,
				location_id = excluded.location_id, units = excluded.units, consumed = excluded.consumed
		)
		select r.order_ref, r.line_ref, r.title, r.sku_text, r.listing_id,
			case when r.location_id is not null then r.sku_id end as sku_id, r.parts, r.location_id, r.location_ids, r.taken_from, r.consumed_before, r.taken_before, r.taken, r.units, r.elsewhere, r.elsewhere_before, i.status, b.status as status_before,
			coalesce((b.version_at, b.version_step) = (i.at, i.step), false) as is_tie,
			case when r.location_id is not null and r.sku_id is not null then r.taken * r.units else 0 end as consumed,
			i.number, i.at::float8 as version_at, i.step as version_step, i."inboxId"::float8 as inbox_id,
			coalesce(b.version_at::float8, extract(epoch from i."placedAt") * 1000)::float8 as from_ms, i.at::float8 as to_ms, b.order_ref is not null as is_known
		from resolved r join incoming i on i.ref = r.order_ref left join before b on b.order_ref = r.order_ref
		order by i."inboxId", r.order_ref, r.line_ref`;
}

/** News whose stamp equals what we know while its lines don't, and which its step or a live read did not settle. */
async function unclearOrders(
	run: Statement,
	channelId: string,
	told: readonly HeardOrder[],
	taken: readonly LineRow[],
): Promise<string[]> {
	const accepted = new Set(taken.map(({ order_ref }) => order_ref));
	const doubtful = told.flatMap(({ order }) => (accepted.has(order.orderRef) ? [] : [order]));
	const refs = doubtful.map(({ orderRef }) => orderRef);
	const known = await knownOrders(run, channelId, refs);
	return doubtful
		.filter((order) => {
			const one = known.get(order.orderRef);
			return one?.at === order.version.at && !isAsKnown(order, one);
		})
		.map(({ orderRef }) => orderRef);
}
