import type { Statement } from "@/db/statement";
import { isUnseenSale } from "@/lib/stock/drift";
import type { LogLine } from "../log/append-log";
import { type OwnSale, stampSlackMs } from "../stock/recompute-offers";

/**
 * Sales that a live value had shown before anybody told of them, and that came to light by asking (R7): a line for each
 * listing. To be called before the sales are counted, while the difference still stands; holds only what is far too late
 * to be news that is on its way, so that in health it costs nothing.
 */
export async function findUnseenSales(
	run: Statement,
	channelId: string,
	asked: readonly OwnSale[],
	now: number,
): Promise<LogLine[]> {
	const late = asked.filter(({ to }) => isUnseenSale(to, now));
	if (late.length === 0) return [];
	const found = await run<{
		listing_id: string;
		sku_id: string | null;
		shown: number;
		expected: number;
		offered: number;
	}>`
		with sale as (
			select "listingId" as listing_id, sum(units)::int as units, max("to") as to_ms
			from jsonb_to_recordset(${JSON.stringify(late)}::text::jsonb) as s("listingId" uuid, units int, "to" float8) group by 1
		)
		select s.listing_id, s.sku_id, s.shown, s.expected, s.offered from sale join slots s on s.listing_id = sale.listing_id
		where s.channel_id = ${channelId}::uuid and s.unexplained * sale.units < 0
			and sale.to_ms + ${stampSlackMs}::int <= extract(epoch from s.shown_at) * 1000
		order by s.id`;
	return found.map(({ listing_id: listingId, sku_id: skuId, shown, expected, offered }) => ({
		kind: "level.drift",
		state: "warn",
		channelId,
		skuId,
		listingId,
		data: { shown, expected, setBackTo: null, offered, class: "unseen_sale", policy: "channel_counts" },
	}));
}
