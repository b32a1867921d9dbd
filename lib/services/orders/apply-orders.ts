import type { Statement } from "@/db/statement";
import { openOversold } from "../conflicts/open-oversold";
import type { LogLine } from "../log/append-log";
import { closeShort, foldMovements, type MovementRow, stockChanged } from "../stock/append-movements";
import { type OwnSale, updateSlots } from "../stock/recompute-offers";
import type { HeardOrder } from "./heard-order";
import { isAsKnown, knownOrders } from "./known-orders";
import { placeReturns, type ReturnPlace } from "./place-returns";
import { type LineRow, takeLines } from "./take-lines";
import { needsPlaces, takePlaces } from "./take-places";
import { findUnseenSales } from "./unseen-sales";

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
				...causeOf({ ...row, channel_id: channelId }),
				skuId: row.sku_id,
				parts: row.parts,
				locationId: place.locationId,
				delta: units * row.units,
				kind: units > 0 ? "order_returned" : "order",
				causeKey: `${causeKeyOf({ ...row, channel_id: channelId })}:at:${ref}`,
				note: `restocked at ${place.name}`,
				happenedAt: row.to_ms,
			});
	const appended = await foldMovements(run, merchantId, movements);

	const isMoved = (row: LineRow) => row.taken !== row.taken_before;
	const counts = rows.filter((row) => row.listing_id && (isMoved(row) || isFirstHeardChanged(row)));
	const sold = counts.filter(isMoved);
	const asked = new Set(heard.flatMap(({ order, isLiveRead }) => (isLiveRead ? [order.orderRef] : [])));
	const unseenLog = await findUnseenSales(
		run,
		channelId,
		sold.filter(({ order_ref }) => asked.has(order_ref)).map(asSale),
		Date.now(),
	);
	const sales = counts.map(asSale);
	const skuIds = [...new Set(appended.map(({ skuId }) => skuId))];
	const { pendingChannelIds } = await updateSlots(run, skuIds, sales);

	const conflictLog = await openOversold(
		run,
		merchantId,
		appended.map((movement) => ({ movement, row: movements[movement.row] as MovementRow })),
	);
	const closedLog = await closeShort(run, merchantId, appended, movements);

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
			...closedLog,
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

const causeKeyOf = (row: LineRow & { channel_id: string }) =>
	`order:${row.channel_id}:${row.order_ref}:${row.line_ref}:${row.version_at}.${row.version_step}${row.is_tie ? `:${row.inbox_id}` : ""}`;

/** What moves a line's stock, whatever it moves and where. */
const causeOf = (row: LineRow & { channel_id: string }): Omit<MovementRow, "skuId" | "locationId" | "delta"> => ({
	kind: row.consumed > row.consumed_before ? "order" : "order_returned",
	causeKey: causeKeyOf(row),
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
	from: row.from_ms - Math.max(0, row.clock_ahead_ms),
	to: row.to_ms,
	isChanged: isFirstHeardChanged(row),
});

/** Of what it took at first, some may have come back; unless the first count of its stock holds it already. */
const isFirstHeardChanged = ({ status_before, from_ms, to_ms, taken, taken_before }: LineRow): boolean =>
	status_before === null && to_ms > from_ms && (taken === 0 || taken !== taken_before);

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
