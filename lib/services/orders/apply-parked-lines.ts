import type { Transaction } from "@/db/client";
import { statementsOf } from "@/db/statement";
import { openOversold } from "../conflicts/open-oversold";
import { appendLog } from "../log/append-log";
import { foldMovements, type MovementRow, stockChanged } from "../stock/append-movements";
import { type Offered, stampSlackMs, updateSlots } from "../stock/recompute-offers";
import { takePlaces } from "./take-places";

/**
 * Order lines that waited for these listings to be linked are consumed now; those heard of or placed before the first
 * count of their stock are in that count already, and are kept as consumed without a movement (as in applyOrders). Their
 * sales were already taken from what the slots expect when they were heard; only the ledger had to wait. The act that
 * linked them is part of the cause: undone and linked again, the line is counted again.
 */
export async function applyParkedLines(tx: Transaction, merchantId: string, listingIds: string[]): Promise<Offered> {
	const run = statementsOf(tx);
	const lines = await run<{
		order_ref: string;
		line_ref: string;
		channel_id: string;
		sku_id: string;
		location_id: string;
		location_ids: string[];
		consumed: number;
		number: string;
		version_at: number;
		version_step: number;
		batch_id: string | null;
		is_in_count: boolean;
	}>`
		with asked as (select value::uuid as listing_id from jsonb_array_elements_text(${JSON.stringify(listingIds)}::text::jsonb))
		update order_lines l set listing_id = p.listing_id, sku_id = p.sku_id, location_id = c.location_id, units = p.units, consumed = l.taken * p.units
		from asked a
		join mappings p on p.listing_id = a.listing_id and p.state = 'linked'
		join listing_refs r on r.listing_id = a.listing_id
		join channels c on c.id = r.channel_id and c.location_id is not null
		join orders o on o.channel_id = c.id
		cross join lateral first_count(p.sku_id, c.location_ids) counted
		where l.channel_id = r.channel_id and l.listing_ref = r.ref and l.sku_id is null and l.taken > 0 and o.order_ref = l.order_ref
		returning l.order_ref, l.line_ref, l.channel_id, l.sku_id, l.location_id, c.location_ids, l.consumed, o.number, o.version_at::float8, o.version_step, p.batch_id,
			coalesce(o.heard_at < counted.first_at or placed_until(o.placed_at, o.channel_id, ${stampSlackMs}::int) <= counted.read_at, false) as is_in_count`;
	const sold = lines.filter(({ is_in_count }) => !is_in_count);
	const lone = sold.filter(({ location_ids }) => location_ids.length === 1);
	const shared = sold.filter(({ location_ids }) => location_ids.length > 1);
	const placed = await takePlaces(
		run,
		shared.map((line) => ({ ...line, parts: null, taken_from: null, consumed_before: 0 })),
	);
	const moves = [
		...lone.map((line) => ({ line, skuId: line.sku_id, locationId: line.location_id, delta: -line.consumed })),
		...placed,
	];
	const movements = moves.map(
		({ line, ...move }): MovementRow => ({
			...move,
			kind: "order",
			causeKey: `order:${line.channel_id}:${line.order_ref}:${line.line_ref}:${line.version_at}.${line.version_step}${line.batch_id ? `:linked:${line.batch_id}` : ""}`,
			actor: "system",
			note: "waited for its listing to be linked",
			channelId: line.channel_id,
			orderRef: line.order_ref,
			orderNumber: line.number,
		}),
	);
	const appended = await foldMovements(run, merchantId, movements);
	const offered = await updateSlots(run, [...new Set(appended.map(({ skuId }) => skuId))], []);
	const conflicts = await openOversold(
		run,
		merchantId,
		appended.map((movement) => ({ movement, row: movements[movement.row] as MovementRow })),
	);
	await appendLog(run, merchantId, [
		...appended.map((movement) => stockChanged(movement, movements[movement.row] as MovementRow)),
		...conflicts,
	]);
	return offered;
}
