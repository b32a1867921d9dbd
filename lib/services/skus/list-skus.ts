import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { asMerchant } from "@/db/client";
import type { InventoryFilter, InventoryPage, InventoryRow } from "@/lib/format/inventory";
import { inventoryShows } from "@/lib/format/inventory";
import { authorise, type Context } from "../context";
import { linkedState } from "../mappings/linked-state";
import { availableUnits } from "../mappings/read-sku-rows";

export const inventoryInput = z.object({
	text: z.string().trim().max(200).default(""),
	show: z.enum(inventoryShows).default("all"),
	/** The code after which to go on; null: from the start. */
	after: z.string().nullable().default(null),
});

const pageSize = 100;
/** "Low" is a few units left, in words that fit every shop until a merchant sets reorder points. */
const lowUnits = 5;

/** SKUs in the order of their codes, a page after a code: its cost does not grow with what comes before or after. */
export async function listSkus(ctx: Context, input: z.output<typeof inventoryInput>): Promise<InventoryPage> {
	authorise(ctx, "viewer");
	return asMerchant(ctx.db, ctx.merchantId, async (tx) => {
		const after = input.after === null ? sql`true` : sql`k.code > ${input.after}`;
		const rows = await tx.execute<{
			id: string;
			code: string;
			title: string;
			options: string | null;
			image_url: string | null;
			available: number | null;
			on_hand: number | null;
			reserved: number;
			buffer_units: number;
			is_bundle: boolean;
			channels: LinkedSlot[] | null;
		}>(sql`
			select k.id, k.code, k.title, k.options, k.image_url, ${availableUnits} as available, k.is_bundle = 'yes' as is_bundle,
				case when k.is_bundle = 'no' then v.on_hand end as on_hand, coalesce(v.reserved, 0) as reserved,
				coalesce(k.buffer_units, o.buffer_units) as buffer_units,
				(select jsonb_agg(jsonb_build_object(
						'channelId', m.channel_id, 'shows', s.expected + s.unexplained, 'offered', s.offered, 'unexplained', s.unexplained,
						'heldReason', s.held_reason, 'isInFlight', s.push_id is not null,
						'isPushing', c.state = 'live' and c.paused_at is null and o.pushes_paused_at is null) order by m.units, m.linked_at)
					from mappings m join channels c on c.id = m.channel_id and c.state <> 'disconnected'
					left join slots s on s.listing_id = m.listing_id and s.location_ref = c.location_ref
					where m.sku_id = k.id and m.state = 'linked') as channels
			from skus k join merchants o on o.id = k.merchant_id
			left join lateral (select sum(v.on_hand) filter (where v.counted_at is not null)::int as on_hand, sum(v.reserved)::int as reserved from levels v where v.sku_id = k.id) v on true
			where ${wanted(input)} and ${after}
			order by k.code limit ${pageSize}`);
		const page = [...rows].map(
			(row): InventoryRow => ({
				id: row.id,
				code: row.code,
				title: row.title,
				options: row.options,
				imageUrl: row.image_url,
				available: row.available,
				onHand: row.on_hand,
				reserved: row.reserved,
				bufferUnits: row.buffer_units,
				isBundle: row.is_bundle,
				channels: (row.channels ?? []).map((slot) => ({
					channelId: slot.channelId,
					shows: slot.shows,
					offered: slot.offered,
					...linkedState(slot),
				})),
			}),
		);
		return { rows: page, next: page.length === pageSize ? (page.at(-1)?.code ?? null) : null };
	});
}

type LinkedSlot = Parameters<typeof linkedState>[0] & { channelId: string };

const pattern = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

function wanted({ text, show }: InventoryFilter): SQL {
	const words = text.split(/\s+/).filter(Boolean);
	return sql.join(
		[
			sql`k.archived_at is null`,
			...words.map(
				(word) =>
					sql`(k.code ilike ${pattern(word)} or k.title ilike ${pattern(word)} or k.gtin = ${word.padStart(14, "0")})`,
			),
			...(show === "all" ? [] : [showConditions[show]]),
		],
		sql` and `,
	);
}

const showConditions: Record<Exclude<InventoryFilter["show"], "all">, SQL> = {
	out: sql`${availableUnits} = 0`,
	low: sql`${availableUnits} between 1 and ${lowUnits}`,
	oversold: sql`${availableUnits} < 0`,
	uncounted: sql`${availableUnits} is null`,
};

/** How many SKUs there are of each kind, for the filters. */
export async function countInventory(ctx: Context): Promise<Record<InventoryFilter["show"], number>> {
	authorise(ctx, "viewer");
	const [row] = await asMerchant(ctx.db, ctx.merchantId, (tx) =>
		tx.execute<Record<InventoryFilter["show"], number>>(sql`
			select count(*)::int as "all", count(*) filter (where a = 0)::int as "out", count(*) filter (where a between 1 and ${lowUnits})::int as "low",
				count(*) filter (where a < 0)::int as "oversold", count(*) filter (where a is null)::int as "uncounted"
			from (select ${availableUnits} as a from skus k where k.archived_at is null) t`),
	);
	if (!row) throw new Error("an aggregate has one row");
	return row;
}
