import type { Statement } from "@/db/statement";
import { giveBack, retake, type Taken, takeUnits } from "@/lib/stock/places";
import { lockShelves, type Part, pass, readParts, readShelves, type Stock, shelfOf } from "../stock/shelves";

/** Units of a SKU that a line took at a location; of a bundle, of each component. */
export type TakenPart = Taken & { skuId: string };

/** What a line has consumed, and from where. */
export type PlacedLine = {
	channel_id: string;
	order_ref: string;
	line_ref: string;
	sku_id: string;
	/** What its SKU was made of, where that has changed since. */
	parts: Part[] | null;
	/** Where all of it was taken, unless `taken_from` says otherwise. */
	location_id: string;
	taken_from: TakenPart[] | null;
	/** What the channel sells from now. */
	location_ids: string[];
	/** Units of its SKU. */
	consumed_before: number;
	consumed: number;
};

/** One movement of a line. `delta`: signed units of the SKU. */
export type PlacedMove<Line> = { line: Line; skuId: string; locationId: string; delta: number };

/** Most lines are of channels with one location, and were taken there. */
export const needsPlaces = (line: Pick<PlacedLine, "location_id" | "location_ids" | "taken_from">): boolean =>
	line.location_ids.some((id) => id !== line.location_id) || line.taken_from !== null;

/**
 * Where each of these lines takes what it has consumed more, and gives back what it has consumed less (lib/stock/places.ts),
 * one after the other; kept with the line. The caller's transaction then holds the levels and slots that this was decided by:
 * nobody takes meanwhile what was left for others.
 */
export async function takePlaces<Line extends PlacedLine>(
	run: Statement,
	lines: readonly Line[],
): Promise<PlacedMove<Line>[]> {
	if (lines.length === 0) return [];
	const made = await readParts(run, [...new Set(lines.map(({ sku_id }) => sku_id))]);
	const partsOf = ({ parts, sku_id }: Line) => parts ?? made.get(sku_id) ?? [{ skuId: sku_id, units: 1 }];
	const skuIds = [...new Set(lines.flatMap((line) => partsOf(line).map(({ skuId }) => skuId)))];
	await lockShelves(run, skuIds);
	const shelves = await readShelves(run, skuIds);
	const moves: PlacedMove<Line>[] = [];
	const kept: { line: Line; taken: TakenPart[] }[] = [];
	for (const line of lines) {
		const before = line.taken_from ?? wholeAt(line, partsOf(line));
		const taken = partsOf(line).flatMap(({ skuId, units }) => {
			const own = before.filter((one) => one.skuId === skuId);
			const stock = shelves.get(skuId) as Stock;
			const changes = changeOf(stock, line, own, (line.consumed - line.consumed_before) * units);
			for (const change of changes) {
				pass(stock, line.location_ids, change);
				moves.push({ line, skuId, locationId: change.locationId, delta: -change.units });
			}
			return retake(own, changes).map((one) => ({ ...one, skuId }));
		});
		kept.push({ line, taken });
	}
	await keep(run, kept);
	return moves;
}

const wholeAt = (line: PlacedLine, parts: readonly Part[]): TakenPart[] =>
	parts.map(({ skuId, units }) => ({ skuId, locationId: line.location_id, units: line.consumed_before * units }));

function changeOf(stock: Stock, line: PlacedLine, taken: readonly Taken[], units: number): Taken[] {
	if (units < 0) return giveBack(taken, -units).map((one) => ({ ...one, units: -one.units }));
	return units === 0 ? [] : takeUnits(shelfOf(stock, line.location_ids), units);
}

async function keep(run: Statement, lines: readonly { line: PlacedLine; taken: TakenPart[] }[]): Promise<void> {
	const input = lines.map(({ line: { channel_id, order_ref, line_ref }, taken }) => ({
		channel_id,
		order_ref,
		line_ref,
		taken,
	}));
	await run`
		update order_lines l set taken_from = n.taken
		from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as n(channel_id uuid, order_ref text, line_ref text, taken jsonb)
		where l.channel_id = n.channel_id and l.order_ref = n.order_ref and l.line_ref = n.line_ref`;
}
