import type { Statement } from "@/db/statement";
import type { UnpaidHold } from "@/lib/channels/platform-facts";
import type { LogLine } from "../log/append-log";
import type { HeardOrder } from "./heard-order";

/**
 * Orders that nobody has paid yet, heard of for the first time: what the store keeps for their buyers, where no number
 * shows it, and how long. Nothing moves: the units are still on sale everywhere else until the order is paid.
 */
export async function tellHeld(
	run: Statement,
	channelId: string,
	heard: readonly HeardOrder[],
	hold: UnpaidHold,
): Promise<LogLine[]> {
	const lines = heard.flatMap(({ order, inboxId }) =>
		order.lines.flatMap(({ listingRef, title, held = 0 }) =>
			held > 0 ? [{ order, inboxId, listingRef, title, held }] : [],
		),
	);
	if (lines.length === 0 || hold.isShown) return [];
	const refs = JSON.stringify(lines.flatMap(({ listingRef }) => listingRef ?? []));
	const rows = await run<{
		minutes: number | null;
		ref: string | null;
		listing_id: string | null;
		sku_id: string | null;
	}>`
		select (c.facts->>'holdStockMinutes')::float8 as minutes, r.ref, r.listing_id, m.sku_id
		from channels c
		left join listing_refs r on r.channel_id = c.id and r.ref in (select jsonb_array_elements_text(${refs}::text::jsonb))
		left join mappings m on m.listing_id = r.listing_id and m.state = 'linked'
		where c.id = ${channelId}::uuid`;
	// The store's own setting; zero: it keeps nothing.
	const minutes = rows[0]?.minutes ?? hold.minutes ?? 0;
	if (minutes === 0) return [];
	const byRef = new Map(rows.map((row) => [row.ref, row]));
	return lines.map(({ order, inboxId, listingRef, title, held }) => ({
		kind: "order.held",
		state: "none",
		channelId,
		skuId: byRef.get(listingRef)?.sku_id ?? null,
		listingId: byRef.get(listingRef)?.listing_id ?? null,
		orderRef: order.orderRef,
		inboxId,
		data: { orderNumber: order.number, title, units: held, heldMs: minutes * 60_000 },
	}));
}
